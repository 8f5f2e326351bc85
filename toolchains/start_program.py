"""All that must be on a board for a program to start there by itself, by its path on the board."""

from __future__ import annotations

import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from toolchains.board_python import STARTERS, Loads, check, compiled
from toolchains.errors import ProjectError, disk_errors
from toolchains.imports import Exit, Import, inside, plain, program_of
from toolchains.jobs import JobContext
from toolchains.project import Project
from toolchains.scripts import Target
from toolchains.text import Text, _

_BOOT, _MAIN = STARTERS


class EndsItself(ProjectError):
    """The program would start again and again, and nobody could reach the board. Fields: ``path``, ``line``."""

    code = "project.ends-itself"

    def __init__(self, place: Exit) -> None:
        super().__init__(
            _("{path} line {line} ends the program with {what}.", path=place.path, line=place.line, what=place.what),
            why=_(
                "A board whose main.py ends like that starts it again at once, without end, and nothing can reach it."
            ),
            next_step=_("Take the line out, or catch SystemExit around it; a program ends with its last line."),
            path=place.path,
            line=place.line,
        )


class TwoMains(ProjectError):
    """Two files want to be main.py on the board."""

    code = "project.two-mains"

    def __init__(self, script: str) -> None:
        super().__init__(
            _("{script} would be main.py on the board, and it imports the project's own main.py.", script=script),
            next_step=_("Give the module that is imported another name."),
            script=script,
        )


@dataclass(frozen=True)
class StartProgram:
    """``files``: content by absolute path on the board. ``outside``: imported modules that the board must have itself.

    ``notes``: sentences for the person who starts it.
    """

    files: Mapping[str, bytes]
    outside: tuple[Import, ...]
    notes: tuple[Text, ...]


def start_program(ctx: JobContext, target: Target, modules: Mapping[str, bytes], loads: Loads) -> StartProgram:
    """The script as main.py, the project's boot.py, what they import, the built ``modules``, and the data files.

    Python is compiled where the board ``loads`` that, but for main.py and boot.py. A module lies where it lies in the
    project's folder. Raises :class:`EndsItself`, :class:`TwoMains`, :class:`~toolchains.bytecode.PythonFailed`.
    """
    proj = target.project
    assert target.script is not None
    listed = tuple(_listed(proj))
    boot = (_BOOT,) if inside(proj.root, _BOOT) and target.script != _BOOT else ()
    starts = (target.script, *boot)
    extra = tuple(path for path in listed if path.endswith(".py") and path not in starts)
    found = program_of(proj.root, (*starts, *extra), {name.removesuffix(".mpy") for name in modules})
    for place in found.exits:
        if place.path in starts or place.at_import:
            raise EndsItself(place)
    if target.script != _MAIN and _MAIN in found.files:
        raise TwoMains(target.script)
    for path in starts:
        check(ctx, proj.root, path, loads)
    files = {f"/{path}": _content(proj, path) for path in (*listed, *found.data) if not path.endswith(".py")}
    code = compiled(ctx, proj.root, (path for path in found.files if path not in starts), loads)
    files |= {f"/{path}": data for path, data in (*code.items(), *modules.items())}
    files |= {f"/{path}": _content(proj, path) for path in boot}
    files[f"/{_MAIN}"] = _content(proj, target.script)
    return StartProgram(files, found.outside, tuple(_notes(found.exits, found.unread)))


def _listed(proj: Project) -> Iterator[str]:
    """The files of ``[run] files``, folders whole."""
    for path in proj.files:
        if not (proj.root / path).is_dir():
            yield path
            continue
        with disk_errors(proj.root / path):
            entries = sorted((proj.root / path).rglob("*"))
        for entry in entries:
            name = entry.relative_to(proj.root).as_posix()
            if all(map(plain, name.split("/"))) and inside(proj.root, name):
                yield name


def _content(proj: Project, path: str) -> bytes:
    file = proj.root / posixpath.normpath(path)
    with disk_errors(file):
        return file.read_bytes()


def _notes(exits: tuple[Exit, ...], unread: tuple[str, ...]) -> Iterator[Text]:
    for place in exits:
        yield _(
            "{path} line {line}: if {what} is reached, the board starts its program again from the beginning.",
            path=place.path,
            line=place.line,
            what=place.what,
        )
    for path in unread:
        yield _("{path} could not be read as Python: what it imports was not looked for.", path=path)
