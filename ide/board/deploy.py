"""Put a project on a board: "try" runs it from this computer's folder, "install" writes files that stay.

Both speak to the board through one exec and the frames of :mod:`ide.board.mount`. Every run begins with a soft reset:
MicroPython frees the RAM of native code only there, and old modules go with it.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, field

from ide.board.errors import BoardExecError
from ide.board.install import Installed, InstallReport, board_hashes, install, remove
from ide.board.link import Board
from ide.board.mount import HostService, start
from ide.board.served import Served, clean, errno_for_board
from toolchains.errors import BoardError
from toolchains.jobs import JobContext
from toolchains.text import _

__all__ = [
    "InstallReport",
    "Installed",
    "MountUnsupported",
    "RunOutcome",
    "Served",
    "board_hashes",
    "install",
    "remove",
    "try_run",
]

#: A project whose list of files is longer than this is not sent as a whole: the board asks about each, characters.
_INDEX_LIMIT = 1500
#: Bytes of a file in one answer: what the board needs twice over, for a moment.
_CHUNK = 1024
#: How much of the output the outcome keeps, bytes from the end.
_KEPT_OUTPUT = 64 * 1024
#: The name of the code that is sent, in the board's tracebacks (shared/runtime/pyexec.c).
_SENT_CODE = '  File "<stdin>", line '


class MountUnsupported(BoardError):
    """The firmware lacks what serving files over the line needs."""

    code = "board.nomount"

    def __init__(self, detail: str) -> None:
        super().__init__(
            _("The firmware of this board cannot use a folder of the computer: it was built without that part."),
            next_step=_("Run with --install, or put the regular MicroPython firmware on the board."),
            detail=detail,
        )


@dataclass(frozen=True)
class RunOutcome:
    """How a script ended.

    ``output``: its last 64 KiB. ``traceback``: the board's own words, None after a normal end (``sys.exit`` is one;
    ``exit_value`` is then what it was given, as the board prints it, else empty). ``heap_before`` and ``heap_after``:
    bytes in use before the script was read and after it ended, garbage collected; None if it could not say.
    ``seconds``: by the board's clock if it has one, else by ours. ``first_output``: seconds from the request to the
    script's first byte.
    """

    output: bytes
    heap_before: int | None
    heap_after: int | None
    seconds: float
    traceback: str | None
    exit_value: str = ""
    first_output: float | None = None

    @property
    def interrupted(self) -> bool:
        """Whether Ctrl-C ended it."""
        return self.traceback is not None and self.traceback.rstrip().endswith("KeyboardInterrupt:")

    @property
    def good(self) -> bool:
        """Whether it ended as programs do that are well: without an exception, or with ``sys.exit()`` and no fault."""
        return self.traceback is None and self.exit_value in ("", "0", "None")

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": 1,
            "output": self.output.decode("utf-8", "backslashreplace"),
            "heap_before": self.heap_before,
            "heap_after": self.heap_after,
            "seconds": round(self.seconds, 4),
            "traceback": self.traceback,
            "exit_value": self.exit_value,
            "interrupted": self.interrupted,
        }


@dataclass
class _Run:
    """One run in the making: answers the board, keeps the tail of the output."""

    files: Served
    on_output: Callable[[bytes], None] | None
    on_place: Callable[[int], None] = lambda address: None
    started: float = field(default_factory=time.perf_counter)
    first: float | None = None
    output: bytearray = field(default_factory=bytearray)
    report: list[str] | None = None

    def show(self, data: bytes) -> None:
        if self.first is None:
            self.first = time.perf_counter() - self.started
        self.output += data
        del self.output[:-_KEPT_OUTPUT]
        if self.on_output is not None:
            self.on_output(data)

    def answer(self, op: str, argument: bytes) -> bytes:
        """What the board asks: G(et) ``offset name``, S(tat) ``name``, L(ist) ``offset name``, E(nd) ``figures``,
        P(lace) ``address``."""
        try:
            return self._answer(op, argument.decode())
        except (OSError, ValueError) as error:
            return b"!%d" % errno_for_board(error if isinstance(error, OSError) else OSError())

    def _answer(self, op: str, argument: str) -> bytes:
        if op == "E":
            self.report = argument.split(" ", 3)
            return b"="
        if op == "P":
            self.on_place(int(argument) & 0xFFFFFFFF)  # boards print it with a sign
            return b"="
        if op == "S":
            return f"={self.files.size(argument)} {clean(argument)}".encode()
        offset, name = argument.split(" ", 1)
        if op == "G":
            data, at_end = self.files.read(name, int(offset), _CHUNK)
            return (b"=" if at_end else b"+") + data
        listing = "".join(f"{entry}\t{size}\n" for entry, size in self.files.list(name)).encode()[int(offset) :]
        data = listing[:_CHUNK]
        data = data[: data.rfind(b"\n") + 1]
        return (b"=" if len(data) == len(listing) else b"+") + data

    def outcome(self, traceback: str | None) -> RunOutcome:
        seconds = time.perf_counter() - self.started
        if self.report is None:
            return RunOutcome(bytes(self.output), None, None, seconds, traceback, "", self.first)
        before, after, milliseconds, value = self.report
        if int(milliseconds) >= 0:
            seconds = int(milliseconds) / 1000
        return RunOutcome(bytes(self.output), int(before), int(after), seconds, traceback, value, self.first)


def try_run(
    ctx: JobContext,
    board: Board,
    files: Served,
    script: str,
    *,
    on_output: Callable[[bytes], None] | None = None,
    on_start: Callable[[], None] = lambda: None,
    on_place: Callable[[int], None] | None = None,
) -> RunOutcome:
    """Run ``script`` (a path in ``files``) as ``__main__`` with the project mounted; the board's flash is not touched.

    ``on_output`` gets the output as it comes; ``on_start`` is called once the board is fresh and the script goes to it.
    ``on_place`` gets the address of the code of each native module that is served in the form of
    :func:`toolchains.native_part.asking`, before that code runs; without it no such module may be served.
    An exception of the script is part of the outcome; a board that vanishes,
    hangs or cannot mount raises. :class:`~toolchains.errors.Cancelled` after ``ctx.cancel()``.
    """
    run = _Run(files, on_output, on_place or (lambda address: None))
    parts = ("frames", "mount", *(("where",) if on_place is not None else ()), "run")
    board.soft_reset(ctx)
    on_start()
    service = HostService(run.answer)
    values = (files.index(_INDEX_LIMIT), script)
    try:
        start(ctx, board, parts, service, values, on_output=run.show)
    except BoardExecError as error:
        traceback = script_traceback(error.traceback)
        _check_mounted(error, service)
        return run.outcome(traceback)
    return run.outcome(None)


def _check_mounted(error: BoardExecError, service: HostService) -> None:
    """An ImportError or AttributeError before the first request comes from our own code: parts are missing."""
    last = error.traceback.rstrip().rpartition("\n")[2]
    if not service.asked and last.startswith(("ImportError", "AttributeError", "NameError")):
        raise MountUnsupported(error.traceback) from error


def script_traceback(text: str) -> str:
    """A board's traceback without the lines about the code that we sent: it started the script, and serves open()."""
    return "".join(line for line in text.splitlines(keepends=True) if not line.startswith(_SENT_CODE))
