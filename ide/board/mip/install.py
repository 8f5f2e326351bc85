"""Packages onto a board and off it again, with a note there of what is whose.

The note (``.natmod-packages.json`` in the folder for packages) is on the board, so that any computer can take a package
away, and a board that was erased has none. Files go over as all files do (:mod:`ide.board.files.transfer`).
"""

from __future__ import annotations

import json
import posixpath
import time
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from ide.board.files import browse, change, transfer
from ide.board.files.errors import IsFolder, NotOnBoard
from ide.board.files.records import Upload
from ide.board.install import BoardFileError, board_hashes
from ide.board.link import Board
from ide.board.mip.errors import NoLibFolder, NotInstalled, PackageError, PackageNeeded
from ide.board.mip.package_json import checked_path
from ide.board.mip.records import BoardFacts, Gathered, Installed, InstallReport, RemoveReport
from ide.board.mip.trouble import NATIVE
from toolchains.jobs import JobContext
from toolchains.text import _, _n

NOTE = ".natmod-packages.json"
_SCHEMA = 1
#: Bytes of a note that are read.
_MOST = 1 << 18
#: A name that is a file in a folder of sys.path is there; of the others, those that cannot be imported are not.
_LACKS = f"""\
import sys, os
def _files():
 for p in sys.path:
  try:
   for n in os.listdir(p or "."):yield n.split(".")[0]
  except OSError:pass
def _there(n):
 try:return __import__(n) or 1
 except ImportError:return 0
def _lacks():
 f=set(_files())
 return [n for n in {NATIVE!r} if n not in f and not _there(n)]
"""
_PATHS = "[p for p in sys.path if p.endswith('/lib') and not p.startswith('/rom')]"


def facts(
    ctx: JobContext, board: Board, target: str | None = None, *, python: bool = False, compiled: bool = False
) -> BoardFacts:
    """What decides which files the board gets. ``target``: another folder than the first ``lib`` of its sys.path.

    Raises NoLibFolder.
    """
    identity = board.identity(ctx)
    folder = target
    if folder is None:
        found = board.ask(ctx, _PATHS, "import sys", isolated=True)
        paths = [path for path in found if isinstance(path, str)] if isinstance(found, list) else []
        if not paths:
            raise NoLibFolder
        folder = paths[0]
    return BoardFacts(identity.loader, posixpath.normpath(posixpath.join("/", folder)), python, compiled)


def installed(ctx: JobContext, board: Board, lib: str) -> tuple[Installed, ...]:
    """The packages that the note on the board names, by name; none where there is no note."""
    return tuple(sorted(_note(ctx, board, lib).values(), key=lambda one: one.name.lower()))


def others(ctx: JobContext, board: Board, lib: str, known: Iterable[Installed]) -> tuple[str, ...]:
    """What else is in the folder for packages: mpremote, mip on the board or a person put it there, without a note.

    Files by their names, folders with a slash. Installing a package over it takes it into the note; what is the same is
    not sent again.
    """
    ours = {path.partition("/")[0] for one in known for path in one.files} | {NOTE}
    try:
        listing = browse.list_folder(ctx, board, lib)
    except NotOnBoard:
        return ()
    return tuple(f"{one.name}/" if one.is_folder else one.name for one in listing.entries if one.name not in ours)


def lacks(ctx: JobContext, board: Board) -> tuple[str, ...]:
    """Of the modules that can be built natively, those that neither the firmware nor the board's files have.

    Nothing is imported from a file: it might run for long, or for ever.
    """
    found = board.ask(ctx, "_lacks()", _LACKS, isolated=True)
    names = set(found) if isinstance(found, list) else set()
    return tuple(name for name in NATIVE if name in names)


def install(ctx: JobContext, board: Board, gathered: Gathered, where: BoardFacts) -> InstallReport:
    """Write the packages' files, then the note. A file that the board has already is not sent.

    Raises BoardFull before the first byte; BoardFileError, BoardGarbled: then each path has its old or its new file.
    """
    started = time.perf_counter()
    note = _note(ctx, board, where.lib)
    contents = [one for package in gathered.packages for one in gathered.contents[package.name]]
    uploads = {one.file.path: Upload(one.data, posixpath.join(where.lib, one.file.path)) for one in contents}
    title = _n("Install {n} file in {folder}", "Install {n} files in {folder}", len(uploads), folder=where.lib)
    with ctx.step(title):
        report = transfer.upload(ctx, board, list(uploads.values()))
    hidden = _unhide(ctx, board, where.lib, uploads, note)
    for package in gathered.packages:
        before = note.get(package.name)
        files = {one.file.path: one.sha256 for one in gathered.contents[package.name]}
        wanted = package.wanted or (before is not None and before.wanted)
        note[package.name] = Installed(package.name, package.version, package.address, files, package.deps, wanted)
        _drop_old(ctx, board, where.lib, before, note)
    _write_note(ctx, board, where.lib, note)
    return InstallReport(
        packages=gathered.packages,
        lib=where.lib,
        written=tuple(file.path for file in report.files if not file.skipped),
        skipped=tuple(file.path for file in report.files if file.skipped),
        hidden=hidden,
        seconds=time.perf_counter() - started,
    )


def remove(ctx: JobContext, board: Board, names: Sequence[str], lib: str) -> RemoveReport:
    """Take packages away, and those that only they needed. A file that was changed since is left, and told.

    Raises NotInstalled before anything is removed, PackageNeeded, BoardFileError.
    """
    note = _note(ctx, board, lib)
    for name in names:
        if name not in note:
            raise NotInstalled(name, sorted(note))
    gone = _no_longer_needed(note, names)
    kept = {name: one for name, one in note.items() if name not in gone}
    for name in names:
        users = sorted(one.name for one in kept.values() if name in one.deps)
        if users:
            raise PackageNeeded(name, users)
    removed, left = _remove_files(ctx, board, lib, [note[name] for name in gone], kept)
    _write_note(ctx, board, lib, kept)
    return RemoveReport(tuple(gone), removed, left)


def _no_longer_needed(note: Mapping[str, Installed], names: Sequence[str]) -> list[str]:
    """``names``, and what was only there for them."""
    gone = list(dict.fromkeys(names))
    while True:
        left = [one for name, one in note.items() if name not in gone]
        needed = {need for one in left for need in one.deps}
        more = [one.name for one in left if not one.wanted and one.name not in needed]
        if not more:
            return gone
        gone += more


def _remove_files(
    ctx: JobContext, board: Board, lib: str, packages: Iterable[Installed], kept: Mapping[str, Installed]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Remove the packages' files that no other has; those that went, and those that were left. Empty folders go too."""
    shared = {path for one in kept.values() for path in one.files}
    ours = {posixpath.join(lib, p): sha for one in packages for p, sha in one.files.items() if p not in shared}
    there = board_hashes(ctx, board, list(ours))
    removed = [path for path, sha in ours.items() if there.get(path) == sha]
    left = [path for path, sha in ours.items() if there.get(path) not in (None, sha)]
    if removed:
        change.remove(ctx, board, removed)
    folders = {posixpath.dirname(path) for path in removed} - {lib}
    for folder in sorted(folders, key=len, reverse=True):
        _remove_empty(ctx, board, folder, lib)
    return tuple(removed), tuple(left)


def _remove_empty(ctx: JobContext, board: Board, folder: str, lib: str) -> None:
    """Remove a folder and those above it, as far as nothing is in them."""
    while folder.startswith(f"{lib}/"):
        try:
            change.remove(ctx, board, [folder])
        except (IsFolder, NotOnBoard, BoardFileError):  # somebody has something in it, or it went already
            return
        folder = posixpath.dirname(folder)


def _drop_old(ctx: JobContext, board: Board, lib: str, before: Installed | None, note: Mapping[str, Installed]) -> None:
    """The files of the version that was there before and that the new one does not have."""
    if before is None:
        return
    now = note[before.name].files
    old = replace(before, files={path: sha for path, sha in before.files.items() if path not in now})
    if old.files:
        _remove_files(ctx, board, lib, [old], note)


def _unhide(
    ctx: JobContext, board: Board, lib: str, uploads: Iterable[str], note: Mapping[str, Installed]
) -> tuple[str, ...]:
    """The .py files that ``import`` finds before a new .mpy: removed if we put them there, else those that are left."""
    twins = {f"{path.removesuffix('.mpy')}.py" for path in uploads if path.endswith(".mpy")} - set(uploads)
    if not twins:
        return ()
    there = board_hashes(ctx, board, [posixpath.join(lib, path) for path in sorted(twins)])
    ours = {posixpath.join(lib, path): sha for one in note.values() for path, sha in one.files.items()}
    mine = [path for path, sha in there.items() if sha is not None and ours.get(path) == sha]
    if mine:
        change.remove(ctx, board, mine)
    return tuple(path for path, sha in there.items() if sha is not None and path not in mine)


# --- the note on the board -------------------------------------------------------------------------------------------


def _note(ctx: JobContext, board: Board, lib: str) -> dict[str, Installed]:
    """The note's packages. A note that makes no sense is as good as none."""
    try:
        content = transfer.read_file(ctx, board, posixpath.join(lib, NOTE))
    except NotOnBoard:
        return {}
    found = _read_note(content.data[:_MOST])
    if found is None:
        ctx.note(_("The board's list of packages cannot be read; it begins anew."))
    return found or {}


def _read_note(raw: bytes) -> dict[str, Installed] | None:
    try:
        said = json.loads(raw)
        rows = said["packages"]
        return {str(name): _installed(str(name), row) for name, row in rows.items()}
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError, PackageError):
        return None


def _installed(name: str, row: Mapping[str, object]) -> Installed:
    files, deps = row["files"], row.get("deps", ())
    if not isinstance(files, dict) or not isinstance(deps, (list, tuple)):
        raise TypeError(name)
    return Installed(
        name,
        str(row.get("version", "")),
        str(row.get("address", "")),
        {checked_path(NOTE, str(path)): str(sha) for path, sha in files.items()},
        tuple(map(str, deps)),
        bool(row.get("wanted", True)),
    )


def _write_note(ctx: JobContext, board: Board, lib: str, note: Mapping[str, Installed]) -> None:
    path = posixpath.join(lib, NOTE)
    if not note:
        with suppress(NotOnBoard):
            change.remove(ctx, board, [path])
        return
    rows = {}
    for name, one in sorted(note.items()):
        row: dict[str, object] = {"version": one.version, "address": one.address, "files": dict(one.files)}
        if one.deps:
            row["deps"] = list(one.deps)
        if not one.wanted:
            row["wanted"] = False
        rows[name] = row
    text = json.dumps({"schema": _SCHEMA, "packages": rows}, separators=(",", ":"))
    transfer.upload(ctx, board, [Upload(text.encode(), path)])
