"""Changing a partition table: each change gives a new table, or says why not. And what a change does to the flash."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from ide.board.flash.errors import FlashError
from ide.board.flash.table import (
    DATA,
    FIRST_OFFSET,
    SECTOR,
    TABLE_OFFSET,
    TABLE_SIZE,
    Partition,
    Table,
    alignment_of,
    is_label,
    with_implicit_vfs,
)
from toolchains.text import Text, _
from toolchains.units import size_text


class EditRefused(FlashError):
    """The table stays as it is. ``what`` says why."""

    code = "flash.table.edit"


def add(table: Table, part: Partition, flash_size: int) -> Table:
    """With one more partition. ``part.offset`` 0: in the first gap that is large enough. Raises EditRefused."""
    _check_name(table, part.name)
    if not part.offset:
        part = replace(part, offset=_gap_for(table.written, part, flash_size))
    return _placed(table.written, part, flash_size)


def remove(table: Table, name: str) -> Table:
    """Without a partition."""
    rows = tuple(part for part in table.written.partitions if part is not _named(table, name))
    return replace(table, partitions=rows)


def rename(table: Table, name: str, new: str) -> Table:
    """With another name for a partition."""
    part = _named(table, name)
    if new != name:
        _check_name(table, new)
    return _swapped(table, part, replace(part, name=new))


def move(table: Table, name: str, offset: int, flash_size: int) -> Table:
    """With a partition at another address."""
    part = _named(table, name)
    return _placed(remove(table, name), replace(part, offset=offset), flash_size, at=_place(table, part))


def resize(table: Table, name: str, size: int, flash_size: int, *, shift: bool = False) -> Table:
    """With another size for a partition.

    ``shift``: what follows makes room, or closes up; the last partition for files gives or takes the rest.
    """
    part = _named(table, name)
    changed = replace(part, size=size)
    if not shift:
        return _placed(remove(table, name), changed, flash_size, at=_place(table, part))
    _check_size(changed)
    rows: list[Partition] = []
    end = changed.end
    for other in sorted(table.written.partitions, key=lambda row: row.offset):
        if other is part:
            rows.append(changed)
        elif other.offset < part.offset:
            rows.append(other)
        else:
            rows.append(_shifted(other, end, part.end, flash_size))
            end = rows[-1].end
    moved = {row.name: row for row in rows}
    _check_end(rows, flash_size)
    return replace(table, partitions=tuple(moved[row.name] for row in table.written.partitions))


def _shifted(part: Partition, end: int, old_end: int, flash_size: int) -> Partition:
    """``part`` behind ``end``, aligned. A gap that was there before ``part`` may be used up."""
    align = alignment_of(part.type)
    offset = -(-end // align) * align
    if end < old_end and part.offset - old_end >= align:  # there was a gap anyway: nothing to close up
        offset = part.offset
    if part.end == flash_size and part.type == DATA and part.name in ("vfs", "ffat") and offset < flash_size:
        return replace(part, offset=offset, size=flash_size - offset)
    return replace(part, offset=offset)


def _named(table: Table, name: str) -> Partition:
    part = table.written.find(name)
    if part is None:
        raise EditRefused(_("There is no partition {name} in the table.", name=name))
    return part


def _place(table: Table, part: Partition) -> int:
    return table.written.partitions.index(part)


def _swapped(table: Table, old: Partition, new: Partition) -> Table:
    return replace(table, partitions=tuple(new if part is old else part for part in table.written.partitions))


def _check_name(table: Table, name: str) -> None:
    if not is_label(name):
        raise EditRefused(_("A partition needs a name of 1 to 16 letters: {name}.", name=repr(name)))
    if table.written.find(name) is not None:
        raise EditRefused(_("There is a partition {name} already.", name=name))


def _check_size(part: Partition) -> None:
    if part.size <= 0 or part.size % SECTOR:
        raise EditRefused(_("The size of {name} must be a multiple of 4 kB.", name=part.name))


def _check_end(rows: list[Partition], flash_size: int) -> None:
    last = max(rows, key=lambda part: part.end)
    if last.end > flash_size:
        raise EditRefused(_("{name} would end at {end}, and the flash has {size}.", name=last.name,
                            end=size_text(last.end), size=size_text(flash_size)))  # fmt: skip


def _gap_for(table: Table, part: Partition, flash_size: int) -> int:
    align, end = alignment_of(part.type), FIRST_OFFSET
    for other in sorted(table.partitions, key=lambda row: row.offset):
        offset = -(-end // align) * align
        if offset + part.size <= other.offset:
            return offset
        end = max(end, other.end)
    return -(-end // align) * align


def _placed(table: Table, part: Partition, flash_size: int, *, at: int | None = None) -> Table:
    """``table`` with ``part`` where it says, in row ``at``: its order in the flash where nobody says."""
    _check_size(part)
    align = alignment_of(part.type)
    if part.offset % align or part.offset < FIRST_OFFSET:
        raise EditRefused(_("{name} must begin at a multiple of {size}, from {first} on.", name=part.name,
                            size=size_text(align), first=f"0x{FIRST_OFFSET:x}"))  # fmt: skip
    for other in table.partitions:
        if part.offset < other.end and other.offset < part.end:
            raise EditRefused(
                _("{name} would lie on {other}.", name=part.name, other=other.name),
                next_step=_("Make {other} smaller or move it first.", other=other.name),
            )
    _check_end([part], flash_size)
    rows = list(table.partitions)
    place = sum(row.offset < part.offset for row in rows) if at is None else at
    rows.insert(place, part)
    return replace(table, partitions=tuple(rows))


# --- what a change means ---------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Segment:
    """A piece of the flash in a picture of it."""

    name: str
    kind: Literal["boot", "table", "app", "data", "files", "free"]
    offset: int
    size: int
    implicit: bool = False


def segments(table: Table, flash_size: int, firmware_version: str | None = None) -> tuple[Segment, ...]:
    """The whole flash in order, without gaps, as the firmware sees it. Partitions that overlap lose the overlap."""
    seen = with_implicit_vfs(table, flash_size, firmware_version)
    found = [Segment("", "boot", 0, TABLE_OFFSET), Segment("", "table", TABLE_OFFSET, TABLE_SIZE)]
    end = FIRST_OFFSET
    vfs = seen.vfs
    for part in sorted(seen.partitions, key=lambda row: row.offset):
        start, stop = max(part.offset, end), min(part.end, flash_size)
        if start >= stop:
            continue
        if start > end:
            found.append(Segment("", "free", end, start - end))
        kind: Literal["app", "files", "data"] = "app" if part.is_app else "files" if part is vfs else "data"
        found.append(Segment(part.name, kind, start, stop - start, part.implicit))
        end = stop
    if end < flash_size:
        found.append(Segment("", "free", end, flash_size - end))
    return tuple(found)


@dataclass(frozen=True)
class Change:
    """What happens to one partition when another table is written. ``loses``: what is in it cannot be used any more."""

    name: str
    kind: Literal["added", "removed", "moved", "resized", "kept"]
    loses: bool
    text: Text


def changes(before: Table, after: Table, flash_size: int, firmware_version: str | None = None) -> tuple[Change, ...]:
    """What writing ``after`` over ``before`` does, partition by partition, in the order of ``before``."""
    old = {part.name: part for part in with_implicit_vfs(before, flash_size, firmware_version).partitions}
    new = {part.name: part for part in with_implicit_vfs(after, flash_size, firmware_version).partitions}
    return tuple(_change(name, old.get(name), new.get(name)) for name in dict.fromkeys([*old, *new]))


def _change(name: str, old: Partition | None, new: Partition | None) -> Change:
    if old is None:
        return Change(name, "added", False, _("{name} is new, and empty.", name=name))
    if new is None:
        return Change(name, "removed", True, _("{name} is gone, and what was in it.", name=name))
    if old.offset != new.offset:
        return Change(name, "moved", True, _("{name} begins elsewhere: what was in it is lost.", name=name))
    if old.size != new.size:
        files = name in ("vfs", "ffat")
        text = (
            _("{name} has another size: its files are lost, MicroPython makes it anew.", name=name)
            if files
            else _("{name} has another size.", name=name)
        )
        return Change(name, "resized", files or new.size < old.size, text)
    return Change(name, "kept", False, _("{name} stays as it is.", name=name))
