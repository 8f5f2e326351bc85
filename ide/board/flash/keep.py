"""What a board has is kept before it is erased: the files in every filesystem of its flash, or else the whole flash."""

from __future__ import annotations

from pathlib import Path

from ide.board.flash import backup, follow, on_chip, security
from ide.board.flash.backup_place import Backup
from ide.board.flash.commands import Before
from ide.board.flash.on_chip import Chip, NoSuchPartition
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts
from ide.board.flash.table import VFS_LABELS, BadTable
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

#: Every firmware has its bootloader and its table in here, in bytes.
_BEGINNING = 0x10000


def keep_files(
    ctx: JobContext,
    toolbox: Toolbox,
    facts: BoardFacts,
    into: Path | None = None,
    before: Before = "default-reset",
    *,
    only: str | None = None,
) -> tuple[Backup, ...]:
    """Save the files of a board, a backup for each filesystem that is not empty: MicroPython's first, then those of
    other firmware. None where there is nothing to save, or nothing that can be read, which is told.

    Where no place for files is known (another firmware, a spoilt table), the whole flash is saved. ``only``: nothing
    but the partition of this name is to go (empty: MicroPython's place for files).
    """
    chip = chip_of(facts)
    if not security.can_be_read(chip.security):
        ctx.note(_("The files of the board cannot be kept: its flash cannot be read."))
        return ()
    with ctx.step(_("keep the files of the board")):
        with on_chip.opened(ctx, toolbox, facts.port, chip, before) as opened:
            kept = _of_files(opened, into, only)
            if kept is not None or only is not None or _is_blank(opened):
                return kept or ()
        ctx.note(_("No place for files is known on this board: the whole flash is kept instead. That takes a while."))
        there = follow.now(ctx, facts)
        return (backup.flash(ctx, toolbox, there.port, into=into, facts=chip, before=before),)


def keep_replaced(
    ctx: JobContext,
    toolbox: Toolbox,
    facts: BoardFacts,
    coming: Backup,
    into: Path | None = None,
    before: Before = "default-reset",
) -> tuple[Backup, ...]:
    """Save what a board has now where the backup ``coming`` is to go: its files, or the one partition.

    The board may be at another port afterwards: :func:`ide.board.flash.follow.now`.
    """
    kind, name = coming.manifest.kind, coming.manifest.partition
    if kind == "partition":
        chip = chip_of(facts)
        return (backup.partition(ctx, toolbox, facts.port, name, into=into, facts=chip, before=before),)
    only = "" if kind == "files" and name in VFS_LABELS else None
    return keep_files(ctx, toolbox, facts, into, before, only=only)


def _of_files(chip: Chip, into: Path | None, only: str | None) -> tuple[Backup, ...] | None:
    """What was kept; None where nobody knows a place for files, or only another firmware's."""
    try:
        table = chip.table()
        own = on_chip.partition_of(table, only or "", chip.flash_size)
    except (BadTable, NoSuchPartition):  # an empty flash, or another firmware's
        return None
    parts = [part for part in table.filesystems if part.end <= chip.flash_size] if only is None else [own]
    kept = []
    for part in parts:
        data = chip.read(part.offset, part.size)
        if data.strip(b"\xff"):
            kept.append(backup.files_of(chip.ctx, chip.toolbox, chip.facts, table, part, data, into=into))
        elif part == own and len(parts) > 1:
            return None
    return tuple(kept)


def _is_blank(chip: Chip) -> bool:
    """Whether nothing was ever written to it."""
    return not chip.read(0, _BEGINNING).strip(b"\xff")
