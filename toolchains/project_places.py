"""What is in a folder that might be a project: natmod.toml, a Makefile, a lone C file, Python files.

Files are looked at, never run.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from toolchains.errors import ProjectError
from toolchains.module_names import name_from
from toolchains.project_file import MAX_BYTES, OPTION_MARKS
from toolchains.text import _

FILE_NAME = "natmod.toml"

#: In the order in which make looks for them.
MAKEFILES = ("GNUmakefile", "makefile", "Makefile")
#: How the Makefile of a native module is known, when another file includes dynruntime.mk for it: by its MOD.
_NATIVE = re.compile(rb"dynruntime\.mk|^[ \t]*MOD[ \t]*[:?]?=", re.M)


class NoProject(ProjectError):
    """There is no project at this path. Field: ``path``."""

    code = "project.none"


def find(path: Path) -> tuple[Path, Path | None]:
    """The project's folder, and its natmod.toml if there is one."""
    if path.is_dir():
        inside = path / FILE_NAME
        return path, inside if inside.is_file() else None
    if path.is_file() and path.suffix == ".toml":
        return path.parent, path
    if path.is_file():
        raise NoProject(
            _("{path} is a file, not a project.", path=path),
            next_step=_("Name its folder instead: {folder}", folder=path.parent),
            path=str(path),
        )
    raise NoProject(
        _("There is no project at {path}: the folder does not exist.", path=path),
        next_step=_('"natmod new NAME" makes a new project.'),
        path=str(path),
    )


def _files(folder: Path) -> Sequence[Path]:
    try:
        return sorted(path for path in folder.iterdir() if path.is_file())
    except OSError as error:
        raise NoProject(
            _("The folder {path} cannot be read: {reason}.", path=folder, reason=error.strerror or str(error)),
            path=str(folder),
        ) from error


def c_files(folder: Path) -> tuple[str, ...]:
    """The names of the C files right in the folder."""
    return tuple(path.name for path in _files(folder) if path.suffix == ".c")


def python_files(folder: Path) -> tuple[str, ...]:
    """The names of the Python files right in the folder."""
    return tuple(path.name for path in _files(folder) if path.suffix == ".py")


def script_of(folder: Path) -> str | None:
    """What is run when nobody named a script: main.py, or, where there is no C, the only Python file."""
    found = python_files(folder)
    if "main.py" in found:
        return "main.py"
    return found[0] if len(found) == 1 and not c_files(folder) and not makefile_of(folder) else None


def makefile_of(folder: Path) -> str | None:
    """The name of the folder's Makefile, if it is one of a native module."""
    found = {path.name for path in _files(folder)}
    name = next((name for name in MAKEFILES if name in found), None)
    return name if name is not None and _NATIVE.search(_start(folder / name)) else None


def lone_module(folder: Path, found: Sequence[str]) -> str | None:
    """The only C file, if it is a native module that Python could import by its name."""
    if len(found) != 1 or found[0].startswith(OPTION_MARKS) or (folder / found[0]).is_symlink():
        return None
    is_module = b"mpy_init" in _start(folder / found[0])
    return found[0] if is_module and not shadow_of(folder, name_from(Path(found[0]).stem)) else None


def no_description(folder: Path, found: Iterable[str]) -> NoProject:
    """The error for a folder that is no project; ``found`` are its C files."""
    step = (
        _("To make this folder a project, write a file natmod.toml in it with the one line: schema = 1")
        if found
        else _('"natmod new NAME" makes a new project.')
    )
    return NoProject(_("There is no natmod.toml in {path}.", path=folder), next_step=step, path=str(folder))


def shadow_of(folder: Path, name: str) -> str | None:
    """What Python would import instead of NAME.mpy: MicroPython looks for a folder, then .py, then .mpy."""
    if (folder / name).is_dir():
        return f"{name}/"
    return f"{name}.py" if (folder / f"{name}.py").is_file() else None


def _start(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(MAX_BYTES)
    except OSError:
        return b""
