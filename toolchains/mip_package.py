"""A native module as a package for MicroPython's mip: the files of :mod:`toolchains.dist`, and what describes them.

``package.json`` at the top names the board's file by ``{MPY_ARCH}`` and ``{MPY_VERSION}`` (micropython#19478, which
``natmod mip`` fills in); each folder has one more, which every mip of today understands.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from pathlib import Path

from toolchains.errors import UsageError, disk_errors
from toolchains.text import _

_VERSION = re.compile(r"[0-9]+(\.[0-9]+)*[A-Za-z0-9.+-]*")
_ANY = "{MPY_ARCH}_{MPY_VERSION}"
FILE = "package.json"


def check_version(version: str) -> None:
    """Raises :class:`UsageError` for what is no version; an empty one is none and right."""
    if version and not _VERSION.fullmatch(version):
        raise UsageError(_("{version} is no version.", version=version), next_step=_("Example: --release 1.0.2"))


def leftovers(folder: Path, name: str, files: Iterable[Path]) -> tuple[Path, ...]:
    """Files of the module that an earlier build left in ``folder`` and this one (``files``) did not make; sorted."""
    made = {path.resolve() for path in files}
    with disk_errors(folder):
        return tuple(sorted(path for path in folder.glob(f"*_*/{name}.mpy") if path.resolve() not in made))


def describe(folder: Path, files: Iterable[Path], version: str) -> tuple[Path, ...]:
    """Write a package.json at the top of ``folder`` and beside each of the ``files``; all of them.

    ``version`` may be empty. Raises :class:`UsageError` for one that is none, ``DiskError``.
    """
    check_version(version)
    found = sorted(files)
    written = [_write(path.parent, [[path.name, path.name]], version) for path in found]
    names = sorted({path.name for path in found})
    return (_write(folder, [[name, f"{_ANY}/{name}"] for name in names], version), *written)


def _write(folder: Path, urls: list[list[str]], version: str) -> Path:
    described = {"v": 1, "urls": urls, "deps": [], **({"version": version} if version else {})}
    path = folder / FILE
    with disk_errors(path):
        path.write_text(json.dumps(described, indent=1) + "\n", "utf-8")
    return path
