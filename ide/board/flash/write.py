"""Write firmware, and do not stop before MicroPython answers."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from ide.board import simulator
from ide.board.flash import commands, esptool, failures, follow, locks, reconnect, security
from ide.board.flash.attempts import Attempts
from ide.board.flash.commands import Before, Link, Way
from ide.board.flash.errors import DidNotStart, FlashFailed, FlashState, FlashStopped, SecureBoot
from ide.board.flash.job import check
from ide.board.flash.last_image import LastImages
from ide.board.flash.progress import Heard, Region
from ide.board.flash.records import ChipFacts, Flashed, FlashJob, Security
from ide.board.flash.usb import Track
from ide.board.inspect import Identity
from toolchains.chips import chips
from toolchains.errors import StudioError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

#: What a later try cannot make undone.
_TOUCHED: tuple[FlashState, ...] = ("partial", "erased", "written", "unknown")
_MOST_NAMES = 4


def write(
    ctx: JobContext,
    toolbox: Toolbox,
    job: FlashJob,
    *,
    reconnect: bool = True,
    facts: ChipFacts | None = None,
    patience: float | None = None,
    before: Before = "default-reset",
) -> Flashed:
    """Write the files of ``job``, compare them by MD5, restart the board and ask MicroPython who it is.

    ``facts``: what is known of the chip; spares a question, and lets a wrong image be refused before the port is
    opened. ``reconnect`` False: restart the board, but do not ask it. ``patience``: seconds that MicroPython has.
    Only what differs from the image that this board was given last is written; with ``only_changes``, what differs from
    the flash as it is. ``before`` "no-reset": a person brought the chip to its loader, so it is not reset before all is
    written. The port may be a simulated board's.

    Raises what :mod:`ide.board.flash.errors` has, and FlashStopped, which says what a cancel left.
    """
    if job.chip not in chips():
        raise UsageError(_("There is no chip called {name}.", name=job.chip or "?"),
                         next_step=_("Use one of: {names}.", names=", ".join(chips())))  # fmt: skip
    began = time.monotonic()
    job = replace(job, files=tuple(sorted(job.files, key=lambda file: file.address)))
    mode = check(job, facts.flash_size if facts else None, facts.revision if facts else None)
    with simulator.held_port(ctx, toolbox, job.port) as address:
        held = replace(job, port=address)
        done = _Write(ctx, toolbox, held, began, mode, facts, by_hand=before).run(reconnect, patience)
    return replace(done, job=job, port=job.port) if address != job.port else done


def _title(job: FlashJob) -> Text:
    names = [file.path.name for file in job.files]
    if len(names) > _MOST_NAMES:
        return _("write {n} parts of the flash", n=len(names))
    return _("write {names}", names=", ".join(names))


@dataclass
class _Write:
    ctx: JobContext
    toolbox: Toolbox
    job: FlashJob
    began: float
    mode: str
    facts: ChipFacts | None
    by_hand: Before
    mac: str = ""
    security: Security = field(default_factory=Security)
    before: Before = field(init=False)
    state: FlashState = "untouched"
    moved: bool = False
    argv: Sequence[str] = field(default_factory=tuple)

    def __post_init__(self) -> None:
        self.before = self.by_hand

    def run(self, asked: bool, patience: float | None) -> Flashed:
        track = Track.at(self.job.port)
        memory = LastImages.of(self.toolbox.paths)
        with self.ctx.step(_title(self.job)):
            self._learn(track, self.facts)
            tries = Attempts(self._first_way(memory), may_dio=self._may_dio())
            with self._forgetting(memory):
                heard = self._until_written(track, tries, memory.before(self.mac, self.job))
        memory.keep(self.mac, self.job, tries.way, slowed=bool(tries.said))
        wait = reconnect.PATIENCE_S if patience is None else patience
        running, port = self._proved(track, wait) if asked else (None, self.job.port)
        size = sum(file.path.stat().st_size for file in self.job.files)
        return Flashed(
            job=self.job,
            seconds=time.monotonic() - self.began,
            written=heard.written,
            skipped=max(0, size - heard.written),
            attempts=tuple(tries.said),
            verified=heard.verified == len(self.job.files),
            running=running,
            port=port,
            command=commands.copyable(self.argv, self.toolbox.host),
        )

    def _learn(self, track: Track, facts: ChipFacts | None) -> None:
        """Whose last image to compare with, and whether the fuses allow it; asked of the chip, unless it is known."""
        if facts is None or not (facts.mac and facts.security.known):
            facts = follow.reached(self.ctx, track, self.mac, self._identify)
            self.before = "no-reset"
            facts = locks.asked(self.ctx, self.toolbox.host, self.job.port, facts, "no-reset", "no-reset")
        self.mac, self.security = facts.mac or track.mac, facts.security
        if not self.job.force:
            security.check(self.job.port, facts.security)
        if self.job.erase == "all":
            security.check_erase(self.job.port, facts.security)

    def _identify(self, port: str) -> ChipFacts:
        self.job = replace(self.job, port=port)
        return esptool.identify(self.ctx, self.toolbox.host, port, self.job.chip, before=self.before)

    def _proved(self, track: Track, patience: float) -> tuple[Identity, str]:
        try:
            return reconnect.prove(self.ctx, self.toolbox.host, track, self.job.chip, self.mac, patience=patience)
        except DidNotStart as error:
            raise self._because_locked(error, "written") from error

    def _because_locked(self, error: StudioError, state: FlashState) -> StudioError:
        """Somebody insisted on writing a locked chip: then that is why it failed, and no cable helps."""
        why = security.locked(self.security)
        if why is None or not isinstance(error, (FlashFailed, DidNotStart)):
            return error
        return SecureBoot(self.job.port, why, error.detail, state)

    def _first_way(self, memory: LastImages) -> Way:
        baud = self.job.baud or memory.speed(self.mac) or commands.FAST
        mode = memory.flash_mode(self.mac) if self._may_dio() else "keep"
        return Way(baud, self.job.stub, self.job.compress, mode)

    def _may_dio(self) -> bool:
        return self.job.flash_mode == "keep" and self.mode in ("qio", "qout")

    @contextmanager
    def _forgetting(self, memory: LastImages) -> Iterator[None]:
        """When it fails half done, nobody knows any more what the board holds."""
        done = False
        try:
            yield
            done = True
        finally:
            if not done and self.state in _TOUCHED:
                memory.forget(self.mac)

    def _until_written(self, track: Track, tries: Attempts, diff: Sequence[Path | None]) -> Heard:
        while True:
            heard, code = self._once(tries.way, diff if not tries.tried else ())
            if not code:
                self.mac = heard.mac or self.mac
                return heard
            failure = replace(failures.failure_of(heard), state=self.state)
            error = self._because_locked(failures.error_of(failure, self.job.port, self.job.chip), self.state)
            if self.before != self.by_hand and failure.kind in ("no-data", "not-loader"):  # it did not wait for us
                self.before = self.by_hand
                continue
            moved = not self.moved and self.state == "untouched" and follow.may_have_moved(track, error)
            if isinstance(error, SecureBoot) or not (moved or tries.another(failure, error)):
                raise error
            self.before = self.by_hand
            if moved:
                self.moved = True
            else:
                self.ctx.note(tries.said[-1])
            self.job = replace(self.job, port=follow.where(self.ctx, track, self.mac, state=self.state))

    def _once(self, way: Way, diff: Sequence[Path | None]) -> tuple[Heard, int]:
        link = Link(self.job.port, self.job.chip, way, self.before)
        if self.job.erase == "all" and not way.stub:
            heard, code = self._esptool(commands.erase(replace(link, after="no-reset"), force=self.job.force))
            if code:
                return heard, code
            link = replace(link, before="no-reset")
        argv = commands.write_flash(link, self.job, diff)
        regions = [Region(file.address, file.path.stat().st_size) for file in self.job.files]
        return self._esptool(argv, regions)

    def _esptool(self, argv: Sequence[str], regions: Sequence[Region] = ()) -> tuple[Heard, int]:
        self.argv = argv
        heard = Heard(state=self.state)
        try:
            return esptool.run(self.ctx, self.toolbox.host, argv, regions, heard=heard)
        except FlashStopped:
            self.mac = heard.mac or self.mac
            raise
        finally:
            self.state = heard.state
