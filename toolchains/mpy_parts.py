"""What the readers of .mpy files share: a cursor that never passes the end, names, functions, relocations.

The layouts are those of MicroPython's docs/reference/mpyfiles.rst (as it was in each release); where that is silent, of
the loader itself, py/persistentcode.c and the prelude macros of py/bc.h.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Literal

from toolchains.errors import MpyError
from toolchains.paths import resources
from toolchains.text import Text, _

#: Nothing that a compiler makes nests deeper; a damaged file can say anything.
MAX_DEPTH = 64

SCOPE_RELOC, SCOPE_RODATA, SCOPE_BSS = 0x10, 0x20, 0x40

Kind = Literal["bytecode", "native", "viper", "assembler", "linked"]
#: By the number in the file: MP_CODE_BYTECODE and its followers, counted from 0.
KINDS: tuple[Kind, ...] = ("bytecode", "native", "viper", "assembler")

_64_BITS = (2, 12)
_MOST_PRELUDE_BYTES = 8


class BadMpy(MpyError):
    """The bytes are no .mpy file, or a damaged one. Field: ``offset`` of the fault, or None."""

    code = "mpy.malformed"

    def __init__(self, why: Text, offset: int | None = None) -> None:
        super().__init__(
            _("This .mpy file cannot be read: {why}", why=why),
            next_step=_("Build the module again, or copy the file again."),
            offset=offset,
        )


@dataclass(frozen=True)
class Function:
    """One function, class body or module body in the file, in the file's order.

    ``kind`` is how it was made: ``bytecode`` for the interpreter; ``native``, ``viper`` and ``assembler`` by mpy-cross
    from Python; ``linked`` by mpy_ld.py from C. ``size`` is that of its code in bytes; ``depth`` counts the functions
    around it. ``name`` is empty where the format keeps none (viper, assembler, linked).
    """

    name: str
    kind: Kind
    size: int
    depth: int


class Cursor:
    """A place in the bytes that never passes their end."""

    def __init__(self, data: bytes, offset: int = 0) -> None:
        self._data = data
        self.offset = offset

    def take(self, n: int) -> bytes:
        """The next ``n`` bytes."""
        if n > len(self._data) - self.offset:
            raise BadMpy(_("it ends too early."), self.offset)
        self.offset += n
        return self._data[self.offset - n : self.offset]

    def byte(self) -> int:
        """The next byte."""
        return self.take(1)[0]

    def uint(self) -> int:
        """A number in groups of seven bits, the most significant group first."""
        start, value = self.offset, 0
        for _group in range(5):
            byte = self.byte()
            value = value << 7 | byte & 0x7F
            if not byte & 0x80:
                return value
        raise too_large(start)

    def count(self) -> int:
        """A number of things of at least one byte each, so it cannot exceed what is left."""
        start, n = self.offset, self.uint()
        if n > len(self._data) - self.offset:
            raise BadMpy(_("it ends too early."), start)
        return n


def too_large(offset: int) -> BadMpy:
    """The error for a number that no compiler writes."""
    return BadMpy(_("it has a number that is far too large."), offset)


def contradiction(offset: int) -> BadMpy:
    """The error for sizes of which one does not fit into the other."""
    return BadMpy(_("its sizes contradict each other."), offset)


@dataclass(frozen=True)
class Prelude:
    """The head of a Python function's code: ``n_args`` named arguments, scope flags, sizes of what follows in bytes."""

    n_args: int
    scope: int
    n_info: int
    n_cell: int


def prelude(cursor: Cursor) -> Prelude:
    """Read a function's signature and sizes (py/bc.h: bits of several numbers interleaved in each byte)."""
    start = cursor.offset
    byte = cursor.byte()  # xSSSSEAA, then xFSSKAED as long as x is set
    n_positional, n_keyword, scope, n = byte & 3, 0, 0, 0
    while byte & 0x80:
        byte = cursor.byte()
        n_positional |= (byte & 4) << n
        n_keyword |= (byte >> 3 & 1) << n
        scope |= (byte >> 6 & 1) << n
        n += 1
        if n > _MOST_PRELUDE_BYTES:
            raise too_large(start)
    n_info = n_cell = n = 0
    byte = 0x80
    while byte & 0x80:
        byte = cursor.byte()  # xIIIIIIC
        n_info |= (byte >> 1 & 0x3F) << 6 * n
        n_cell |= (byte & 1) << n
        n += 1
        if n > _MOST_PRELUDE_BYTES:
            raise too_large(start)
    return Prelude(n_positional + n_keyword, scope, n_info, n_cell)


@cache
def _static_names() -> tuple[str, ...]:
    names: list[str] = json.loads((resources() / "mpy_names.json").read_text("utf-8"))["names"]
    return tuple(names)


def static_name(number: int) -> str:
    """The name that every MicroPython has under this number; ``#300`` for a number without one."""
    names = _static_names()
    return names[number - 1] if 0 < number <= len(names) else f"#{number}"


class Body:
    """What follows the header: names, constants, code. Sizes are in bytes.

    ``own`` are the names that the file brings along, ``static`` those that it takes from the firmware, each once.
    """

    def __init__(self, cursor: Cursor, arch_number: int) -> None:
        self.cursor = cursor
        self.own: dict[str, None] = {}
        self.static: dict[str, None] = {}
        self.functions: list[Function] = []
        self.source_name = ""
        self.n_objects = self.text = self.rodata = self.bss = self.bytecode = self.relocations = 0
        self._word = 8 if arch_number in _64_BITS else 4

    def own_name(self, length: int) -> str:
        """A name of ``length`` bytes that stands here."""
        name = self.cursor.take(length).decode("utf-8", "backslashreplace")
        self.own[name] = None
        return name

    def static_name(self, number: int) -> str:
        """A name of the firmware's."""
        name = static_name(number)
        self.static[name] = None
        return name

    def add(self, name: str, kind: Kind, size: int, depth: int) -> None:
        """Count a function."""
        self.functions.append(Function(name, kind, size, depth))
        if kind == "bytecode":
            self.bytecode += size
        else:
            self.text += size

    def check_depth(self, depth: int) -> None:
        """Refuse functions nested deeper than any compiler makes them."""
        if depth > MAX_DEPTH:
            raise BadMpy(_("its functions are nested too deeply."), self.cursor.offset)

    def read_rodata(self, scope: int, *, sizes_first: bool) -> int:
        """Read-only data and the size of the variables, if ``scope`` says that they are there; the size of the first.

        ``sizes_first``: both sizes stand before the data (.mpy 6), or each with its own (.mpy 5).
        """
        rodata = self.cursor.uint() if scope & SCOPE_RODATA else 0
        if not sizes_first:
            self.cursor.take(rodata)
        self.bss += self.cursor.uint() if scope & SCOPE_BSS else 0
        if sizes_first:
            self.cursor.take(rodata)
        self.rodata += rodata
        return rodata

    def read_relocations(self, text: int, rodata: int) -> None:
        """The words of ``text`` and ``rodata`` that the loader adjusts; none of them may lie outside."""
        place, end = 0, 0
        while (entry := self.cursor.byte()) != 0xFF:
            if entry & 1:
                where = self.cursor.uint()
                place, end = where >> 1, (rodata if where & 1 else text) // self._word
            # Kinds up to 5: text, rodata or bss, the lowest bit saying that a run length follows.
            kind = entry >> 1
            n = self.cursor.uint() if kind <= 5 and kind & 1 else 1
            place += n
            if place > end:
                raise BadMpy(_("it would change memory outside of the module."), self.cursor.offset - 1)
            self.relocations += n
