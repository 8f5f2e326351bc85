"""Putting back what a backup holds, and writing tables and filesystems that were made on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Unpack

from ide.board.flash import fsimage, on_chip
from ide.board.flash.backup_manifest import BadBackup
from ide.board.flash.backup_place import Backup, open_backup, prove
from ide.board.flash.errors import FlashError, WrongChip
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.on_chip import Chip, Reach, flash_size_of
from ide.board.flash.records import ChipFacts, Flashed
from ide.board.flash.table import TABLE_OFFSET, Partition, Table, write_binary
from ide.board.flash.table_check import refuse_bad
from ide.board.flash.table_image import HEADER_BYTES, check_bootloader
from toolchains.chips import chips
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox
from toolchains.units import size_text


class WrongBackup(FlashError):
    """The backup is sound, and it does not fit this board."""

    code = "flash.backup.wrong"

    def __init__(self, name: str, why: Text, next_step: Text) -> None:
        super().__init__(
            _("The backup {name} does not fit this board.", name=name), why=why, next_step=next_step, name=name
        )


def restore(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    place: Path,
    *,
    prove_it: bool = True,
    **reach: Unpack[Reach],
) -> Flashed:
    """Put a backup back: all of it is compared with its hashes first, then with the chip and its sizes.

    The whole flash goes to a flash of the same size, a partition to one of the same name and size; files go onto any
    board, into a filesystem of its size. ``prove_it`` False: MicroPython need not answer afterwards. Raises BadBackup,
    WrongBackup, WrongChip, FilesystemFull, and what :func:`ide.board.flash.write.write` does.
    """
    backup = open_backup(place)
    prove(ctx, backup)
    manifest = backup.manifest
    proves = prove_it and (manifest.kind != "flash" or bool(manifest.firmware))
    with (
        on_chip.opened(ctx, toolbox, port, **reach) as chip,
        ctx.step(_("put the backup {name} back", name=place.name)),
    ):
        ours = chip.facts
        check(port, backup, ours)
        if manifest.mac and ours.mac and manifest.mac != ours.mac:
            ctx.note(_("This backup is of another board ({theirs}); this one is {ours}.", theirs=manifest.mac,
                       ours=ours.mac))  # fmt: skip
        return chip.write([_target(chip, backup)], reconnect=proves)


def check(port: str, backup: Backup, facts: ChipFacts) -> None:
    """Raise WrongChip or WrongBackup for a backup that does not fit this chip, as far as that can be seen from here."""
    manifest = backup.manifest
    if manifest.kind != "files" and manifest.chip != facts.chip:
        raise WrongChip(port, manifest.chip, facts.chip)
    if manifest.kind == "flash" and manifest.image_size != flash_size_of(facts, port):
        raise WrongBackup(
            backup.place.name,
            _("It is of a flash of {theirs}, and this one has {ours}.", theirs=size_text(manifest.image_size),
              ours=size_text(flash_size_of(facts, port))),
            _("Write firmware to this board, then put back the files of the other one."),
        )  # fmt: skip


def _target(chip: Chip, backup: Backup) -> tuple[int, bytes]:
    """Where the backup goes on this board, and what. Raises WrongBackup."""
    manifest, name = backup.manifest, backup.place.name
    size = chip.flash_size
    if manifest.kind == "flash":
        return 0, backup.image()
    table = chip.table()
    if manifest.kind == "files":
        named = table.find(manifest.partition)  # another firmware's, where the board still has it
        foreign = named is not None and named in table.filesystems and named != table.vfs
        vfs = on_chip.partition_of(table, manifest.partition if foreign else "", size)
        kind = "fat" if foreign and manifest.filesystem == "fat" else fs_kind_for(vfs)
        return _files_target(chip.ctx, vfs, kind, backup)
    part = on_chip.partition_of(table, manifest.partition, size)
    if part.size != manifest.image_size:
        raise WrongBackup(
            name,
            _("{partition} had {theirs}, and on this board it has {ours}.", partition=part.name,
              theirs=size_text(manifest.image_size), ours=size_text(part.size)),
            _("Give the partition its old size first, or put back only the files."),
        )  # fmt: skip
    return part.offset, backup.image()


def _files_target(ctx: JobContext, vfs: Partition, kind: FsKind, backup: Backup) -> tuple[int, bytes]:
    """The image as it was, where it fits exactly; else its files in a new filesystem."""
    manifest = backup.manifest
    same_kind = manifest.filesystem in (kind, "empty")
    if manifest.image_size == vfs.size and (same_kind or not manifest.whole):
        return vfs.offset, backup.image()
    if manifest.broken or not manifest.whole:
        raise WrongBackup(
            backup.place.name,
            _("Not all of its files could be read, so they only fit a filesystem of {size}.",
              size=size_text(manifest.image_size)),
            _("Copy the files in it by hand."),
        )  # fmt: skip
    return vfs.offset, fsimage.build_of(ctx, _rows(backup), vfs.size, kind)


def _rows(backup: Backup) -> Sequence[BoardFile]:
    rows = []
    for kept in backup.manifest.files:
        member = backup.manifest.member(kept.member)
        data = backup.read(member) if member is not None else b""
        rows.append(BoardFile(kept.path, kept.folder, len(data), None if kept.folder else data))
    if len({row.path for row in rows}) != len(rows):
        raise BadBackup(backup.place.name, _("It has a file twice."))
    return rows


def fs_kind_for(vfs: Partition) -> FsKind:
    """The filesystem that MicroPython has on a partition: FAT on ``ffat``, littlefs on ``vfs``."""
    return "fat" if vfs.name == "ffat" else "littlefs"


def write_folder(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    folder: Path,
    *,
    reconnect: bool = True,
    **reach: Unpack[Reach],
) -> Flashed:
    """Make the files of a folder the files of the board; all that were on it go. Keep a backup first."""
    with on_chip.opened(ctx, toolbox, port, **reach) as chip:
        vfs = on_chip.partition_of(chip.table(), "", chip.flash_size)
        data = fsimage.build(ctx, folder, vfs.size, fs_kind_for(vfs))
        return chip.write([(vfs.offset, data)], reconnect=reconnect)


def write_table(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    table: Table,
    *,
    reconnect: bool = True,
    **reach: Unpack[Reach],
) -> Flashed:
    """Write a partition table alone. Raises BadTable when something is wrong with it.

    :func:`ide.board.flash.table_edit.changes` says what that does to what is in the flash.
    """
    with on_chip.opened(ctx, toolbox, port, **reach) as chip:
        refuse_bad(table, chip.flash_size)
        check_bootloader(table, chip.read(chips()[chip.facts.chip].flash_offset, HEADER_BYTES))
        return chip.write([(TABLE_OFFSET, write_binary(table))], reconnect=reconnect)
