"""Many boards at once: each in a thread with an esptool of its own, and none that fails stops another.

What happens is told row by row; a row is a record, so that it may be shown, kept and printed (:mod:`.sheet`).
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.flash import by_hand, coach, follow, security, smoke
from ide.board.flash.backup_place import Backup
from ide.board.flash.coach import Lesson, Seen
from ide.board.flash.commands import Before
from ide.board.flash.detect import detect
from ide.board.flash.errors import FlashError, NotInDownloadMode
from ide.board.flash.labels import Labels
from ide.board.flash.picks import Pick, Picker, chip_of, job_of
from ide.board.flash.records import BoardFacts, Flashed, FlashJob
from ide.board.flash.smoke import Check
from ide.board.pipeline import RunRequest, build_put_run
from ide.board.pipeline import Stage as BuildStage
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, Progress, StepStarted
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

Stage = Literal[
    "waiting", "detecting", "help", "choosing", "writing", "deploying", "testing", "done", "failed", "stopped"
]
#: A row in one of these changes no more.
ENDED: frozenset[Stage] = frozenset({"done", "failed", "stopped"})

_LOOK_S = 0.1
_NATIVE = ("usb-serial-jtag", "usb-otg")


class SameBoard(FlashError):
    """Both sockets of one board are plugged in, and it would be written twice at once."""

    code = "flash.same"

    def __init__(self, port: str, other: str) -> None:
        super().__init__(
            _("{port} and {other} are two sockets of the same board.", port=port, other=other),
            next_step=_("It is done through {other}. One cable is enough.", other=other),
            port=port,
            other=other,
        )


Deploy = Callable[[JobContext, Boards, str], object]
#: Saves the files of a board before all is erased; the last is how its chip is reached.
Keep = Callable[[JobContext, Toolbox, BoardFacts, Before], Sequence[Backup]]


@dataclass(frozen=True)
class Plan:
    """What to do with which boards.

    ``pick`` says what a board gets (it may download; it is called for one board at a time). ``erase`` None: all,
    where no MicroPython runs; ``keep_files`` is called before all is erased. ``deploy`` puts a
    program on it afterwards, see :func:`installing`. ``smoke``: test it at the end. ``patient``: a board that is not
    in download mode waits for a person with the buttons (stage ``help``) instead of failing.
    """

    ports: tuple[str, ...]
    pick: Picker
    erase: Literal["all", "keep"] | None = "all"
    baud: int | None = None
    deploy: Deploy | None = None
    smoke: bool = True
    patient: bool = False
    force: bool = False
    keep_files: Keep | None = None


@dataclass(frozen=True)
class Row:
    """One board, now. ``done`` of ``total`` bytes; ``step`` and ``error`` are sentences; ``seconds`` since it began.

    ``lesson``: what a person has to do with its buttons, in stage ``help``. ``kept``: where that is saved which it had
    before an erase.
    """

    port: str
    stage: Stage = "waiting"
    label: str = ""
    facts: BoardFacts | None = None
    firmware: str = ""
    step: Text | None = None
    done: int = 0
    total: int = 0
    flashed: Flashed | None = None
    checks: tuple[Check, ...] = ()
    error: StudioError | None = None
    seconds: float = 0.0
    lesson: Lesson | None = None
    kept: tuple[Path, ...] = ()

    @property
    def ended(self) -> bool:
        """Whether nothing happens to it any more."""
        return self.stage in ENDED

    @property
    def good(self) -> bool:
        """Whether all was done and every check passed."""
        return self.stage == "done" and all(check.good for check in self.checks)

    @property
    def mac(self) -> str:
        """The board's MAC; empty while it is unknown."""
        return self.facts.chip.mac if self.facts is not None and self.facts.chip is not None else ""

    @property
    def percent(self) -> int:
        """How far the step is, from 0 to 100."""
        return 100 * self.done // self.total if self.total else 0


def flash_all(
    ctx: JobContext, toolbox: Toolbox, plan: Plan, on_row: Callable[[Row], None] = lambda row: None
) -> list[Row]:
    """Do all boards of the plan, at the same time; their last rows, in the plan's order.

    ``on_row`` is called from several threads, by one at a time. A cancel stops every board, and is no error here:
    each row says what state its board is in.
    """
    return ManyBoards(ctx, toolbox, plan, on_row).run()


def installing(project: Path) -> Deploy:
    """A :attr:`Plan.deploy` that builds the project for each board and installs it there.

    What is built is built by one board at a time; the boards then take it at their own speed.
    """
    building = threading.Lock()

    def deploy(ctx: JobContext, boards: Boards, port: str) -> object:
        with _while_building(ctx, building) as on_stage:
            request = RunRequest(project, board=port, mode="install", run=False)
            return build_put_run(ctx, boards, request, on_output=lambda data: None, on_stage=on_stage)

    return deploy


@contextmanager
def _while_building(ctx: JobContext, lock: threading.Lock) -> Iterator[Callable[[BuildStage], None]]:
    """A listener to the stages of a build that holds ``lock`` from the SDK on until the module is put on the board."""
    held = False

    def on_stage(stage: BuildStage) -> None:
        nonlocal held
        if stage == "sdk" and not held:
            _take(ctx, lock)
            held = True
        elif stage == "put" and held:
            lock.release()
            held = False

    try:
        yield on_stage
    finally:
        if held:
            lock.release()


def _take(ctx: JobContext, lock: threading.Lock) -> None:
    """Wait for a lock, or for a cancel."""
    while not lock.acquire(timeout=_LOOK_S):
        ctx.check()


class ManyBoards:
    """A run of :func:`flash_all` of which single boards can be stopped."""

    def __init__(
        self, ctx: JobContext, toolbox: Toolbox, plan: Plan, on_row: Callable[[Row], None] = lambda row: None
    ) -> None:
        self._ctx, self._toolbox, self.plan, self._on_row = ctx, toolbox, plan, on_row
        self._telling = threading.RLock()
        self._choosing = threading.Lock()
        self._claims: dict[str, BoardFacts] = {}
        self._labels = Labels.of(toolbox.paths).all()
        ports = dict.fromkeys(plan.ports)
        self._boards = {port: _OneBoard(self, port, JobContext(ctx.host)) for port in ports}

    @property
    def rows(self) -> list[Row]:
        """The rows as they are now, from any thread."""
        return [board.row for board in self._boards.values()]

    def stop(self, port: str) -> None:
        """Stop one board, from any thread; the others go on."""
        self._boards[port].ctx.cancel()

    def run(self) -> list[Row]:
        """Do it; returns when every board has ended."""
        threads = [threading.Thread(target=board.run, name=f"flash {port}") for port, board in self._boards.items()]
        with self._ctx.cancelling(self._stop_all):
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        return self.rows

    def _stop_all(self) -> None:
        for board in self._boards.values():
            board.ctx.cancel()

    def tell(self, row: Row) -> None:
        """A row is another one now."""
        with self._telling:
            self._on_row(row)

    def label(self, mac: str) -> str:
        """The label of a board, as of the beginning."""
        return self._labels.get(mac, "")

    def claim(self, facts: BoardFacts) -> None:
        """Say that a board is being done. Raises :class:`SameBoard` when it is, through its other socket."""
        mac = facts.chip.mac if facts.chip is not None else ""
        with self._telling:
            other = self._claims.setdefault(mac, facts) if mac else facts
        if other is not facts and {"uart"} < {other.usb, facts.usb} <= {"uart", *_NATIVE}:
            raise SameBoard(facts.port, other.port)

    def pick(self, ctx: JobContext, facts: BoardFacts) -> Pick:
        """What the board gets. One board at a time: what the first downloads, the others find."""
        _take(ctx, self._choosing)
        try:
            ctx.check()
            return self.plan.pick(ctx, facts, chip_of(facts))
        finally:
            self._choosing.release()


@dataclass
class _OneBoard:
    """One thread's work. Nothing but :attr:`row` is read by others."""

    many: ManyBoards
    port: str
    ctx: JobContext
    row: Row = field(init=False)
    _began: float = 0.0
    _helped: bool = False

    def __post_init__(self) -> None:
        self.row = Row(self.port)
        self.ctx.sink = self._heard
        self.toolbox = self.many._toolbox

    def run(self) -> None:
        """From detection to the smoke test."""
        self._began = time.monotonic()
        try:
            self._work()
            self._become(stage="done", step=None)
        except Cancelled as error:
            self._become(stage="stopped", error=error, step=None)
        except StudioError as error:
            stopped = self.ctx.cancelled
            self._become(stage="stopped" if stopped else "failed", error=error, step=None)
        finally:  # a fault of ours is shown by its thread; the row must not wait for ever
            if not self.row.ended:
                self._become(stage="failed", step=None)

    def _become(self, **changes: object) -> None:
        if changes.get("stage") in ENDED:
            changes["lesson"] = None
        self.row = replace(self.row, seconds=time.monotonic() - self._began, **changes)  # type: ignore[arg-type]
        self.many.tell(self.row)

    def _heard(self, event: Event) -> None:
        match event:
            case StepStarted(title=title):
                self._become(step=title, done=0, total=0)
            case Progress(done=done, total=total) if total:
                before = self.row.percent
                if 100 * done // total != before or not self.row.total:
                    self._become(done=done, total=total)

    def _work(self) -> None:
        plan = self.many.plan
        self._become(stage="detecting")
        facts = self._detect()
        self._become(facts=facts, label=self.many.label(facts.chip.mac if facts.chip else ""))
        self.many.claim(facts)
        chip = chip_of(facts)
        if not plan.force:
            security.check(self.port, chip.security)
        self._become(stage="choosing")
        picked = self.many.pick(self.ctx, facts)
        job = job_of(picked, facts, plan.erase, plan.baud, force=plan.force)
        if job.erase == "all":
            security.check_erase(self.port, chip.security)
        if job.erase == "all" and plan.keep_files is not None:
            waiting = self._helped or by_hand.waits(facts)
            facts = follow.now(self.ctx, facts)
            kept = plan.keep_files(self.ctx, self.toolbox, facts, "no-reset" if waiting else "default-reset")
            self._become(kept=tuple(one.place for one in kept))
        self._become(stage="writing", firmware=picked.title)
        facts = follow.now(self.ctx, facts)
        job = replace(job, port=facts.port)
        flashed = self._write(job, facts)
        self._become(flashed=flashed, done=1, total=1, lesson=None)
        self._afterwards(flashed.port, facts)

    def _write(self, job: FlashJob, facts: BoardFacts) -> Flashed:
        flashed = by_hand.write(
            self.ctx, self.toolbox, job, facts=facts.chip, helper=self._helper, pressed=self._helped,
            waiting=by_hand.waits(facts),
        )  # fmt: skip
        self.ctx.sink = self._heard
        return flashed

    def _detect(self) -> BoardFacts:
        """Who it is; a patient plan waits for the person where the board needs one."""
        facts, self._helped = by_hand.helped(
            self.ctx, self.port, lambda at, _before: detect(self.ctx, self.toolbox, at), self._helper
        )
        return facts

    @property
    def _helper(self) -> by_hand.Helper | None:
        return self if self.many.plan.patient else None

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Wait for the person with the buttons, as a row of the table."""
        stage = self.row.stage
        self._become(stage="help", step=error.what, lesson=coach.lesson_at(error.chip, port))
        at = coach.wait_for_download(ctx, self.toolbox, port, error.chip, self._seen)
        self._become(stage=stage, lesson=None)
        return at

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """The row says what to do, and keeps saying it."""
        chip = self.row.facts.chip if self.row.facts is not None else None
        self._become(stage="help", step=todo, lesson=coach.lesson_to_start(chip.chip if chip is not None else ""))
        ctx.sink = lambda event: None

    def _seen(self, seen: Seen) -> None:
        self._become(step=seen.text)

    def _afterwards(self, port: str, facts: BoardFacts) -> None:
        plan = self.many.plan
        if plan.deploy is None and not plan.smoke:
            return
        with Boards(self.toolbox) as boards:
            if plan.smoke:
                self._become(stage="testing")
                self._become(checks=tuple(smoke.try_out(self.ctx, boards.open(self.ctx, port), facts)))
            if plan.deploy is not None:
                self._become(stage="deploying")
                plan.deploy(self.ctx, boards, port)
