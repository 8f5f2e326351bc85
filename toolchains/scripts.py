"""What is meant by "run this": a project's folder, or one Python file of any folder.

A Python file brings its project along: the nearest folder at or above it with a natmod.toml or the Makefile of a
native module; else the file's own folder, whatever that holds.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from toolchains import project
from toolchains.errors import UsageError
from toolchains.module_names import name_from
from toolchains.project import FILE_NAME, NoProject, Project
from toolchains.project_places import makefile_of, python_files
from toolchains.text import Text, _

#: The folder of a project that has its tests.
TESTS = "tests"


@dataclass(frozen=True)
class Target:
    """A project, and the script of it to run: a path relative to its folder, None when there is none.

    ``alone``: the person named this file, and no folder.
    """

    project: Project
    script: str | None
    alone: bool = False


class NoScript(UsageError):
    """Several Python files could be the one to run. Field: ``scripts``, their names."""

    def __init__(self, proj: Project, scripts: tuple[str, ...]) -> None:
        first = scripts[0] if scripts else "main.py"
        super().__init__(
            _("{project} has no main.py, and several Python files: {names}.", project=proj.root, names=_some(scripts)),
            next_step=_("Name the one to run with --script {script}, or call it main.py.", script=first),
            scripts=scripts,
        )


class NothingToBuild(UsageError):
    """The project has no C code."""

    def __init__(self, proj: Project) -> None:
        super().__init__(
            _("{project} has Python files only: there is no C code to build.", project=proj.root),
            next_step=_('"natmod run" runs it as it is.'),
            path=str(proj.root),
        )


class NothingToInstall(UsageError):
    """The project has nothing that another program could import."""

    def __init__(self, proj: Project) -> None:
        super().__init__(
            _("{project} has neither C code nor a Python file beside main.py: there is nothing to import.",
              project=proj.root),
            next_step=_("To have main.py start by itself on the board: natmod deploy --autostart"),
            path=str(proj.root),
        )  # fmt: skip


def target_at(path: Path, script: str | None = None, *, to_run: bool = True) -> Target:
    """What ``path`` (a project's folder, its natmod.toml, or a .py file) and ``--script`` mean together.

    Raises what :func:`toolchains.project.load` raises; :class:`NoScript` where there are only Python files and nothing
    tells which one is ``to_run``; UsageError for a script that is not there.
    """
    if path.suffix == ".py" and not path.is_dir():
        return _file(path, script, path.absolute().parent)
    proj = project.load(path)
    chosen = proj.script if script is None else _inside(proj, script)
    if chosen is None and to_run and not proj.native:
        raise NoScript(proj, python_files(proj.root))
    return Target(proj, chosen)


def suite_at(path: Path) -> Target:
    """What "test this" means: a project (or its folder ``tests``) with all its tests, or one file with its project.

    A file in a folder ``tests`` with nothing above that describes a project belongs to the folder above.
    """
    folder = path.absolute()
    if path.suffix == ".py" and not path.is_dir():
        above = folder.parent
        return _file(path, None, above.parent if above.name == TESTS else above)
    inner = folder.name == TESTS and folder.is_dir() and not _described(folder) and not (folder / TESTS).is_dir()
    return Target(project.load(folder.parent if inner else path), None)


def _inside(proj: Project, script: str) -> str:
    """The script's path in the project. It must be there before a board is touched."""
    root, file = (Path(os.path.normpath(path)) for path in (proj.root, proj.root / script))
    if not file.is_file() or not file.is_relative_to(root):
        raise UsageError(
            _("There is no script {script} in {project}.", script=script, project=proj.root),
            next_step=_("Name a file of the project, as it is called from the project's folder."),
            script=script,
        )
    return file.relative_to(root).as_posix()


def _file(path: Path, script: str | None, undescribed: Path) -> Target:
    """The file and its project, which is the folder ``undescribed`` if nothing above describes one."""
    if not path.is_file():
        raise UsageError(
            _("There is no file {path}.", path=path),
            next_step=_("Name a Python file that is there, or the folder of a project."),
            path=str(path),
        )
    if script is not None:
        raise UsageError(
            _("{path} is a script already; {script} cannot be one too.", path=path, script=script),
            next_step=_("Name the project's folder, or leave --script out."),
        )
    path = path.absolute()
    for folder in path.parents:
        if folder.name.startswith("."):
            break  # what lies in a hidden folder is not served to boards, so the project above cannot run it
        if _described(folder):
            return Target(project.load(folder), path.relative_to(folder).as_posix(), alone=True)
    name = path.relative_to(undescribed).as_posix()
    return Target(_folder_of(undescribed, name), name, alone=True)


def _described(folder: Path) -> bool:
    try:
        return (folder / FILE_NAME).is_file() or makefile_of(folder) is not None
    except (NoProject, OSError):  # a folder above that may not be looked at
        return False


def _folder_of(folder: Path, script: str) -> Project:
    """The file's folder: what it is as a project, else just a place with Python files."""
    try:
        return project.load(folder)
    except NoProject:  # several C files and nothing that says what they are
        return Project(folder, name_from(folder.name), (), script=script)


def _some(names: tuple[str, ...], most: int = 6) -> Text | str:
    if len(names) <= most:
        return ", ".join(names)
    return _("{names} and more", names=", ".join(names[:most]))
