"""``natmod watch``: each save builds, puts, runs, reports; for people who keep their own editor."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.boards import Boards
from ide.board.pipeline import Made, RunRequest
from ide.board.rounds import Round, run_rounds
from ide.cli.keyboard import Typist, typing
from ide.cli.output import Output, error_record
from ide.cli.report import show_build, show_cost, show_end
from ide.cli.verb import Session, Verb, add_board, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains.errors import Cancelled
from toolchains.natmod import BuildResult
from toolchains.text import _
from toolchains.units import signed_size_text, size_text, time_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_board(parser)
    parser.add_argument("--script", help=str(_("the script to run (default: the project's)")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    request = RunRequest(
        project=Path(options.project),
        board=options.board,
        mode="try",
        script=options.script,
        sdk=options.sdk,
        compiler=options.compiler,
        wishes=wishes_of(options),
    )
    with Boards(session.toolbox) as boards, typing(session.ctx.cancel) as typist:
        try:
            run_rounds(session.ctx, boards, request, _Shower(session.out, typist))
        except Cancelled:  # Ctrl-C is how a watch ends
            session.out.text(_("The watch has ended."))
    return 0


class _Shower:
    """Shows each round, and passes typed text to its program."""

    def __init__(self, out: Output, typist: Typist) -> None:
        self._out = out
        self._typist = typist

    def began(self, this: Round) -> None:
        """What was saved, or what is going to happen."""
        if this.saved:
            self._out.text(_("--- saved: {files}", files=", ".join(this.saved)))
        else:
            self._out.text(_("Each save of a file of this project runs it again; Ctrl-C ends the watch."))

    def made(self, this: Round, made: Made) -> None:
        """The module's size, before its program prints."""
        build = made.build
        if build is not None and made.choice is not None:
            if this.number == 1:
                show_build(self._out, build, made.choice.reason)
            else:
                self._tell_build(build)
        self._typist.attach(made.board)

    def _tell_build(self, build: BuildResult) -> None:
        """One line, and the warnings, if anything was made."""
        for warning in build.warnings:
            self._out.text(warning)
        if build.rebuilt:
            change = signed_size_text(build.change.text if build.change else 0)
            size = size_text(build.file_size)
            self._out.text(_("{name}.mpy: {size}, code {change}", name=build.name, size=size, change=change))

    def output(self, this: Round, data: bytes) -> None:
        """The program's own text; how long it took to come, before its first line."""
        if this.heard() and this.answered is not None:
            self._out.text(_("output {time} after the save:", time=time_text(this.answered)))
        self._out.board_output(data)

    def ended(self, this: Round) -> None:
        """An error, a traceback, or what the run cost."""
        self._typist.detach()
        self._out.record(_record(this))
        if this.error is not None:
            self._out.error(this.error)
        outcome = this.report.outcome if this.report else None
        show_end(self._out, outcome)
        show_cost(self._out, outcome)


def _record(this: Round) -> dict[str, object]:
    return {
        **(this.report.to_json() if this.report else {}),
        "kind": "round",
        "number": this.number,
        "saved": list(this.saved),
        "answered": None if this.answered is None else round(this.answered, 4),
        "error": error_record(this.error) if this.error else None,
    }


VERB = Verb(
    "watch",
    _("run a project again at each save, from any editor"),
    _(
        "The program is stopped and started again when a source, a header, a Python file or the project's description\n"
        "is saved. Errors are shown and the watch goes on. What you type goes to the program; Ctrl-C ends the watch.\n"
        "Example: natmod watch blinker --board COM3"
    ),
    _arguments,
    _run,
)
