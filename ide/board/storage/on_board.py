"""A board's flash as its firmware sees it: partitions, which app runs and which boots next, and mounted filesystems.

Asked of MicroPython (``esp32.Partition``, ``vfs.mount()``, ``os.statvfs``), so the board need not leave it. The table
itself is read out of the flash by the firmware, since only there it is seen which partitions the firmware made by
itself.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from ide.board.errors import BoardGarbled
from ide.board.flash.table import APP, DATA, BadTable, Partition, Table, is_label, read_binary, with_implicit_vfs
from ide.board.flash.table_csv import write_csv
from ide.board.link import Board
from ide.board.mount import board_source
from toolchains.jobs import JobContext

SCHEMA = 1
_ANSWERS = 6
_MOST = 96
_LARGEST = 1 << 32
#: What MicroPython's classes are called, and what people call them.
_KINDS = {"VfsLfs2": "littlefs", "VfsLfs1": "littlefs1", "VfsFat": "fat", "VfsRom": "rom", "VfsPosix": "posix"}
_ROMFS = "romfs"


@dataclass(frozen=True)
class Part:
    """A partition, in bytes. ``used``: what is known to be used of it (the firmware, files); None: unknown."""

    partition: Partition
    running: bool = False
    boots_next: bool = False
    used: int | None = None


@dataclass(frozen=True)
class Mount:
    """A mounted filesystem. ``path``: where; ``kind``: ``littlefs``, ``fat``, ``rom``, ``posix``, or the class's name.

    ``partition``: the label of the partition that it is on, empty if unknown. ``block``: bytes of a block; None where
    the filesystem does not tell. ``kind`` is empty where the firmware does not tell.
    """

    path: str
    kind: str
    partition: str
    block: int | None
    blocks: int | None
    free_blocks: int | None
    read_only: bool = False

    @property
    def total(self) -> int | None:
        """Its size in bytes."""
        return None if self.block is None or self.blocks is None else self.block * self.blocks

    @property
    def free(self) -> int | None:
        """Its free bytes."""
        return None if self.block is None or self.free_blocks is None else self.block * self.free_blocks

    @property
    def used(self) -> int | None:
        """Its used bytes, whole blocks."""
        return None if self.total is None or self.free is None else self.total - self.free


@dataclass(frozen=True)
class Storage:
    """What the firmware says of the flash. ``parts`` in the order of their addresses; empty on other boards than ESP32.

    ``flash_size``: what the firmware takes the chip's flash for (``esp.flash_size()``; from MicroPython 1.26 on what
    the flash itself says, before that what the firmware was made for); None where unknown. ``written``: the table in
    the flash, None where it could not be read; ``parts`` are then what the firmware uses of it. ``version`` is
    MicroPython's, ``chip`` one of chips.json or None.
    """

    parts: tuple[Part, ...]
    mounts: tuple[Mount, ...]
    flash_size: int | None
    version: str
    chip: str | None
    written: Table | None = None

    @property
    def table(self) -> Table:
        """The partitions alone, as the flasher's rooms take them."""
        return Table(tuple(part.partition for part in self.parts))

    @property
    def vfs(self) -> Partition | None:
        """Where the board's own files are."""
        return self.table.vfs

    def mount_of(self, partition: Partition) -> Mount | None:
        """The filesystem that is mounted from a partition."""
        return next((mount for mount in self.mounts if mount.partition == partition.name), None)

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": SCHEMA,
            "version": self.version,
            "chip": self.chip,
            "flash_size": self.flash_size,
            "partitions": [_part_record(part) for part in self.parts],
            "mounts": [mount_record(mount) for mount in self.mounts],
        }


def _part_record(part: Part) -> dict[str, object]:
    row = part.partition
    return {
        "label": row.name,
        "type": row.type_text,
        "subtype": row.subtype_text,
        "offset": row.offset,
        "size": row.size,
        "used": part.used,
        "running": part.running,
        "boots_next": part.boots_next,
        "encrypted": row.encrypted,
        "readonly": row.readonly,
        "implicit": row.implicit,
    }


def mount_record(mount: Mount) -> dict[str, object]:
    """A filesystem for the CLI's ``--json``."""
    return {
        "path": mount.path,
        "kind": mount.kind,
        "partition": mount.partition,
        "block": mount.block,
        "blocks": mount.blocks,
        "free_blocks": mount.free_blocks,
        "total": mount.total,
        "free": mount.free,
        "read_only": mount.read_only,
    }


def look(ctx: JobContext, board: Board) -> Storage:
    """Ask ``board``, in one round trip after who it is. Raises the errors of :meth:`ide.board.link.Board.exec`."""
    identity = board.identity(ctx)
    answer = board.ask(ctx, "_storage()", board_source(("storage",)), isolated=True)
    return storage_from(answer, identity.version, identity.chip)


def storage_from(answer: object, version: str, chip: str | None) -> Storage:
    """The record from the board's answer. Raises BoardGarbled if it is not one."""
    if not isinstance(answer, tuple) or len(answer) != _ANSWERS:
        raise BoardGarbled(repr(answer))
    raw, rows, running, boot, flash_size, mounts = answer
    found = tuple(_parts(rows, running, boot))
    size = flash_size if _is_size(flash_size) else None
    written = _written(raw) if found else None
    named = tuple(_mounts(mounts, [part.partition for part in found]))
    used = {mount.partition: mount.used for mount in named if mount.partition}
    if written is not None:
        found = tuple(_merged(found, written, size))
    elif found and size is not None:  # which one the firmware made cannot be seen, only guessed
        found = tuple(_guessed(found, size, version))
    parts = (replace(part, used=used.get(part.partition.name, part.used)) for part in found)
    ordered = tuple(sorted(parts, key=lambda part: part.partition.offset))
    return Storage(ordered, named, size, version, chip, written)


def csv(storage: Storage) -> str:
    """The partition table as text, for ``gen_esp32part.py`` and our flasher; what is not in the table is a comment."""
    return write_csv(storage.table)


def _is_size(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < _LARGEST


def _parts(rows: object, running: object, boot: object) -> Iterator[Part]:
    """Of ``(type, subtype, address, size, label, encrypted, size of the firmware)``; what is no row is left out."""
    for row in rows[:_MOST] if isinstance(rows, list) else ():
        if not isinstance(row, tuple) or len(row) != 7 or not all(_is_size(number) for number in row[:4]):
            continue
        type_of, subtype, offset, size, label, encrypted, app = row
        if isinstance(label, str) and is_label(label):
            partition = Partition(label, type_of, subtype, offset, size, bool(encrypted))
            is_app = type_of == APP
            used = app if is_app and _is_size(app) and app <= size else None
            yield Part(partition, is_app and offset == running, is_app and offset == boot, used)


def _written(raw: object) -> Table | None:
    """The table from its bytes, whose empty end was left out; None where there is none, or a broken one."""
    if not isinstance(raw, bytes) or not raw:
        return None
    try:
        return read_binary(raw.ljust(0xC00, b"\xff"))
    except BadTable:
        return None


def _merged(found: tuple[Part, ...], written: Table, flash_size: int | None) -> Iterator[Part]:
    """The rows of the table with their flags, and what the firmware has besides: it made that by itself.

    Older firmware finds apps and data only; of other types the table alone tells. What ends behind the flash is left
    out, as the firmware does it.
    """
    rows = {_place(row): row for row in written.partitions}
    for part in found:
        same = rows.pop(_place(part.partition), None)
        yield replace(part, partition=same if same is not None else replace(part.partition, implicit=True))
    for row in rows.values():
        if row.type not in (APP, DATA) and (flash_size is None or row.end <= flash_size):
            yield Part(row)


def _place(row: Partition) -> tuple[int, ...]:
    return row.type, row.subtype, row.offset, row.size


def _guessed(found: tuple[Part, ...], flash_size: int, version: str) -> Iterator[Part]:
    """The partition for files is taken for one that the firmware made if it would have made just that."""
    table = Table(tuple(part.partition for part in found))
    vfs = table.vfs
    rest = replace(table, partitions=tuple(row for row in table.partitions if row != vfs))
    made = with_implicit_vfs(rest, flash_size, version).vfs if vfs is not None else None
    implicit = made is not None and vfs == replace(made, implicit=False)
    for part in found:
        yield replace(part, partition=made) if implicit and part.partition == vfs and made is not None else part


def _mounts(rows: object, partitions: list[Partition]) -> Iterator[Mount]:
    """Of ``(path, class, statvfs)``."""
    for row in rows[:_MOST] if isinstance(rows, list) else ():
        if not isinstance(row, tuple) or len(row) != 3 or not isinstance(row[0], str):
            continue
        path, named, space = row
        kind = _kind(named)
        block, blocks, free = _space(space)
        if blocks is None and not kind:  # a folder of a root that only holds mounted ones, or a file
            continue
        bytes_of = block * blocks if block is not None and blocks is not None else None
        label = _partition_of(path, kind, bytes_of, partitions)
        yield Mount(path, kind, label, block, blocks, free, read_only=kind == "rom")


def _kind(named: object) -> str:
    """``<class 'VfsLfs2'>`` as ``littlefs``."""
    name = str(named).removeprefix("<class '").removesuffix("'>") if isinstance(named, str) else ""
    return _KINDS.get(name, name if is_label(name) else "")


def _space(space: object) -> tuple[int | None, int | None, int | None]:
    """Bytes of a block, blocks, and free blocks, of what ``os.statvfs`` gave."""
    if not isinstance(space, tuple) or len(space) < 5:
        return None, None, None
    if not all(isinstance(number, int) for number in space[:5]) or not (space[1] or space[0]) > 0 <= space[2]:
        return None, None, None
    # littlefs says less than nothing while a large file is open (micropython#8364).
    return space[1] or space[0], space[2], min(max(0, space[4]), space[2])


def _partition_of(path: str, kind: str, n_bytes: int | None, partitions: list[Partition]) -> str:
    """Which partition a filesystem is on. The firmware does not tell; its root is on the one for files."""
    table = Table(tuple(partitions))
    wanted = table.vfs if path == "/" else table.find(_ROMFS) if kind == "rom" else None
    if wanted is not None:
        return wanted.name if n_bytes is None or n_bytes <= wanted.size else ""
    same = [row for row in partitions if row.size == n_bytes and not row.is_app and row != table.vfs]
    return same[0].name if len(same) == 1 else ""
