"""What the gallery shows: our examples and those of a MicroPython tree, each with its one-line lesson. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ide.origins import Origin
from toolchains.errors import disk_errors
from toolchains.paths import examples
from toolchains.text import Text, _

if TYPE_CHECKING:
    from toolchains.sdk import SdkStore
    from toolchains.sdk_tree import SdkTree

#: Where MicroPython keeps its native modules, in a tree.
NATMODS = Path("examples", "natmod")


@dataclass(frozen=True)
class Card:
    """One example. ``lesson``: what one learns from it, in a sentence. ``picture``: a name of ide/gallery_pictures."""

    origin: Origin
    folder: Path
    title: str
    lesson: Text
    picture: str


#: Ours, in the order in which to learn: name, lesson, picture.
_OURS: tuple[tuple[str, Text, str], ...] = (
    ("factorial", _("The smallest native module: one C function that Python calls."), "call"),
    ("mandelbrot", _("One function as Python, native, viper and C: see how fast each one is."), "race"),
    ("text_search", _("Strings and bytes in C, without a copy; errors that become exceptions."), "text"),
    ("ring_class", _("A Python class written in C: methods, attributes, len(), loops."), "ring"),
    ("mixed_python", _("C where it must be fast, Python where it is easier, in one module."), "mixed"),
    ("signal_filter", _("Floats in C: filters that take the hum out of a sensor's samples."), "wave"),
    ("fast_gpio", _("A pin exactly on time: colour LEDs, bit by bit, through the chip's registers."), "pulse"),
    ("pin_race", _("A pin and an interrupt in four ways: races for a real chip."), "race"),
    ("memory_tour", _("Where the memory goes: an import, a buffer, const, the garbage collector."), "library"),
    ("struct_bytes", _("A message as bytes: byte order, gaps, and a view without a copy."), "mixed"),
    ("regex_log", _("Lines of a log, taken apart with MicroPython's small re."), "text"),
    ("net_echo", _("Sockets, select and asyncio: both ends in one program, on sim:unix."), "call"),
    ("usermod_example", _("A C module that is a part of the firmware: built, started and run by one click."), "chip"),
    ("freeze_package", _("A Python package frozen into the firmware: no file, and hardly any memory."), "frozen"),
)

#: MicroPython's own.
_THEIRS: dict[str, tuple[Text, str]] = {
    "features0": (_("A function in C that Python calls."), "call"),
    "features1": (_("Constants, lists, exceptions and memory in C."), "text"),
    "features2": (_("Floats, several C files, and Python in the same module."), "mixed"),
    "features3": (_("Types, constant objects and dictionaries."), "text"),
    "features4": (_("A class and an exception of one's own."), "ring"),
    "btree": (_("A library of others as a module: a small database in a file."), "library"),
    "deflate": (_("A module of MicroPython's own, to load at run time: compressed data."), "library"),
    "framebuf": (_("A module of MicroPython's own, to load at run time: drawing in memory."), "library"),
    "heapq": (_("A module of MicroPython's own, to load at run time: a queue with priorities."), "library"),
    "random": (_("A module of MicroPython's own, to load at run time: random numbers."), "library"),
    "re": (_("A module of MicroPython's own, to load at run time: regular expressions."), "library"),
}


def ours() -> list[Card]:
    """Our own examples; reads nothing."""
    return [Card(Origin("ours", name), examples() / name, name, lesson, picture) for name, lesson, picture in _OURS]


def tree_for(sdks: SdkStore, version: str | None) -> SdkTree | None:
    """The tree whose examples to show: for a board's version, else the usual one; None where there is none yet."""
    return sdks.best_for(version)


def theirs(tree: SdkTree) -> list[Card]:
    """The native modules in MicroPython's ``examples``, those that we know first. Raises DiskError."""
    folder = tree.path / NATMODS
    with disk_errors(folder):
        found = sorted(path.parent.name for path in folder.glob("*/Makefile")) if folder.is_dir() else []
    known = [name for name in _THEIRS if name in found]
    return [_theirs(tree, name) for name in [*known, *(name for name in found if name not in _THEIRS)]]


def _theirs(tree: SdkTree, name: str) -> Card:
    unknown = _("An example of MicroPython {version}.", version=tree.version), "library"
    lesson, picture = _THEIRS.get(name, unknown)
    return Card(Origin("sdk", name, tree.version), tree.path / NATMODS / name, name, lesson, picture)


def original_of(origin: Origin, sdks: SdkStore) -> Path:
    """Where the original of a copy is. Raises SdkNotFound where its MicroPython is not here any more."""
    if origin.kind == "ours":
        return examples() / origin.name
    return sdks.get(origin.version).path / NATMODS / origin.name
