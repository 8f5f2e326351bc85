"""What it costs a board to import a module as source, as bytecode and as machine code: measured, each from a reset."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.link import Board
from toolchains.jobs import JobContext
from toolchains.text import Text

SCHEMA = 1
Way = Literal["py", "mpy", "native"]


@dataclass(frozen=True)
class Candidate:
    """A module in one form. ``files``: name on the board to content; the first one is the module itself.

    ``why_not``: why it cannot be had in this form; ``files`` is empty then.
    """

    way: Way
    files: Mapping[str, bytes] = field(default_factory=dict)
    why_not: Text | None = None


@dataclass(frozen=True)
class Cost:
    """What one form costs. Bytes and seconds, each the median of ``runs``; None where it was not measured.

    ``ram``: heap that stays used after the import and a collection. ``exec_ram``: memory for machine code (ESP32).
    ``peak``: heap used just after the import, before a collection. ``file_size`` is the module's, ``flash`` what the
    filesystem took for it (whole blocks). ``seconds``: the import alone, from the board's own filesystem.
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
    """The costs of one module. ``served``: the board has no filesystem, so the files came over the line: no times."""

    module: str
    costs: tuple[Cost, ...]
    served: bool = False

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        raise NotImplementedError


def candidates(ctx: JobContext, boards: Boards, address: str, folder: Path, module: str) -> tuple[Candidate, ...]:
    """The forms that ``module`` of the project in ``folder`` can have on the board at ``address``."""
    raise NotImplementedError


def measure(
    ctx: JobContext,
    board: Board,
    module: str,
    ways: Sequence[Candidate],
    *,
    runs: int = 3,
    on_cost: Callable[[Cost], None] = lambda cost: None,
) -> CostReport:
    """Measure each form ``runs`` times, each time after a soft reset. What was put on the board is removed again."""
    raise NotImplementedError


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
    """Both of the above: what ``module`` of the project in ``folder`` costs the board at ``address``."""
    raise NotImplementedError
