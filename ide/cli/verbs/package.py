"""``natmod package``: a native module for many boards, ready to be published for mip."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.cli.builds import Shown, show_outcome, show_table
from ide.cli.verb import Session, Verb
from ide.cli.wishes import add_project, wishes_of
from toolchains import mip_package, project, workflows
from toolchains.abis import named_abis, tree_for
from toolchains.dist import put
from toolchains.errors import BuildError
from toolchains.matrix import ALL, Cell, Outcome, Plan, build_cells, cells, named_arches
from toolchains.project import Project
from toolchains.scripts import NothingToBuild
from toolchains.text import _


class NothingPackaged(BuildError):
    """Not one architecture could be built."""

    code = "package.empty"

    def __init__(self, name: str) -> None:
        super().__init__(
            _("Nothing of {name} could be built, so there is no package.", name=name),
            next_step=_("The table tells why for each architecture."),
        )


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--arch", default=ALL, metavar="LIST", help=str(_("architectures, separated by commas (default: all)"))
    )
    parser.add_argument(
        "--abi", default="", metavar="LIST", help=str(_(".mpy versions, such as 6.2,6.3 (default: the newest)"))
    )
    parser.add_argument("--sdk", metavar="VERSION", help=str(_("MicroPython version to build against, such as 1.26.1")))
    parser.add_argument("--compiler", metavar="NAME", help=str(_("compiler to use: zig, gcc, or a path")))
    parser.add_argument("--release", default="", metavar="VERSION", help=str(_("the package's own version")))
    parser.add_argument(
        "--out", type=Path, metavar="FOLDER", help=str(_("where it goes (default: the project's dist)"))
    )
    parser.add_argument(
        "--workflow", action="store_true", help=str(_("also write a workflow for GitHub that builds the package"))
    )
    parser.add_argument("--force", action="store_true", help=str(_("write over a workflow that is there")))


def _run(options: argparse.Namespace, session: Session) -> int:
    proj = project.load(Path(options.project))
    if not proj.native:
        raise NothingToBuild(proj)
    mip_package.check_version(options.release)
    folder = options.out or proj.root / "dist"
    plan = Plan(proj, options.compiler, None, wishes_of(options))
    outcomes = list(build_cells(session.ctx, session.toolbox, plan, _cells(options, session, proj)))
    files = [put(folder, one.cell, one.result) for one in outcomes if one.result is not None]
    shown = [Shown(one) for one in outcomes]
    for one in shown:
        show_outcome(session.out, one, alone=False)
    show_table(session.out, shown, with_abi=True)
    if not files:
        raise NothingPackaged(proj.name)
    described = mip_package.describe(folder, files, options.release)
    session.out.text(_("The package is in {folder}.", folder=folder))
    old = mip_package.leftovers(folder, proj.name, files)
    if old:
        names = ", ".join(path.parent.name for path in old)
        session.out.text(_("From an earlier build, and still in it: {names}. Remove what is too old.", names=names))
    session.out.text(_("Publish the folder, then: natmod mip install ADDRESS/package.json"))
    example = files[0].parent.name
    session.out.text(_("With MicroPython's own mip: mip install ADDRESS/{folder}/package.json", folder=example))
    if options.workflow:
        _write_workflow(options, session, proj, outcomes)
    session.out.record(
        {"kind": "package", "folder": str(folder), "files": [str(path) for path in (*described, *files)]}
    )
    # what was asked for by name has to be in it: a workflow must not publish less without a word
    wrong = ("failed",) if options.arch == ALL else ("failed", "no-compiler")
    return int(any(one.status in wrong for one in outcomes))


def _cells(options: argparse.Namespace, session: Session, proj: Project) -> tuple[Cell, ...]:
    sdks = session.toolbox.sdks
    if options.abi:
        trees = [tree_for(session.ctx, sdks, abi) for abi in named_abis(options.abi)]
    else:
        trees = [sdks.ensure(session.ctx, options.sdk or proj.pin_micropython)]
    return cells(named_arches(options.arch), trees, by_abi=True)


def _write_workflow(options: argparse.Namespace, session: Session, proj: Project, outcomes: list[Outcome]) -> None:
    """For what was asked for, without what cannot be built with this MicroPython."""
    wanted = [one.cell for one in outcomes if one.status in ("built", "no-compiler")]
    arches = list(dict.fromkeys(cell.arch.name for cell in wanted))
    abis = list(dict.fromkeys(cell.abi for cell in wanted))
    versions = list(dict.fromkeys(cell.sdk.version for cell in wanted))
    notes = [workflows.check_source(sdk) for sdk in {cell.sdk.version: cell.sdk for cell in wanted}.values()]
    made = workflows.for_module(proj, arches, versions, abis)
    place = made.write(workflows.repository_of(proj.root), replace=options.force)
    session.out.text(_("Wrote {file}: GitHub builds the package at each push.", file=place))
    for note in filter(None, notes):
        session.out.text(note)


VERB = Verb(
    "package",
    _("build a native module for all boards, as a package for mip"),
    _(
        "One .mpy for each architecture and .mpy version, with a package.json that mip reads.\n"
        "Examples: natmod package examples/factorial --release 1.0\n"
        "          natmod package --arch xtensawin,rv32imc --abi 6.2,6.3 --workflow"
    ),
    _arguments,
    _run,
)
