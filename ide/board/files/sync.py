"""A folder here and a folder on the board made the same, by hash. First a plan, which a person can look at."""

from __future__ import annotations

import hashlib
import os
import posixpath
import time
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path, PurePosixPath

import pathspec

from ide.board.file_session import Plan, Session
from ide.board.files.browse import hash_tree
from ide.board.files.errors import ChangedHere, NotOnBoard
from ide.board.files.plans import Put, There, look_at, remove_all, still_as_seen
from ide.board.files.records import (
    Action,
    Direction,
    Entry,
    Filesystem,
    Moved,
    Step,
    SyncPlan,
    TransferReport,
    Upload,
)
from ide.board.files.rows import board_path
from ide.board.files.transfer import get
from ide.board.flash.safe_names import safe_names
from ide.board.link import Board
from toolchains.errors import DiskError, disk_error, disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _

#: Patterns as in .gitignore that are not synced unless the caller says otherwise. The second line: what native modules
#: are made of, and what is for people; the board gets the module that is built of it (run, deploy).
DEFAULT_EXCLUDES = (
    *(".*", "__pycache__/", "*.pyc", "build/", "dist/"),
    *("*.c", "*.h", "natmod.toml", "Makefile", "README*", "*.md", "tests/"),
)
#: What a board begins with, and its password. No project that lacks them means that they should go.
STARTS_WITH = ("boot.py", "main.py", "webrepl_cfg.py")
#: A folder here with more files is not a project for a board: a home folder, chosen by mistake.
_MOST_FILES = 10_000


def plan(
    ctx: JobContext,
    board: Board,
    folder: Path,
    target: str = "/",
    *,
    excludes: Sequence[str] = DEFAULT_EXCLUDES,
    direction: Direction = "to_board",
    delete: bool = False,
    certain: bool = True,
) -> SyncPlan:
    """What would make ``target`` on the board like ``folder`` here (or the other way round). Changes nothing.

    ``excludes``: patterns as in .gitignore, relative to ``folder`` and ``target``. ``delete``: also what is only on the
    side that is written to; ``certain``: what that is on the board is hashed, so that nothing else is deleted (a plan
    that is only shown does without). Raises NotAFolder, NotOnBoard (only when pulling), DiskError.
    """
    target = board_path(target)
    leave = pathspec.GitIgnoreSpec.from_lines(excludes)
    here = dict(_files_here(ctx, folder, leave))
    there, filesystem = _files_there(ctx, board, target, leave, set(here.values()), excludes, direction)
    compare = _Compare(folder, target, here, there, direction, delete)
    steps = tuple(sorted(compare.steps(), key=lambda step: (step.action == "delete", step.path)))
    if delete and certain and direction == "to_board":
        steps = _hashed(ctx, board, steps)
    free = filesystem.free if filesystem else None
    needs = _needs(steps, filesystem.block if filesystem else 1) if direction == "to_board" else 0
    return SyncPlan(steps, needs, free, direction, folder, target)


def apply(ctx: JobContext, board: Board, plan: SyncPlan) -> TransferReport:
    """Do what the plan says; conflicts are left alone. Deletes only what the plan's delete steps name.

    Raises, before the first byte: BoardFull, ChangedOnBoard and ChangedHere (something is not what it was when the plan
    was made); later BoardFileError, BoardGarbled, DiskError.
    """
    started = time.perf_counter()
    written = plan.of("create", "replace")
    if plan.direction == "to_board":
        files = {step.path: Upload(step.local, step.path) for step in written}
        expected = {step.path: step.old for step in written}
        moved, gone = _change_there(ctx, board, files, expected, plan.of("delete"))
    else:
        _check_here(plan.changes)
        places = {step.path: step.local for step in written}
        moved = get(ctx, board, places, {step.path: step.size for step in written})
        gone = _delete_here(ctx, plan.of("delete"))
    return TransferReport(moved, time.perf_counter() - started, gone)


# --- what there is --------------------------------------------------------------------------------------------------


def _files_here(ctx: JobContext, folder: Path, leave: pathspec.GitIgnoreSpec) -> Iterator[tuple[str, int]]:
    """The files of a folder by their path relative to it, with slashes, and their sizes.

    Links to folders are not followed. What a pattern takes back in ("!lib/x.py") may lie in a folder that is left out.
    """
    takes_back = any(pattern.include is False for pattern in leave.patterns)
    count = 0
    with disk_errors(folder):
        if not folder.is_dir():
            os.listdir(folder)

    def refuse(error: OSError) -> None:
        raise disk_error(error, folder)

    for root, folders, files in os.walk(folder, onerror=refuse):
        ctx.check()
        below = Path(root).relative_to(folder).as_posix()
        prefix = "" if below == "." else below + "/"
        folders[:] = sorted(name for name in folders if takes_back or not leave.match_file(prefix + name + "/"))
        for name in sorted(files):
            path = Path(root, name)
            if leave.match_file(prefix + name) or not path.is_file():
                continue
            count += 1
            if count > _MOST_FILES:
                raise DiskError(
                    _("{folder} has more than {most} files.", folder=str(folder), most=_MOST_FILES),
                    next_step=_("Choose the folder of a project, or leave more out."),
                )
            with disk_errors(path):
                yield prefix + name, path.stat().st_size


def _files_there(
    ctx: JobContext,
    board: Board,
    target: str,
    leave: pathspec.GitIgnoreSpec,
    sizes: Collection[int],
    excludes: Sequence[str],
    direction: Direction,
) -> tuple[dict[str, _There], Filesystem | None]:
    """Files and folders of the board by their path relative to ``target``."""
    skip = (".",) if ".*" in excludes else ()
    try:
        listing, hashes = hash_tree(ctx, board, target, sizes, skip)
    except NotOnBoard:
        if direction == "from_board":
            raise
        return {}, _space(ctx, board)
    found = {}
    for entry in listing.entries:
        name = posixpath.relpath(entry.path, target)
        if not leave.match_file(name + "/" if entry.is_folder else name):
            found[name] = _There(entry, hashes.get(entry.path))
    return found, listing.filesystem


def _space(ctx: JobContext, board: Board) -> Filesystem | None:
    from ide.board.files.browse import list_folder  # the target is not there yet: what "/" has

    return list_folder(ctx, board, "/").filesystem


@dataclass(frozen=True)
class _There:
    """Something on the board; ``sha256``: None where it was not needed, or cannot be had."""

    entry: Entry
    sha256: str | None


# --- comparing ------------------------------------------------------------------------------------------------------


@dataclass
class _Compare:
    folder: Path
    target: str
    here: Mapping[str, int]
    there: Mapping[str, _There]
    direction: Direction
    delete: bool

    def steps(self) -> Iterator[Step]:
        """One for each path that is on either side."""
        sources: Collection[str] = self.here if self.direction == "to_board" else self._possible_here()
        for name in sorted(self._all_files()):
            here, there = self.here.get(name), self.there.get(name)
            wanted = here is not None if self.direction == "to_board" else there is not None
            if wanted and (name not in sources or self._in_the_way(name)):
                yield self._step("conflict", name)
            elif wanted:
                yield self._written(name, here, there)
            elif self.delete:
                yield self._step("delete", name)
        if self.delete and self.direction == "to_board":
            yield from self._empty_folders()

    def _all_files(self) -> set[str]:
        return {*self.here, *(name for name, found in self.there.items() if not found.entry.is_folder)}

    def _possible_here(self) -> set[str]:
        """What is on the board under a name that every computer can have."""
        names = [(name, found.entry.kind) for name, found in self.there.items()]
        return {name for (name, _kind), safe in zip(names, safe_names(names), strict=True) if name == safe}

    def _in_the_way(self, name: str) -> bool:
        """Whether a folder has that name on the other side, or a file the name of a folder above it."""
        parents = [parent.as_posix() for parent in PurePosixPath(name).parents][:-1]
        found = self.there.get(name)
        if found is not None and found.entry.is_folder:
            return True
        if self.direction == "to_board":
            return any(parent in self.there and not self.there[parent].entry.is_folder for parent in parents)
        place = self.folder / name
        return place.is_dir() or any((self.folder / parent).is_file() for parent in parents)

    def _written(self, name: str, here: int | None, there: _There | None) -> Step:
        if here is None or there is None:
            return self._step("create", name)
        board = (there.entry.size or 0, there.sha256)
        if here != board[0] and self.direction == "to_board":
            return self._step("replace", name, old=board)
        mine = (here, _sha256_here(self.folder / name))
        if mine == board:
            return self._step("same", name)
        return self._step("replace", name, old=board if self.direction == "to_board" else mine)

    def _step(self, action: Action, name: str, old: tuple[int, str | None] | None = None) -> Step:
        found = self.there.get(name)
        here, there = self.here.get(name, 0), (found.entry.size or 0) if found else 0
        from_here = (self.direction == "to_board") != (action == "delete")
        if action == "delete" and self.direction == "from_board":
            old = (here, _sha256_here(self.folder / name))
        elif action == "delete":
            old = (there, found.sha256 if found else None)
        path = posixpath.join(self.target, name)
        return Step(action, path, here if from_here else there, self.folder.joinpath(*name.split("/")), old)

    def _empty_folders(self) -> Iterator[Step]:
        """Folders of the board that have nothing left in them that is here."""
        needed = {parent.as_posix() for name in self.here for parent in PurePosixPath(name).parents}
        for name, found in self.there.items():
            if found.entry.is_folder and name not in needed:
                yield Step("delete", found.entry.path, 0, self.folder / name, kind="folder")


def _needs(steps: Sequence[Step], block: int) -> int:
    """Bytes that must be free for the worst moment: a new file lies beside its old one."""
    used = most = 0
    for step in steps:
        if step.action in ("create", "replace"):
            new = -(-step.size // block)
            most = max(most, used + new)
            used += new - (-(-step.old[0] // block) if step.old else 0)
    return most * block


def _sha256_here(path: Path) -> str:
    with disk_errors(path), path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


# --- changing -------------------------------------------------------------------------------------------------------


def _hashed(ctx: JobContext, board: Board, steps: Sequence[Step]) -> tuple[Step, ...]:
    """The steps, with the hash of each file that would be deleted: before, only what may be the same was hashed."""
    lost = {step.path: step.old[0] for step in steps if step.action == "delete" and step.old and step.old[1] is None}
    found: dict[str, There] = {}

    def look() -> Plan:
        found.update((yield from look_at(lost)))

    if lost:
        Session(ctx).run(board, look(), isolated=True)
    now = ((step, found.get(step.path)) for step in steps)
    return tuple(replace(step, old=there) if isinstance(there, tuple) else step for step, there in now)


def _change_there(
    ctx: JobContext,
    board: Board,
    files: Mapping[str, Upload],
    expected: Mapping[str, tuple[int, str | None] | None],
    lost: Sequence[Step],
) -> tuple[tuple[Moved, ...], tuple[str, ...]]:
    """Write, then delete, after a look at all of it: what was written, and what is gone."""
    session = Session(ctx)
    written, gone = Put(ctx, session, files, expected=expected), list[str]()

    def change() -> Plan:
        yield from still_as_seen(session, {step.path: step.old for step in lost if step.old})
        yield from written.run()
        yield from remove_all(
            [step.path for step in lost if step.kind == "file"],
            [step.path for step in lost if step.kind == "folder"],
            gone,
        )

    if files or lost:
        session.run(board, change(), isolated=True)
    return tuple(written.done), tuple(gone)


def _check_here(steps: Sequence[Step]) -> None:
    """Raise ChangedHere when a file here is not the one that the plan saw."""
    for step in steps:
        there = step.local.is_file()
        now = (step.local.stat().st_size, _sha256_here(step.local)) if there else None
        if now != step.old:
            raise ChangedHere(str(step.local))


def _delete_here(ctx: JobContext, steps: Sequence[Step]) -> tuple[str, ...]:
    for step in steps:
        with disk_errors(step.local):
            ctx.host.remove(step.local)
    return tuple(step.path for step in steps)
