"""Files to a board and from it. Each is written under a temporary name, verified by its hash, then renamed."""

from __future__ import annotations

import posixpath
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

from ide.board.file_session import Plan, Session, look, sha256_of
from ide.board.files.browse import entries, list_tree
from ide.board.files.errors import BadPath, ChangedOnBoard, IsFolder, NotOnBoard
from ide.board.files.plans import Put, fetch
from ide.board.files.records import Entry, FileContent, Moved, TransferReport, Upload
from ide.board.files.rows import board_path
from ide.board.link import Board
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.undo import on_failure


def upload(
    ctx: JobContext, board: Board, files: Sequence[Upload], *, overwrite: bool = True, again: bool = False
) -> TransferReport:
    """Write ``files`` to the board, folders as needed; a file that it has already (same hash) is sent only ``again``.

    Raises, before the first byte goes: BoardFull, AlreadyThere (without ``overwrite``, when a file there differs),
    IsFolder, DiskError. Later BoardFileError, BoardGarbled; then each path has its old file or the new one.
    Progress in bytes of all files.
    """
    return put(ctx, board, {file_path(file.path): file for file in files}, overwrite=overwrite, again=again)


def put(
    ctx: JobContext,
    board: Board,
    wanted: Mapping[str, Upload],
    *,
    overwrite: bool = True,
    again: bool = False,
    expected: Mapping[str, tuple[int, str | None] | None] | None = None,
) -> TransferReport:
    """:func:`upload` by path. ``expected``: size and sha256 of what has to be there, else ChangedOnBoard is raised."""
    started = time.perf_counter()
    session = Session(ctx)
    plan = Put(ctx, session, wanted, overwrite, again, expected or {})
    if wanted:
        session.run(board, plan.run(), isolated=True)
    return TransferReport(tuple(plan.done), time.perf_counter() - started)


def download(ctx: JobContext, board: Board, paths: Sequence[str], folder: Path) -> TransferReport:
    """Fetch files and folders (with all below them) into ``folder``, each under its last name; existing ones are
    replaced. Names that this computer cannot have are changed: see ``local`` of what comes back.

    Raises NotOnBoard, BoardGarbled, DiskError.
    """
    from ide.board.flash.safe_names import safe_names  # here, because most files go to the board

    started = time.perf_counter()
    found: list[tuple[str, Entry]] = []
    wanted = [board_path(path) for path in paths]
    for path, own in entries(ctx, board, wanted).items():
        if own is None:
            raise NotOnBoard(path)
        found.append((posixpath.basename(path), own))
        if own.is_folder:
            tree = list_tree(ctx, board, path)
            found += [(posixpath.relpath(entry.path, posixpath.dirname(path)), entry) for entry in tree.entries]
    found = [(name, entry) for name, entry in found if name]
    places = {
        entry.path: folder.joinpath(*name.split("/"))
        for name, (_wanted, entry) in zip(safe_names((name, entry.kind) for name, entry in found), found, strict=True)
    }
    folders = [path for path, entry in ((entry.path, entry) for _name, entry in found) if entry.is_folder]
    for place in [folder, *(places[path] for path in folders)]:
        with disk_errors(place):
            place.mkdir(parents=True, exist_ok=True)
    sizes = {entry.path: entry.size or 0 for _name, entry in found if not entry.is_folder}
    return TransferReport(get(ctx, board, places, sizes), time.perf_counter() - started, folders=tuple(folders))


def download_as(ctx: JobContext, board: Board, path: str, place: Path) -> TransferReport:
    """Fetch one file to exactly this place. Raises NotOnBoard, IsFolder, BoardGarbled, DiskError."""
    started = time.perf_counter()
    path = file_path(path)
    entry = entries(ctx, board, (path,))[path]
    if entry is None:
        raise NotOnBoard(path)
    if entry.is_folder:
        raise IsFolder(path)
    return TransferReport(get(ctx, board, {path: place}, {path: entry.size or 0}), time.perf_counter() - started)


def get(ctx: JobContext, board: Board, places: Mapping[str, Path], sizes: Mapping[str, int]) -> tuple[Moved, ...]:
    """Fetch the files of ``sizes`` (path to bytes, for the progress), each to its place here."""
    session = Session(ctx)
    session.total = sum(sizes.values())
    moved: list[Moved] = []

    def keep(path: str, data: bytes) -> None:
        write_here(ctx.host, places[path], data)
        moved.append(Moved(path, len(data), sha256_of(data), local=places[path]))

    if sizes:
        session.run(board, fetch(ctx, session, tuple(sizes), keep), isolated=True)
    return tuple(moved)


def read_file(ctx: JobContext, board: Board, path: str) -> FileContent:
    """The content of one file. Raises NotOnBoard, IsFolder, BoardGarbled."""
    path = file_path(path)
    found: list[bytes] = []
    session = Session(ctx)

    def plan() -> Plan:
        if (yield f"s({path!r})"):
            raise IsFolder(path)
        yield from fetch(ctx, session, (path,), lambda _path, data: found.append(data))

    session.run(board, plan(), isolated=True)
    return FileContent(found[0], sha256_of(found[0]))


def write_file(ctx: JobContext, board: Board, path: str, data: bytes, *, expected: str | None = None) -> FileContent:
    """Put ``data`` in the place of ``path``. ``expected``: the sha256 (hex) that the file there must have, "" when
    there must be none, None when it does not matter. Raises ChangedOnBoard, BoardFull, BoardFileError, BoardGarbled.
    """
    path = file_path(path)
    session = Session(ctx)
    put_it = Put(ctx, session, {path: Upload(data, path)})

    def plan() -> Plan:
        if (yield f"s({path!r})"):
            raise IsFolder(path)
        if expected is not None:
            there = yield from look(session, path)
            if (there[1] if there else "") != expected:
                raise ChangedOnBoard(path, there[1] if there else None)
        yield from put_it.run()

    session.run(board, plan(), isolated=True)
    return FileContent(data, sha256_of(data))


def write_here(host: Host, place: Path, data: bytes) -> None:
    """Write a file on this computer, whole or not at all. Raises DiskError."""
    from toolchains.build_folder import beside  # here, because most files go to the board

    with disk_errors(place):
        place.parent.mkdir(parents=True, exist_ok=True)
        part = beside(place)
        with on_failure(lambda: host.remove(part)):
            part.write_bytes(data)
            host.replace(part, place)


def file_path(path: str) -> str:
    """The path of a file on a board. Raises BadPath."""
    whole = board_path(path)
    if whole == "/" or path.endswith("/"):
        raise BadPath(path)
    return whole
