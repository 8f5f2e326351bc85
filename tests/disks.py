"""Difficult disks: a full one, a read-only one. Real mounts, so they need root on Linux; elsewhere the test skips."""

from __future__ import annotations

import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest


def _mount(*args: object) -> bool:
    try:
        return subprocess.run(["mount", *map(str, args)], capture_output=True, check=False).returncode == 0
    except OSError:
        return False


@contextmanager
def small_disk(folder: Path, size: str) -> Iterator[Path]:
    """``folder`` is a disk of its own with ``size`` bytes (``256k``)."""
    folder.mkdir(parents=True, exist_ok=True)
    if not _mount("-t", "tmpfs", "-o", f"size={size}", "tmpfs", folder):
        pytest.skip("mounting a small tmpfs needs root on Linux")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


@contextmanager
def read_only(folder: Path) -> Iterator[Path]:
    """``folder`` as it is, but nothing can be written."""
    if not (_mount("--bind", folder, folder) and _mount("-o", "remount,ro,bind", folder)):
        pytest.skip("mounting a folder read-only needs root on Linux")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)
