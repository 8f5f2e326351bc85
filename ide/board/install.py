"""Files that stay on a board: written under a temporary name, verified, then renamed over the old ones.

A board that loses power or its cable in the middle has the old file or the new one under the real name, never half of
one. On littlefs (and on a simulated board) the rename is one step. On FAT a file cannot be renamed over another: the
old one is removed first, so that for a moment there is only the temporary file; it is never half either.
"""

from __future__ import annotations

import posixpath
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ide.board.file_session import (
    BoardFileError,
    Copy,
    Plan,
    Session,
    clear_temporary,
    home_of,
    look,
    remove_file,
    sha256_of,
    write,
)
from ide.board.files.plans import check_space
from ide.board.link import Board
from toolchains.jobs import JobContext

__all__ = ["BoardFileError", "InstallReport", "Installed", "board_hashes", "install", "remove"]


@dataclass(frozen=True)
class Installed:
    """One file on the board. ``skipped``: the board had it already."""

    path: str
    n_bytes: int
    sha256: str
    skipped: bool


@dataclass(frozen=True)
class InstallReport:
    """What an install did, and how long it took in seconds. ``folder``: where it is, "/lib" on most boards."""

    files: tuple[Installed, ...]
    seconds: float
    folder: str

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        files = [{"path": f.path, "bytes": f.n_bytes, "sha256": f.sha256, "skipped": f.skipped} for f in self.files]
        return {"schema": 1, "files": files, "seconds": round(self.seconds, 4)}


def install(
    ctx: JobContext,
    board: Board,
    files: Mapping[str, bytes],
    target: str = "/lib",
    replaces: Sequence[str] = (),
) -> InstallReport:
    """Write ``files`` (a path relative to ``target``, or an absolute one, to its content) to the board.

    ``target`` lies in the folder where the board starts: on an STM32, "/lib" is "/flash/lib", where its import looks.
    In the end the files ``replaces`` (relative to ``target``) are removed: what ``import`` would find instead.

    A file that the board has already (same sha256) is not written again. Raises BoardFull, with nothing left behind,
    before the first byte if the free space says so; BoardFileError; BoardGarbled if the board's copy differs.
    """
    started = time.perf_counter()
    board.soft_reset(ctx)
    session = Session(ctx)
    session.total = sum(map(len, files.values()))
    plan = InstallPlan(session, target, files, replaces)
    session.run(board, plan.run())
    return InstallReport(tuple(plan.done), time.perf_counter() - started, plan.folder)


def remove(ctx: JobContext, board: Board, paths: Sequence[str]) -> tuple[str, ...]:
    """Remove files from the board; the ones that were there."""
    gone: list[str] = []

    def plan() -> Plan:
        for path in paths:
            if (yield from remove_file(path)):
                gone.append(path)

    Session(ctx).run(board, plan())
    return tuple(gone)


def board_hashes(ctx: JobContext, board: Board, paths: Sequence[str]) -> dict[str, str | None]:
    """The sha256 (hex) of files on the board; None for what is not there."""
    found: dict[str, str | None] = {}
    session = Session(ctx)

    def plan() -> Plan:
        for path in paths:
            there = yield from look(session, path)
            found[path] = there[1] if there else None

    session.run(board, plan())
    return found


def _on_board(target: str, name: str) -> str:
    return posixpath.normpath(posixpath.join("/", target, name))


@dataclass
class InstallPlan:
    """The plan of :func:`install`; ``folder`` and ``done`` are what it finds and does."""

    session: Session
    target: str
    files: Mapping[str, bytes]
    replaces: Sequence[str]
    folder: str = ""
    done: list[Installed] = field(default_factory=list)

    def run(self) -> Plan:
        """Look, check the room, write, remove."""
        self.folder = (yield from home_of()) + self.target
        wanted = {_on_board(self.folder, name): data for name, data in self.files.items()}
        there: dict[str, Copy | None] = {}
        yield from clear_temporary(wanted)
        for path, data in wanted.items():
            there[path] = yield from look(self.session, path, len(data))
        stale = {path: data for path, data in wanted.items() if there[path] != (len(data), sha256_of(data))}
        yield from check_room(stale, there)
        for path, data in wanted.items():
            if path in stale:
                yield from write(self.session, path, data)
            self.session.done += len(data)
            self.done.append(Installed(path, len(data), sha256_of(data), path not in stale))
        for name in self.replaces:
            yield from remove_file(_on_board(self.folder, name))


def check_room(stale: Mapping[str, bytes], there: Mapping[str, Copy | None]) -> Plan:
    """Raise BoardFull if the files ``stale`` do not fit, given what is ``there`` under their names."""
    old = {path: copy[0] if copy else None for path, copy in there.items()}
    yield from check_space({path: len(data) for path, data in stale.items()}, old)
