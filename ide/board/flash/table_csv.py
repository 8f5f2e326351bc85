"""Partition tables as CSV: the form of ESP-IDF and of MicroPython's ``ports/esp32/partitions-*.csv``."""

from __future__ import annotations

import re

from ide.board.flash.table import (
    FIRST_OFFSET,
    BadTable,
    Partition,
    Table,
    alignment_of,
    is_label,
    subtype_number,
    type_number,
)
from toolchains.text import _

_LARGEST = 64 * 1024
_MOST_ROWS = 95
_NUMBER = re.compile(r"(-?)(0[xX][0-9a-fA-F]{1,8}|[0-9]{1,10})([kKmM]?)")
_UNITS = {"": 1, "k": 1024, "m": 1024 * 1024}
_FLAGS = {"encrypted", "readonly"}
_HEAD = "# Name, Type, SubType, Offset, Size, Flags\n"


def read_csv(text: str) -> Table:
    """The table in ``text``. A row without an offset begins where it can behind the one before. Raises BadTable.

    A negative size is the address of its end, as in ESP-IDF.
    """
    if len(text) > _LARGEST:
        raise BadTable(_("The file is too long for a partition table."))
    rows: list[Partition] = []
    for number, line in enumerate(text.splitlines(), 1):
        line = line.partition("#")[0].strip()
        if line:
            rows.append(_row(line, number, rows[-1].end if rows else FIRST_OFFSET))
        if len(rows) > _MOST_ROWS:
            raise BadTable(_("It has more rows than fit."))
    if not rows:
        raise BadTable(_("It has no rows."))
    return Table(tuple(rows))


def _row(line: str, number: int, end: int) -> Partition:
    cells = [cell.strip() for cell in line.split(",")]
    if len(cells) == 7 and not cells[6]:  # a comma at the end
        cells.pop()
    if not 5 <= len(cells) <= 6:
        raise BadTable(_("Line {line}: a row has a name, a type, a subtype, an offset and a size.", line=number))
    name, type_word, subtype_word, offset_word, size_word, flags_word = (*cells, "")[:6]
    if not is_label(name):
        raise BadTable(_("Line {line}: {word} is no name of 1 to 16 letters.", line=number, word=repr(name)))
    try:
        type_of = type_number(type_word)
        subtype = subtype_number(type_of, subtype_word or "undefined" if type_of == 1 else subtype_word)
    except ValueError as error:
        raise BadTable(
            _("Line {line}: there is no type or subtype {word}.", line=number, word=repr(str(error)))
        ) from None
    align = alignment_of(type_of)
    offset = _number(offset_word, number) if offset_word else -(-end // align) * align
    size = _number(size_word, number)
    if size < 0:
        size = -size - offset
    if offset < 0 or size < 0:
        raise BadTable(_("Line {line}: it ends before it begins.", line=number))
    flags = set(flags_word.split(":")) if flags_word else set()
    if flags - _FLAGS:
        raise BadTable(_("Line {line}: there is no flag {word}.", line=number, word=repr(min(flags - _FLAGS))))
    return Partition(name, type_of, subtype, offset, size, "encrypted" in flags, "readonly" in flags)


def _number(word: str, line: int) -> int:
    found = _NUMBER.fullmatch(word)
    value = int(found[2], 16 if found[2][:2] in ("0x", "0X") else 10) * _UNITS[found[3].lower()] if found else 1 << 32
    if found is None or value >= 1 << 32:
        raise BadTable(_("Line {line}: {word} is no size or address.", line=line, word=repr(word)))
    return -value if found[1] else value


def write_csv(table: Table) -> str:
    """The table as text; what the firmware makes by itself is told in a comment."""
    lines = [_HEAD]
    for part in table.partitions:
        flags = ":".join([*["encrypted"] * part.encrypted, *["readonly"] * part.readonly])
        row = (
            f"{part.name}, {part.type_text}, {part.subtype_text}, 0x{part.offset:x}, 0x{part.size:x}, {flags}".rstrip()
        )
        lines.append(f"# made by the firmware: {row}\n" if part.implicit else f"{row}\n")
    return "".join(lines)
