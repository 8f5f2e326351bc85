"""A ``struct`` format as the board lays it out: where each item stands, what stands between, and the same in C."""

from __future__ import annotations

import ast
import re
from collections.abc import Sequence
from dataclasses import dataclass

from ide.board.errors import BoardGarbled
from ide.board.link import Board
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import _

ORDERS = "@=<>!"
_ITEM = re.compile(r"\s*(\d{0,4})([A-Za-z])")
#: What an item is in C: as the chip has it (``@``), and with sizes that are the same everywhere.
_NATIVE = {
    "b": "signed char", "B": "unsigned char", "h": "short", "H": "unsigned short", "i": "int", "I": "unsigned int",
    "l": "long", "L": "unsigned long", "q": "long long", "Q": "unsigned long long", "f": "float", "d": "double",
    "P": "void *", "s": "char", "x": "char", "n": "ssize_t", "N": "size_t", "e": "_Float16", "O": "mp_obj_t",
    "S": "const char *",
}  # fmt: skip
_FIXED = {
    "b": "int8_t", "B": "uint8_t", "h": "int16_t", "H": "uint16_t", "i": "int32_t", "I": "uint32_t", "l": "int32_t",
    "L": "uint32_t", "q": "int64_t", "Q": "uint64_t",
}  # fmt: skip
_FLOATS = "fde"
#: Letters whose number is a length, not a count.
_STRINGS = "s"
_MOST_BYTES = 1024
_SETUP = """\
import struct
def _n(f):
 try:
  return struct.calcsize(f)
 except Exception as e:
  return repr(e)
def _p(f,v):
 try:
  return struct.pack(f,*v)
 except Exception as e:
  return repr(e)
"""


@dataclass(frozen=True)
class Item:
    """One item of the format. ``offset`` and ``size`` in bytes; ``padding``: bytes that are skipped before it."""

    code: str
    c_type: str
    count: int
    offset: int
    size: int
    padding: int


@dataclass(frozen=True)
class Layout:
    """What the board says. ``data``: the packed values; ``trouble``: its exception, where it could not pack them."""

    format: str
    items: tuple[Item, ...]
    size: int
    data: bytes | None
    trouble: str = ""
    alignment: int = 1

    @property
    def c_size(self) -> int:
        """``sizeof`` of the struct in C: with ``@``, its end is padded so that several fit behind one another."""
        return -(-self.size // self.alignment) * self.alignment

    @property
    def c_struct(self) -> str:
        """The same as a struct in C."""
        packed = "" if self.format[0] == "@" else " __attribute__((packed))"
        lines = [f"struct{packed} {{"]
        for n, item in enumerate(self.items):
            many = f"[{item.count}]" if item.count != 1 or item.code in _STRINGS else ""
            lines.append(f"    {item.c_type} f{n}{many};  // {item.offset}")
        return "\n".join([*lines, "};" + f"  // {self.c_size}"])

    @property
    def owners(self) -> tuple[int | None, ...]:
        """For each byte the number of its item; None: padding."""
        found: list[int | None] = [None] * self.size
        for n, item in enumerate(self.items):
            found[item.offset : item.offset + item.size] = [n] * item.size
        return tuple(found)

    def to_json(self) -> dict[str, object]:
        """The record of the command line."""
        return {
            "format": self.format,
            "size": self.size,
            "c_size": self.c_size,
            "items": [vars(item) for item in self.items],
            "data": self.data.hex() if self.data is not None else None,
            "trouble": self.trouble,
        }


def split(text: str) -> tuple[str, tuple[str, ...]]:
    """The byte order of a format (``@`` where it names none), and its items. Raises UsageError."""
    text = text.strip()
    order, rest = (text[0], text[1:]) if text[:1] and text[0] in ORDERS else ("@", text)
    items: list[str] = []
    at = 0
    while at < len(rest.rstrip()):
        found = _ITEM.match(rest, at)
        if found is None or found[2] not in _NATIVE:
            raise UsageError(
                _("The format has something that is no item: {what}", what=rest[at : at + 10]),
                next_step=_("Write letters such as B, h, I or f, with a number before them if there are several."),
            )
        items.append(found[1] + found[2])
        at = found.end()
    if not items:
        raise UsageError(_("The format is empty."), next_step=_("Example: {example}", example="<BHh"))
    return order, tuple(items)


def values_of(text: str, items: Sequence[str]) -> tuple[object, ...]:
    """What a person typed as values (``1, 2.5, b"ab"``), or values to begin with where there are none."""
    if not text.strip():
        return _first_values(items)
    try:
        found = ast.literal_eval(f"({text},)")
    except (ValueError, SyntaxError, MemoryError, RecursionError) as error:
        raise UsageError(
            _("These values cannot be read: {text}", text=text[:60]),
            next_step=_("Write numbers and bytes with commas between them: {example}", example='1, 2.5, b"ab"'),
        ) from error
    assert isinstance(found, tuple)
    return found


def _first_values(items: Sequence[str]) -> tuple[object, ...]:
    values: list[object] = []
    for item in items:
        letter, count = item[-1], int(item[:-1] or 1)
        if letter in _STRINGS:
            values.append(b"abcdefghijklmnopqrstuvwxyz"[:count])
        elif letter != "x":
            one: object = 1.5 if letter in _FLOATS else None
            values += [one if one is not None else len(values) + 1 + n for n in range(min(count, _MOST_BYTES))]
    return tuple(values)


def ask(ctx: JobContext, board: Board, text: str, values: str = "") -> Layout:
    """How the board lays out a format, and the bytes of the values. Raises UsageError, and what ``Board.ask`` does."""
    order, items = split(text)
    given = values_of(values, items)
    whole = order + "".join(items)
    ends = [order + "".join(items[: n + 1]) for n in range(len(items))]
    alone = [order + item for item in items]
    shifted = [f"{order}b{item[-1]}" for item in items]
    lists = ",".join(
        f"[_n(f) for f in {formats!r}]" for formats in (ends, alone, shifted, [order + i[-1] for i in items])
    )
    said = board.ask(ctx, f"({lists},_p({whole!r},{given!r}))", _SETUP, isolated=True)
    if not isinstance(said, tuple) or len(said) != 5:
        raise BoardGarbled(repr(said))
    return _layout(whole, items, said)


def _layout(whole: str, items: Sequence[str], said: tuple[object, ...]) -> Layout:
    ends, sizes, shifted, ones, data = said
    lists = (ends, sizes, shifted, ones)
    if not all(isinstance(one, list) and len(one) == len(items) for one in lists):
        raise BoardGarbled(repr(said))
    assert isinstance(ends, list)
    assert isinstance(sizes, list)
    refused = next((item for item, size in zip(items, sizes, strict=True) if not isinstance(size, int)), None)
    if refused is not None or not all(isinstance(end, int) for end in ends):
        raise UsageError(
            _("The board does not know the item {item}.", item=refused or whole),
            next_step=_("Use another letter: not every MicroPython has all of them."),
        )
    if ends[-1] > _MOST_BYTES:
        raise UsageError(_("This format has {n} bytes, too many to draw.", n=ends[-1]), next_step=_("Make it shorter."))
    found: list[Item] = []
    before = 0
    for item, end, size in zip(items, ends, sizes, strict=True):
        letter, count = item[-1], int(item[:-1] or 1)
        c_type = _NATIVE[letter] if whole[0] == "@" else _FIXED.get(letter, _NATIVE[letter])
        found.append(Item(letter, c_type, count, end - size, size, end - size - before))
        before = end
    packed = data if isinstance(data, bytes) else None
    return Layout(
        whole, tuple(found), ends[-1], packed, "" if packed is not None else str(data), _alignment(shifted, ones)
    )


def _alignment(shifted: object, ones: object) -> int:
    """The largest of the items' alignments: where each goes that comes behind one byte."""
    assert isinstance(shifted, list)
    assert isinstance(ones, list)
    return max(int(behind) - int(one) for behind, one in zip(shifted, ones, strict=True))


def drawn(layout: Layout) -> list[str]:
    """Three lines: places, items, bytes; a dot where the board skips a byte."""
    places = [f"{at:>3}" for at in range(layout.size)]
    items = [f"{'.' if owner is None else layout.items[owner].code:>3}" for owner in layout.owners]
    lines = ["".join(places), "".join(items)]
    if layout.data is not None:
        lines.append("".join(f" {byte:02x}" for byte in layout.data))
    return lines
