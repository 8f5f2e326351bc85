"""What can race: the project's own script, its functions, and ready races. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.race import Race
    from toolchains.paths import Paths
    from toolchains.project import Project
    from toolchains.racing import Function

SCRIPT = "race.py"


@dataclass(frozen=True)
class Choice:
    """One race. ``function``: whose call can be changed; None for a script. ``key`` stays the same over a search."""

    key: str
    title: Text
    function: Function | None = None
    script: Path | None = None
    example: str = ""


_READY = (
    Choice("ready:mandelbrot", _("Example: Mandelbrot picture"), script=Path(SCRIPT), example="mandelbrot"),
    Choice("ready:pins", _("Chip: how fast a pin toggles"), script=Path(SCRIPT), example="pin_race"),
    Choice("ready:irq", _("Chip: how soon an interrupt is answered"), script=Path("race_irq.py"), example="pin_race"),
)


def found_in(folder: Path) -> tuple[Choice, ...]:
    """All that can race with the project in ``folder``; its files are read."""
    from toolchains import racing

    own = folder / SCRIPT
    scripts = [Choice("script", _("The project's own race.py"), script=own)] if own.is_file() else []
    functions = [of_function(one) for one in racing.in_project(folder) if one.path != own]
    return (*scripts, *functions, *_READY)


def of_function(function: Function) -> Choice:
    """The choice for a function."""
    title = _("{function}, in {file}", function=function.name, file=function.path.name)
    return Choice(f"{function.path}:{function.name}", title, function)


def race_of(
    choice: Choice, folder: Path, call: str, text: str | None
) -> Callable[[Paths], AbstractContextManager[Race]]:
    """How to make the race, in the board's thread. ``text`` of the function's file, as it is on the screen."""
    if choice.example:
        return partial(_example, choice)
    return partial(_own, choice, folder, call, text)


@contextmanager
def _example(choice: Choice, own: Paths) -> Iterator[Race]:
    from ide.board import race

    with race.example(own, choice.example) as folder:
        yield race.Race(folder, script=str(choice.script))


@contextmanager
def _own(choice: Choice, folder: Path, call: str, text: str | None, _paths: Paths) -> Iterator[Race]:
    from ide.board import race
    from toolchains import project, racing

    if choice.function is None:
        yield race.Race(folder)
        return
    proj: Project = project.load(folder)
    function = racing.with_call(choice.function, call) if call.strip() else choice.function
    yield race.Race(folder, variants=racing.make(function, proj, text))
