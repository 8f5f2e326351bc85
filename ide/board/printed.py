"""A question to a board whose answer is partly what it prints: text by firmware that only knows how to print."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from typing import TypeVar

from ide.board.checked import answer_code, read_answer_and_rest
from ide.board.errors import BoardGarbled
from ide.board.link import Board
from toolchains.jobs import JobContext

T = TypeVar("T")
_TRIES = 3

#: Makes a record of what was printed, the value of the expression, and the seconds that it took.
Read = Callable[[bytes, object, float], T]


def ask(
    ctx: JobContext, board: Board, expression: str, setup: str, read: Read[T], *, ours: re.Pattern[bytes] | None = None
) -> T:
    """What ``read`` makes of it. Runs isolated; asked again while ``read`` finds that it came damaged (BoardGarbled).

    ``ours``: lines of the text that we asked for; others were printed by somebody else (:meth:`Board.aside`).

    Only the value carries a checksum: whether the text is whole, ``read`` has to tell.
    Raises the errors of :meth:`ide.board.link.Board.exec`.
    """
    code = answer_code(expression, setup)
    for left in reversed(range(_TRIES)):
        began = time.perf_counter()
        output = board.exec(ctx, code, isolated=True)
        took = time.perf_counter() - began
        try:
            value, text = read_answer_and_rest(output)
            made = read(output, value, took)
            if ours is not None:
                board.aside(ours.sub(b"", text))
            return made
        except BoardGarbled:
            if not left:
                raise
    raise AssertionError
