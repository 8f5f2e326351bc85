"""From an empty board to a running program: detect, firmware, write, connect, build, deploy, run."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.flash import by_hand, follow, security
from ide.board.flash.backup_place import Backup
from ide.board.flash.by_hand import Helper, helped, waits
from ide.board.flash.commands import Before
from ide.board.flash.detect import detect
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.job import check, what_is_lost
from ide.board.flash.keep import keep_files
from ide.board.flash.picks import Pick, Picker, by_word, chip_of, job_of
from ide.board.flash.records import BoardFacts, Flashed, FlashJob
from ide.board.link import Board
from ide.board.pipeline import Made, RunReport, RunRequest, Stage, address_for, build_put_run
from toolchains import scripts
from toolchains.fetch import OfflineSource
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox


@dataclass(frozen=True)
class FlashRequest:
    """What to write where. ``erase`` None: all, unless MicroPython runs there and its files may stay.

    ``keep_files``: save the files of the board before all is erased, in ``into`` (default: the person's backups).
    """

    port: str
    pick: Picker
    erase: Literal["all", "keep"] | None = None
    keep_files: bool = True
    into: Path | None = None
    baud: int | None = None
    force: bool = False


@dataclass(frozen=True)
class FlashPlan:
    """What is about to be done: nothing was written yet. ``lost`` says what the board loses by it."""

    facts: BoardFacts
    pick: Pick
    job: FlashJob
    lost: Text

    @property
    def said(self) -> Text:
        """What the board gets, and why."""
        return _("It gets {firmware}. {reason}", firmware=self.pick.title, reason=self.pick.reason)


@dataclass(frozen=True)
class FlashReport:
    """What was done. ``kept``: the files that the board had, if it had any and they were to be kept."""

    plan: FlashPlan
    kept: tuple[Backup, ...]
    flashed: Flashed


@dataclass(frozen=True)
class OneClick:
    """``flash`` is None when MicroPython was there already."""

    flash: FlashReport | None
    run: RunReport


def flash(
    ctx: JobContext,
    toolbox: Toolbox,
    request: FlashRequest,
    helper: Helper | None = None,
    on_plan: Callable[[FlashPlan], None] = lambda plan: None,
) -> FlashReport:
    """Detect, pick, keep the files, write, compare, start, and ask who is there."""
    facts, pressed = helped(ctx, request.port, lambda at, _before: detect(ctx, toolbox, at), helper)
    return _flash(ctx, toolbox, request, facts, helper, on_plan, pressed=pressed)


def _flash(
    ctx: JobContext,
    toolbox: Toolbox,
    request: FlashRequest,
    facts: BoardFacts,
    helper: Helper | None,
    on_plan: Callable[[FlashPlan], None],
    *,
    pressed: bool,
) -> FlashReport:
    chip = chip_of(facts)
    if not request.force:
        security.check(facts.port, chip.security)
    pick = request.pick(ctx, facts, chip)
    job = job_of(pick, facts, request.erase, request.baud, force=request.force)
    if job.erase == "all":
        security.check_erase(facts.port, chip.security)
    check(job, chip.flash_size, chip.revision)  # before the person's files are read for minutes
    plan = FlashPlan(facts, pick, job, what_is_lost(job))
    on_plan(plan)
    facts, kept, pressed = _kept(ctx, toolbox, request, plan, helper, pressed=pressed)
    job = replace(job, port=facts.port)
    flashed = by_hand.write(ctx, toolbox, job, facts=chip, helper=helper, pressed=pressed, waiting=waits(facts))
    return FlashReport(plan, kept, flashed)


def _kept(
    ctx: JobContext, toolbox: Toolbox, request: FlashRequest, plan: FlashPlan, helper: Helper | None, *, pressed: bool
) -> tuple[BoardFacts, tuple[Backup, ...], bool]:
    """The board where it is afterwards, what was kept of it, and whether somebody had to press a button."""
    facts = follow.now(ctx, plan.facts)
    if plan.job.erase != "all" or not request.keep_files:
        return facts, (), pressed

    def keep(at: str, before: Before) -> tuple[BoardFacts, tuple[Backup, ...]]:
        there = replace(facts, port=at)
        return there, keep_files(ctx, toolbox, there, request.into, before)

    (facts, kept), now_pressed = helped(ctx, facts.port, keep, helper, waiting=pressed or waits(facts))
    return follow.now(ctx, facts), kept, pressed or now_pressed


def put_micropython(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    *,
    release: str = "",
    catalog: FirmwareCatalog | None = None,
    sources: Sequence[OfflineSource] = (),
    helper: Helper | None = None,
    on_plan: Callable[[FlashPlan], None] = lambda plan: None,
) -> tuple[str, FlashReport | None]:
    """Make a board one with MicroPython: where it is then, and what was done; None if it had one that answers.

    It gets the official firmware that fits it best, of ``release`` (empty: the newest).
    """
    facts, pressed = helped(ctx, port, lambda at, _before: detect(ctx, toolbox, at), helper)
    if facts.running is not None:
        return facts.port, None
    pick = by_word(catalog or FirmwareCatalog.of(toolbox.paths), release, sources=sources)
    report = _flash(ctx, toolbox, FlashRequest(facts.port, pick), facts, helper, on_plan, pressed=pressed)
    return report.flashed.port, report


def flash_and_run(
    ctx: JobContext,
    boards: Boards,
    request: RunRequest,
    *,
    on_output: Callable[[bytes], None],
    catalog: FirmwareCatalog | None = None,
    sources: Sequence[OfflineSource] = (),
    helper: Helper | None = None,
    on_plan: Callable[[FlashPlan], None] = lambda plan: None,
    on_flashed: Callable[[FlashReport], None] = lambda report: None,
    on_board: Callable[[Board], None] = lambda board: None,
    on_made: Callable[[Made], None] = lambda made: None,
    on_stage: Callable[[Stage], None] = lambda stage: None,
) -> OneClick:
    """Run a project on a board; if no MicroPython answers there, put it on the board first.

    Of the release that the request or the project asks for. All else is as in :func:`put_micropython` and
    :func:`ide.board.pipeline.build_put_run`.
    """
    box = boards.toolbox
    project = scripts.target_at(request.project, request.script, to_run=request.run).project
    port = address_for(box, project, request)
    boards.forget(port)
    release = request.sdk or project.pin_micropython or ""
    port, report = put_micropython(
        ctx, box, port, release=release, catalog=catalog, sources=sources, helper=helper, on_plan=on_plan
    )
    if report is not None:
        on_flashed(report)
    done = build_put_run(
        ctx, boards, replace(request, board=port), on_output=on_output, on_board=on_board, on_made=on_made,
        on_stage=on_stage,
    )  # fmt: skip
    return OneClick(report, done)
