"""What fits what a person wants: from a wish to the kind of code that serves it, with the reason. No Qt, no I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from toolchains.text import Text, _

KindId = Literal["python", "native", "viper", "module", "class", "user_module", "frozen", "port"]


#: Made from the sources of a release (:mod:`toolchains.firmware.new_port`); all others are templates of ours.
PORT = "port"


@dataclass(frozen=True)
class Kind:
    """A way to write code for a board. ``template``: that of :mod:`toolchains.scaffold`, or :data:`PORT`."""

    id: KindId
    title: Text
    what: Text
    template: str


@dataclass(frozen=True)
class Wish:
    """Something that people want. ``proposed`` serves it because of ``reason``."""

    id: str
    title: Text
    proposed: KindId
    reason: Text


KINDS: Mapping[KindId, Kind] = {
    kind.id: kind
    for kind in (
        Kind("python", _("Python"), _("A program in Python; nothing is compiled."), "python"),
        Kind("native", _("Python, native"), _("Python with one line more: functions become machine code."), "native"),
        Kind("viper", _("Python, viper"), _("Python for whole numbers and bytes, computed as in C."), "viper"),
        Kind("module", _("Native module"), _("A function in C that Python calls; loaded at run time."), "module"),
        Kind("class", _("Native module with a class"), _("A Python class written in C."), "class"),
        Kind("user_module", _("User C module"), _("C that becomes a part of the firmware."), "usermod"),
        Kind("frozen", _("Frozen module"), _("Python that becomes a part of the firmware."), "frozen"),
        Kind("port", _("Port of MicroPython"), _("MicroPython for a chip of your own, from its smallest port."), PORT),
    )
}

WISHES: tuple[Wish, ...] = (
    Wish(
        "python", _("Just Python"), "python",
        _("Python is enough for most programs, and a change runs at once. What is too slow can become C later."),
    ),
    Wish(
        "timing", _("Pins exactly on time, bit by bit"), "module",
        _("C writes to the pin's register itself and counts the processor's cycles: no interpreter comes between."),
    ),
    Wish(
        "numbers", _("Many numbers: filters, sound, pictures"), "module",
        _("In C numbers are the processor's own, floats too, and no memory is taken for each result."),
    ),
    Wish(
        "faster", _("Python that I have, but faster"), "native",
        _("The same Python runs about twice as fast, and every rule of Python still holds."),
    ),
    Wish(
        "bytes", _("A fast loop over bytes, without C"), "viper",
        _("Viper computes with plain whole numbers and addresses, and you stay in a Python file."),
    ),
    Wish(
        "type", _("A type of my own: a buffer, a queue, a device"), "class",
        _("A class in C keeps its data in one compact piece of memory; Python uses it like any other class."),
    ),
    Wish(
        "library", _("C code that exists already"), "module",
        _("Put its C files into the project, and write only the functions that Python calls."),
    ),
    Wish(
        "protected", _("Code that others cannot simply read"), "module",
        _("Only machine code is on the board: no source, and no names of what is inside."),
    ),
    Wish(
        "flash", _("Little flash or memory on the board"), "frozen",
        _("Frozen code runs from the firmware itself: it takes no file, and no memory while it runs."),
    ),
    Wish(
        "chip", _("Functions of the chip: interrupts, radio, DMA"), "user_module",
        _("A native module can call only what MicroPython hands out; ESP-IDF's functions are inside the firmware."),
    ),
    Wish(
        "firmware", _("A whole firmware of my own, for a product"), "user_module",
        _("Everything is in one file: MicroPython, your C and your Python. Nothing has to be copied afterwards."),
    ),
    Wish(
        "own_chip", _("MicroPython on a chip that it does not know"), "port",
        _("The smallest port of MicroPython is seven files. It runs on this computer first, then on your chip."),
    ),
)  # fmt: skip


def advise(wish: Wish) -> Kind:
    """What to make for a wish."""
    return KINDS[wish.proposed]


def makeable() -> list[Kind]:
    """All kinds, in the order in which to offer them."""
    return list(KINDS.values())


def free_name(taken: frozenset[str]) -> str:
    """A name to begin with: ``my_module``, or the next that no folder has."""
    names = ["my_module", *(f"my_module{n}" for n in range(2, 1000))]
    return next((name for name in names if name not in taken), names[-1])
