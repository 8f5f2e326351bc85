"""A conversation with a board about its own files: a plan on this computer, carried out one expression at a time.

A plan is a generator: it yields Python expressions for ``resources/board/files.py`` and is sent their values.
"""

from __future__ import annotations

import ast
import binascii
import contextlib
import hashlib
import posixpath
from collections.abc import Generator, Iterable

from ide.board.errors import BoardFull, BoardGarbled
from ide.board.link import Board
from ide.board.mount import HostService, start
from toolchains.errors import BoardError, Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

#: How the names of files begin that are not whole yet.
TEMPORARY = ".natmod-tmp-"
#: Bytes of a file in one answer.
_CHUNK = 4096
#: A board that says nothing for so long is stuck, seconds (a large write to slow flash takes two or three).
_SILENCE = 30.0
ENOENT = 2
_ENOSPC = 28

#: What the board is told to do, and what came of it.
Plan = Generator[str, object, None]
#: Size in bytes and sha256 (hex) of a file on the board.
Copy = tuple[int, str]


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


class Refused(Exception):
    """An expression raised OSError on the board. Thrown into the plan; ``errno`` is MicroPython's."""

    def __init__(self, errno: int) -> None:
        super().__init__(errno)
        self.errno = errno


class Session:
    """Runs a plan on a board: feeds the plan's expressions to it, and the plan with their results.

    ``upload`` is what the next ``w()`` writes, ``download`` what ``b()`` read. ``done`` and ``total``: bytes, to show.
    """

    def __init__(self, ctx: JobContext) -> None:
        self._ctx = ctx
        self._plan: Plan | None = None
        self._started = False
        self._failure: BaseException | None = None
        self.upload = b""
        self.download = bytearray()
        self.done = self.total = 0

    def run(self, board: Board, plan: Plan) -> None:
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
                expression = self._plan.throw(Refused(int(result[1:])))
            else:
                expression = self._plan.send(ast.literal_eval(result[1:].decode()))
        except StopIteration:
            return b"="
        except (StudioError, Refused) as error:
            self._failure = error
            return b"="
        return b"+" + expression.encode()


def home_of() -> Generator[str, object, str]:
    """The folder of boot.py and main.py, where a board is after a reset, without the last slash: "", or "/flash"."""
    folder = yield "g()"
    return str(folder).rstrip("/")


def clear_temporary(paths: Iterable[str]) -> Plan:
    """Remove what a broken write left in the folders of ``paths``."""
    for folder in sorted({posixpath.dirname(path) for path in paths}):
        yield f"c({folder!r},{TEMPORARY!r})"


def remove_file(path: str) -> Generator[str, object, bool]:
    """Remove a file; whether it was there. Raises BoardFileError."""
    try:
        yield f"z({path!r})"
    except Refused as refused:
        if refused.errno != ENOENT:
            raise BoardFileError(path, refused.errno) from None
        return False
    return True


def read(session: Session, path: str) -> Generator[str, object, bytes | None]:
    """The content of a file, None when it is not there."""
    session.download.clear()
    try:
        yield f"b({path!r})"
    except Refused as refused:
        if refused.errno != ENOENT:
            raise BoardFileError(path, refused.errno) from None
        return None
    return bytes(session.download)


def temporary_of(path: str) -> str:
    """The name under which a file is written before it is whole."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, TEMPORARY + binascii.hexlify(name.encode()[:12]).decode())


def write(session: Session, path: str, data: bytes) -> Plan:
    """Write a file under a temporary name, have the board hash it, then rename it."""
    folder, name = posixpath.split(path)
    temporary = temporary_of(path)
    session.upload = data
    try:
        if folder != "/":
            yield f"d({folder!r})"
        yield f"w({temporary!r})"
        copy = yield from look(session, temporary, len(data))
        if copy != (len(data), sha256_of(data)):
            yield f"z({temporary!r})"
            raise BoardGarbled(path)
        yield f"m({folder!r},{posixpath.basename(temporary)!r},{name!r})"
    except Refused as refused:
        if refused.errno == _ENOSPC:
            space = yield f"v({folder!r})"
            free = space[0] * space[1] if isinstance(space, tuple) else 0
            raise BoardFull(path, len(data), free) from None
        raise BoardFileError(path, refused.errno) from None


def look(session: Session, path: str, n_bytes: int | None = None) -> Generator[str, object, Copy | None]:
    """What the board has at ``path``. A board that cannot hash is read, unless the size is not ``n_bytes`` anyway."""
    there = yield f"h({path!r})"
    if not isinstance(there, tuple):
        return None
    size, sha256 = int(there[0]), there[1]
    if sha256 is None and n_bytes in (None, size):
        session.download.clear()
        yield f"b({path!r})"
        sha256 = sha256_of(bytes(session.download))
    return size, str(sha256)


def sha256_of(data: bytes) -> str:
    """The hash of a file's content, as the board gives it (hex)."""
    return hashlib.sha256(data).hexdigest()
