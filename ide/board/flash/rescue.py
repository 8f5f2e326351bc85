"""One button for a board that loops, sleeps or restarts in boot.py or main.py: three steps, the gentlest first.

1. Reset it and interrupt it, again and again, with a countdown. Changes nothing.
2. Read its filesystem, rename main.py (and boot.py, if there is code in it) inside, write back the blocks that changed.
3. Only when somebody allows it: erase the filesystem. A backup of it was kept before.

No file is lost in the first two. Each step says what it changes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Literal

from ide.board import simulator
from ide.board.flash import backup, coach, follow, fsimage, interrupting, on_chip, reconnect, security
from ide.board.flash.backup_place import Backup, backups, folder_of
from ide.board.flash.commands import Before
from ide.board.flash.errors import DidNotStart, FlashError, FlashStopped, NotInDownloadMode
from ide.board.flash.fsimage import BLOCK, BadFsRequest, FilesystemDamaged
from ide.board.flash.on_chip import Chip, NoSuchPartition
from ide.board.flash.rescue_plan import NothingStarts, planned, unfinished
from ide.board.flash.table import BadTable, Partition, Table
from ide.board.flash.usb import Track
from ide.board.inspect import Identity
from toolchains.jobs import JobContext, Note
from toolchains.text import Text, _, _n
from toolchains.toolbox import Toolbox

COUNTDOWN_S = 20.0
#: How long somebody has to press RESET at the end.
HAND_S = 60.0
#: What each step changes on the board.
CHANGES = {
    1: _("Nothing is changed on the board."),
    2: _("main.py is called main.py.off afterwards; no file is lost."),
    3: _("All files on the board are lost there; a backup of them is on this computer."),
}


@dataclass(frozen=True)
class RescueStep:
    """An event: step ``number`` (1 to 3) has begun, waits (``left`` seconds), helped or did not.

    ``text`` says what happens, ``changes`` what that changes on the board. A person is waited for where ``text`` of a
    waiting step says what to press.
    """

    number: int
    state: Literal["begun", "waiting", "helped", "failed"]
    text: Text
    changes: Text
    left: float | None = None


@dataclass(frozen=True)
class Rescued:
    """The board answers again, at ``port``. ``step`` is the one that helped, ``renamed`` pairs of its paths."""

    step: int
    port: str
    running: Identity | None
    renamed: tuple[tuple[str, str], ...] = ()
    backup: Backup | None = None


class NotRescued(FlashError):
    """No step helped that was allowed. ``backup`` was kept, if it came so far; ``may_erase``: step 3 is left."""

    code = "flash.rescue"

    def __init__(self, why: Text, next_step: Text, kept: Backup | None, *, may_erase: bool) -> None:
        super().__init__(_("The board could not be rescued."), why=why, next_step=next_step, may_erase=may_erase)
        self.backup = kept
        self.may_erase = may_erase


OnStep = Callable[[RescueStep], None]
#: Helps a person to bring the chip to download mode (the coach); the port that it is at then.
WaitForDownload = Callable[[JobContext, str], str]


def rescue(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    on_step: OnStep,
    allow_erase: bool = False,
    *,
    wait_for_download: WaitForDownload | None = None,
    seconds: float = COUNTDOWN_S,
    patience: float = reconnect.PATIENCE_S,
    hand_s: float = HAND_S,
) -> Rescued:
    """Make the board at ``port`` answer again. ``seconds``: of the first step; 0 leaves it out.
    ``patience``: seconds that MicroPython has after the others; ``hand_s`` more where a hand must press RESET for it.

    Raises NotRescued; NotInDownloadMode when the chip must be brought there by hand and nobody waits for it;
    FlashStopped, which says what a cancel left.
    """
    with simulator.held_port(ctx, toolbox, port) as address:
        done = _Rescue(ctx, toolbox, address, on_step, wait_for_download, patience, hand_s).run(seconds, allow_erase)
    return replace(done, port=port) if address != port else done


@dataclass
class _Rescue:
    ctx: JobContext
    toolbox: Toolbox
    port: str
    on_step: OnStep
    wait_for_download: WaitForDownload | None
    patience: float
    hand_s: float
    by_hand: bool = False
    kept: Backup | None = None
    chip: Chip | None = None
    vfs: Partition | None = None
    why: Text = field(default_factory=lambda: _("It did not come to its prompt."))

    def run(self, seconds: float, allow_erase: bool) -> Rescued:
        found = self._interrupt(seconds) if seconds > 0 else None
        found = found or self._rename()
        if found is None and allow_erase and self.vfs is not None:
            found = self._erase(self.vfs)
        if found is not None:
            return found
        raise self._not_rescued(may_erase=self.vfs is not None and not allow_erase)

    def _not_rescued(self, *, may_erase: bool) -> NotRescued:
        if may_erase:
            step = _("Allow its filesystem to be erased; a backup of it is kept.")
        else:
            step = _("Write the firmware anew; a backup keeps what can be kept.")
        return NotRescued(self.why, step, self.kept, may_erase=may_erase)

    # 1

    def _interrupt(self, seconds: float) -> Rescued | None:
        changes = CHANGES[1]
        text = _("Reset the board and interrupt its program, again and again.")
        by_hand = _("Press the reset button of the board now, several times; its program is interrupted meanwhile.")
        self.on_step(RescueStep(1, "begun", text, changes, seconds))

        def tell(left: float, can_reset: bool) -> None:
            self.on_step(RescueStep(1, "waiting", text if can_reset else by_hand, changes, left))

        track = Track.at(self.port)
        with self.ctx.step(text):
            caught = interrupting.catch(self.ctx, self.port, seconds, tell)
        if caught is None:
            self.port = follow.glance(track) or self.port
            self.on_step(RescueStep(1, "failed", _("It did not come to its prompt."), changes))
            return None
        self.on_step(
            RescueStep(1, "helped", _("It is at its prompt. Its program starts again at the next reset."), changes)
        )
        return Rescued(1, caught.port, caught.running)

    # 2

    def _rename(self) -> Rescued | None:
        text = _("Rename main.py inside the filesystem, so that it does not start by itself.")
        changes = CHANGES[2]
        self.on_step(RescueStep(2, "begun", text, changes))
        try:
            with self.ctx.step(text):
                pairs, running = self._renamed()
        except (BadTable, NoSuchPartition, FilesystemDamaged, BadFsRequest, DidNotStart, NothingStarts) as error:
            self.why = error.what
            self.on_step(RescueStep(2, "failed", error.what, changes))
            return None
        names = ", ".join(new for _old, new in pairs)
        done = _("It answers again. What started by itself is kept as {names}.", names=names)
        self.on_step(RescueStep(2, "helped", done, changes))
        return Rescued(2, self.port, running, pairs, self.kept)

    def _renamed(self) -> tuple[tuple[tuple[str, str], ...], Identity | None]:
        chip, table, vfs, data = self._read_files()
        plan = unfinished(self.ctx, backups(folder_of(self.toolbox.paths)), chip.facts, vfs, data)
        if plan is None:
            self.kept = backup.files_of(self.ctx, self.toolbox, chip.facts, table, vfs, data)
            plan = planned(self.ctx, self.kept, data)
        elif plan.before != data:
            self.ctx.note(_("A rescue of this board was not finished: it goes on from the backup {place}.",
                            place=plan.kept.place))  # fmt: skip
        self.kept = plan.kept
        blocks = plan.blocks(data)
        self.ctx.note(_n("{n} block of 4 kB is written.", "{n} blocks of 4 kB are written.", len(blocks)))
        pieces = [
            (vfs.offset + first * BLOCK, plan.after[first * BLOCK : (first + count) * BLOCK])
            for first, count in fsimage.runs_of(blocks)
        ]
        running = self._write(chip, pieces, plan.kept)
        return plan.pairs, running

    def _write(self, chip: Chip, pieces: list[tuple[int, bytes]], kept: Backup) -> Identity | None:
        track = Track.at(self.port)
        try:
            done = chip.write(pieces, patience=self.patience, reconnect=not self.by_hand)
        except DidNotStart:
            raise
        except (FlashError, FlashStopped):  # a block of the filesystem may be half written
            self.ctx.sink(Note(_("The files of the board are kept in {place}. Rescue it once more, and that goes on "
                                 "from there; or put the backup back.", place=kept.place)))  # fmt: skip
            raise
        self.port = done.port
        return self._started(2, track) if self.by_hand else done.running

    def _started(self, number: int, track: Track) -> Identity:
        """MicroPython answers; who brought the chip to its loader by hand has to start it again. Raises DidNotStart."""
        assert self.chip is not None
        facts, patience = self.chip.facts, self.patience
        if self.by_hand:
            patience += self.hand_s
            self.on_step(RescueStep(number, "waiting", coach.step("only-reset").text, CHANGES[number]))
        running, self.port = reconnect.prove(
            self.ctx, self.toolbox.host, track, facts.chip, facts.mac, patience=patience
        )
        return running

    def _read_files(self) -> tuple[Chip, Table, Partition, bytes]:
        chip = self.chip = self._reach()
        security.check(self.port, chip.facts.security)
        chip.check_readable()
        table = chip.table()
        vfs = self.vfs = on_chip.partition_of(table, "", chip.flash_size)
        return chip, table, vfs, chip.read(vfs.offset, vfs.size)

    def _reach(self) -> Chip:
        try:
            return self._opened("default-reset")
        except NotInDownloadMode:
            if self.wait_for_download is None:
                raise
            self.port = self.wait_for_download(self.ctx, self.port)
            self.by_hand = True
            return self._opened("no-reset")

    def _opened(self, before: Before) -> Chip:
        with on_chip.opened(self.ctx, self.toolbox, self.port, before=before) as chip:
            return chip  # at an address that is held as long as all of this

    # 3

    def _erase(self, vfs: Partition) -> Rescued | None:
        if self.kept is None or self.chip is None:  # nothing is erased that was not kept
            return None
        text = _("Erase the filesystem of the board.")
        self.on_step(RescueStep(3, "begun", text, CHANGES[3]))
        try:
            with self.ctx.step(text):
                chip = self.chip = self._reach() if self.by_hand else self._at_port(self.chip)
                track = Track.at(self.port)
                chip.erase((vfs.offset, vfs.size))
                running = self._started(3, track)
        except DidNotStart as error:
            self.why = error.what
            self.on_step(RescueStep(3, "failed", error.what, CHANGES[3]))
            return None
        self.on_step(RescueStep(3, "helped", _("It answers again, with an empty filesystem."), CHANGES[3]))
        return Rescued(3, self.port, running, (), self.kept)

    def _at_port(self, chip: Chip) -> Chip:
        return replace(chip, address=self.port, track=Track.at(self.port))
