"""``natmod run --flash``: from an empty board to a running program."""

from __future__ import annotations

import argparse

from ide.board.boards import Boards
from ide.board.flash.one_click import flash_and_run
from ide.board.pipeline import RunRequest
from ide.cli.flash_parts import catalog_of, helper_of
from ide.cli.flash_write import report_record, show_flashed, show_plan
from ide.cli.report import show_run
from ide.cli.verb import Session


def run(options: argparse.Namespace, session: Session, request: RunRequest) -> int:
    """Put MicroPython on the board if none answers, then run; the exit code."""
    out = session.out
    with (
        catalog_of(options, session) as (catalog, sources),
        Boards(session.toolbox) as boards,
        session.typing() as attach,
    ):
        done = flash_and_run(
            session.ctx,
            boards,
            request,
            on_output=out.board_output,
            catalog=catalog,
            sources=sources,
            helper=helper_of(options, session),
            on_plan=lambda plan: show_plan(session, plan),
            on_flashed=lambda report: show_flashed(session, report),
            on_board=attach,
        )
    out.record({**done.run.to_json(), "flash": report_record(done.flash) if done.flash is not None else None})
    show_run(out, done.run)
    return 0 if done.run.ok else 1
