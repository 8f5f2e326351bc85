"""What is done with the board when its file is edited here, in the board's thread: it touches nothing of the window.

Each works on a :class:`~ide.panels.files.kept.Kept` as it was, and returns what it is now.
"""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

from ide.board.files import transfer
from ide.board.files.errors import ChangedOnBoard, NotOnBoard
from ide.board.link import Board
from ide.editor import textfile
from ide.editor.outside import difference
from ide.panels.files.kept import Kept, beside
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _


def fetch(ctx: JobContext, board: Board, kept: Kept) -> Kept:
    """Write the copy as the board has the file. Raises FileRefused (no text), NotOnBoard, DiskError."""
    found = transfer.read_file(ctx, board, kept.path)
    textfile.decode(found.data, Path(kept.path))
    transfer.write_here(ctx.host, kept.local, found.data)
    return replace(kept, sha256=found.sha256, waiting=False)


def send(ctx: JobContext, board: Board, kept: Kept) -> Kept:
    """Put the copy into the file's place. Raises ChangedOnBoard when that is not the file that was read."""
    data = _copy(kept)
    try:
        written = transfer.write_file(ctx, board, kept.path, data, expected=kept.sha256)
    except ChangedOnBoard as error:
        own = hashlib.sha256(data).hexdigest()
        if error.there != own:
            raise
        return replace(kept, sha256=own, waiting=False)  # it went there, and its answer was lost
    return replace(kept, sha256=written.sha256, waiting=False)


def keep_mine(ctx: JobContext, board: Board, kept: Kept) -> tuple[Kept, Path | None]:
    """The copy replaces what the board has, which is kept beside the copy (its place there; None: it has nothing)."""
    other: Path | None = None
    try:
        there = transfer.read_file(ctx, board, kept.path)
    except NotOnBoard:
        expected = ""
    else:
        other, expected = beside(kept.local, "board"), there.sha256
        transfer.write_here(ctx.host, other, there.data)
    return send(ctx, board, replace(kept, sha256=expected)), other


def take_theirs(ctx: JobContext, board: Board, kept: Kept) -> tuple[Kept, Path]:
    """What the board has replaces the copy, which is kept beside it."""
    other = beside(kept.local, "mine")
    transfer.write_here(ctx.host, other, _copy(kept))
    return fetch(ctx, board, kept), other


def compare(ctx: JobContext, board: Board, kept: Kept) -> str:
    """The board's file against the copy, as a unified diff; empty when they are the same."""
    there = transfer.read_file(ctx, board, kept.path)
    theirs = textfile.decode(there.data, Path(kept.path)).text
    mine = textfile.decode(_copy(kept), kept.local).text
    return difference(theirs, mine, _("on the board"))


def _copy(kept: Kept) -> bytes:
    with disk_errors(kept.local):
        return kept.local.read_bytes()
