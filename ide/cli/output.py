"""What the command line shows: results on standard output; steps, progress and errors on standard error.

A terminal gets steps and progress bars, a pipe stays quiet, ``--json`` gets one record on standard output and events
as JSON lines on standard error (design.md section 11).
"""

from __future__ import annotations

import codecs
import json
import os
import shutil
import sys
from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from ide.cli.columns import fitted, width
from toolchains.errors import Cancelled, StudioError, disk_error
from toolchains.jobs import Event, Log, Note, Progress, StepEnded, StepStarted
from toolchains.rates import Rate
from toolchains.text import _
from toolchains.units import size_text, time_text

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

SCHEMA = 1
#: Below this many columns a progress bar has no room for the time that is left.
_NARROW = 80


class ReaderGone(StudioError):
    """Who read our output wants no more of it (``natmod run | head -1``): no fault, so nothing is said."""

    code = "output.closed"
    exit_code = 141  # what a shell reports for a program that SIGPIPE ended

    def __init__(self) -> None:
        super().__init__(_("Nobody reads the output any more."))


class Output:
    """Shows results, events and errors in the manner that was asked for."""

    def __init__(self, *, as_json: bool = False, verbose: bool = False, steps: bool | None = None) -> None:
        self.as_json = as_json
        self.verbose = verbose
        self.steps = sys.stderr.isatty() if steps is None else steps
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._rate = Rate()
        self._title = ""
        self._held = b""
        self._in_line = False
        self._decoder = codecs.getincrementaldecoder("utf-8")("backslashreplace")
        #: Columns of the unfinished line that names the step at work.
        self._waiting = 0
        #: The steps that run now, outermost first; None once its title was printed.
        self._open: list[str | None] = []

    def text(self, line: object = "") -> None:
        """A line of the result, for people; nothing with ``--json``."""
        if not self.as_json:
            self.end_bar()
            with _writing("standard output"):
                # What the program printed last may have had no end of line.
                print("\n" * self._in_line + str(line), flush=True)
            self._in_line = False

    def record(self, record: Mapping[str, object]) -> None:
        """The result, for programs; nothing without ``--json``."""
        if self.as_json:
            with _writing("standard output"):
                print(json.dumps({"schema": SCHEMA, **record}, ensure_ascii=False), flush=True)

    def table(self, head: Sequence[object], rows: Sequence[Sequence[object]], *, right: Collection[int] = ()) -> None:
        """Rows under a head, in aligned columns; those whose number is in ``right``, such as sizes, to the right."""
        cells = [[str(cell) for cell in row] for row in (head, *rows)]
        widths = [max(map(width, column)) for column in zip(*cells, strict=True)]
        for row in cells:
            padded = (
                " " * (columns - width(cell)) + cell if index in right else fitted(cell, columns)
                for index, (cell, columns) in enumerate(zip(row, widths, strict=True))
            )
            self.text("  ".join(padded).rstrip())

    def board_output(self, data: bytes) -> None:
        """What the program on the board prints, as it comes."""
        if self.as_json:
            # Output comes in pieces: the bytes of one character may be in two of them.
            self._json_line({"event": "output", "text": self._decoder.decode(data)})
            return
        self.end_bar()
        data = self._held + data
        self._held = b"\r" if data.endswith(b"\r") else b""  # the first half of a line's end, perhaps
        with _writing("standard output"):
            sys.stdout.buffer.write(data.removesuffix(self._held).replace(b"\r\n", b"\n"))
            sys.stdout.flush()
        self._in_line = not data.endswith(b"\n")

    def raw(self, data: bytes) -> None:
        """Bytes of the result, as they are."""
        self.end_bar()
        with _writing("standard output"):
            sys.stdout.buffer.write(data)
            sys.stdout.flush()
        self._in_line = bool(data) and not data.endswith(b"\n")

    def event(self, event: Event) -> None:
        """Show one event of a job."""
        if self.as_json:
            self._json_line(_event_record(event))
        elif isinstance(event, Note):
            self._line(str(event.text))
        elif isinstance(event, Log):
            if self.verbose:
                self._line(f"    {event.line}")
        elif self.steps:
            self._show_step(event)

    def _show_step(self, event: StepStarted | StepEnded | Progress) -> None:
        if isinstance(event, Progress):
            self._show_progress(event)
        elif isinstance(event, StepStarted):
            self.end_bar()
            # A step inside a step: name the outer one first, so that the lines read in the order of the work.
            del self._open[event.depth :]  # a step that failed has no end
            for depth, title in enumerate(self._open):
                if title is not None:
                    self._line(f"{_indent(depth)}{title}:")
                    self._open[depth] = None
            self._title = str(event.title)
            self._open.append(self._title)
            self._show_waiting(f"{_indent(event.depth)}{self._title} …")
        else:
            del self._open[event.depth :]
            self._line(f"{_indent(event.depth)}{event.title} · {time_text(event.seconds)}")

    def _show_progress(self, event: Progress) -> None:
        if not sys.stderr.isatty():
            return
        if self._bar is None:
            self.end_bar()
            self._bar, self._rate = _new_bar(event.unit), Rate()
            self._bar.start()
            self._task = self._bar.add_task(self._title, total=event.total, amount="", rate="")
        if self._task is not None:
            self._rate.add(event.done, event.total)
            amount, rate = (_amount(event), str(self._rate)) if event.unit == "B" else ("", "")
            self._bar.update(self._task, completed=event.done, total=event.total, amount=amount, rate=rate)

    def _show_waiting(self, line: str) -> None:
        """Name the step at work on a line that the next one replaces: a sign of life before there is progress."""
        if not sys.stderr.isatty():
            return
        self.end_bar()
        # A line that is wrapped could not be taken back.
        self._waiting = min(width(line), shutil.get_terminal_size().columns - 1)
        line = fitted(line, self._waiting)
        with _writing("standard error"):
            print(line, end="", file=sys.stderr, flush=True)

    def end_bar(self) -> None:
        """Take the progress bar and the step at work away, so that other lines can be printed."""
        if self._waiting:
            blank, self._waiting = " " * self._waiting, 0
            with _writing("standard error"):
                print(f"\r{blank}\r", end="", file=sys.stderr, flush=True)
        if self._bar is not None:
            self._bar.stop()
            self._bar = self._task = None

    def error(self, error: StudioError) -> None:
        """One sentence: what failed, why, what to do; below it the tool's own words."""
        if self.as_json:
            self._json_line({"event": "error", **error_record(error)})
            return
        if self._in_line and sys.stdout.isatty():
            print(flush=True)  # behind a board's prompt, for example
            self._in_line = False
        # Who pressed Ctrl-C made no error.
        self._line(str(error) if isinstance(error, Cancelled) else str(_("Error: {sentence}", sentence=error)))
        if error.detail:
            self._line(error.detail.rstrip())
            return
        places = error.fields.get("diagnostics", ())
        for place in places if isinstance(places, tuple) else ():
            self._line(str(place))

    def _line(self, line: str, stream: TextIO | None = None) -> None:
        self.end_bar()
        with _writing("standard error"):
            print(line, file=stream or sys.stderr, flush=True)

    def _json_line(self, record: Mapping[str, object]) -> None:
        with _writing("standard error"):
            print(json.dumps({"schema": SCHEMA, **record}, ensure_ascii=False), file=sys.stderr, flush=True)


@contextmanager
def _writing(name: str) -> Iterator[None]:
    """A stream that cannot be written ends the command with a sentence, or silently if its reader left."""
    try:
        yield
    except OSError as error:
        drop_closed_streams()
        raise (ReaderGone() if isinstance(error, BrokenPipeError) else disk_error(error, name)) from error


def drop_closed_streams() -> None:
    """Let what standard output still holds go nowhere: the interpreter's last flush would complain once more."""
    for stream in (sys.stdout, sys.stderr):
        try:
            stream.flush()
        except OSError:
            nowhere = os.open(os.devnull, os.O_WRONLY)
            os.dup2(nowhere, stream.fileno())
            os.close(nowhere)


def _indent(depth: int) -> str:
    return "  " * (depth + 1)


def error_record(error: StudioError) -> dict[str, object]:
    """An error as a record: its code, sentence, detail and fields (values as text where JSON has no form)."""
    fields = json.loads(json.dumps(error.fields, default=str))
    return {"code": error.code, "sentence": str(error), "detail": error.detail, "fields": fields}


def _event_record(event: Event) -> dict[str, object]:
    if isinstance(event, StepStarted):
        return {"event": "step-started", "title": str(event.title), "depth": event.depth}
    if isinstance(event, StepEnded):
        return {"event": "step-ended", "title": str(event.title), "depth": event.depth, "seconds": event.seconds}
    if isinstance(event, Progress):
        return {"event": "progress", "done": event.done, "total": event.total, "unit": event.unit}
    if isinstance(event, Log):
        return {"event": "log", "line": event.line}
    return {"event": "note", "text": str(event.text)}


def _amount(event: Progress) -> str:
    return " / ".join(size_text(size) for size in (event.done, event.total) if size is not None)


def _new_bar(unit: str) -> Bar:
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, ProgressColumn, TextColumn, TimeRemainingColumn
    from rich.progress import Progress as RichProgress
    from rich.table import Column

    console = Console(stderr=True)
    narrow = console.width < _NARROW
    # Only the title may shrink: a bar cut to one column, or numbers cut to "…", say nothing.
    title = TextColumn("  {task.description}", table_column=Column(ratio=1, no_wrap=True, overflow="ellipsis"))
    whole = Column(no_wrap=True)
    columns: list[ProgressColumn] = [title, BarColumn(10 if narrow else 20)]
    if unit == "B":  # in the units of everything else we say, with the speed
        columns.append(TextColumn("{task.fields[amount]}", table_column=whole))
        left: ProgressColumn = TextColumn("{task.fields[rate]}", table_column=whole)
    else:
        columns.append(MofNCompleteColumn(table_column=whole))
        left = TimeRemainingColumn(table_column=whole)
    if not narrow:
        columns.append(left)
    return RichProgress(*columns, console=console, transient=True, expand=True)
