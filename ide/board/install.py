"""Files that stay on a board: written under a temporary name, verified, then renamed over the old ones.

A board that loses power or its cable in the middle has the old file or the new one under the real name, never half of
one. On littlefs (and on a simulated board) the rename is one step. On FAT a file cannot be renamed over another: the
old one is removed first, so that for a moment there is only the temporary file; it is never half either.
"""

from __future__ import annotations

import ast
import binascii
import contextlib
import hashlib
import posixpath
import time
from collections.abc import Generator, Mapping, Sequence
from dataclasses import dataclass

from ide.board.errors import BoardFull, BoardGarbled
from ide.board.link import Board
from ide.board.mount import HostService, start
from toolchains.errors import BoardError, Cancelled
from toolchains.jobs import JobContext
from toolchains.text import _

_TEMPORARY = ".natmod-tmp-"
#: Bytes of a file in one answer.
_CHUNK = 4096
#: A board that says nothing for so long is stuck, seconds (a large write to slow flash takes two or three).
_SILENCE = 30.0
_ENOENT, _ENOSPC = 2, 28

#: What the board is told to do (a Python expression for ``resources/board/files.py``), and what came of it.
_Plan = Generator[str, object, None]
#: Size in bytes and sha256 (hex) of a file on the board.
_Copy = tuple[int, str]


@dataclass(frozen=True)
class Installed:
    """One file on the board. ``skipped``: the board had it already."""

    path: str
    n_bytes: int
    sha256: str
    skipped: bool


@dataclass(frozen=True)
class InstallReport:
    """What an install did, and how long it took in seconds."""

    files: tuple[Installed, ...]
    seconds: float

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        files = [{"path": f.path, "bytes": f.n_bytes, "sha256": f.sha256, "skipped": f.skipped} for f in self.files]
        return {"schema": 1, "files": files, "seconds": round(self.seconds, 4)}


class BoardFileError(BoardError):
    """The board's filesystem refused an operation; ``errno`` is MicroPython's."""

    code = "board.file"

    def __init__(self, path: str, errno: int) -> None:
        super().__init__(
            _("The board refused to change {path} (error {errno}).", path=path, errno=errno),
            next_step=_("Its filesystem may be read-only, missing or damaged: look at it with os.listdir('/')."),
            path=path,
            errno=errno,
        )
        self.errno = errno


class _Refused(Exception):
    """An expression raised OSError on the board."""

    def __init__(self, errno: int) -> None:
        super().__init__(errno)
        self.errno = errno


class _Session:
    """Runs a plan on a board: feeds the plan's expressions to it, and the plan with their results."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._plan: _Plan | None = None
        self._started = False
        self._failure: BaseException | None = None
        self.upload = b""
        self.download = bytearray()
        self.done = self.total = 0

    def run(self, board: Board, plan: _Plan) -> None:
        """To the plan's end; an error that the plan raised is raised here, with the board back at its prompt."""
        self._plan = plan
        self._started = False
        service = HostService(self._answer)
        start(self._ctx, board, ("frames", "files"), service, timeout=_SILENCE)
        if self._failure is not None:
            raise self._failure

    def _answer(self, op: str, argument: bytes) -> bytes:
        if op == "D":
            return self._data(int(argument))
        if op == "B":
            self.download += argument
            return b"="
        return self._next(argument)

    def _data(self, offset: int) -> bytes:
        data = self.upload[offset : offset + _CHUNK]
        at_end = offset + len(data) >= len(self.upload)
        if not self._ctx.cancelled:  # a cancel takes hold in exec, not inside the link's feeding
            with contextlib.suppress(Cancelled):
                self._ctx.progress(self.done + offset + len(data), self.total)
        return (b"=" if at_end else b"+") + data

    def _next(self, result: bytes) -> bytes:
        """The result of the last expression came; the next one, or the end."""
        assert self._plan is not None
        try:
            if not self._started:
                self._started = True
                expression = next(self._plan)
            elif result.startswith(b"!"):
                expression = self._plan.throw(_Refused(int(result[1:])))
            else:
                expression = self._plan.send(ast.literal_eval(result[1:].decode()))
        except StopIteration:
            return b"="
        except (BoardError, _Refused) as error:
            self._failure = error
            return b"="
        return b"+" + expression.encode()


def install(
    ctx: JobContext,
    board: Board,
    files: Mapping[str, bytes],
    target: str = "/lib",
) -> InstallReport:
    """Write ``files`` (a path relative to ``target``, or an absolute one, to its content) to the board.

    A file that the board has already (same sha256) is not written again. Raises BoardFull, with nothing left behind,
    before the first byte if the free space says so; BoardFileError; BoardGarbled if the board's copy differs.
    """
    started = time.perf_counter()
    wanted = {posixpath.normpath(posixpath.join("/", target, name)): data for name, data in files.items()}
    board.soft_reset(ctx)
    session = _Session(ctx)
    session.total = sum(map(len, wanted.values()))
    done: list[Installed] = []
    session.run(board, _install_plan(session, wanted, done))
    return InstallReport(tuple(done), time.perf_counter() - started)


def remove(ctx: JobContext, board: Board, paths: Sequence[str]) -> tuple[str, ...]:
    """Remove files from the board; the ones that were there."""
    gone: list[str] = []

    def plan() -> _Plan:
        for path in paths:
            try:
                yield f"z({path!r})"
                gone.append(path)
            except _Refused as refused:
                if refused.errno != _ENOENT:
                    raise BoardFileError(path, refused.errno) from None

    _Session(ctx).run(board, plan())
    return tuple(gone)


def board_hashes(ctx: JobContext, board: Board, paths: Sequence[str]) -> dict[str, str | None]:
    """The sha256 (hex) of files on the board; None for what is not there."""
    found: dict[str, str | None] = {}
    session = _Session(ctx)

    def plan() -> _Plan:
        for path in paths:
            there = yield from _look(session, path)
            found[path] = there[1] if there else None

    session.run(board, plan())
    return found


def _install_plan(session: _Session, wanted: Mapping[str, bytes], done: list[Installed]) -> _Plan:
    there: dict[str, _Copy | None] = {}
    for folder in sorted({posixpath.dirname(path) for path in wanted}):
        yield f"c({folder!r},{_TEMPORARY!r})"
    for path, data in wanted.items():
        there[path] = yield from _look(session, path, len(data))
    stale = {path: data for path, data in wanted.items() if there[path] != (len(data), _sha256(data))}
    yield from _check_room(stale, there)
    for path, data in wanted.items():
        if path in stale:
            yield from _write(session, path, data)
        session.done += len(data)
        done.append(Installed(path, len(data), _sha256(data), path not in stale))


def _check_room(stale: Mapping[str, bytes], there: Mapping[str, _Copy | None]) -> _Plan:
    """Old and new lie on the board together for a moment, one file after the other."""
    if not stale:
        return
    space = yield f"v({posixpath.dirname(next(iter(stale)))!r})"
    if not isinstance(space, tuple):
        return
    block, free = space
    left = free
    for path, data in stale.items():
        need = -(-len(data) // block)
        if need > left:
            raise BoardFull(path, need * block, left * block)
        old = there[path]
        left += (-(-old[0] // block) if old else 0) - need


def _write(session: _Session, path: str, data: bytes) -> _Plan:
    folder, name = posixpath.split(path)
    temporary = posixpath.join(folder, _TEMPORARY + binascii.hexlify(name.encode()[:12]).decode())
    session.upload = data
    try:
        if folder != "/":
            yield f"d({folder!r})"
        yield f"w({temporary!r})"
        copy = yield from _look(session, temporary, len(data))
        if copy != (len(data), _sha256(data)):
            yield f"z({temporary!r})"
            raise BoardGarbled(path)
        yield f"m({folder!r},{posixpath.basename(temporary)!r},{name!r})"
    except _Refused as refused:
        if refused.errno == _ENOSPC:
            space = yield f"v({folder!r})"
            free = space[0] * space[1] if isinstance(space, tuple) else 0
            raise BoardFull(path, len(data), free) from None
        raise BoardFileError(path, refused.errno) from None


def _look(session: _Session, path: str, n_bytes: int | None = None) -> Generator[str, object, _Copy | None]:
    """What the board has at ``path``. A board that cannot hash is read, unless the size is not ``n_bytes`` anyway."""
    there = yield f"h({path!r})"
    if not isinstance(there, tuple):
        return None
    size, sha256 = int(there[0]), there[1]
    if sha256 is None and n_bytes in (None, size):
        session.download.clear()
        yield f"b({path!r})"
        sha256 = _sha256(bytes(session.download))
    return size, str(sha256)


def _sha256(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()
