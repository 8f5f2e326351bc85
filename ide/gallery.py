"""Our examples as projects of the person's own: always a copy, in a folder where people keep documents. No Qt."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.paths import examples

FIRST = "factorial"
#: What runs of an example leave behind; never copied.
LEFT_BEHIND = (".natmod", "__pycache__")
#: Files that say what a project is about, the first one first.
_FIRST_FILES = ("{name}.c", "*.c", "main.py", "*.py", "README.md", "*")


def projects_folder(host: Host) -> Path:
    """Where new projects go unless the person says otherwise: ``Documents/Natmod Studio``, or in ``NATMOD_HOME``."""
    home = host.environ.get("NATMOD_HOME")
    if home:
        return Path(home).expanduser().absolute() / "projects"
    import platformdirs

    return platformdirs.user_documents_path() / "Natmod Studio"


def open_example(host: Host, name: str) -> Path:
    """The person's copy of one of our examples, made now if there is none. Raises DiskError."""
    return open_copy(examples() / name, projects_folder(host))


def open_copy(original: Path, into: Path) -> Path:
    """The copy of a project in the folder ``into``; it appears only when it is complete. Raises DiskError."""
    target = into / original.name
    with disk_errors(target):
        if not target.is_dir():
            into.mkdir(parents=True, exist_ok=True)
            part = into / f".{original.name}.{os.getpid()}.part"
            try:
                shutil.copytree(original, part, ignore=shutil.ignore_patterns(*LEFT_BEHIND))
                part.rename(target)
            finally:
                shutil.rmtree(part, ignore_errors=True)
    return target


def first_file(folder: Path) -> Path | None:
    """The file to show first; None in an empty folder."""
    for pattern in _FIRST_FILES:
        found = sorted(path for path in folder.glob(pattern.format(name=folder.name)) if path.is_file())
        if found:
            return found[0]
    return None
