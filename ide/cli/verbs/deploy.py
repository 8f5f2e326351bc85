"""``natmod deploy``: put a project on the board, to stay."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board import simulator
from ide.board.boards import Boards
from ide.board.pipeline import RunReport, RunRequest, build_put_run
from ide.cli.report import show_run
from ide.cli.verb import Session, Verb, add_board, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_board(parser)
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    request = RunRequest(
        project=Path(options.project),
        board=options.board,
        mode="install",
        sdk=options.sdk,
        compiler=options.compiler,
        wishes=wishes_of(options),
        run=False,
    )
    with Boards(session.toolbox) as boards:
        report = build_put_run(session.ctx, boards, request, on_output=session.out.board_output)
    session.out.record({**report.to_json(), "kind": "deploy"})
    show_run(session.out, report)
    _tell_where(session, report)
    return 0


def _tell_where(session: Session, report: RunReport) -> None:
    if report.build is not None:
        where = _(
            "{name}.mpy is in /lib on {board}. A program there begins with: import {name}",
            name=report.build.name,
            board=report.address,
        )
    else:
        where = _("/lib on {board} has: {files}.", board=report.address, files=", ".join(report.installed))
    session.out.text(where)
    if report.address.startswith(simulator.PREFIX):
        session.out.text(_("A simulated board forgets its files when it ends, a minute after its last use."))


VERB = Verb(
    "deploy",
    _("build a project and install its module in the board's /lib"),
    _("The file is written under a temporary name, verified by its hash, then renamed: never half a module."),
    _arguments,
    _run,
)
