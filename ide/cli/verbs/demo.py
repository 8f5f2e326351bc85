"""``natmod demo``: from C to a native module that answers on a board, each step said aloud."""

from __future__ import annotations

import argparse
import shutil
import sys
from contextlib import suppress
from pathlib import Path

from ide.board import simulator
from ide.board.boards import Boards
from ide.board.pipeline import RunRequest, build_put_run
from ide.cli.report import show_build, show_run
from ide.cli.verb import Session, Verb, add_tools
from toolchains import project
from toolchains.chips import arch
from toolchains.errors import FetchError
from toolchains.matrix import Plan, build_module
from toolchains.paths import examples
from toolchains.text import _

_FAMILY = "rv32imc"


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--board", metavar="PORT", help=str(_("the board to run it on")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    session.out.steps = True
    example = examples() / "factorial"
    board = options.board or simulator.default_address(session.ctx.host)
    if not options.board and not _ready(session, board):
        return _build_only(options, session, example)
    session.out.text(_("Natmod Studio builds {project} from C and runs it on {board}.", project=example, board=board))
    request = RunRequest(
        project=example,
        board=board,
        sdk=options.sdk,
        compiler=options.compiler,
        out=_out(session),
    )
    with Boards(session.toolbox) as boards:
        report = build_put_run(session.ctx, boards, request, on_output=session.out.board_output)
    session.out.record(report.to_json())
    show_run(session.out, report)
    session.out.text(
        _("Next, a module of your own: {natmod} new blinker, then: {natmod} run blinker", natmod=_own_name())
    )
    return 0 if report.ok else 1


def _ready(session: Session, board: str) -> bool:
    """Whether the simulated board runs here; what it lacks is got, if there is a network."""
    if not simulator.kind_of(board).available(session.ctx.host):
        return False
    from ide.board.esp_machines import get_qemu

    try:
        get_qemu(session.ctx, session.toolbox, session.toolbox.toolchains, board)
    except FetchError as error:
        session.out.error(error)
        return False
    return True


def _build_only(options: argparse.Namespace, session: Session, example: Path) -> int:
    """Where there is no simulated board: the build, which works everywhere, and how to see it run."""
    session.out.text(_("Natmod Studio builds {project} from C, for the ESP32-C3 and its family.", project=example))
    sdk = session.toolbox.sdks.ensure(session.ctx, options.sdk)
    plan = Plan(project.load(example), options.compiler, _out(session))
    choice, result = build_module(session.ctx, session.toolbox, plan, arch(_FAMILY), sdk)
    session.out.record({"kind": "build", **result.to_json()})
    show_build(session.out, result, choice.reason)
    session.out.text(
        _("There is no simulated board on this system. Next: plug in a board and type: natmod demo --board COM3")
    )
    return 0


def _own_name() -> str:
    """How to call this command again: "natmod" is on PATH only inside the virtual environment."""
    if shutil.which("natmod"):
        return "natmod"
    beside = shutil.which("natmod", path=str(Path(sys.executable).parent))
    if beside is None:
        return "natmod"
    with suppress(ValueError):  # in another folder
        beside = str(Path(beside).relative_to(Path.cwd()))
    return beside


def _out(session: Session) -> Path:
    """Not in the example's own folder, which an installed program may not be allowed to write."""
    return session.toolbox.paths.cache / "demo"


VERB = Verb(
    "demo",
    _("build the factorial example and run it on a simulated board"),
    _(
        "Needs no hardware: the board is a RISC-V machine in QEMU, an ESP32-C3 or one of the same architecture.\n"
        "With a real board: natmod demo --board COM3"
    ),
    _arguments,
    _run,
)
