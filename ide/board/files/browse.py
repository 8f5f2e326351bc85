"""Looking at what is on a board. Each look is one round trip; what goes away meanwhile is left out."""

from __future__ import annotations

import binascii
import posixpath
from collections.abc import Callable, Collection, Iterator, Sequence

from ide.board.file_session import ENOENT, BoardFileError
from ide.board.files.errors import NotAFolder, NotOnBoard
from ide.board.files.records import Entry, Filesystem, Kind, Listing, Properties
from ide.board.files.rows import Row, ask_rows, board_path
from ide.board.link import Board
from toolchains.jobs import JobContext

#: No listing has more entries: a board's filesystem is small, and what answers need not be one.
MOST_ENTRIES = 10_000
_DEEPEST = 20
#: From 1970 to 2000, seconds: MicroPython counts from the one or the other.
_EPOCH_2000 = 946_684_800
#: 2010 in Unix time: no MicroPython is older, so a board that says so does not know what time it is.
_CLOCK_IS_SET = 1_262_304_000


def list_folder(ctx: JobContext, board: Board, folder: str = "/") -> Listing:
    """What is in ``folder``, in one round trip. Raises NotOnBoard, NotAFolder."""
    return _listing(ctx, board, folder, depth=0).listing(key=lambda entry: (entry.kind == "file", entry.name))


def list_tree(ctx: JobContext, board: Board, folder: str = "/") -> Listing:
    """All that is in ``folder`` and below it, sorted by path. Raises NotOnBoard, NotAFolder."""
    return _listing(ctx, board, folder, depth=_DEEPEST).listing(key=lambda entry: entry.path)


def hash_tree(
    ctx: JobContext, board: Board, folder: str, sizes: Collection[int], skip: tuple[str, ...] = ()
) -> tuple[Listing, dict[str, str | None]]:
    """All below ``folder``, and of the files whose size is in ``sizes`` the sha256 (hex; None: it has no hashlib).

    Names that begin with one of ``skip`` are left out, with all that is in them. One round trip.
    """
    look = _listing(ctx, board, folder, depth=_DEEPEST, sizes=sizes, skip=skip)
    return look.listing(key=lambda entry: entry.path), look.hashes


def properties(ctx: JobContext, board: Board, path: str) -> Properties:
    """One file or folder, with its hash and its filesystem. Raises NotOnBoard."""
    path = board_path(path)
    look = _Look(path, ask_rows(ctx, board, ("hash", "look"), f"L({path!r},h=True)"))
    if look.own is None:
        raise NotOnBoard(path)
    return Properties(look.own, look.hashes.get(path), look.filesystem)


def entries(ctx: JobContext, board: Board, paths: Sequence[str]) -> dict[str, Entry | None]:
    """What each of ``paths`` is; None when it is not there. One round trip."""
    wanted = tuple(board_path(path) for path in paths)
    found: dict[str, Entry | None] = dict.fromkeys(wanted)
    for row in ask_rows(ctx, board, ("look",), f"for p in {wanted!r}:Q(p)"):
        match row:
            case (str(path), int(kind), int(size), int()) if path in found:
                found[path] = Entry(path, "folder") if kind else Entry(path, "file", size)
    return found


def kinds(ctx: JobContext, board: Board, paths: Sequence[str]) -> dict[str, Kind | None]:
    """Whether each of ``paths`` is a file or a folder; None when it is not there."""
    return {path: entry.kind if entry else None for path, entry in entries(ctx, board, paths).items()}


def home(ctx: JobContext, board: Board) -> str:
    """The folder that the board is in: "/" on most, "/flash" on an STM32, unless a program went elsewhere."""
    return board_path(str(board.ask(ctx, "__import__('os').getcwd()", isolated=True)) or "/")


def _listing(
    ctx: JobContext,
    board: Board,
    folder: str,
    *,
    depth: int,
    sizes: Collection[int] = (),
    skip: tuple[str, ...] = (),
) -> _Look:
    folder = board_path(folder)
    wanted = "{" + ",".join(map(str, sorted(sizes))) + "}" if sizes else "()"
    parts = ("hash", "look") if sizes else ("look",)
    look = _Look(folder, ask_rows(ctx, board, parts, f"L({folder!r},{MOST_ENTRIES},{depth},{wanted},{skip!r})"))
    if look.own is None:
        raise NotOnBoard(folder)
    if look.own.kind == "file":
        raise NotAFolder(folder)
    return look


class _Look:
    """What the rows of ``resources/board/look.py`` say."""

    def __init__(self, path: str, rows: Iterator[Row]) -> None:
        self.path = path
        self.own: Entry | None = None
        self.filesystem: Filesystem | None = None
        self.cut = False
        self.hashes: dict[str, str | None] = {}
        self._entries: list[Entry] = []
        self._offset: int | None = None
        self._folder = path
        for row in rows:
            self._take(row)

    def listing(self, key: Callable[[Entry], object]) -> Listing:
        """The entries, sorted by ``key``."""
        entries = sorted(self._entries, key=key)  # type: ignore[arg-type]  # str, or a tuple of bool and str
        return Listing(self.path, tuple(entries), self.filesystem, self.cut)

    def _take(self, row: Row) -> None:
        match row:
            case ("epoch", int(year)):
                self._offset = _EPOCH_2000 if year == 2000 else 0
            case ("space", str(mount), int(block), int(total), int(free), bool(read_only)):
                self.filesystem = Filesystem(mount or "/", free, total, block, read_only or None)
            case ("in", str(folder)):
                self._folder = folder
            case ("cut",):
                self.cut = True
            case ("error", str(path), int(errno)):
                if errno != ENOENT:
                    raise BoardFileError(path, errno)
            case ("is", int(kind), int(size), int(seconds), hashed):
                self.own = self._entry(self.path, kind, size, seconds, hashed)
            case (int(kind), int(size), int(seconds), str(name), hashed):
                self._entries.append(self._entry(posixpath.join(self._folder, name), kind, size, seconds, hashed))

    def _entry(self, path: str, kind: int, size: int, seconds: int, hashed: object) -> Entry:
        if isinstance(hashed, str):
            self.hashes[path] = _hex(hashed)
        when = seconds + self._offset if self._offset is not None else 0
        modified = when if when > _CLOCK_IS_SET else None
        return Entry(path, "folder", None, modified) if kind else Entry(path, "file", size, modified)


def _hex(hashed: str) -> str | None:
    """The board's base64 as hex; None where it could not hash."""
    try:
        return binascii.a2b_base64(hashed).hex() or None
    except binascii.Error:
        return None
