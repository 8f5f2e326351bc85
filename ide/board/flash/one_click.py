"""From an empty board to a running program: detect, firmware, write, connect, build, deploy, run."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.flash import backup, by_hand, security
from ide.board.flash.backup_place import Backup
from ide.board.flash.by_hand import Helper, helped
from ide.board.flash.detect import at_address, detect
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.job import check, what_is_lost
from ide.board.flash.on_chip import NoSuchPartition
from ide.board.flash.picks import Pick, Picker, by_word
from ide.board.flash.records import BoardFacts, ChipFacts, Flashed, FlashJob
from ide.board.flash.table import BadTable
from ide.board.flash.trouble import NotThisPort
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
    with at_address(ctx, toolbox, request.port) as address:
        facts, pressed = helped(ctx, address, lambda at: detect(ctx, toolbox, at), helper)
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
    erase = request.erase or pick.erase or ("keep" if facts.running is not None else "all")
    job = replace(pick.job, port=facts.port, erase=erase, force=request.force, baud=request.baud or pick.job.baud)
    check(job, chip.flash_size, chip.revision)  # before the person's files are read for minutes
    plan = FlashPlan(facts, pick, job, what_is_lost(job))
    on_plan(plan)
    kept = keep_files(ctx, toolbox, facts, request.into) if erase == "all" and request.keep_files else None
    flashed = by_hand.write(ctx, toolbox, job, facts=chip, helper=helper, pressed=pressed)
    return FlashReport(plan, kept, flashed)


def chip_of(facts: BoardFacts) -> ChipFacts:
    """The chip of a board. Raises NotThisPort for what is no ESP chip."""
    if facts.chip is None:
        machine = facts.running.machine if facts.running is not None else "?"
        raise NotThisPort(facts.port, _("A {name} is at it. Only ESP chips can be written here.", name=machine))
    return facts.chip


def keep_files(ctx: JobContext, toolbox: Toolbox, facts: BoardFacts, into: Path | None = None) -> Backup | None:
    """Save the files of a board; None where there are none, or none that could be read."""
    chip = chip_of(facts)
    if not security.can_be_read(chip.security):
        ctx.note(_("The files of the board cannot be kept: its flash cannot be read."))
        return None
    with ctx.step(_("keep the files of the board")):
        try:
            kept = backup.files(ctx, toolbox, facts.port, into=into, facts=chip)
        except (BadTable, NoSuchPartition):  # an empty flash, or another firmware's
            return None
    if kept.manifest.filesystem == "empty":
        shutil.rmtree(kept.place, ignore_errors=True)
        return None
    return kept


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

    It gets the official firmware that fits it best, of the release that the request or the project asks for. All else
    is as in :func:`ide.board.flash.one_click.flash` and :func:`ide.board.pipeline.build_put_run`.
    """
    box = boards.toolbox
    project = scripts.target_at(request.project, request.script, to_run=request.run).project
    port = address_for(box, project, request)
    boards.forget(port)
    report = None
    with at_address(ctx, box, port) as address:
        facts, pressed = helped(ctx, address, lambda at: detect(ctx, box, at), helper)
        if facts.running is None:
            release = request.sdk or project.pin_micropython or ""
            pick = by_word(catalog or FirmwareCatalog.of(box.paths), release, sources=sources)
            report = _flash(ctx, box, FlashRequest(facts.port, pick), facts, helper, on_plan, pressed=pressed)
            on_flashed(report)
    if address == port:
        port = report.flashed.port if report is not None else facts.port
    done = build_put_run(
        ctx, boards, replace(request, board=port), on_output=on_output, on_board=on_board, on_made=on_made,
        on_stage=on_stage,
    )  # fmt: skip
    return OneClick(report, done)
