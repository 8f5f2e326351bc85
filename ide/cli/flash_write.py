"""``natmod flash write``: firmware onto a board, or several files into one image."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from ide.board.flash import picks
from ide.board.flash.backup_place import Backup
from ide.board.flash.errors import WrongImage
from ide.board.flash.facts_words import banner, chip_words
from ide.board.flash.one_click import FlashPlan, FlashReport, FlashRequest, flash
from ide.board.flash.picks import Picker
from ide.board.flash.records import Flashed, FlashJob
from ide.board.flash.table import VFS_LABELS
from ide.cli.flash_parts import (
    catalog_of,
    facts_record,
    firmware_record,
    flashed_record,
    helper_of,
    port_of,
    words_of,
)
from ide.cli.verb import Session
from toolchains.chips import chips
from toolchains.errors import UsageError
from toolchains.text import Text, _
from toolchains.units import size_text, time_text


def run(options: argparse.Namespace, session: Session) -> int:
    """Write a board, or merge; the exit code."""
    words_of(options, 0)
    if options.merge is not None:
        return _merge(options, session)
    with picker_of(options, session) as pick, override_told(options):
        port = port_of_line(options) or port_of(options, session)
        request = FlashRequest(
            port, pick, options.erase, not options.no_backup, options.out, options.baud, options.force
        )
        helper = helper_of(options, session)
        report = flash(session.ctx, session.toolbox, request, helper, lambda plan: _show(options, session, plan))
    session.out.record(report_record(report, differences_from_line(options, report.plan)))
    show_flashed(session, report)
    return 0


def _show(options: argparse.Namespace, session: Session, plan: FlashPlan) -> None:
    for said in differences_from_line(options, plan):
        session.out.text(said)
    show_plan(session, plan)


def differences_from_line(options: argparse.Namespace, plan: FlashPlan) -> tuple[Text, ...]:
    """What is about to be done otherwise than a pasted line has it; nothing where none was pasted."""
    if options.line is None:
        return ()
    from ide.board.flash import line_read, old_line

    return line_read.differences(old_line.read(options.line), plan.job)


def port_of_line(options: argparse.Namespace) -> str:
    """The port in a pasted line, where nobody named another and it is there."""
    if options.line is None or options.port:
        return ""
    from ide.board.flash import old_line
    from ide.board.ports import list_ports

    said = old_line.parse(options.line).port
    there = any(port.address.casefold() == said.casefold() for port in list_ports())
    return said if there or Path(said).exists() else ""


@contextmanager
def picker_of(options: argparse.Namespace, session: Session) -> Iterator[Picker]:
    """What says which firmware a board gets; what it needs is there while the body runs."""
    from ide.cli.flash_tables import table_of, wants_table

    with catalog_of(options, session) as (catalog, sources), TemporaryDirectory(prefix="natmod-") as folder:
        if options.line is not None:
            pick = picks.by_old_line(options.line, Path.cwd())
        elif options.flasher_args is not None:
            pick = picks.by_flasher_args(options.flasher_args, force=options.force)
        else:
            pick = picks.by_word(catalog, options.firmware, sources=sources, force=options.force)
        if wants_table(options):
            pick = picks.with_table(pick, lambda table, size: table_of(options, table, size), Path(folder))
        yield pick


@contextmanager
def override_told(options: argparse.Namespace) -> Iterator[None]:
    """Whoever may insist is told how."""
    try:
        yield
    except WrongImage as error:
        if error.overridable and not options.force:
            error.next_step = _("{step} Or insist, with: --force", step=error.next_step or "")
        raise


# --- what is said ----------------------------------------------------------------------------------------------------


def show_plan(session: Session, plan: FlashPlan) -> None:
    """What it is, what it gets and why, what it loses by that."""
    out = session.out
    out.text(_("{port}: {board}", port=plan.facts.port, board=chip_words(plan.facts)))
    out.text(plan.said)
    out.text(plan.lost)


def show_flashed(session: Session, report: FlashReport) -> None:
    """What was done."""
    for kept in report.kept:
        show_backup(session, kept)
    show_written(session, report.flashed)


def show_backup(session: Session, kept: Backup) -> None:
    """Where what the board had is: its files, those of another firmware, or all of its flash."""
    manifest = kept.manifest
    if manifest.kind == "flash":
        text = _("The whole flash is kept in {place}.", place=kept.place)
    elif manifest.partition in VFS_LABELS:
        text = _("The files that it had are kept in {place}.", place=kept.place)
    else:
        text = _("What it had in {partition} is kept in {place}.", partition=manifest.partition, place=kept.place)
    session.out.text(text)


def places(kept: Sequence[Backup]) -> list[str]:
    """Where backups are, as JSON."""
    return [str(one.place) for one in kept]


def show_written(session: Session, flashed: Flashed) -> None:
    """How it went, who answers, and the command."""
    out, took = session.out, time_text(flashed.seconds)
    if flashed.verified:
        out.text(_("Written and compared in {time}.", time=took))
    else:
        out.text(_("Written in {time}.", time=took))
    if flashed.skipped:
        out.text(_("{size} were there already.", size=size_text(flashed.skipped)))
    if flashed.running is not None:
        out.text(_("{port} answers: {banner}", port=flashed.port, banner=banner(flashed.running)))
    if flashed.command:
        out.text(_("The command was: {command}", command=flashed.command))


def report_record(report: FlashReport, differs: Sequence[Text] = ()) -> dict[str, object]:
    """All of it, as JSON. ``differs``: sentences on what a pasted line had otherwise."""
    plan = report.plan
    return {
        "kind": "flash-write",
        "board": facts_record(plan.facts),
        "firmware": {"title": plan.pick.title, "row": firmware_record(plan.pick.firmware)},
        "reason": str(plan.pick.reason),
        "erase": plan.job.erase,
        "differs": [str(said) for said in differs],
        "lost": str(plan.lost),
        "backups": places(report.kept),
        "flashed": flashed_record(report.flashed),
    }


# --- one image -------------------------------------------------------------------------------------------------------


def _merge(options: argparse.Namespace, session: Session) -> int:
    """Bootloader, table and program as one file, for a factory. No board is touched."""
    from ide.board.flash import esptool

    job = _job_to_merge(options)
    if not job.chip:
        raise UsageError(
            _("For which chip? The line does not say."), next_step=_("Add it, for example: --chip {chip}", chip="esp32")
        )
    made = esptool.merge(session.ctx, session.toolbox.host, job.chip, job.files, options.merge)
    size = made.path.stat().st_size
    where = hex(made.address)
    session.out.text(_("{path}: {size}; it is written at {address}.", path=made.path, size=size_text(size),
                       address=where))  # fmt: skip
    session.out.record(
        {"kind": "flash-merge", "path": str(made.path), "address": made.address, "size": size, "chip": job.chip}
    )
    return 0


def _job_to_merge(options: argparse.Namespace) -> FlashJob:
    from ide.board.flash import old_line
    from ide.board.flash.job import from_flasher_args

    if options.chip is not None and options.chip not in chips():
        raise UsageError(_("There is no chip called {name}.", name=options.chip),
                         next_step=_("Use one of: {names}.", names=", ".join(chips())))  # fmt: skip
    if options.line is not None:
        return old_line.parse(options.line, chip=options.chip or "", folder=Path.cwd())
    word = Path(options.firmware)
    build = options.flasher_args or (word if word.suffix == ".json" else None)
    if build is None:
        raise UsageError(
            _("--merge needs the files to make one image of."),
            next_step=_("Example: {example}",
                        example="natmod flash write --flasher-args build/flasher_args.json --merge factory.bin"),
        )  # fmt: skip
    return from_flasher_args(build, "", options.chip or "")
