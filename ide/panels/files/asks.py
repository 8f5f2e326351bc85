"""What the panel asks of a board and of this computer. No Qt: done in the board's thread, or in a worker."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from ide.board.files import browse, transfer
from ide.board.files.errors import NotAFolder, NotOnBoard
from ide.board.files.records import Entry, Filesystem, Listing, TransferReport, Upload
from ide.board.link import Board
from ide.file_listing import is_hidden
from toolchains.errors import StudioError, UsageError, disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _

#: A folder with more files than this was hardly meant for a board.
MOST_FILES = 2000


@dataclass(frozen=True)
class Looked:
    """What some folders hold, by their paths, and why others could not be read."""

    listings: Mapping[str, Listing]
    errors: Mapping[str, StudioError]


@dataclass(frozen=True)
class Gathered:
    """Files of this computer for the board, and their bytes."""

    files: tuple[Upload, ...]
    n_bytes: int


@dataclass(frozen=True)
class Room:
    """What is in the way of an upload: ``there`` are the paths that exist on the board; its filesystem, if it tells."""

    there: tuple[str, ...]
    filesystem: Filesystem | None


def look(ctx: JobContext, board: Board, folders: Sequence[str]) -> Looked:
    """List some folders. One that went away meanwhile is an error of its own, and stops none of the others."""
    listings: dict[str, Listing] = {}
    errors: dict[str, StudioError] = {}
    for folder in folders:
        try:
            listings[folder] = browse.list_folder(ctx, board, folder)
        except (NotOnBoard, NotAFolder) as error:
            errors[folder] = error
    return Looked(listings, errors)


def gather(ctx: JobContext, paths: Sequence[Path], target: str) -> Gathered:
    """The files to put into the folder ``target`` of the board: ``paths``, and all that is in those that are folders.

    What the project's tree hides (``.git``, ``__pycache__``) is left out. Raises UsageError (nothing, or far too much),
    DiskError.
    """
    files: list[Upload] = []
    n_bytes = 0
    for path in paths:
        for file, name in _below(path):
            ctx.check()
            with disk_errors(file):
                n_bytes += file.stat().st_size
            files.append(Upload(file, posixpath.join(target, name)))
            if len(files) > MOST_FILES:
                raise UsageError(
                    _("There are more than {n} files in {path}.", n=MOST_FILES, path=path.name),
                    next_step=_("Choose the ones that the board needs, or sync the project."),
                )
    if not files:
        raise UsageError(_("There is no file to put on the board."), next_step=_("Choose a file in the project."))
    return Gathered(tuple(files), n_bytes)


def _below(path: Path) -> Iterable[tuple[Path, str]]:
    """A file, or the files in a folder, with their names relative to where ``path`` is. Links are not followed."""
    if not path.is_dir():
        yield path, path.name
        return
    for folder, folders, names in os.walk(path):
        folders[:] = sorted(name for name in folders if not is_hidden(name))
        for name in sorted(names):
            file = Path(folder) / name
            if not is_hidden(name) and file.is_file():
                yield file, file.relative_to(path.parent).as_posix()


def room_for(ctx: JobContext, board: Board, files: Sequence[Upload]) -> Room:
    """What the board has already under the names of ``files``."""
    wanted = {file.path for file in files}
    there: list[str] = []
    filesystem = None
    for folder in sorted({posixpath.dirname(path) for path in wanted}):
        try:
            found = browse.list_folder(ctx, board, folder)
        except NotOnBoard:
            continue
        filesystem = filesystem or found.filesystem
        there += [entry.path for entry in found.entries if entry.path in wanted]
    return Room(tuple(there), filesystem or _space(ctx, board))


def _space(ctx: JobContext, board: Board) -> Filesystem | None:
    return browse.list_folder(ctx, board, "/").filesystem


def contents(ctx: JobContext, board: Board, entries: Sequence[tuple[str, bool]]) -> tuple[Entry, ...]:
    """The files that (path, is a folder) stand for: what is lost if they are deleted."""
    found: list[Entry] = []
    for path, is_folder in entries:
        if is_folder:
            found += [entry for entry in browse.list_tree(ctx, board, path).entries if not entry.is_folder]
        else:
            found.append(Entry(path, "file"))
    return tuple(found)


def copy_on_board(ctx: JobContext, board: Board, paths: Sequence[str], folder: str) -> TransferReport:
    """Copies of files, and of folders with all in them, in another folder of the board, by way of this computer; where
    a name is taken, with a number.

    Raises what :func:`ide.board.files.transfer.read_file` and ``upload`` raise.
    """
    taken = {entry.name for entry in browse.list_folder(ctx, board, folder).entries}
    files = []
    for path in paths:
        name = free_name(posixpath.basename(path), taken)
        taken.add(name)
        for file in _files_of(ctx, board, path):
            target = posixpath.join(folder, name, posixpath.relpath(file, path)) if file != path else None
            files.append(Upload(transfer.read_file(ctx, board, file).data, target or posixpath.join(folder, name)))
    return transfer.upload(ctx, board, files, overwrite=False)


def _files_of(ctx: JobContext, board: Board, path: str) -> list[str]:
    if not browse.properties(ctx, board, path).entry.is_folder:
        return [path]
    return [entry.path for entry in browse.list_tree(ctx, board, path).entries if not entry.is_folder]


def free_name(name: str, taken: Iterable[str]) -> str:
    """``name``, or with a number before its ending where that is taken: ``main-2.py``."""
    stem, ending = posixpath.splitext(name)
    used, number, found = set(taken), 1, name
    while found in used:
        number += 1
        found = f"{stem}-{number}{ending}"
    return found
