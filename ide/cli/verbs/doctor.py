"""``natmod doctor``: why a project does not build, or does not load, and what cures it."""

from __future__ import annotations

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from ide.board.boards import Boards
from ide.board.inspect import Identity
from ide.cli.output import error_record
from ide.cli.report import show_build
from ide.cli.verb import Session, Verb, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains import mpy_loads, mpyfile, project
from toolchains.build_records import BuildResult
from toolchains.chips import arch as arch_named
from toolchains.doctor import Finding, diagnose, examine_module
from toolchains.doctor.classes import classes
from toolchains.doctor.kept import keep, take_back
from toolchains.doctor.treatment import treat
from toolchains.edits import Undo
from toolchains.errors import BuildError, MpyError, ProjectError, StudioError
from toolchains.matrix import Cell, Plan, build_asked, request_of
from toolchains.project import Project
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

_DEFAULT_ARCH = "rv32imc"
#: A fix may uncover the next mistake; nothing is cured by looking more often than this.
_MOST_LOOKS = 10


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    parser.add_argument(
        "--arch", metavar="NAME", help=str(_("the architecture (default: that of --board, else rv32imc)"))
    )
    parser.add_argument("--board", metavar="PORT", help=str(_("a board: will it load the module, too?")))
    parser.add_argument("--fix", action="store_true", help=str(_("apply the fixes that there are, and build again")))
    parser.add_argument(
        "--only",
        metavar="CAUSE",
        default="",
        choices=[one.id for one in classes()],
        help=str(_("with --fix: only the fixes of this cause, also one that changes what you decided")),
    )
    parser.add_argument("--undo", action="store_true", help=str(_("take back what --fix changed")))
    parser.add_argument("--list", action="store_true", help=str(_("list the causes that are known, and their tests")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.list:
        return _list(session)
    if options.undo:
        root = project.load(Path(options.project)).root
        for path in take_back(root):
            session.out.text(_("as before: {path}", path=path))
        return 0
    return _visit(options, session)


def _list(session: Session) -> int:
    rows = []
    for one in classes():
        session.out.record({"kind": "cause", **one.to_json()})
        rows.append((one.id, one.title, _("fix") if one.fixable else "", one.test))
    session.out.table((_("cause"), _("what it is"), "", _("its test")), rows)
    return 0


@dataclass
class _Visit:
    """One project, one architecture, one board or none; and what was done to the project."""

    options: argparse.Namespace
    session: Session
    identity: Identity | None
    undos: list[Undo] = field(default_factory=list)

    def look(self) -> tuple[tuple[Finding, ...], StudioError | None]:
        """Build, and ask the doctor; what failed, or None."""
        options, session = self.options, self.session
        proj = project.load(Path(options.project))
        sdk = _tree(options, session, proj, self.identity)
        loader = self.identity.loader if self.identity else None
        floats = self.identity.floats if self.identity else ""
        try:
            if self.identity is not None and self.identity.arch is None:
                raise mpy_loads.no_native(self.identity.loader)
            built = self._build(proj, sdk)
            with built.path.open("rb") as file:
                module = mpyfile.read(file.read())
            if loader is None:
                return (), None
            mpy_loads.check_loads(module, loader)
            return examine_module(module, proj, loader, floats=floats), None
        except (BuildError, MpyError, ProjectError) as error:
            return diagnose(error, proj, sdk, loader, floats=floats), error

    def _build(self, proj: Project, sdk: SdkTree) -> BuildResult:
        options, toolbox, ctx = self.options, self.session.toolbox, self.session.ctx
        board_arch = self.identity.arch if self.identity else None
        arch = arch_named(options.arch) if options.arch or board_arch is None else board_arch
        plan, cell = Plan(proj, options.compiler, wishes=wishes_of(options)), Cell(arch, sdk, arch.name)
        choice, request = request_of(ctx, toolbox, plan, cell)
        built = build_asked(ctx, toolbox, plan, cell, request)
        if not self.undos:
            return built
        show_build(self.session.out, built, choice.reason)
        return built


def _visit(options: argparse.Namespace, session: Session) -> int:
    options.arch = options.arch or (None if options.board else _DEFAULT_ARCH)
    visit = _Visit(options, session, _identity(options, session))
    findings, error = visit.look()
    if options.fix:
        findings, error = _treat(visit, findings, error)
    _tell(session, findings, error, fixed=bool(visit.undos))
    if error is not None and not findings:
        raise error
    return int(error is not None)


def _identity(options: argparse.Namespace, session: Session) -> Identity | None:
    if options.board is None:
        return None
    with Boards(session.toolbox) as boards:
        return boards.open(session.ctx, options.board).identity(session.ctx)


def _tree(options: argparse.Namespace, session: Session, proj: Project, identity: Identity | None) -> SdkTree:
    sdks = session.toolbox.sdks
    wanted = options.sdk or proj.pin_micropython
    if wanted is None and identity is not None:
        best = sdks.best_for(identity.version, identity.mpy_version)
        return best if best is not None else sdks.ensure(session.ctx, identity.version)
    return sdks.ensure(session.ctx, wanted)


def _treat(
    visit: _Visit, findings: tuple[Finding, ...], error: StudioError | None
) -> tuple[tuple[Finding, ...], StudioError | None]:
    """Apply what there is, look again, until nothing more can be cured."""
    out = visit.session.out
    for _look in range(_MOST_LOOKS):
        only = visit.options.only
        treated = treat(findings, chosen_cause=only) if error is not None else None
        if treated is None:
            break
        visit.undos.append(treated.undo)
        keep(project.load(Path(visit.options.project)).root, visit.undos)
        for title in treated.titles:
            out.text(_("done: {what}", what=title))
        findings, error = visit.look()
    return findings, error


def _tell(session: Session, findings: Sequence[Finding], error: StudioError | None, *, fixed: bool) -> None:
    session.out.record(
        {
            "kind": "doctor",
            "ok": error is None,
            "error": error_record(error) if error is not None else None,
            "findings": [one.to_json() for one in findings],
        }
    )
    for one in findings:
        session.out.text(_headline(one))
        session.out.text(f"    {one.explanation}")
        if one.fix is not None:
            how = f"--fix --only {one.cause_id}" if one.choice else "--fix"
            session.out.text(_("    fix: {what} (natmod doctor {how})", what=one.fix.title, how=how))
        elif one.command:
            session.out.text(_("    type: {command}", command=one.command))
    if error is None and fixed:
        session.out.text(_("It builds. Take the changes back with: natmod doctor --undo"))
    elif error is None and not findings:
        session.out.text(_("The project is well."))


def _headline(finding: Finding) -> Text | str:
    place = finding.place
    if place is None:
        return finding.title
    line = f":{place.line}" if place.line else ""
    return f"{place.path.name}{line}: {finding.title}"


VERB = Verb(
    "doctor",
    _("say why a project does not build or load, and cure it"),
    _(
        "It builds the project; of each failure of the compiler, the linker or the board it says the cause, and what\n"
        "to do. --fix changes the project's files so that it builds, --undo puts them back as they were.\n"
        "Examples: natmod doctor examples/factorial\n"
        "          natmod doctor --arch xtensawin --fix\n"
        "          natmod doctor --list"
    ),
    _arguments,
    _run,
)
