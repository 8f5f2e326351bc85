"""Putting back what a backup holds, and writing tables and filesystems that were made on this computer."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ide.board.flash import fsimage, on_chip
from ide.board.flash.backup_manifest import BadBackup
from ide.board.flash.backup_place import Backup, open_backup, prove
from ide.board.flash.errors import FlashError, WrongChip
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.records import ChipFacts, Flashed
from ide.board.flash.table import TABLE_OFFSET, BadTable, Partition, Table, write_binary
from ide.board.flash.table_check import check
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
    ctx: JobContext, toolbox: Toolbox, port: str, place: Path, *, facts: ChipFacts | None = None, prove_it: bool = True
) -> Flashed:
    """Put a backup back: all of it is compared with its hashes first, then with the chip and its sizes.

    The whole flash goes to a flash of the same size, a partition to one of the same name and size; files go onto any
    board, into a filesystem of its size. ``prove_it`` False: MicroPython need not answer afterwards. Raises BadBackup,
    WrongBackup, WrongChip, FilesystemFull, and what :func:`ide.board.flash.write.write` does.
    """
    backup = open_backup(place)
    prove(ctx, backup)
    facts = on_chip.facts_of(ctx, toolbox, port, facts)
    if backup.manifest.kind != "files" and backup.manifest.chip != facts.chip:
        raise WrongChip(port, backup.manifest.chip, facts.chip)
    if backup.manifest.mac and facts.mac and backup.manifest.mac != facts.mac:
        ctx.note(_("This backup is of another board ({theirs}); this one is {ours}.", theirs=backup.manifest.mac,
                   ours=facts.mac))  # fmt: skip
    address, data = _target(ctx, toolbox, port, facts, backup)
    proves = prove_it and (backup.manifest.kind != "flash" or bool(backup.manifest.firmware))
    with ctx.step(_("put the backup {name} back", name=place.name)):
        return on_chip.write_pieces(ctx, toolbox, port, facts, [(address, data)], reconnect=proves)


def _target(ctx: JobContext, toolbox: Toolbox, port: str, facts: ChipFacts, backup: Backup) -> tuple[int, bytes]:
    """Where the backup goes on this board, and what. Raises WrongBackup."""
    manifest, name = backup.manifest, backup.place.name
    size = on_chip.flash_size_of(facts, port)
    if manifest.kind == "flash":
        if manifest.image_size != size:
            raise WrongBackup(
                name,
                _("It is of a flash of {theirs}, and this one has {ours}.", theirs=size_text(manifest.image_size),
                  ours=size_text(size)),
                _("Write firmware to this board, then put back the files of the other one."),
            )  # fmt: skip
        return 0, backup.image()
    table = on_chip.read_table(ctx, toolbox.host, port, facts)
    if manifest.kind == "files":
        return _files_target(ctx, on_chip.partition_of(table, "", size), backup)
    part = on_chip.partition_of(table, manifest.partition, size)
    if part.size != manifest.image_size:
        raise WrongBackup(
            name,
            _("{partition} had {theirs}, and on this board it has {ours}.", partition=part.name,
              theirs=size_text(manifest.image_size), ours=size_text(part.size)),
            _("Give the partition its old size first, or put back only the files."),
        )  # fmt: skip
    return part.offset, backup.image()


def _files_target(ctx: JobContext, vfs: Partition, backup: Backup) -> tuple[int, bytes]:
    """The image as it was, where it fits exactly; else its files in a new filesystem."""
    manifest = backup.manifest
    kind = fs_kind_for(vfs)
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
    facts: ChipFacts | None = None,
    reconnect: bool = True,
) -> Flashed:
    """Make the files of a folder the files of the board; all that were on it go. Keep a backup first."""
    facts = on_chip.facts_of(ctx, toolbox, port, facts)
    table = on_chip.read_table(ctx, toolbox.host, port, facts)
    vfs = on_chip.partition_of(table, "", on_chip.flash_size_of(facts, port))
    data = fsimage.build(ctx, folder, vfs.size, fs_kind_for(vfs))
    return on_chip.write_pieces(ctx, toolbox, port, facts, [(vfs.offset, data)], reconnect=reconnect)


def write_table(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    table: Table,
    *,
    facts: ChipFacts | None = None,
    reconnect: bool = True,
) -> Flashed:
    """Write a partition table alone. Raises BadTable when something is wrong with it.

    :func:`ide.board.flash.table_edit.changes` says what that does to what is in the flash.
    """
    facts = on_chip.facts_of(ctx, toolbox, port, facts)
    fatal = [complaint for complaint in check(table, on_chip.flash_size_of(facts, port)) if complaint.fatal]
    if fatal:
        raise BadTable(fatal[0].text)
    boot = chips()[facts.chip].flash_offset
    check_bootloader(table, on_chip.read_region(ctx, toolbox.host, port, facts.chip, boot, HEADER_BYTES))
    pieces = [(TABLE_OFFSET, write_binary(table))]
    return on_chip.write_pieces(ctx, toolbox, port, facts, pieces, reconnect=reconnect)
