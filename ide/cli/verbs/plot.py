"""``natmod plot``: numbers that a program prints, as CSV or as JSON lines, while it runs."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterable
from pathlib import Path

from ide.board.boards import Boards
from ide.board.lasting import lasting
from ide.board.link import Board
from ide.board.pipeline import RunRequest, build_put_run
from ide.board.plot import Header, LineReader, Point
from ide.board.plot_table import fields
from ide.cli.the_board import address_of
from ide.cli.verb import Session, Verb, add_board, add_tools
from toolchains.errors import Cancelled, StudioError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import _


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "script",
        nargs="?",
        metavar="SCRIPT",
        help=str(_("a Python file, or a project's folder, to run (default: listen to the program that runs)")),
    )
    add_board(parser)
    parser.add_argument("--points", type=int, metavar="N", help=str(_("end after so many lines of numbers")))
    add_tools(parser)


def _run(options: argparse.Namespace, session: Session) -> int:
    if options.points is not None and options.points < 1:
        raise UsageError(_("--points wants a number from 1 on."), next_step=_("Example: natmod plot --points 100"))
    writer = _Writer(session, options.points)
    with Boards(session.toolbox) as boards, session.ctx.part() as inner:
        writer.end = inner.cancel
        try:
            (_run_script if options.script else _listen)(options, session, boards, inner, writer)
        except Cancelled:
            if not writer.full:
                raise
    if not writer.points:
        raise NoNumbers
    return 0


def _run_script(
    options: argparse.Namespace, session: Session, boards: Boards, ctx: JobContext, writer: _Writer
) -> None:
    request = RunRequest(Path(options.script), board=options.board, sdk=options.sdk, compiler=options.compiler)
    with session.typing() as attach:
        report = build_put_run(ctx, boards, request, on_output=writer.take, on_board=attach)
    if report.outcome is not None and not report.outcome.good:
        raise ProgramFailed(report.outcome.traceback or report.outcome.exit_value)


def _listen(options: argparse.Namespace, session: Session, boards: Boards, ctx: JobContext, writer: _Writer) -> None:
    """The program that runs on the board goes on; it is not disturbed."""
    address = address_of(options, session)

    def listen(board: Board) -> None:
        session.ctx.note(_("Listening to {address}; Ctrl-C ends it.", address=boards.where(address)))
        board.terminal(ctx, writer.take, probe=False)

    lasting(ctx, boards, address, listen, disturbs=False)


class ProgramFailed(StudioError):
    """The program on the board ended with an error; ``detail`` is its traceback."""

    code = "plot.failed"

    def __init__(self, traceback: str) -> None:
        super().__init__(_("The program on the board ended with an error."), detail=traceback)


class NoNumbers(StudioError):
    """The program ended, and no line of it was one of numbers."""

    code = "plot.none"

    def __init__(self) -> None:
        super().__init__(
            _("No line of numbers came."),
            why=_("Other output is no curve."),
            next_step=_("Print lines like 21.5, 40 or temp:21.5; a line of names before them names the curves."),
        )


class _Writer:
    """Writes points to standard output as they come; what is no number is left out."""

    def __init__(self, session: Session, most: int | None) -> None:
        self.end: Callable[[], object] = lambda: None
        self.points = 0
        self._session, self._most = session, most
        self._reader = LineReader()
        self._names: tuple[str, ...] = ()
        self._headed = False

    @property
    def full(self) -> bool:
        """Whether as many points came as were wanted."""
        return self._most is not None and self.points >= self._most

    def take(self, data: bytes) -> None:
        """What the program printed."""
        self._write(self._reader.feed(data))

    def _write(self, events: Iterable[Header | Point]) -> None:
        for event in events:
            if self.full:
                return
            if isinstance(event, Header):
                self._names, self._headed = event.names, False
            else:
                self._point(event)
        if self.full:
            self.end()

    def _point(self, point: Point) -> None:
        titles = [*self._names, *map(str, range(len(self._names) + 1, len(point.values) + 1))]
        out = self._session.out
        if not self._headed:
            out.text(",".join(map(_quoted, titles)))
            self._headed = True
        out.text(",".join(fields(point.values)))
        values = {name: None if value != value else value for name, value in zip(titles, point.values, strict=False)}
        out.record({"kind": "point", "number": self.points, "values": values})
        self.points += 1


def _quoted(name: str) -> str:
    """A name as a field of CSV."""
    return '"{}"'.format(name.replace('"', '""')) if set(name) & set(',"') else name


VERB = Verb(
    "plot",
    _("write the numbers that a program prints as CSV"),
    _(
        "A line of numbers between commas or blanks is a point; a line of names before it names the curves;\n"
        "name:value pairs are read, too. All other output is left out. With --json: one JSON line a point.\n"
        "Without a script it listens to the program that runs, until Ctrl-C. The window draws the same, live.\n"
        "Example: natmod plot sensor.py --points 500 > values.csv"
    ),
    _arguments,
    _run,
)
