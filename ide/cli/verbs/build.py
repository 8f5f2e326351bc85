"""``natmod build``: C and Python sources to an .mpy, without make."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board.pipeline import build_module
from ide.cli.report import show_build
from ide.cli.verb import Session, Verb, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains import project
from toolchains.chips import arch as arch_named
from toolchains.scripts import NothingToBuild
from toolchains.text import _

_DEFAULT_ARCH = "rv32imc"


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--arch", default=_DEFAULT_ARCH, help=str(_("architectures, separated by commas (default: rv32imc)"))
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=str(_("build there, not in the project's .natmod")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    toolbox = session.toolbox
    proj = project.load(Path(options.project))
    if not proj.native:
        raise NothingToBuild(proj)
    sdk = toolbox.sdks.ensure(session.ctx, options.sdk or proj.pin_micropython)
    toolbox.linkers.start(sdk)
    for name in options.arch.split(","):
        arch = arch_named(name.strip())
        choice, result = build_module(
            session.ctx, toolbox, proj, arch, sdk, compiler=options.compiler, out=options.out, wishes=wishes_of(options)
        )
        session.out.record({"kind": "build", **result.to_json()})
        show_build(session.out, result, choice.reason)
    return 0


VERB = Verb(
    "build",
    _("build a project's .mpy"),
    _(
        "The .mpy is for one architecture: rv32imc (ESP32-C3, C6 and their family), xtensawin (ESP32, S2, S3),\n"
        "x64 (sim:unix). Example: natmod build examples/factorial --arch rv32imc,x64"
    ),
    _arguments,
    _run,
)
