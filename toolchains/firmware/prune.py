"""Old build folders of firmware in the cache: those that were used last stay, all others go."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from toolchains.host import Host

#: How many are kept: a build folder is 20 to 200 MB.
KEPT = 12
_LOCK = "lock"


def prune(host: Host, folder: Path, kept: int = KEPT) -> tuple[Path, ...]:
    """``folder`` (``…work-1a2b``) is in use now: of its kind, the ``kept`` that were used last stay; others go.

    Returns what was removed. What is locked, or cannot be removed, is left for another time.
    """
    begin = folder.name.rpartition("-")[0]
    try:
        (folder / _LOCK).touch()
        folders = sorted(folder.parent.glob(f"{begin}-*"), key=_used, reverse=True)
    except OSError:
        return ()
    return tuple(one for one in folders[kept:] if one != folder and _remove(host, one))


def _used(folder: Path) -> float:
    try:
        return (folder / _LOCK).stat().st_mtime
    except OSError:
        return 0.0


def _remove(host: Host, folder: Path) -> bool:
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT, 0o644)
    except OSError:
        return False
    try:
        if not host.try_lock(lock):
            return False
        for path in folder.iterdir():
            if path.name != _LOCK:
                _discard(path)
    except OSError:
        return False
    finally:
        os.close(lock)
    shutil.rmtree(folder, ignore_errors=True)
    return not folder.exists()


def _discard(path: Path) -> None:
    """Links go, what they lead to stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)
