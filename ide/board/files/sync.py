"""A folder here and a folder on the board made the same, by hash. First a plan, which a person can look at."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ide.board.files.records import Direction, SyncPlan, TransferReport
from ide.board.link import Board
from toolchains.jobs import JobContext

#: Patterns as in .gitignore that are never synced unless the caller says otherwise.
DEFAULT_EXCLUDES = (".*", "__pycache__/", "*.pyc", "build/", "dist/")


def plan(
    ctx: JobContext,
    board: Board,
    folder: Path,
    target: str = "/",
    *,
    excludes: Sequence[str] = DEFAULT_EXCLUDES,
    direction: Direction = "to_board",
    delete: bool = False,
) -> SyncPlan:
    """What would make ``target`` on the board like ``folder`` here (or the other way round). Changes nothing.

    ``excludes``: patterns as in .gitignore, relative to ``folder`` and ``target``. ``delete``: also what is only on the
    side that is written to. Raises NotAFolder, DiskError.
    """
    raise NotImplementedError


def apply(ctx: JobContext, board: Board, plan: SyncPlan) -> TransferReport:
    """Do what the plan says; conflicts are left alone. Deletes only what the plan's delete steps name.

    Raises BoardFull before the first byte, BoardFileError, BoardGarbled, DiskError.
    """
    raise NotImplementedError
