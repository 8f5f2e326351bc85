"""``natmod deploy``: put a project on the board, to stay: its modules, or all of it, to start by itself."""

from __future__ import annotations

import argparse
from pathlib import Path

from ide.board import simulator
from ide.board.autostart import StartReport, put_and_start, undo
from ide.board.boards import Boards
from ide.board.pipeline import RunReport, RunRequest, build_put_run
from ide.cli.report import show_build, show_run
from ide.cli.verb import Session, Verb, add_board, add_tools
from ide.cli.wishes import add_project, wishes_of
from toolchains.errors import UsageError
from toolchains.text import _, _n
from toolchains.units import size_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    add_project(parser)
    add_board(parser)
    way = parser.add_mutually_exclusive_group()
    way.add_argument(
        "--autostart",
        action="store_true",
        help=str(_("put main.py and all that it imports on the board: it starts by itself from then on")),
    )
    way.add_argument(
        "--undo",
        action="store_true",
        help=str(_("take that back: the board has the files again that it had before")),
    )
    parser.add_argument("--script", help=str(_("with --autostart: the script that becomes main.py on the board")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.script is not None and not options.autostart:
        raise UsageError(
            _("--script names what starts by itself; without --autostart nothing does."),
            next_step=_("Add --autostart, or leave --script out."),
        )
    request = RunRequest(
        project=Path(options.project),
        board=options.board,
        mode="install",
        script=options.script,
        sdk=options.sdk,
        compiler=options.compiler,
        wishes=wishes_of(options),
        run=False,
    )
    with Boards(session.toolbox) as boards:
        if options.autostart:
            return _autostart(session, boards, request)
        if options.undo:
            return _undo(session, boards, request)
        report = build_put_run(session.ctx, boards, request, on_output=session.out.board_output)
    session.out.record({**report.to_json(), "kind": "deploy"})
    show_run(session.out, report)
    _tell_where(session, report)
    return 0


def _tell_where(session: Session, report: RunReport) -> None:
    if report.build is not None:
        where = _(
            "{name}.mpy is in {folder} on {board}. A program there begins with: import {name}",
            name=report.build.name,
            folder=report.folder,
            board=report.address,
        )
    else:
        files = ", ".join(report.installed)
        where = _("{folder} on {board} has: {files}.", folder=report.folder, board=report.address, files=files)
    session.out.text(where)
    _tell_forgets(session, report.address)


def _tell_forgets(session: Session, address: str) -> None:
    if address.startswith(simulator.PREFIX) and not simulator.kind_of(address).keeps_files:
        session.out.text(_("A simulated board forgets its files when it ends, a minute after its last use."))


def _autostart(session: Session, boards: Boards, request: RunRequest) -> int:
    report = put_and_start(session.ctx, boards, request, on_output=session.out.board_output)
    out, made = session.out, report.made
    out.record({**report.to_json(), "kind": "autostart"})
    _tell_start(session, report)
    if made is not None and made.build is not None and made.choice is not None:
        show_build(out, made.build, made.choice.reason)
    files = report.changes.files
    written = [file for file in files if not file.skipped]
    out.text(
        _n(
            "On {board}: {n} file, {size}; {written} written.",
            "On {board}: {n} files, {size}; {written} written.",
            len(files),
            board=report.address,
            size=size_text(sum(file.n_bytes for file in files)),
            written=len(written),
        )
    )
    _tell_changes(session, report)
    out.text(
        _(
            "The program starts by itself whenever the board starts. To take it back: natmod deploy --undo --board "
            "{board}",
            board=report.address,
        )
    )
    _tell_forgets(session, report.address)
    return 0 if report.ok else 1


def _undo(session: Session, boards: Boards, request: RunRequest) -> int:
    report = undo(session.ctx, boards, request, on_output=session.out.board_output)
    session.out.record({**report.to_json(), "kind": "undo"})
    if report.changes.name is None:
        session.out.text(_("There is nothing to take back on {board}.", board=report.address))
        return 0
    _tell_start(session, report)
    session.out.text(_("{board} is as it was before {name}.", board=report.address, name=report.changes.name))
    _tell_changes(session, report)
    return 0


def _tell_start(session: Session, report: StartReport) -> None:
    if report.start is not None and report.start.running:
        session.out.text(_("The program goes on running on the board."))


def _tell_changes(session: Session, report: StartReport) -> None:
    changes = report.changes
    for paths, text in (
        (changes.replaced, _("Kept on this computer, to be put back: {paths}.", paths=", ".join(changes.replaced))),
        (changes.restored, _("Put back: {paths}.", paths=", ".join(changes.restored))),
        (changes.removed, _("Removed: {paths}.", paths=", ".join(changes.removed))),
    ):
        if paths:
            session.out.text(text)
    if changes.theirs and not changes.files:
        session.out.text(
            _(
                "Changed on the board by somebody else since, and left as it is: {paths}.",
                paths=", ".join(changes.theirs),
            )
        )
    elif changes.theirs:
        session.out.text(
            _(
                "Changed on the board by somebody else since; kept like the others: {paths}.",
                paths=", ".join(changes.theirs),
            )
        )
    if changes.kept_in is not None:
        session.out.text(_("What was there before is still kept in {folder}.", folder=changes.kept_in))


VERB = Verb(
    "deploy",
    _("install a project's module in the board's /lib, or have its program start by itself"),
    _(
        "A file is written under a temporary name, verified by its hash, then renamed: never half a module.\n"
        "With --autostart the whole program goes to the board, compiled but for main.py and boot.py, and the board\n"
        "restarts. What it replaces is kept on this computer. Ctrl-C ends the watching; the program runs on.\n"
        "Example: natmod deploy blinker --autostart; natmod deploy --undo"
    ),
    _arguments,
    _run,
)
