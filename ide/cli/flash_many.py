"""``natmod flash all``: many boards at once, a line for each, and a page to print."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ide.board.flash import many, sheet
from ide.board.flash.backup_place import Backup
from ide.board.flash.commands import Before
from ide.board.flash.keep import keep_files
from ide.board.flash.many import Plan, Row
from ide.board.flash.records import BoardFacts
from ide.cli.flash_parts import facts_record, flashed_record, helper_of, ports_of
from ide.cli.flash_write import picker_of
from ide.cli.output import error_record
from ide.cli.verb import Session
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n
from toolchains.toolbox import Toolbox

_STAGES: dict[str, Text] = {
    "detecting": _("looking"), "help": _("needs your hand"), "choosing": _("firmware"), "writing": _("writing"),
    "deploying": _("the project"), "testing": _("smoke test"), "done": _("done"), "failed": _("failed"),
    "stopped": _("stopped"),
}  # fmt: skip


def run(options: argparse.Namespace, session: Session) -> int:
    """Flash every board that is named, or plugged in; 0 if all of them passed."""
    ports = tuple(dict.fromkeys([*options.port, *options.what])) or tuple(ports_of(session))
    with picker_of(options, session) as picker:
        plan = Plan(
            ports,
            picker,
            options.erase,
            options.baud,
            many.installing(options.project) if options.project is not None else None,
            not options.no_test,
            patient=helper_of(options, session) is not None,
            force=options.force,
            keep_files=None if options.no_backup else _keeping(options.out),
        )
        rows = many.flash_all(session.ctx, session.toolbox, plan, _Stages(session))
    when = datetime.now()
    page = _sheet(options, session, rows, when)
    _show(session, rows, page)
    session.ctx.check()  # who pressed Ctrl-C knows from the rows what state each board is in
    return 0 if all(row.good for row in rows) else 1


def _keeping(into: Path | None) -> many.Keep:
    def keep(ctx: JobContext, toolbox: Toolbox, facts: BoardFacts, before: Before) -> Sequence[Backup]:
        return keep_files(ctx, toolbox, facts, into, before)

    return keep


class _Stages:
    """A line for each board whenever it gets further; on a terminal, and for programs."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._told: dict[str, object] = {}

    def __call__(self, row: Row) -> None:
        out = self._session.out
        now = (row.stage, str(row.step)) if row.stage == "help" else row.stage
        if row.stage not in _STAGES or self._told.get(row.port) == now or not (out.steps or out.as_json):
            return
        self._told[row.port] = now
        what = row.step if row.stage == "help" and row.step is not None else _STAGES[row.stage]
        if not self._session.ctx.cancelled:
            self._session.ctx.note(_("{board}: {stage}", board=row.label or row.port, stage=what))


def _sheet(options: argparse.Namespace, session: Session, rows: list[Row], when: datetime) -> Path:
    path: Path = options.sheet or session.toolbox.paths.data / "sheets"
    if path.suffix not in (".html", ".htm"):
        return sheet.write(rows, path, when, title=options.title, language=options.lang)
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(sheet.html(rows, when, title=options.title, language=options.lang), "utf-8")
    return path


def _show(session: Session, rows: list[Row], page: Path) -> None:
    out = session.out
    head = (_("board"), _("result"), _("chip"), _("firmware"), _("why"))
    out.table(head, [_cells(row) for row in rows])
    for row in rows:
        if row.error is not None:
            out.text(_("{board}: {error}", board=row.label or row.port, error=row.error))
        for place in row.kept:
            out.text(_("{board}: what it had is kept in {place}.", board=row.label or row.port, place=place))
    passed = sum(row.good for row in rows)
    out.text(_n("{passed} of {n} board passed", "{passed} of {n} boards passed", len(rows), passed=passed))
    out.text(_("To print: {path}", path=page))
    out.record({"kind": "flash-all", "rows": [_record(row) for row in rows], "passed": passed, "sheet": str(page)})


def _cells(row: Row) -> tuple[object, ...]:
    chip = row.facts.chip if row.facts is not None else None
    wrong = next((check for check in row.checks if not check.good), None)
    why: object = row.error.what if row.error is not None else ""
    if not why and wrong is not None:
        why = _("{check}: {found}", check=wrong.name, found=wrong.found)
    return (
        row.label or (row.flashed.port if row.flashed is not None else row.port),
        sheet.result_words(row),
        chip.description if chip is not None else "",
        row.firmware,
        why,
    )


def _record(row: Row) -> dict[str, object]:
    return {
        "port": row.port,
        "label": row.label,
        "stage": row.stage,
        "good": row.good,
        "board": facts_record(row.facts) if row.facts is not None else None,
        "firmware": row.firmware,
        "backups": [str(place) for place in row.kept],
        "flashed": flashed_record(row.flashed) if row.flashed is not None else None,
        "checks": [{"name": str(check.name), "good": check.good, "found": str(check.found)} for check in row.checks],
        "error": error_record(row.error) if row.error is not None else None,
        "seconds": round(row.seconds, 3),
    }
