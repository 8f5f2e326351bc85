"""From an empty board to a running program: detect, firmware, write, connect, build, deploy, run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.flash import backup, by_hand, on_chip, security
from ide.board.flash.backup_manifest import TABLE_CSV
from ide.board.flash.backup_place import Backup
from ide.board.flash.by_hand import Helper, helped, waits
from ide.board.flash.commands import Before
from ide.board.flash.detect import detect
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.job import check, what_is_lost
from ide.board.flash.on_chip import NoSuchPartition
from ide.board.flash.picks import Pick, Picker, by_word, chip_of, job_of
from ide.board.flash.records import BoardFacts, Flashed, FlashJob
from ide.board.flash.table import DATA, BadTable
from ide.board.flash.table_csv import read_csv
from ide.board.link import Board
from ide.board.pipeline import Made, RunReport, RunRequest, Stage, address_for, build_put_run
from toolchains import scripts
from toolchains.errors import disk_errors
from toolchains.fetch import OfflineSource
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

#: Every firmware has its bootloader and its table in here, in bytes.
_BEGINNING = 0x10000
#: Subtypes of data in ESP-IDF's tables: fat, spiffs, littlefs.
_FILESYSTEMS = (0x81, 0x82, 0x83)


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
    """What was done. ``backup``: the files that the board had, if it had any and they were to be kept."""

    plan: FlashPlan
    backup: Backup | None
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
    kept = None
    if job.erase == "all" and request.keep_files:
        kept, now_pressed = helped(
            ctx,
            facts.port,
            lambda at, before: keep_files(ctx, toolbox, replace(facts, port=at), request.into, before),
            helper,
            waiting=pressed or waits(facts),
        )
        pressed = pressed or now_pressed
    flashed = by_hand.write(ctx, toolbox, job, facts=chip, helper=helper, pressed=pressed, waiting=waits(facts))
    return FlashReport(plan, kept, flashed)


def keep_files(
    ctx: JobContext,
    toolbox: Toolbox,
    facts: BoardFacts,
    into: Path | None = None,
    before: Before = "default-reset",
    *,
    or_flash: bool = True,
) -> Backup | None:
    """Save the files of a board; None where there is nothing to save, or nothing that can be read, which is told.

    ``or_flash``: where no place for files is known (another firmware, a spoilt table), save the whole flash.
    """
    chip = chip_of(facts)
    if not security.can_be_read(chip.security):
        ctx.note(_("The files of the board cannot be kept: its flash cannot be read."))
        return None
    with ctx.step(_("keep the files of the board")):
        try:
            kept = backup.files(ctx, toolbox, facts.port, into=into, facts=chip, before=before)
        except (BadTable, NoSuchPartition):  # an empty flash, or another firmware's
            return _keep_flash(ctx, toolbox, facts, into, before) if or_flash else None
    if kept.manifest.filesystem != "empty":
        return kept
    foreign = or_flash and _other_files(kept)
    shutil.rmtree(kept.place, ignore_errors=True)
    return _keep_flash(ctx, toolbox, facts, into, before) if foreign else None


def _other_files(kept: Backup) -> bool:
    """Whether the table has files elsewhere than where MicroPython has them: another firmware's."""
    with disk_errors(kept.place):
        text = (kept.place / TABLE_CSV).read_text("utf-8")
    try:
        table = read_csv(text)
    except BadTable:  # with names that no CSV bears
        return True
    rows = (part for part in table.partitions if part.name != kept.manifest.partition)
    return any(part.type == DATA and part.subtype in _FILESYSTEMS for part in rows)


def _keep_flash(
    ctx: JobContext, toolbox: Toolbox, facts: BoardFacts, into: Path | None, before: Before
) -> Backup | None:
    chip = chip_of(facts)
    with on_chip.opened(ctx, toolbox, facts.port, chip, before) as opened:
        if not opened.read(0, _BEGINNING).strip(b"\xff"):  # nothing was ever written
            return None
    ctx.note(_("No place for files is known on this board: the whole flash is kept instead. That takes a while."))
    return backup.flash(ctx, toolbox, facts.port, into=into, facts=chip, before=before)


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
