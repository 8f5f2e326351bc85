"""What a rescue changes in the filesystem of a board: the names of what starts by itself, and which blocks that is.

It is worked out from a backup. So a rescue whose cable was pulled while it wrote is gone on with: where the flash is as
the backup but for blocks that were being written, what they were to become is known.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ide.board.flash import fsimage
from ide.board.flash.backup_manifest import BadBackup
from ide.board.flash.backup_place import Backup
from ide.board.flash.errors import FlashError
from ide.board.flash.fsimage import BLOCK, BadFsRequest, BoardFile, FilesystemDamaged, Unpacked
from ide.board.flash.records import ChipFacts
from ide.board.flash.table import Partition
from toolchains.jobs import JobContext
from toolchains.text import _

#: What MicroPython runs by itself, in this order.
_BY_ITSELF = ("boot.py", "main.py")
_OFF = ".off"
#: A rename touches one block or two; where more differ, somebody has used the board since.
_MOST_BLOCKS = 8


class NothingStarts(FlashError):
    """There is nothing on the board that starts by itself."""

    def __init__(self) -> None:
        super().__init__(_("There is no boot.py or main.py with code on the board: something else holds it up."))


def _to_rename(found: Unpacked) -> tuple[tuple[str, str], ...]:
    """What to rename: main.py, and a boot.py that does something (MicroPython's own is a comment)."""
    taken = {file.path.lower() for file in found.files} | {path.lower() for path in found.broken}
    unread = [BoardFile(path, False, 0) for path in found.broken]
    pairs = []
    for file in (*found.files, *unread):
        name = file.path.lower().removeprefix("/")
        if file.folder or name not in _BY_ITSELF or (name == "boot.py" and not _does_something(file)):
            continue
        new = next(new for new in _off_names(file.path) if new.lower() not in taken)
        taken.add(new.lower())
        pairs.append((file.path, new))
    return tuple(pairs)


def _off_names(path: str) -> list[str]:
    return [path + _OFF, *(f"{path}{_OFF}{number}" for number in range(2, 1000))]


def _does_something(file: BoardFile) -> bool:
    """Whether there is more in it than comments; of one that cannot be read nobody knows."""
    if file.data is None:
        return True
    return any(line.strip() and not line.strip().startswith(b"#") for line in file.data.splitlines())


@dataclass(frozen=True)
class Plan:
    """``pairs`` of paths, old and new; the whole filesystem as it was (that is in ``kept``), and as it becomes."""

    kept: Backup
    pairs: tuple[tuple[str, str], ...]
    before: bytes
    after: bytes

    def blocks(self, now: bytes) -> tuple[int, ...]:
        """The blocks to write when the flash holds ``now``: at least those that the plan changes."""
        return tuple(
            sorted({*fsimage.changed_blocks(self.before, self.after), *fsimage.changed_blocks(now, self.after)})
        )


def planned(ctx: JobContext, kept: Backup, image: bytes) -> Plan:
    """The plan for a filesystem that was read. Raises NothingStarts, FilesystemDamaged, BadFsRequest."""
    pairs = _to_rename(fsimage.read(ctx, image))
    if not pairs:
        raise NothingStarts
    after, _blocks = fsimage.rename(ctx, image, *pairs)
    return Plan(kept, pairs, image, after)


def unfinished(ctx: JobContext, kept: Iterable[Backup], facts: ChipFacts, vfs: Partition, now: bytes) -> Plan | None:
    """The plan of the last rescue of this board, where it did not come to its end: ``now`` is its backup, but for
    blocks that were erased or written in part. None where anybody has written to the board since."""
    last = next((one for one in kept if _is_of(one, facts, vfs)), None)
    if last is None:
        return None
    try:
        before = last.image()
        if len(fsimage.changed_blocks(before, now)) > _MOST_BLOCKS:
            return None
        plan = planned(ctx, last, before)
    except (BadBackup, FilesystemDamaged, BadFsRequest, NothingStarts):
        return None
    return plan if _is_between(plan, now) else None


def _is_of(kept: Backup, facts: ChipFacts, vfs: Partition) -> bool:
    manifest = kept.manifest
    same_chip = bool(facts.mac) and (manifest.chip, manifest.mac) == (facts.chip, facts.mac)
    place = (manifest.address, manifest.image_size)
    return same_chip and manifest.kind == "files" and place == (vfs.offset, vfs.size)


def _is_between(plan: Plan, now: bytes) -> bool:
    """Whether each block is as before, or on its way to what it becomes: flash is erased to ones, then bits are
    cleared, so one that is half written has no zero that it is not to have."""
    changes = fsimage.changed_blocks(plan.before, plan.after)
    for number in fsimage.changed_blocks(plan.before, now):
        place = slice(number * BLOCK, (number + 1) * BLOCK)
        wanted = int.from_bytes(plan.after[place])
        if number not in changes or int.from_bytes(now[place]) & wanted != wanted:
            return False
    return True
