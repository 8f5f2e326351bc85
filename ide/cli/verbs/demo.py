"""``natmod demo``: from C to a native module that answers on a board, each step said aloud."""

from __future__ import annotations

import argparse

from ide.board.boards import DEFAULT_SIMULATOR, Boards
from ide.board.pipeline import RunRequest, build_put_run
from ide.cli.report import show_run
from ide.cli.verb import Session, Verb, add_tools
from toolchains.paths import examples
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--board", metavar="PORT", default=DEFAULT_SIMULATOR, help=str(_("the board to run it on")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    session.out.steps = True
    toolbox = session.toolbox
    project = examples() / "factorial"
    session.out.text(
        _("Natmod Studio builds {project} from C and runs it on {board}.", project=project, board=options.board)
    )
    request = RunRequest(
        project=project,
        board=options.board,
        sdk=options.sdk,
        compiler=options.compiler,
        out=toolbox.paths.cache / "demo",
    )
    with Boards(toolbox) as boards:
        report = build_put_run(session.ctx, boards, request, on_output=session.out.board_output)
    session.out.record(report.to_json())
    show_run(session.out, report)
    session.out.text(_("Next: copy {project}, change factorial.c, and type: natmod run YOUR_COPY", project=project))
    return 0 if report.ok else 1


VERB = Verb(
    "demo",
    _("build the factorial example and run it on a simulated board"),
    _(
        "Needs no hardware: the board is a RISC-V machine in QEMU, the same architecture as an ESP32-C3.\n"
        "With a real board: natmod demo --board COM3"
    ),
    _arguments,
    _run,
)
