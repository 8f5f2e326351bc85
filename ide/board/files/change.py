"""Renaming, removing and making folders on a board."""

from __future__ import annotations

from collections.abc import Sequence

from ide.board.link import Board
from toolchains.jobs import JobContext


def rename(ctx: JobContext, board: Board, old: str, new: str, *, overwrite: bool = False) -> None:
    """Give a file or folder another name or place. Raises NotOnBoard, AlreadyThere, BoardFileError."""
    raise NotImplementedError


def remove(ctx: JobContext, board: Board, paths: Sequence[str], *, recursive: bool = False) -> tuple[str, ...]:
    """Remove files, and folders: empty ones, or with ``recursive`` with all in them. What was removed, every path.

    Raises NotOnBoard before anything is removed, IsFolder (a folder that is not empty), BoardFileError.
    """
    raise NotImplementedError


def make_folder(ctx: JobContext, board: Board, path: str) -> None:
    """Make a folder and those above it; no error when it is there. Raises NotAFolder, BoardFileError."""
    raise NotImplementedError
