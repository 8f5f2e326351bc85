"""One question to a board that answers in rows, each with a sum (``resources/board/rows.py``).

Between the rows anything may come: log lines of the system, what a thread of the board's own program prints. A row that
is damaged or missing is noticed by the count at the end, and the question is asked again.
"""

from __future__ import annotations

import ast
import binascii
import re
from collections.abc import Callable, Iterator

from ide.board.errors import BoardGarbled
from ide.board.files.errors import BadPath
from ide.board.link import Board
from ide.board.mount import board_source
from toolchains.jobs import JobContext

_ROW = re.compile(rb"\x1e(\([^\x1e\x1f]*\)) ([0-9a-f]+)\x1f")
#: A board that says nothing for so long is stuck, seconds (a large file is hashed without a word).
_SILENCE = 60.0
_TRIES = 3
_LONGEST_NAME = 255

Row = tuple[object, ...]


def ask_rows(ctx: JobContext, board: Board, parts: tuple[str, ...], call: str | Callable[[int], str]) -> Iterator[Row]:
    """The rows that the statement ``call`` made on the board, with the resources ``parts`` before it.

    It runs in a namespace of its own. ``call`` may be a function of the attempt (0, 1, …), for what cannot be done
    twice in the same manner. Raises BoardGarbled when no attempt came whole, and the errors of ``Board.exec``.
    """
    setup = board_source(("rows", *parts))
    said = b""
    for attempt in range(_TRIES):
        text = call if isinstance(call, str) else call(attempt)
        said = board.exec(ctx, f"{setup}{text}\nP('end')\n", timeout=_SILENCE, isolated=True, binascii=True)
        rows = list(read_rows(said))
        if rows and rows[-1] == ("end",) and len(rows) == said.count(b"\x1e"):
            return iter(rows[:-1])
    raise BoardGarbled(said[-2000:].decode("utf-8", "backslashreplace"))


def read_rows(said: bytes) -> Iterator[Row]:
    """The whole rows in a board's output."""
    for text, check in _ROW.findall(said):
        if int(check, 16) not in (binascii.crc32(text), sum(text)):
            continue
        try:
            row = ast.literal_eval(text.decode("utf-8", "surrogateescape"))
        except (ValueError, SyntaxError, RecursionError, MemoryError):
            continue
        if isinstance(row, tuple):
            yield row


def board_path(path: str) -> str:
    """An absolute path without ``.``, ``..`` and double slashes. Raises BadPath."""
    parts: list[str] = []
    for part in path.split("/"):
        if part == ".." and parts:
            parts.pop()
        elif part not in ("", ".", ".."):
            parts.append(part)
    whole = "/" + "/".join(parts)
    try:
        too_long = any(len(part.encode()) > _LONGEST_NAME for part in parts)
    except UnicodeEncodeError:
        raise BadPath(path) from None
    if not path.startswith("/") or too_long or "\0" in path:
        raise BadPath(path)
    return whole
