"""``natmod race``: one function in several ways on a board, timed; equal results first."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from ide.board.boards import Boards
from ide.board.race_lines import Field, Lap, Out, Said
from ide.cli.the_board import address_of
from ide.cli.verb import Session, Verb, add_board, add_tools
from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.racing.functions import Function
from toolchains.text import _
from toolchains.units import number_text


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "project", nargs="?", default=".", help=str(_("the project's folder (default: the current one)"))
    )
    parser.add_argument(
        "--function", metavar="NAME", help=str(_("race this Python function; native and viper are made by machine"))
    )
    parser.add_argument("--call", metavar="CALL", help=str(_("how it is called, such as: crc(bytes(100))")))
    parser.add_argument(
        "--script", default="race.py", metavar="FILE", help=str(_("another script of the project that races"))
    )
    parser.add_argument("--list", action="store_true", help=str(_("list the functions that could race")))
    parser.add_argument(
        "--write-c", action="store_true", help=str(_("write the function's frame in C, to be filled, and do not race"))
    )
    parser.add_argument("--runs", type=int, default=0, metavar="N", help=str(_("laps of each way (default: 3 to 10)")))
    parser.add_argument("--timeout", type=float, default=60.0, metavar="SECONDS",
                        help=str(_("stop a way that does not come back (default: 60)")))  # fmt: skip
    parser.add_argument("--csv", type=Path, metavar="FILE", help=str(_("write the table as CSV, too")))
    parser.add_argument("--png", type=Path, metavar="FILE", help=str(_("write the bars as a picture, too")))
    add_board(parser)
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    from toolchains import project, racing

    folder = project.load(Path(options.project)).root
    if options.list:
        return _list(session, racing.in_project(folder))
    if not 0 <= options.runs <= 1000:
        raise UsageError(_("--runs wants a number from 1 to 1000."), next_step=_("Example: {line}", line="--runs 5"))
    if not options.timeout > 0:
        raise UsageError(_("A time-out is a number of seconds above zero."), next_step=_("Example: --timeout 120"))
    if (options.call or options.write_c) and not options.function:
        raise UsageError(_("The function's name is needed, too: --function NAME"))
    if options.write_c:
        return _write_c(session, folder, options.function)
    return _race(options, session, folder)


def _race(options: argparse.Namespace, session: Session, folder: Path) -> int:
    from ide.board import race, race_kept
    from toolchains import project, racing

    variants = None
    if options.function:
        function = racing.find(folder, options.function, options.call or "")
        variants = racing.make(function, project.load(folder))
        session.ctx.note(_("It is called like this: {call}", call=function.call))
    what = race.Race(
        folder, script=options.script, variants=variants, runs=options.runs, patience=options.timeout,
        sdk=options.sdk, compiler=options.compiler,
    )  # fmt: skip
    follow = _Follow(session)
    with Boards(session.toolbox) as boards:
        heard = race.Heard(follow.said)
        report = race.race(session.ctx, boards, address_of(options, session), what, heard)
    session.out.record(report.to_json())
    _show(session, report)
    race_kept.keep(session.toolbox.paths, report)
    if options.csv is not None:
        with disk_errors(options.csv):
            options.csv.write_text(report.to_csv(), "utf-8")
    if options.png is not None:
        _picture(session, report, options.png)
    failed = any(one.out is not None and one.out.why in ("differs", "failed") for one in report.entries)
    return 1 if failed or not any(one.laps for one in report.entries) else 0


def _list(session: Session, found: tuple[Function, ...]) -> int:
    for one in found:
        session.out.record({"kind": "function", "name": one.name, "file": one.path.name, "line": one.line,
                            "call": one.call})  # fmt: skip
    session.out.table(
        (_("function"), _("file"), _("call")), [(one.name, f"{one.path.name}:{one.line}", one.call) for one in found]
    )
    return 0


def _write_c(session: Session, folder: Path, name: str) -> int:
    from toolchains import project, racing
    from toolchains.edits import read_text
    from toolchains.racing.in_c import in_c

    function = racing.find(folder, name)
    fix = in_c(function, project.load(folder), read_text(function.path))
    fix.apply()
    for path in fix.paths:
        session.out.record({"kind": "file", "path": str(path)})
        session.out.text(_("Wrote {path}.", path=path))
    return 0


class _Follow:
    """Says each lap on a terminal, and who is out at once."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._names: dict[str, str] = {}

    def said(self, said: Said) -> None:
        from ide.board.race_words import name_of, why_out

        if isinstance(said, Field):
            labels = said.labels or tuple(map(name_of, said.ways))
            self._names = dict(zip(said.ways, labels, strict=True))
        elif isinstance(said, Lap):
            self._session.ctx.progress(said.number, said.of, "")
        elif isinstance(said, Out):
            self._session.ctx.note(_("{way}: {what}", way=self._names.get(said.way, said.way), what=why_out(said)))


def _show(session: Session, report: object) -> None:
    from ide.board import race_words
    from ide.board.race_report import RaceReport

    assert isinstance(report, RaceReport)
    session.out.table(
        race_words.HEADS,
        [race_words.cells(report, one) for one in report.entries],
        right=range(1, len(race_words.HEADS)),
    )
    for line in race_words.verdict(report):
        session.out.text(line)
    if report.overhead is not None:
        share = number_text(100 * report.overhead, 3)
        session.out.text(_("The race itself took {share} % of the quickest call; it is taken off.", share=share))


def _picture(session: Session, report: object, path: Path) -> None:
    from ide.board import race_words
    from ide.board.race_report import RaceReport

    assert isinstance(report, RaceReport)
    asked = {
        "title": race_words.title_of(report), "about": str(race_words.where(report)),
        "rows": race_words.picture_rows(report), "note": " ".join(map(str, race_words.verdict(report))),
    }  # fmt: skip
    with disk_errors(path):
        path.touch()
    argv = [sys.executable, "-P", "-m", "ide.race_picture", str(path.absolute())]
    done = session.ctx.run(argv, stdin=json.dumps(asked).encode(), check=False)
    if done.returncode:
        raise NoPicture(done.text)


class NoPicture(StudioError):
    """Pictures are drawn by the window's own means. ``detail``: their words."""

    code = "race.picture"

    def __init__(self, detail: str) -> None:
        super().__init__(
            _("A picture needs the Python packages of the window."),
            next_step=_("Get them with: python3 studio.py window --check; or use --csv."),
            detail=detail,
        )


VERB = Verb(
    "race",
    _("race Python, native, viper and C on a board"),
    _(
        "With --function, any function at the top of a Python file: native and viper are made by machine, C is the\n"
        "project's module if it has that function. Without it, the project's own race.py.\n"
        "Equal results are checked first. A simulator's numbers say that they are a simulator's.\n"
        "A comment says how a function is called:  # race: crc(bytes(100))\n"
        "Examples: natmod race examples/mandelbrot --board sim:rv32\n"
        "          natmod race mine --function crc --call 'crc(bytes(100))' --csv laps.csv --png bars.png"
    ),
    _arguments,
    _run,
)
