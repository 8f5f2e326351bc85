"""The Python files of a project as a library on a board."""

from __future__ import annotations

from ide.board.inspect import Identity
from toolchains.board_python import STARTERS, Loads, compiled, library_files
from toolchains.imports import LIB, program_of
from toolchains.jobs import JobContext
from toolchains.project import Project


def loads_of(identity: Identity) -> Loads:
    """What .mpy files a board takes."""
    return Loads(identity.mpy_version if identity.mpy else None, identity.arch)


def library_of(
    ctx: JobContext, proj: Project, identity: Identity, *, leave_out: str | None = None, only: str | None = None
) -> tuple[dict[str, bytes], list[str]]:
    """What others may import of a project, by the path below /lib; and the .py files that ``import`` would find first.

    ``leave_out`` is the script that is about to run. ``only``: this file alone is wanted, with what it imports.
    Raises :class:`~toolchains.bytecode.PythonFailed`.
    """
    if only is None:
        paths = library_files(proj.root, leave_out)
    else:
        paths = tuple(path for path in program_of(proj.root, (only,)).files if path not in STARTERS)
    files = compiled(ctx, proj.root, paths, loads_of(identity))
    there = {path.removeprefix(f"{LIB}/"): data for path, data in files.items()}
    return there, [name for path in paths if (name := path.removeprefix(f"{LIB}/")) not in there]
