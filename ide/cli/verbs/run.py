"""``natmod run``: build, put on the board, run; the one click of the window."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.board.errors import BoardSilent
from ide.board.pipeline import RunRequest, build_put_run
from ide.cli.report import show_run
from ide.cli.verb import Session, Verb, add_board, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_board(parser)
    parser.add_argument("--script", help=str(_("the script to run (default: the project's)")))
    parser.add_argument(
        "--install", action="store_true", help=str(_("write the module to the board's /lib; else it runs from RAM"))
    )
    parser.add_argument(
        "--flash", action="store_true", help=str(_("put MicroPython on the board first, if none answers there"))
    )
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    request = RunRequest(
        project=Path(options.project),
        board=options.board,
        mode="install" if options.install else None,
        script=options.script,
        sdk=options.sdk,
        compiler=options.compiler,
        wishes=wishes_of(options),
    )
    if options.flash:
        from ide.cli import flash_run

        return flash_run.run(options, session, request)
    with Boards(session.toolbox) as boards, session.typing() as attach:
        try:
            report = build_put_run(session.ctx, boards, request, on_output=session.out.board_output, on_board=attach)
        except BoardSilent as error:
            if error.may_be_empty:
                error.next_step = _(
                    "{advice} To have MicroPython put on it and go on, add: --flash", advice=error.advice
                )
            raise
    session.out.record(report.to_json())
    show_run(session.out, report)
    return 0 if report.ok else 1


VERB = Verb(
    "run",
    _("build a project, put it on the board, run its script"),
    _(
        "The module is imported straight from RAM and flash stays untouched, unless --install is given.\n"
        "What you type goes to the script; Ctrl-C stops it. Example: natmod run examples/factorial --board COM3\n"
        "On a board without MicroPython, --flash puts it there first, and goes on by itself.\n"
        "A Python file runs too, with the project that it lies in, or just its folder: natmod run blink.py"
    ),
    _arguments,
    _run,
)
