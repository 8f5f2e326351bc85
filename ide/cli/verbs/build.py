"""``natmod build``: C and Python sources to .mpy files, without make."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from pathlib import Path

from ide.cli.builds import Shown, show_outcome, show_table
from ide.cli.verb import Session, Verb, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains import project, size_diff
from toolchains.abis import named_abis, tree_for
from toolchains.dist import put
from toolchains.errors import UsageError
from toolchains.matrix import ALL, Cell, Plan, build_cells, cells, named_arches
from toolchains.project import Project
from toolchains.scripts import NothingToBuild
from toolchains.sdk_tree import SdkTree
from toolchains.text import _

_DEFAULT_ARCH = "rv32imc"


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--arch",
        default=_DEFAULT_ARCH,
        metavar="LIST",
        help=str(_("architectures, separated by commas, or all (default: rv32imc)")),
    )
    parser.add_argument(
        "--abi", metavar="LIST", help=str(_(".mpy versions, separated by commas: one file for each, such as 6.2,6.3"))
    )
    parser.add_argument(
        "--strict", action="store_true", help=str(_("with --arch all: a missing compiler is a failure, too"))
    )
    parser.add_argument(
        "--diff",
        action="store_true",
        help=str(_("show what changed in size since the last build")),
    )
    parser.add_argument("--out", type=Path, metavar="FOLDER", help=str(_("build there, not in the project's .natmod")))
    parser.add_argument(
        "--dist", type=Path, metavar="FOLDER", help=str(_("copy each result to FOLDER/ARCH_ABI/NAME.mpy, to publish"))
    )
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    proj = project.load(Path(options.project))
    if not proj.native:
        raise NothingToBuild(proj)
    plan = Plan(proj, options.compiler, options.out, wishes_of(options))
    wanted = cells(named_arches(options.arch), _trees(options, session, proj), by_abi=options.abi is not None)
    shown = [_build_one(options, session, plan, cell, alone=len(wanted) == 1) for cell in wanted]
    if len(shown) > 1:
        show_table(session.out, shown, with_abi=options.abi is not None)
    return int(any(_counts_as_failed(one, options) for one in shown))


def _trees(options: argparse.Namespace, session: Session, proj: Project) -> Sequence[SdkTree]:
    sdks = session.toolbox.sdks
    if options.abi is None:
        return [sdks.ensure(session.ctx, options.sdk or proj.pin_micropython)]
    if options.sdk is not None:
        raise UsageError(
            _("--abi and --sdk both choose the MicroPython sources."), next_step=_("Leave one of them out.")
        )
    return [tree_for(session.ctx, sdks, abi) for abi in named_abis(options.abi)]


def _build_one(options: argparse.Namespace, session: Session, plan: Plan, cell: Cell, *, alone: bool) -> Shown:
    """Build, copy, and tell at once what a person wants to know at once."""
    folder = cell.build_folder(plan)
    before = size_diff.snapshot(folder) if options.diff else None
    outcome = next(build_cells(session.ctx, session.toolbox, plan, [cell]))
    if alone and outcome.error is not None:
        raise outcome.error
    now = size_diff.snapshot(folder, outcome.result.name) if options.diff and outcome.result else None
    copy = put(options.dist, cell, outcome.result) if options.dist and outcome.result else None
    shown = Shown(outcome, copy, options.diff, before, now)
    show_outcome(session.out, shown, alone=alone)
    return shown


def _counts_as_failed(shown: Shown, options: argparse.Namespace) -> bool:
    """What "all" did not find is no failure, unless it is said to be one; what was named by its name is."""
    status = shown.outcome.status
    return status == "failed" or (status != "built" and (options.strict or options.arch.strip() != ALL))


VERB = Verb(
    "build",
    _("build a project's .mpy"),
    _(
        "An .mpy is for one architecture: rv32imc (ESP32-C3, C6 and their family), xtensawin (ESP32, S2, S3),\n"
        "x64 (sim:unix) and others; and for one .mpy version: 6.3 is MicroPython 1.23 and newer, 6.2 is 1.22.\n"
        "Examples: natmod build examples/factorial --arch rv32imc,x64\n"
        "          natmod build --arch all --abi 6.2,6.3 --dist dist"
    ),
    _arguments,
    _run,
)
