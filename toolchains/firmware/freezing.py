"""The files that a build freezes: the manifest of a project, and the Python part of its native module."""

from __future__ import annotations

from pathlib import Path

from toolchains.firmware import frozen, glue, machine_code
from toolchains.firmware.built import Job, write_changed
from toolchains.firmware.table import OWN
from toolchains.sdk_tree import SdkTree

#: The file that MicroPython's build looks for in micropython-lib.
LIBRARY = "lib/micropython-lib/README.md"


def has_library(sdk: SdkTree) -> bool:
    """Whether the tree has micropython-lib."""
    return (sdk.path / LIBRARY).is_file()


def manifest(job: Job, place: str) -> Path | None:
    """The manifest of a project, which the build sees as ``place``; None where the port's own is right.

    Raises ``SdkIncomplete`` where something of micropython-lib is asked for and the tree lacks it.
    """
    library = has_library(job.sdk)
    if job.table.require and not library:
        job.sdk.require(LIBRARY)
    root = job.request.project.root
    native = (job.stage.folder / machine_code.FOLDER).as_posix()
    text = frozen.manifest(job.table, job.target, root, place, library=library, own=_python_part(job), native=native)
    if text is None:
        return None
    file = job.stage.folder / "manifest.py"
    write_changed(file, text)
    return file


def no_library(job: Job) -> Path:
    """An empty micropython-lib with the file that the build looks for before it freezes anything."""
    folder = job.stage.folder / "no-library"
    folder.mkdir(exist_ok=True)
    write_changed(folder / "README.md", "")
    return folder


def _python_part(job: Job) -> tuple[str, str] | None:
    """Where the Python files of the project's native module are, as one to freeze."""
    project = job.request.project
    text = glue.python_part(project) if OWN in job.table.modules else None
    if text is None:
        return None
    folder = job.stage.folder / "python"
    folder.mkdir(exist_ok=True)
    write_changed(folder / f"{project.name}.py", text)
    return folder.as_posix(), f"{project.name}.py"
