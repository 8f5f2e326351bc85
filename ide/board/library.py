"""The Python files of a project as a library on a board."""

from __future__ import annotations

from ide.board.inspect import Identity
from toolchains.board_python import Loads, compiled, library_files
from toolchains.jobs import JobContext
from toolchains.project import Project


def loads_of(identity: Identity) -> Loads:
    """What .mpy files a board takes."""
    return Loads(identity.mpy_version if identity.mpy else None, identity.arch)


def library_of(
    ctx: JobContext, proj: Project, identity: Identity, *, leave_out: str | None
) -> tuple[dict[str, bytes], list[str]]:
    """What others may import of a project, by the path below /lib; and the .py files that ``import`` would find first.

    ``leave_out`` is the script that is about to run. Raises :class:`~toolchains.bytecode.PythonFailed`.
    """
    paths = library_files(proj.root, leave_out)
    files = compiled(ctx, proj.root, paths, loads_of(identity))
    return files, [path for path in paths if path not in files]
