"""``natmod learn``: lessons, their code on a board, who passed what; benches that ask the board."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path

from ide.board.boards import Boards
from ide.board.verdicts import Case
from ide.cli import learn_bench
from ide.cli.the_board import address_of
from ide.cli.verb import Session, Verb, add_board
from ide.learn import doing, lessons, results
from ide.learn.lessons import Lesson
from toolchains import languages
from toolchains.errors import UsageError
from toolchains.text import _, _n

_BAR = "-" * 60


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("action", nargs="?", default="list", choices=tuple(_ACTIONS))
    parser.add_argument("what", nargs="*", metavar="WHAT", help=str(_("a lesson, and what belongs to the action")))
    parser.add_argument("--lessons", type=Path, metavar="FOLDER", help=str(_("lessons of your own (default: ours)")))
    parser.add_argument(
        "--project", type=Path, metavar="FOLDER", help=str(_("check: your project (default: ./LESSON)"))
    )
    parser.add_argument("--into", type=Path, default=Path(), metavar="FOLDER", help=str(_("open: where it shall be")))
    parser.add_argument("--person", metavar="NAME", help=str(_("check: your name, for the result file")))
    parser.add_argument(
        "--results", type=Path, metavar="FOLDER", help=str(_("check: keep a result file in this folder"))
    )
    add_board(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    return _ACTIONS[options.action](options, session)


def _shelf(options: argparse.Namespace, session: Session) -> lessons.Shelf:
    found = lessons.shelf(options.lessons)
    for fault in found.faults:
        session.out.error(fault)
    return found


def _lesson(options: argparse.Namespace, session: Session) -> Lesson:
    if not options.what:
        raise UsageError(_("Which lesson?"), next_step=_("Example: natmod learn show 01"))
    return _shelf(options, session).named(options.what[0])


def _list(options: argparse.Namespace, session: Session) -> int:
    found, spoken = _shelf(options, session), languages.spoken()
    rows = [(one.name, one.title(spoken), _("{n} min", n=one.minutes)) for one in found.lessons]
    session.out.record(
        {
            "kind": "lessons",
            "lessons": [
                {"name": one.name, "title": one.title(spoken), "minutes": one.minutes, "languages": one.languages}
                for one in found.lessons
            ],
            "faults": [str(fault) for fault in found.faults],
        }
    )
    session.out.table((_("lesson"), _("about"), _("time")), rows, right={2})
    return 1 if found.faults else 0


def _show(options: argparse.Namespace, session: Session) -> int:
    lesson = _lesson(options, session)
    page = lesson.page(languages.spoken())
    code = {name: f"{_BAR} {name}\n{lesson.code(name)}{_BAR}" for name in lessons.snippets(page)}
    session.out.record({"kind": "lesson", "name": lesson.name, "page": page, "code": list(code)})
    session.out.text(lessons.with_code(page, code).rstrip())
    return 0


def _try(options: argparse.Namespace, session: Session) -> int:
    lesson = _lesson(options, session)
    there = [name for name in lessons.snippets(lesson.page(languages.spoken())) if lesson.tried(name)]
    if len(options.what) != 2:
        raise UsageError(_("Which code of the lesson?"), next_step=_("There are: {files}.", files=", ".join(there)))
    name = options.what[1]
    lesson.file(name)
    if not lesson.tried(name):
        raise UsageError(
            _("{name} is there to be read: it cannot run by itself.", name=name),
            next_step=_("There are: {files}.", files=", ".join(there)),
        )
    address = address_of(options, session)
    with Boards(session.toolbox) as boards:
        good = doing.try_snippet(
            session.ctx, boards, address, lesson, name, session.toolbox.paths, session.out.board_output
        )
    session.out.record({"kind": "try", "lesson": lesson.name, "code": name, "ok": good})
    return 0 if good else 1


def _here(options: argparse.Namespace, session: Session) -> int:
    lesson = _lesson(options, session)
    if len(options.what) != 2:
        names = ", ".join(lesson.computer) or "–"
        raise UsageError(_("Which code of the lesson?"), next_step=_("There are: {files}.", files=names))
    good = doing.run_here(session.ctx, lesson, options.what[1], session.out.text)
    session.out.record({"kind": "here", "lesson": lesson.name, "code": options.what[1], "ok": good})
    return 0 if good else 1


def _open(options: argparse.Namespace, session: Session) -> int:
    lesson = _lesson(options, session)
    if len(options.what) > 1:
        folder = doing.take_snippet(lesson, options.what[1], options.into)
    else:
        folder = doing.take_exercise(lesson, options.into)
    session.out.record({"kind": "opened", "lesson": lesson.name, "project": str(folder)})
    session.out.text(_("The project is in {folder}.", folder=folder))
    return 0


def _check(options: argparse.Namespace, session: Session) -> int:
    lesson = _lesson(options, session)
    folder = options.project or options.into / lesson.name
    if not folder.is_dir():
        raise UsageError(
            _("There is no folder {folder}.", folder=folder),
            next_step=_("Get the exercise with: natmod learn open {lesson}", lesson=lesson.name),
        )
    if options.results is not None and not options.person:
        raise UsageError(_("A result needs a name."), next_step=_("Add --person and your name."))
    address = address_of(options, session)

    def tell(_board: str, case: Case) -> None:
        if not case.good:
            session.out.text(f"{case.name}: {case.message}")

    with Boards(session.toolbox) as boards:
        result, said = doing.check(session.ctx, boards, address, lesson, folder, options.person or "", tell)
    if said.error is not None:
        session.out.error(said.error)
    session.out.record({"kind": "check", **result.to_json()})
    session.out.text(
        _("{lesson}: passed.", lesson=lesson.name)
        if result.passed
        else _("{lesson}: not yet. Mend it and check again.", lesson=lesson.name)
    )
    if options.results is not None:
        results.write(options.results, result)
    return 0 if result.passed else 1


def _results(options: argparse.Namespace, session: Session) -> int:
    if len(options.what) != 1:
        raise UsageError(_("Which folder?"), next_step=_("Name the folder in which the result files are."))
    names = [one.name for one in lessons.shelf(options.lessons).lessons]
    table = results.table(Path(options.what[0]), names)
    session.out.record(
        {
            "kind": "results",
            "lessons": table.lessons,
            "people": [
                {"person": row.person, "passed": row.passed, "results": [one.to_json() for one in row.results if one]}
                for row in table.rows
            ],
            "faults": [str(fault) for fault in table.faults],
        }
    )
    for fault in table.faults:
        session.out.text(fault)
    head = (_("person"), *table.lessons, _("passed"))
    session.out.table(head, [(row.person, *map(mark, row.results), row.passed) for row in table.rows])
    session.out.text(_n("{n} person", "{n} people", len(table.rows)))
    return 0


def mark(result: results.Result | None) -> str:
    """A cell of the teacher's table: the day it was passed, a word for tried, nothing."""
    if result is None:
        return ""
    return result.when[:10] if result.passed else str(_("tried"))


_ACTIONS: Mapping[str, Callable[[argparse.Namespace, Session], int]] = {
    "list": _list,
    "show": _show,
    "try": _try,
    "here": _here,
    "open": _open,
    "check": _check,
    "results": _results,
    **learn_bench.ACTIONS,
}

VERB = Verb(
    "learn",
    _("lessons from print to a class in C, and benches that ask the board"),
    _(
        """  natmod learn                         all lessons
  natmod learn show 01                 read one
  natmod learn try 01 blink.py         run its code on the board
  natmod learn here 09 client.py       the other end, on this computer
  natmod learn open 01                 get its exercise; then change it
  natmod learn check 01 --person Ada --results FOLDER
  natmod learn results FOLDER          the teacher's table
  natmod learn struct "<BHh" "1, 2000, -5"
  natmod learn regex "(a+)(b)?" "xaab" (without words: what the board can do)
  natmod learn modules                 what the board has; with a name: what is in it
  natmod learn disk /                  the numbers of statvfs explained"""
    ),
    _arguments,
    _run,
)
