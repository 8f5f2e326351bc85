"""What is wrong with a partition table, in sentences: for the editor before it is written, and for hostile ones."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

from ide.board.flash.table import (
    DATA,
    FIRST_OFFSET,
    SECTOR,
    BadTable,
    Partition,
    Table,
    alignment_of,
    is_label,
    subtypes_of,
    with_implicit_vfs,
)
from toolchains.text import Text, _
from toolchains.units import size_text

_OTADATA_SIZE = 0x2000
_NVS_LEAST = 0x3000
#: littlefs needs two blocks for its root folder; less than this is of no use to anybody.
_VFS_LEAST = 0x10000


@dataclass(frozen=True)
class Complaint:
    """One thing that is wrong. ``fatal``: such a table is not written. ``partition`` is its label, empty for all."""

    text: Text
    fatal: bool
    partition: str = ""


def check(table: Table, flash_size: int, app_size: int | None = None) -> list[Complaint]:
    """Everything that is wrong with ``table`` on a flash of ``flash_size`` bytes, the worst first.

    ``app_size``: the firmware that shall run from it, without bootloader and table.
    """
    found: list[Complaint] = []
    for part in table.partitions:
        found += _of_one(part, flash_size)
    found += _names(table)
    found += overlaps(table)
    found += _apps(table, app_size)
    found += _ota(table)
    found += _files(table, flash_size)
    return sorted(found, key=lambda complaint: not complaint.fatal)


def refuse_bad(table: Table, flash_size: int, app_size: int | None = None) -> None:
    """Raise BadTable with the worst thing that is wrong with a table, unless all of it may be written."""
    fatal = next((complaint for complaint in check(table, flash_size, app_size) if complaint.fatal), None)
    if fatal is not None:
        raise BadTable(fatal.text)


def _of_one(part: Partition, flash_size: int) -> Iterator[Complaint]:
    def bad(text: Text) -> Complaint:
        return Complaint(text, True, part.name)

    name, align = part.name, alignment_of(part.type)
    if not is_label(name):
        yield bad(_("A partition needs a name of 1 to 16 letters: {name}.", name=repr(name)))
    if part.size <= 0:
        yield bad(_("{name} has no size.", name=name))
    if part.size % SECTOR:
        yield bad(_("The size of {name} must be a multiple of 4 kB.", name=name))
    if part.offset % align:
        yield bad(_("{name} must begin at a multiple of {size}.", name=name, size=size_text(align)))
    if part.offset < FIRST_OFFSET and part.type in (0, DATA):
        yield bad(_("{name} lies on the bootloader or on the table itself: it must begin at {first} or later.",
                    name=name, first=f"0x{FIRST_OFFSET:x}"))  # fmt: skip
    if part.end > flash_size:
        yield bad(_("{name} ends at {end}, and the flash has {size}.", name=name, end=size_text(part.end),
                    size=size_text(flash_size)))  # fmt: skip
    data = subtypes_of(DATA)
    if part.type == DATA and part.subtype == data["ota"] and part.size != _OTADATA_SIZE:
        yield bad(_("{name} (which firmware is next) must have 8 kB.", name=name))
    if part.type == DATA and part.subtype == data["nvs"] and part.size < _NVS_LEAST and not part.readonly:
        yield bad(_("{name} (settings) needs at least 12 kB.", name=name))


def _names(table: Table) -> Iterator[Complaint]:
    for name, count in Counter(part.name for part in table.partitions).items():
        if count > 1:
            yield Complaint(_("{count} partitions are called {name}.", count=count, name=name), True, name)


def overlaps(table: Table) -> Iterator[Complaint]:
    """Partitions that want the same bytes."""
    rows = sorted(table.partitions, key=lambda part: (part.offset, part.end))
    for before, after in pairwise(rows):
        if after.offset < before.end:
            text = _(
                "{first} and {second} overlap: {first} ends at {end}, and {second} begins at {start}.",
                first=before.name,
                second=after.name,
                end=f"0x{before.end:x}",
                start=f"0x{after.offset:x}",
            )
            yield Complaint(text, True, after.name)


def _apps(table: Table, app_size: int | None) -> Iterator[Complaint]:
    if not table.apps:
        yield Complaint(_("There is no partition for firmware (type app)."), True)
        return
    for part in table.apps:
        if app_size is not None and part.size < app_size:
            text = _("The firmware has {needed}, and {name} has room for {size}.", needed=size_text(app_size),
                     name=part.name, size=size_text(part.size))  # fmt: skip
            yield Complaint(text, True, part.name)


def _ota(table: Table) -> Iterator[Complaint]:
    ota = [part for part in table.apps if 0x10 <= part.subtype < 0x20]
    data = [part for part in table.partitions if part.type == DATA and part.subtype == subtypes_of(DATA)["ota"]]
    if len(data) > 1:
        yield Complaint(_("There are two partitions of the type data, ota; there must be one."), True, data[1].name)
    if ota and not data:
        yield Complaint(_("Firmware that updates itself (ota_0, ota_1) needs a partition of the type data, ota."), True)
    numbers = sorted(part.subtype - 0x10 for part in ota)
    if numbers and numbers != list(range(len(numbers))):
        yield Complaint(_("The partitions for updates must be numbered ota_0, ota_1 and so on, each once."), True)
    if len(ota) == 1 and not any(part.subtype == 0 for part in table.apps):
        yield Complaint(_("One partition for updates is not enough: while it is written, nothing could run."), False)


def _files(table: Table, flash_size: int) -> Iterator[Complaint]:
    vfs = with_implicit_vfs(table, flash_size).vfs
    if vfs is None:
        yield Complaint(_("There is no room for files: no partition vfs or ffat, and nothing left at the end."), False)
    elif vfs.size < _VFS_LEAST:
        yield Complaint(_("Only {size} are left for files.", size=size_text(vfs.size)), False, vfs.name)
