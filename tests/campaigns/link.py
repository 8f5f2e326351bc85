"""A board behind a line that loses, doubles, delays and cuts, in simulated time.

Promised: code that arrived damaged does not run; an answer is right or an error; nothing runs twice; nobody waits for
ever; afterwards, over a line that is whole again, the board is usable.
"""

from __future__ import annotations

import random

from ide.board.errors import BoardExecError
from ide.board.link import Board
from tests.fakes.board import FakeBoard
from tests.fakes.wire import Faults, MemoryWire
from toolchains.errors import BoardError
from toolchains.jobs import JobContext

#: The longest that a person may wait for an error, in seconds of the wire's time: three tries of an upload, each with
#: its way to the prompt.
_LONGEST_S = 120.0


def trial(rng: random.Random) -> str:
    """One board, one fault plan, one job."""
    board = FakeBoard(
        paste=rng.choices(["yes", "refused", "unknown"], [8, 1, 1])[0],
        window=rng.choice([8, 32, 128]),
        boot=rng.choice([b"", b"hello\r\n", b"raw REPL\r\n>>> "]),
        boot_hangs=rng.random() < 0.05,
    )
    wire = MemoryWire(board, _plan(rng))
    link = Board(wire, "memory")  # type: ignore[arg-type]
    job = rng.choice([_exec, _exec, _ask, _reset, _runaway])
    try:
        outcome = job(rng, link, board)
    except BoardError as error:
        outcome = f"error {error.code}"
    assert wire.time < _LONGEST_S, f"{wire.time:.0f} s until: {outcome}"
    assert len(board.notes) <= 1, "ran twice"
    if wire.faults.hang_up_after is None:
        wire.faults = Faults(rng)
        assert link.exec(JobContext(), "print('alive')") == b"alive\r\n"
    return f"{job.__name__.strip('_')}: {outcome}"


def _plan(rng: random.Random) -> Faults:
    plan = Faults(rng, delay=rng.choice([0, 0, 0.2]), split=rng.random() < 0.8)
    rate = 10 ** rng.uniform(-4.5, -1.7)
    kind = rng.choice(["none", "down", "up", "both", "packet", "packet", "cable"])
    if kind in ("down", "both"):
        plan.drop_down, plan.double_down = rate, rate * rng.choice([0, 1])
    if kind in ("up", "both"):
        plan.drop_up, plan.double_up = rate, rate * rng.choice([0, 1])
    if kind == "packet":
        plan.lost_packets = frozenset({rng.randrange(30)})
    if kind == "cable":
        plan.hang_up_after = rng.randrange(2500)
    return plan


def _exec(rng: random.Random, link: Board, board: FakeBoard) -> str:
    terms = [rng.randrange(1000) for _ in range(rng.randrange(1, 60))]
    code = f"total = 0\nfor term in {terms}:\n    total += term\nnote(total)\n"
    try:
        link.exec(JobContext(), code)
    except BoardExecError as error:
        # A traceback that arrived may be our line's fault only if the code did not run.
        assert not board.notes, error.traceback
        raise
    assert board.notes == [sum(terms)], f"silently wrong: {board.notes} for {sum(terms)}"
    return "right"


def _ask(rng: random.Random, link: Board, board: FakeBoard) -> str:
    size = rng.randrange(300)
    answer = link.ask(JobContext(), f"[(i, str(i)) for i in range({size})]")
    assert answer == [(i, str(i)) for i in range(size)]
    return "right"


def _reset(rng: random.Random, link: Board, board: FakeBoard) -> str:
    board.names["old"] = 1
    link.soft_reset(JobContext())
    assert board.resets >= 1
    assert "old" not in board.names
    return "right"


def _runaway(rng: random.Random, link: Board, board: FakeBoard) -> str:
    link.exec(JobContext(), f"note(1)\nstubborn({rng.randrange(5)})", timeout=1.0)
    return "ended"
