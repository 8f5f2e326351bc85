"""Looking at what is on a board."""

from __future__ import annotations

from ide.board.files.records import Listing, Properties
from ide.board.link import Board
from toolchains.jobs import JobContext

#: No listing has more entries: a board's filesystem is small, and what answers need not be one.
MOST_ENTRIES = 10_000


def list_folder(ctx: JobContext, board: Board, folder: str = "/") -> Listing:
    """What is in ``folder``, in one round trip. Raises NotOnBoard, NotAFolder."""
    raise NotImplementedError


def list_tree(ctx: JobContext, board: Board, folder: str = "/") -> Listing:
    """All that is in ``folder`` and below it, sorted by path. Raises NotOnBoard, NotAFolder."""
    raise NotImplementedError


def properties(ctx: JobContext, board: Board, path: str) -> Properties:
    """One file or folder, with its hash and its filesystem. Raises NotOnBoard."""
    raise NotImplementedError
