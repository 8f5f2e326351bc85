"""``natmod flash partitions``: show, change and write a board's partition table, or the files of a folder."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ide.board.flash import backup, follow, on_chip, restore
from ide.board.flash.backup_place import Backup
from ide.board.flash.commands import Before
from ide.board.flash.keep import keep_files
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts, Flashed
from ide.board.flash.table import BadTable, Table, with_implicit_vfs
from ide.board.flash.table_check import check
from ide.board.flash.table_csv import write_csv
from ide.board.flash.table_edit import changes
from ide.cli.flash_parts import facts_record, flashed_record, on_chip_of, words_of
from ide.cli.flash_tables import bar, list_templates, show_table, table_of, table_record, wants_table
from ide.cli.flash_write import places, show_backup, show_written
from ide.cli.verb import Session
from toolchains.errors import disk_errors
from toolchains.text import _

#: What a table is drawn and checked for where no board says how large its flash is.
_USUAL_FLASH = 4 << 20


def run(options: argparse.Namespace, session: Session) -> int:
    """Show; with options for another table, or a folder, write; the exit code."""
    words_of(options, 0)
    if options.template == "list":
        list_templates(session)
        return 0
    if options.save is not None and (options.template or options.csv) and not options.port:
        return _without_board(options, session)
    return on_chip_of(options, session, lambda facts, before: _on_board(options, session, facts, before))


def _without_board(options: argparse.Namespace, session: Session) -> int:
    """A table from a template or a file into a file."""
    table = table_of(options, None, _USUAL_FLASH)
    size = max(_USUAL_FLASH, table.end)
    show_table(session, with_implicit_vfs(table, size))
    bad = _complain(session, table, size)
    _save(options.save, table, session)
    session.out.record({"kind": "flash-partitions", "table": table_record(table, size), "saved": str(options.save)})
    return 1 if bad else 0


def _on_board(options: argparse.Namespace, session: Session, facts: BoardFacts, way: Before) -> int:
    if options.folder is not None:
        return _write_folder(options, session, facts, way)
    size = on_chip.flash_size_of(chip_of(facts), facts.port)
    before = _read(session, facts, options, way)
    after = table_of(options, before, size) if wants_table(options) else before
    assert after is not None
    shown = with_implicit_vfs(after, size)
    show_table(session, shown)
    if options.save is not None:
        _save(options.save, after, session)
    if options.save is not None or not wants_table(options):
        session.out.text(bar(shown, size))
        _complain(session, after, size)
        saved = str(options.save) if options.save is not None else None
        session.out.record(
            {"kind": "flash-partitions", "board": facts_record(facts), "table": table_record(shown, size),
             "saved": saved}
        )  # fmt: skip
        return 0
    return _write(options, session, facts, way, before, after)


def _read(session: Session, facts: BoardFacts, options: argparse.Namespace, way: Before) -> Table | None:
    try:
        return _table(session, facts, way)
    except BadTable:
        if options.template or options.csv:  # the new one does not need it
            return None
        raise


def _table(session: Session, facts: BoardFacts, way: Before) -> Table:
    with on_chip.opened(session.ctx, session.toolbox, facts.port, chip_of(facts), way) as chip:
        chip.check_readable()
        return chip.table()


def _write(
    options: argparse.Namespace,
    session: Session,
    facts: BoardFacts,
    way: Before,
    before: Table | None,
    after: Table,
) -> int:
    ctx, box, chip = session.ctx, session.toolbox, chip_of(facts)
    size = on_chip.flash_size_of(chip, facts.port)
    if before is not None:
        _show_change(session, before, after, size)
    if _complain(session, after, size):
        raise BadTable(next(complaint.text for complaint in check(after, size) if complaint.fatal))
    facts = follow.now(ctx, facts)
    kept = () if options.no_backup else (backup.flash(ctx, box, facts.port, into=options.out, facts=chip, before=way),)
    for one in kept:
        show_backup(session, one)
    starts_at = [part.offset for part in before.apps][:1] if before is not None else []
    stays = bool(starts_at) and starts_at[0] in [part.offset for part in after.apps]
    asks, facts = stays and _asks(facts, way), follow.now(ctx, facts)
    done = restore.write_table(ctx, box, facts.port, after, facts=chip, reconnect=asks, before=way)
    _told(session, done, kept, with_implicit_vfs(after, size), size)
    if not stays:
        session.out.text(_("Its firmware begins elsewhere now: write it again with natmod flash write."))
    return 0


def _show_change(session: Session, before: Table, after: Table, size: int) -> None:
    session.out.text(_("before: {bar}", bar=bar(before, size)))
    session.out.text(_("after:  {bar}", bar=bar(after, size)))
    for change in changes(before, after, size):
        if change.kind != "kept":
            session.out.text(change.text)


def _complain(session: Session, table: Table, size: int) -> bool:
    """Say all that is wrong with it; whether it must not be written."""
    found = check(table, size)
    for complaint in found:
        session.out.text(complaint.text)
    return any(complaint.fatal for complaint in found)


def _save(path: Path, table: Table, session: Session) -> None:
    with disk_errors(path):
        path.write_text(write_csv(table), "utf-8", newline="\n")
    session.out.text(_("Saved as {path}.", path=path))


def _asks(facts: BoardFacts, way: Before) -> bool:
    """Whether MicroPython can be asked afterwards: it was there, and the board starts without a hand."""
    return facts.running is not None and way == "default-reset"


def _write_folder(options: argparse.Namespace, session: Session, facts: BoardFacts, way: Before) -> int:
    ctx, box, chip = session.ctx, session.toolbox, chip_of(facts)
    kept = () if options.no_backup else keep_files(ctx, box, facts, options.out, way, only="")
    for one in kept:
        show_backup(session, one)
    asks, folder, facts = _asks(facts, way), options.folder, follow.now(ctx, facts)
    done = restore.write_folder(ctx, box, facts.port, folder, facts=chip, reconnect=asks, before=way)
    size = on_chip.flash_size_of(chip, facts.port)
    table = _table(session, replace(facts, port=done.port), way)
    _told(session, done, kept, table, size)
    return 0


def _told(session: Session, done: Flashed, kept: Sequence[Backup], table: Table, size: int) -> None:
    show_written(session, done)
    session.out.record(
        {
            "kind": "flash-partitions",
            "table": table_record(table, size),
            "backups": places(kept),
            "flashed": flashed_record(done),
        }
    )
