"""The entries of a race while it runs, in the order of its field."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from ide.board.race_lines import Field, Heap, Lap, Loaded, Loop, Out, RaceLines, Said
from ide.board.race_report import Entry
from toolchains.racing import Variants

#: Viper's words for what it cannot translate.
_UNTRANSLATED = "ViperTypeError"


class RaceTable:
    """``native``: the module that cannot be loaded here, and why (``refused``). ``running``: whose turn it is.

    ``on_said`` gets every record, those of ways that could not be made included.
    """

    def __init__(
        self, native: str | None, refused: str, variants: Variants | None, on_said: Callable[[Said], None]
    ) -> None:
        self.lines = RaceLines()
        self.loop: Loop | None = None
        self._native, self._refused, self._variants, self._on_said = native, refused, variants, on_said
        self._entries: dict[str, Entry] = {}

    @property
    def running(self) -> str:
        """What people call the way that is on the board now."""
        ways = [one for one in self._entries.values() if one.out is None and one.heap is None]
        return (ways[0].label or ways[0].way) if ways else "?"

    def entries(self) -> tuple[Entry, ...]:
        """As they are now."""
        return tuple(self._entries.values())

    def feed(self, data: bytes) -> bool:
        """Take what the board printed; whether the race said something."""
        said = self.lines.feed(data)
        for one in said:
            self._add(one)
        return bool(said)

    def _add(self, said: Said) -> None:
        if isinstance(said, Field):
            self._enter(said.ways)
            return
        if isinstance(said, Loop):
            self.loop = said
        elif said.way not in self._entries:
            return
        else:
            said = self._refusal(said)
            self._entries[said.way] = _with(self._entries[said.way], said)
        self._on_said(said)

    def _refusal(self, said: Loaded | Lap | Heap | Out) -> Loaded | Lap | Heap | Out:
        if not isinstance(said, Out):
            return said
        if said.way == self._native:
            return Out(said.way, "left out", self._refused)
        return Out(said.way, "left out", said.reason) if said.reason.startswith(_UNTRANSLATED) else said

    def _enter(self, ways: tuple[str, ...]) -> None:
        labels = dict(self._variants.labels) if self._variants else {}
        order = tuple(labels) if labels else ways
        self._entries = {way: Entry(way, label=labels.get(way, "")) for way in order}
        self._on_said(Field(order, tuple(labels.values())))
        for way, why in (self._variants.left_out if self._variants else {}).items():
            self._add(Out(way, "left out", str(why)))


def _with(entry: Entry, said: Loaded | Lap | Heap | Out) -> Entry:
    match said:
        case Loaded():
            return replace(entry, loaded=said)
        case Heap():
            return replace(entry, heap=said)
        case Out():
            return replace(entry, out=said)
        case Lap():
            cycles = (said.cycles,) if said.cycles is not None else ()
            return replace(entry, laps=(*entry.laps, said.seconds), cycles=(*entry.cycles, *cycles))
