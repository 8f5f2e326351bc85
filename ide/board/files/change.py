"""Renaming, removing and making folders on a board."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from ide.board.file_session import ENOENT, BoardFileError
from ide.board.files.browse import kinds
from ide.board.files.errors import AlreadyThere, BadPath, IsFolder, NotAFolder, NotOnBoard
from ide.board.files.rows import ask_rows, board_path
from ide.board.link import Board
from toolchains.jobs import JobContext

#: What MicroPython's filesystems say of a folder that is not empty: EACCES (FAT), EEXIST, EINVAL, ENOTEMPTY.
_NOT_EMPTY = (13, 17, 22, 39, 66)


def rename(ctx: JobContext, board: Board, old: str, new: str, *, overwrite: bool = False) -> None:
    """Give a file or folder another name or place. Raises NotOnBoard, AlreadyThere, BoardFileError."""
    old, new = board_path(old), board_path(new)
    if old == new:
        return
    if old == "/" or new.startswith(old + "/"):
        raise BadPath(new)
    common = posixpath.commonpath((posixpath.dirname(old), posixpath.dirname(new)))
    near, far = (posixpath.relpath(path, common) for path in (old, new))
    # Where upper and lower case are one (FAT), the name that is there may be the file itself.
    may = overwrite or old.lower() == new.lower()
    attempts: list[int] = []

    def call(attempt: int) -> str:
        attempts.append(attempt)
        return f"N({common!r},{near!r},{far!r},{old!r},{new!r},{may!r})"

    for row in ask_rows(ctx, board, ("change",), call):
        match row:
            case ("missing", bool(moved)) if not (moved and len(attempts) > 1):
                raise NotOnBoard(old)
            case ("there",):
                raise AlreadyThere(new)
            case ("error", str(path), int(errno)):
                raise BoardFileError(path, errno)


def remove(ctx: JobContext, board: Board, paths: Sequence[str], *, recursive: bool = False) -> tuple[str, ...]:
    """Remove files, and folders: empty ones, or with ``recursive`` with all in them. What was removed, every path.

    Raises NotOnBoard before anything is removed, IsFolder (a folder that is not empty), BoardFileError.
    """
    wanted = [board_path(path) for path in paths]
    if "/" in wanted:
        raise BadPath("/")
    for path, kind in kinds(ctx, board, wanted).items():
        if kind is None:
            raise NotOnBoard(path)
    gone: list[str] = []
    for path in wanted:
        ctx.check()
        for row in ask_rows(ctx, board, ("change",), f"X({path!r},{recursive!r})"):
            match row:
                case ("gone", str(name)):
                    gone.append(name)
                case ("error", str(name), int(errno)):
                    raise IsFolder(name) if errno in _NOT_EMPTY and not recursive else BoardFileError(name, errno)
    return tuple(gone)


def make_folder(ctx: JobContext, board: Board, path: str) -> None:
    """Make a folder and those above it; no error when it is there. Raises NotAFolder, BoardFileError."""
    path = board_path(path)
    if path == "/":
        return
    for row in ask_rows(ctx, board, ("change",), f"D({path!r})"):
        match row:
            case ("file", str(name)):
                raise NotAFolder(name)
            case ("error", str(name), int(errno)):
                raise NotOnBoard(name) if errno == ENOENT else BoardFileError(name, errno)
