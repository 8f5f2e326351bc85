"""The symbols of an object file, read fifty times faster than by pyelftools: a library has thousands of them.

Only what ``tools/ar_util.py`` asks of a member of a library, in the form in which pyelftools gives it. Without this,
the first link with newlib's maths library takes five seconds.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Mapping
from typing import IO

from elftools.common.exceptions import ELFError

_SYMTAB = 2
_BINDS = {0: "STB_LOCAL", 1: "STB_GLOBAL", 2: "STB_WEAK"}
#: By ELF class: where the header says how sections are listed, a section's header, and a symbol.
_LAYOUT = {
    1: (struct.Struct("<32xI10xHHH"), struct.Struct("<IIIIIIIIII"), struct.Struct("<IIIBBH")),
    2: (struct.Struct("<40xQ10xHHH"), struct.Struct("<IIQQQQIIQQ"), struct.Struct("<IBBHQQ")),
}


class QuickSymbol:
    """A symbol, as ``ar_util.py`` looks at it."""

    __slots__ = ("entry", "name")

    def __init__(self, name: str, bind: str, section: str | int) -> None:
        self.name = name
        self.entry: Mapping[str, object] = {"st_info": {"bind": bind}, "st_shndx": section}

    def __getitem__(self, key: str) -> object:
        return self.entry[key]


class QuickSymbols:
    """The table of symbols."""

    def __init__(self, symbols: list[QuickSymbol]) -> None:
        self._symbols = symbols

    def iter_symbols(self) -> Iterator[QuickSymbol]:
        """All of them, in order."""
        return iter(self._symbols)


class QuickElf:
    """Stands in for ``elffile.ELFFile`` in ``ar_util.py``. Raises its ``ELFError`` for what is no little-endian ELF."""

    def __init__(self, stream: IO[bytes]) -> None:
        self._data = stream.read()
        kind = self._data[:6]
        if kind not in (b"\x7fELF\x01\x01", b"\x7fELF\x02\x01"):
            raise ELFError("not a little-endian ELF file")

    def get_section_by_name(self, name: str) -> QuickSymbols | None:
        """The table of symbols, None without one; other sections are not known here."""
        if name != ".symtab":
            raise ELFError(name)
        data = self._data
        header, section, symbol = _LAYOUT[data[4]]
        start, size, count, _names = header.unpack_from(data)
        sections = [section.unpack_from(data, start + number * size) for number in range(count)]
        table = next((one for one in sections if one[1] == _SYMTAB), None)
        if table is None:
            return None
        names = sections[table[6]]
        text = data[names[4] : names[4] + names[5]]
        rows = symbol.iter_unpack(data[table[4] : table[4] + table[5]])
        return QuickSymbols([_symbol(row, text, wide=data[4] == 2) for row in rows])


def _symbol(row: tuple[int, ...], text: bytes, *, wide: bool) -> QuickSymbol:
    info, section = (row[1], row[3]) if wide else (row[3], row[5])
    name = text[row[0] : text.index(b"\0", row[0])].decode("utf-8", "replace")
    return QuickSymbol(name, _BINDS.get(info >> 4, "STB_OTHER"), section or "SHN_UNDEF")
