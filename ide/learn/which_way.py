"""Which way? From what one wants to the way of writing code that serves it, with the numbers of the last race."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal

from ide.board.race_kept import KeptRace, KeptWay
from ide.board.race_words import times_text
from toolchains.text import Text, _
from toolchains.units import short_time_text, size_text

Way = Literal["python", "native", "viper", "module", "user_module", "frozen"]

TITLES: Mapping[Way, Text] = {
    "python": _("Python"),
    "native": _("Python, native"),
    "viper": _("Python, viper"),
    "module": _("Native module"),
    "user_module": _("User C module"),
    "frozen": _("Frozen module"),
}
#: The template of :mod:`toolchains.scaffold`; the others are the firmware project of lesson 8.
TEMPLATES: Mapping[Way, str] = {"python": "python", "native": "native", "viper": "viper", "module": "module"}
#: What a race calls them: the ways of our example, and those that are made of a function.
_RACED: Mapping[str, Way] = {
    "in_python": "python", "Python": "python", "in_native": "native", "native": "native", "in_viper": "viper",
    "viper": "viper", "in_c": "module", "C": "module",
}  # fmt: skip


@dataclass(frozen=True)
class Want:
    """Something that one wants. ``order``: the ways, the one that serves it best first; ``reason`` says why."""

    id: str
    title: Text
    order: tuple[Way, ...]
    reason: Text
    number: Callable[[KeptWay], str]


@dataclass(frozen=True)
class Proposal:
    """A way, and what the last race measured of it (empty: nothing)."""

    way: Way
    measured: str


def _times(way: KeptWay) -> str:
    return "" if way.times is None else str(_("{times} times Python", times=times_text(way.times)))


def _size(n_bytes: int | None) -> str:
    return "" if n_bytes is None else size_text(n_bytes)


def _load(way: KeptWay) -> str:
    return "" if way.load is None else short_time_text(way.load)


def _nothing(_way: KeptWay) -> str:
    return ""


WANTS: tuple[Want, ...] = (
    Want(
        "speed", _("Speed"), ("module", "user_module", "viper", "native", "frozen", "python"),
        _("C is what the processor understands, with nothing between. In a firmware the same C is as fast."), _times,
    ),
    Want(
        "ram", _("Little memory (RAM)"), ("frozen", "user_module", "python", "native", "viper", "module"),
        _("What is in the firmware runs from flash: its code takes no RAM. All else is loaded into RAM at import."),
        lambda way: _size(way.ram),
    ),
    Want(
        "flash", _("Little flash"), ("python", "frozen", "native", "viper", "user_module", "module"),
        _("Bytecode is short: one small number for each step. Machine code takes several times as much."),
        lambda way: _size(way.code),
    ),
    Want(
        "start", _("A quick start"), ("frozen", "user_module", "module", "viper", "native", "python"),
        _("What is in the firmware is there at once. An .mpy file must be read; a .py file must be compiled, too."),
        _load,
    ),
    Want(
        "protected", _("Code that others cannot simply read"),
        ("user_module", "module", "viper", "native", "frozen", "python"),
        _("Only machine code is on the board: no source. Bytecode can be turned back into something like it."),
        _nothing,
    ),
    Want(
        "no_rebuild", _("No firmware to build"), ("python", "native", "viper", "module", "frozen", "user_module"),
        _("A file is enough: it is put on the board and imported. The last two need a firmware of your own."), _nothing,
    ),
)  # fmt: skip


def propose(want: Want, races: tuple[KeptRace, ...]) -> tuple[Proposal, ...]:
    """All ways, the best one first, with what the newest race says of them."""
    measured = {_RACED[way.label]: want.number(way) for way in races[0].ways if way.label in _RACED} if races else {}
    return tuple(Proposal(way, measured.get(way, "")) for way in want.order)


def source(races: tuple[KeptRace, ...]) -> Text:
    """Where the numbers come from."""
    if not races:
        return _("There are no numbers yet: race a function, then look here again.")
    race = races[0]
    if race.simulated:
        return _(
            "Numbers: {title}, raced on {machine}. It is simulated: on a chip they are others.",
            title=race.title, machine=race.machine,
        )  # fmt: skip
    return _("Numbers: {title}, raced on {machine}.", title=race.title, machine=race.machine)
