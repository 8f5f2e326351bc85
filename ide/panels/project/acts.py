"""What the tree does to files: make, rename, trash, delete. Nothing is ever overwritten. No Qt; done in a worker."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.text import Text, _

#: What Windows does not take in a name, and what would be a path elsewhere.
_NEVER = frozenset("/\0")
_NOT_ON_WINDOWS = frozenset('\\:*?"<>|') | frozenset(map(chr, range(32)))
_DEVICES = frozenset({"CON", "PRN", "AUX", "NUL", *(f"{name}{n}" for name in ("COM", "LPT") for n in range(1, 10))})
_MOST_BYTES = 255


class NoTrash(StudioError):
    """The system has no trash for this file. Field: ``path``."""

    code = "file.trash"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(
            _("There is no trash for {path}: {reason}.", path=path, reason=reason),
            next_step=_("It can only be deleted for good."),
            path=str(path),
        )


def name_problem(name: str, system: str) -> Text | None:
    """Why a file cannot have this name on ``system`` (``windows``, ``linux``, …); None where it can."""
    if not name.strip():
        return _("A file needs a name.")
    if name in (".", "..") or not _NEVER.isdisjoint(name) or len(os.fsencode(name)) > _MOST_BYTES:
        return _("“{name}” cannot be the name of a file.", name=name.replace("\0", "?"))
    if system == "windows":
        device = name.partition(".")[0].rstrip().upper() in _DEVICES
        if device or name[-1] in ". " or not _NOT_ON_WINDOWS.isdisjoint(name):
            return _("“{name}” cannot be the name of a file on Windows.", name=name)
    return None


def make_file(path: Path) -> Path:
    """A new, empty file. Raises UsageError where there is something of that name, DiskError."""
    _must_be_free(path)
    with disk_errors(path):
        path.open("x").close()
    return path


def make_folder(path: Path) -> Path:
    """A new folder. Raises as :func:`make_file` does."""
    _must_be_free(path)
    with disk_errors(path):
        path.mkdir()
    return path


def rename(path: Path, name: str) -> Path:
    """Another name in the same folder; the new path. Raises as :func:`make_file` does."""
    target = path.with_name(name)
    with disk_errors(path):
        other_case = target.exists() and os.path.samefile(path, target)  # Led.c and led.c, on Windows and macOS
    if not other_case:
        _must_be_free(target)
    with disk_errors(path):
        path.rename(target)
    return target


def trash(path: Path) -> None:
    """Put it where the system keeps what was thrown away. Raises :class:`NoTrash` where there is no such place."""
    from send2trash import send2trash  # only now: on some systems it loads half a desktop

    try:
        send2trash(str(path))
    except OSError as error:
        if os.path.lexists(path):
            raise NoTrash(path, error.strerror or str(error)) from error


def delete(path: Path) -> None:
    """For good. Raises DiskError."""
    with disk_errors(path):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path)
        else:
            path.unlink(missing_ok=True)


def _must_be_free(path: Path) -> None:
    if os.path.lexists(path):
        raise UsageError(
            _("There is a file or folder {name} already.", name=path.name), next_step=_("Choose another name.")
        )
