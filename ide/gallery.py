"""Examples as projects of the person's own: always a copy, in a folder where people keep documents. No Qt.

Nothing here is for the GUI thread, apart from :func:`first_file`.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from ide.origins import Origin, Origins
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.paths import Paths, examples

FIRST = "factorial"
#: What runs of an example leave behind; never copied from one.
LEFT_BEHIND = (".natmod", "__pycache__")
#: What a reset leaves alone: what builds made, and the person's own history.
_STAYS = (".natmod", ".git")
#: Files that say what a project is about, the first one first.
_FIRST_FILES = ("{name}.c", "*.c", "main.py", "*.py", "README.md", "*")


def projects_folder(host: Host) -> Path:
    """Where new projects go unless the person says otherwise: ``Documents/Natmod Studio``, or in ``NATMOD_HOME``."""
    home = host.environ.get("NATMOD_HOME")
    if home:
        return Path(home).expanduser().absolute() / "projects"
    import platformdirs

    return platformdirs.user_documents_path() / "Natmod Studio"


def has(name: str) -> bool:
    """Whether one of our examples is called that."""
    return bool(name) and (examples() / name).is_dir()


def open_example(host: Host, name: str) -> Path:
    """The person's copy of one of our examples, made now if there is none. Raises DiskError."""
    target = projects_folder(host) / name
    if target.is_dir():
        return target
    origins = Origins(Paths.of(host).state)
    return copy_example(Origin("ours", name), examples() / name, projects_folder(host), origins)


def copy_example(origin: Origin, original: Path, into: Path, origins: Origins) -> Path:
    """The person's copy of an example in the folder ``into``: the one there is, else a new one. Raises DiskError.

    A folder of that name that is no copy of this example is left alone: the copy is then ``NAME-2``.
    """
    for target in _places(into / original.name):
        if target.is_dir() and origins.of(target) == origin:
            return target
        if not os.path.lexists(target):
            break
    _copy(original, target)
    origins.record(target, origin)
    return target


def reset(folder: Path, original: Path, now: Callable[[], datetime] = datetime.now) -> Path:
    """Make ``folder`` what the example is; what was in it is kept beside it, in the folder that is returned.

    The folder itself stays where it is: windows and editors have it open. Raises DiskError; the copy beside it is then
    complete, or there is none and nothing was changed.
    """
    day = f"{now():%Y-%m-%d %H.%M}"
    mine = next(place for place in _places(folder.with_name(f"{folder.name} {day}")) if not os.path.lexists(place))
    _copy(folder, mine)
    with disk_errors(folder):
        _become(original, folder)
    return mine


def first_file(folder: Path) -> Path | None:
    """The file to show first; None in an empty folder, or one that cannot be read."""
    for pattern in _FIRST_FILES:
        try:
            found = sorted(path for path in folder.glob(pattern.format(name=folder.name)) if path.is_file())
        except OSError:
            return None
        if found:
            return found[0]
    return None


def _places(wanted: Path) -> list[Path]:
    """The wanted place, and those to take where it is taken."""
    return [wanted, *(wanted.with_name(f"{wanted.name}-{n}") for n in range(2, 1000))]


def _copy(original: Path, target: Path) -> None:
    """Copy a project; the copy appears only when it is complete."""
    part = target.with_name(f".{target.name}.{os.getpid()}.part")
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        try:
            _copy_into(original, part)
            part.rename(target)
        finally:
            shutil.rmtree(part, ignore_errors=True)


def _copy_into(original: Path, target: Path) -> None:
    """Like ``shutil.copytree``, but what is copied can be written to: an installed original perhaps cannot."""
    target.mkdir(exist_ok=True)
    for path in sorted(original.iterdir()):
        if path.name in LEFT_BEHIND:
            continue
        if path.is_symlink():
            os.symlink(os.readlink(path), target / path.name)
        elif path.is_dir():
            _copy_into(path, target / path.name)
        else:
            shutil.copyfile(path, target / path.name)


def _become(original: Path, folder: Path) -> None:
    """Make a folder's content that of another; no file is missing for a moment: editors have them open."""
    wanted = {path.name for path in original.iterdir()} - set(LEFT_BEHIND)
    for name in sorted(wanted):
        source, target = original / name, folder / name
        if target.is_symlink() or (target.exists() and target.is_dir() != source.is_dir()):
            _remove(target)
        if source.is_dir():
            target.mkdir(exist_ok=True)
            _become(source, target)
        else:
            part = folder / f".{name}.{os.getpid()}.part"
            shutil.copyfile(source, part)
            os.replace(part, target)
    for path in list(folder.iterdir()):
        if path.name not in wanted and path.name not in _STAYS:
            _remove(path)


def _remove(path: Path) -> None:
    if path.is_symlink() or not path.is_dir():
        path.unlink()
    else:
        shutil.rmtree(path)
