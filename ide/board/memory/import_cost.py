"""What it costs a board to import a module as source, as bytecode and as machine code: measured, each from a reset.

Where the firmware has a module of this name frozen in it, its import is measured, too. The files are put on the
board's own filesystem for that, into a folder of ours that is removed again, since a module that comes over the line
has another time and other memory.
"""

from __future__ import annotations

import statistics
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from ide.board.boards import Boards
from ide.board.errors import BoardExecError, BoardFull, BoardGarbled, BoardTimeout
from ide.board.file_session import ENODEV, BoardFileError
from ide.board.install import install
from ide.board.link import Board
from ide.board.memory.module_forms import Candidate, Way, candidates, modules_of
from ide.board.mount import board_source
from toolchains.errors import BoardError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.undo import on_failure

__all__ = ["Candidate", "Cost", "CostReport", "Way", "candidates", "cost_of", "measure", "modules_of"]

SCHEMA = 1
#: Where the files are while they are measured.
_FOLDER = "/natmod-cost"
#: An import that takes so long is a program that runs, seconds.
_SILENCE = 30.0
_FIGURES = 4
_MOST_RUNS = 50


@dataclass(frozen=True)
class Cost:
    """What one form costs. Bytes and seconds, each the median of ``runs``; None where it was not measured.

    ``ram``: heap that stays used after the import and a collection. ``peak``: heap that was used just after the import,
    before a collection: what has to be free, at least. ``exec_ram``: memory for machine code (ESP32). ``file_size``:
    of the module and what it imports of the project; ``flash``: what the filesystem took for these files, 0 where they
    are so small that they are kept with their folder. ``seconds``: the import alone, from the board's own filesystem.
    ``why_not``: why there are no figures.
    """

    way: Way
    file_size: int | None = None
    flash: int | None = None
    ram: int | None = None
    peak: int | None = None
    exec_ram: int | None = None
    seconds: float | None = None
    runs: int = 0
    why_not: Text | None = None


@dataclass(frozen=True)
class CostReport:
    """The costs of one module, in the order source, bytecode, machine code, frozen (where the firmware has it)."""

    module: str
    costs: tuple[Cost, ...]

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        rows = [{**vars(cost), "why_not": str(cost.why_not) if cost.why_not else None} for cost in self.costs]
        return {"schema": SCHEMA, "module": self.module, "costs": rows}


def cost_of(
    ctx: JobContext,
    boards: Boards,
    address: str,
    folder: Path,
    module: str,
    *,
    runs: int = 3,
    on_cost: Callable[[Cost], None] = lambda cost: None,
) -> CostReport:
    """What ``module`` of the project in ``folder`` costs the board at ``address``. See :func:`measure`."""
    with ctx.step(_("Make {module} in all forms", module=module)):
        ways = candidates(ctx, boards, address, folder, module)
    return measure(ctx, boards.open(ctx, address), module, ways, runs=runs, on_cost=on_cost)


def measure(
    ctx: JobContext,
    board: Board,
    module: str,
    ways: Sequence[Candidate],
    *,
    runs: int = 3,
    on_cost: Callable[[Cost], None] = lambda cost: None,
) -> CostReport:
    """Measure each form ``runs`` times, each time after a soft reset. What was put on the board is removed again.

    The module is imported, so what stands at its top runs on the board. Raises the errors of
    :meth:`ide.board.link.Board.exec`, but for those of the module itself, which are its ``why_not``.
    """
    if not all(part.isidentifier() for part in module.split(".")):
        raise UsageError(_("{module} is no name of a module.", module=module))
    costs = []
    for way in ways:
        if way.why_not is not None:
            cost = Cost(way.way, why_not=way.why_not)
        else:
            with ctx.step(_("Measure {files}", files=", ".join(way.files))):
                cost = _Measure(ctx, board, module, way).run(max(1, min(runs, _MOST_RUNS)))
        costs.append(cost)
        on_cost(cost)
    frozen = _frozen(ctx, board, module, max(1, min(runs, _MOST_RUNS)))
    if frozen is not None:
        costs.append(frozen)
        on_cost(frozen)
    return CostReport(module, tuple(costs))


def _frozen(ctx: JobContext, board: Board, module: str, runs: int) -> Cost | None:
    """What the module costs that is frozen into the firmware; None: there is none of this name."""
    cost = Cost("frozen")
    try:
        figures = [_once(ctx, board, f"Z({module!r})") for _run in range(runs)]
    except (BoardExecError, BoardTimeout) as error:
        if isinstance(error, BoardExecError) and _last_line(error).startswith("ImportError"):
            return None
        cost = replace(cost, why_not=_why_not(error))
    else:
        cost = _with_medians(cost, figures)
    finally:
        with suppress(BoardError):
            board.soft_reset(JobContext(ctx.host))
    return cost


def _once(ctx: JobContext, board: Board, asked: str) -> tuple[int, ...]:
    """Bytes of heap that stay, bytes before the collection, bytes of machine code, microseconds; -1: unknown."""
    board.soft_reset(ctx)
    code = board_source(("cost",))
    return _figures(board.exec(ctx, f"{code}print({asked})", isolated=True, timeout=_SILENCE))


def _last_line(error: BoardExecError) -> str:
    return error.traceback.rstrip().rpartition("\n")[2]


def _why_not(error: BoardError) -> Text:
    if isinstance(error, BoardExecError):
        return _("Its import failed: {error}", error=_last_line(error))
    if isinstance(error, BoardTimeout):
        return _("Its import does not end: it runs a program of its own.")
    if isinstance(error, BoardFileError) and error.errno == ENODEV:
        return _("This board has no filesystem.")
    return error.what


class _Measure:
    """One form on one board."""

    def __init__(self, ctx: JobContext, board: Board, module: str, way: Candidate) -> None:
        self._ctx, self._board, self._module, self._way = ctx, board, module, way
        self._folder = _FOLDER
        self._cost = Cost(way.way, sum(map(len, way.files.values())))

    def run(self, runs: int) -> Cost:
        with on_failure(self._tidy):
            try:
                self._folder = install(self._ctx, self._board, self._way.files, target=_FOLDER).folder
                asked = f"C({self._folder!r},{self._module!r})"
                figures = [_once(self._ctx, self._board, asked) for _run in range(runs)]
            except (BoardExecError, BoardTimeout, BoardFull, BoardFileError) as error:
                cost = replace(self._cost, why_not=_why_not(error))
            else:
                cost = _with_medians(self._cost, figures)
        return replace(cost, flash=self._clear(self._ctx))

    def _tidy(self) -> None:
        """After a failure or a cancel, as far as the board still answers."""
        with suppress(BoardError):
            self._clear(JobContext(self._ctx.host))

    def _clear(self, ctx: JobContext) -> int | None:
        """Remove what was put there, and forget the module; how many bytes of the filesystem that freed."""
        self._board.soft_reset(ctx)
        asked = f"R({self._folder!r},{tuple(sorted(self._way.files))!r})"
        freed = self._board.ask(ctx, asked, board_source(("cost",)), isolated=True)
        return freed if isinstance(freed, int) and freed >= 0 else None


def _figures(output: bytes) -> tuple[int, ...]:
    """The last line, after whatever the module printed. Raises BoardGarbled."""
    words = output.decode("utf-8", "replace").rstrip().rpartition("\n")[2].strip("() \r").split(",")
    try:
        figures = tuple(int(word) for word in words)
    except ValueError as error:
        raise BoardGarbled(output[-200:].decode("utf-8", "replace")) from error
    if len(figures) != _FIGURES:
        raise BoardGarbled(output[-200:].decode("utf-8", "replace"))
    return figures


def _with_medians(cost: Cost, figures: Sequence[tuple[int, ...]]) -> Cost:
    ram, peak, code, microseconds = (statistics.median_low(column) for column in zip(*figures, strict=True))
    return replace(
        cost,
        ram=ram,
        peak=peak,
        exec_ram=code if code >= 0 else None,
        seconds=microseconds / 1e6 if microseconds >= 0 else None,
        runs=len(figures),
    )
