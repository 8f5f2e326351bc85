"""``natmod sync``: a folder here and a folder of the board made the same."""

from __future__ import annotations

import argparse
import posixpath
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ide.board.files import sync
from ide.board.files.records import Step, SyncPlan, TransferReport
from ide.cli.asking import agree
from ide.cli.board_paths import on_board
from ide.cli.the_board import the_board
from ide.cli.verb import Session, Verb, add_board
from toolchains.text import Text, _, _n
from toolchains.units import size_text, time_text

_WORDS = {
    "create": _("new"),
    "replace": _("replace"),
    "delete": _("delete"),
    "conflict": _("left alone: a file and a folder of that name, or a name that cannot be"),
}


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("folder", nargs="?", default=".", metavar="FOLDER", help=str(_("a folder of this computer")))
    parser.add_argument("target", nargs="?", default=":/", metavar=":FOLDER", help=str(_("a folder of the board")))
    parser.add_argument("--pull", action="store_true", help=str(_("from the board to this computer")))
    parser.add_argument(
        "--delete", action="store_true", help=str(_("remove from the target what the other side has not"))
    )
    parser.add_argument(
        "--exclude", action="append", default=[], metavar="PATTERN", help=str(_("leave out, as in .gitignore"))
    )
    parser.add_argument("--all", action="store_true", help=str(_("do not leave out what usually is left out")))
    parser.add_argument("--yes", action="store_true", help=str(_("delete without asking")))
    parser.add_argument("--dry-run", action="store_true", help=str(_("only show what would happen")))
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    excludes = (*(() if options.all else sync.DEFAULT_EXCLUDES), *options.exclude)
    with the_board(options, session) as board:
        (target,) = on_board(session.ctx, board, [options.target])
        plan = sync.plan(
            session.ctx,
            board,
            Path(options.folder),
            target,
            excludes=excludes,
            direction="from_board" if options.pull else "to_board",
            delete=True,
            certain=options.delete,
        )
        left = () if options.delete else plan.of("delete")
        plan = replace(plan, steps=tuple(step for step in plan.steps if step not in left))
        _show_plan(session, plan, left)
        wanted = not options.dry_run and _may_delete(options, plan)
        report = sync.apply(session.ctx, board, plan) if wanted else None
    _show_end(session, plan, report)
    return 0


def _may_delete(options: argparse.Namespace, plan: SyncPlan) -> bool:
    """Whether everything may be done: what would be deleted was listed, and somebody says yes to it."""
    lost = plan.of("delete")
    if not lost:
        return True
    start = [step.path for step in lost if posixpath.basename(step.path) in sync.STARTS_WITH]
    question = _n(
        "{n} file or folder will be deleted from {target}.",
        "{n} files and folders will be deleted from {target}.",
        len(lost),
        target=f":{plan.target}" if plan.direction == "to_board" else str(plan.folder),
    )
    if start:
        question = _("{question} Among them: {names}, with which the board starts.", question=question,
                     names=", ".join(start))  # fmt: skip
    return agree(question, agreed=options.yes, as_json=options.json)


def _show_plan(session: Session, plan: SyncPlan, left: Sequence[Step]) -> None:
    rows = [(_WORDS[step.action], size_text(step.size), step.path) for step in plan.steps if step.action in _WORDS]
    if rows:
        session.out.table((_("what"), _("size"), _("path")), rows, right={1})
    if left:
        session.out.text(
            _n(
                "{n} file or folder is on the target only and stays; --delete removes it.",
                "{n} files and folders are on the target only and stay; --delete removes them.",
                len(left),
            )
        )


def _show_end(session: Session, plan: SyncPlan, report: TransferReport | None) -> None:
    done = report.to_json() if report else None
    session.out.record({"kind": "sync", **plan.to_json(), "done": done})
    session.out.text(_summary(plan, report))


def _summary(plan: SyncPlan, report: TransferReport | None) -> Text:
    same, changes = len(plan.of("same")), len(plan.changes)
    if not changes:
        return _n("All is the same: {n} file.", "All is the same: {n} files.", same)
    if report is None:
        return _("{changes} to change, {same} are the same; nothing was done.", changes=changes, same=same)
    return _(
        "{changes} changed, {same} were the same; {size} sent in {time}.",
        changes=changes,
        same=same,
        size=size_text(report.n_bytes),
        time=time_text(report.seconds),
    )


VERB = Verb(
    "sync",
    _("make a folder of the board like one here, or the other way round"),
    _(
        "Compared by hash: only what differs is sent. Nothing is deleted without --delete, which lists it and asks.\n"
        "Left out as a rule: names that begin with a point, __pycache__, *.pyc, build, dist; and what native modules\n"
        "are made of (*.c, *.h, natmod.toml, Makefile, README*, *.md, tests): natmod run and natmod deploy put what\n"
        "is built of them. See --exclude and --all.\n"
        "Examples: natmod sync src; natmod sync src :/ --delete --dry-run; natmod sync backup :/ --pull"
    ),
    _arguments,
    _run,
)
