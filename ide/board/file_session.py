"""A conversation with a board about its own files: a plan on this computer, carried out one expression at a time.

A plan is a generator: it yields Python expressions for ``resources/board/files.py`` and is sent their values.
"""

from __future__ import annotations

import ast
import binascii
import contextlib
import hashlib
import posixpath
import re
import zlib
from collections.abc import Generator, Iterable, Iterator
from typing import TypeVar

from ide.board.errors import BoardExecError, BoardFlood, BoardFull, BoardGarbled, BoardRestarted
from ide.board.link import Board
from ide.board.mount import HostService, Raw, escaped, start
from toolchains.errors import BoardError, Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

#: How the names of files begin that are not whole yet.
TEMPORARY = ".natmod-tmp-"
#: Bytes of a file in one answer, where they cannot go as they are; more where memory is plenty.
_CHUNK, _LARGE_CHUNK, _PLENTY = 4096, 8192, 200_000
#: How many times as much as the board has room for goes there deflated at once: at most, and by guess at first.
_DEFLATED, _SHRINKS = 8.0, 3.0
#: What deflating must save; how much of the room that the last piece would have had is used.
_WORTH, _MARGIN = 0.9, 0.97
#: How many sizes of a piece are tried, and how much more than what fits must go there to try once more.
_TRIES, _WORTH_A_TRY = 6, 1.3
#: Windows (2**n bytes) that a board has memory for, by the free memory that they need.
_WINDOWS = ((800_000, 15), (200_000, 13), (100_000, 12), (40_000, 10))
_SMALLEST = 64
#: No file on a board is larger than this, in bytes; a board that goes on for ever is stopped.
_MOST_READ = 256 << 20
#: How a traceback ends: EIO is what ``resources/board/frames.py`` raises after all its tries.
_EXCEPTION, _GAVE_UP = re.compile(r"[A-Za-z_]\w*(: |$)"), re.compile(r"^OSError: (\[Errno )?5\b")
#: What a board says when it starts.
_BANNER = re.compile(rb"MicroPython v\d[^\r\n]* on [^\r\n]*; [^\r\n]* with [^\r\n]*\r\n")
_BANNER_WITHIN = 2048
#: A board that says nothing for so long is stuck, seconds (a large write to slow flash takes two or three).
_SILENCE = 30.0
ENOENT = 2
ENODEV = 19
_ENOSPC = 28

#: Characters; what is asked lies in the board's memory a few times over.
_LONGEST_QUESTION = 1000

_Item = TypeVar("_Item")

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
        self._service: HostService | None = None
        self._said = b""
        self._chunk = _CHUNK
        self._room = 0  # bytes that the board takes as they are, at once
        self._window = 0
        self._shrinks = _SHRINKS  # how many times as much as it takes on the line the last piece was
        self.upload = b""
        self.download = bytearray()
        self.done = self.total = 0

    def run(self, board: Board, plan: Plan, *, isolated: bool = False) -> None:
        """To the plan's end; an error that the plan raised is raised here, with the board back at its prompt.

        ``isolated``: whatever ``__main__`` on the board has, it does not matter and stays.
        """
        self._plan = self._whole(plan)
        self._started = False
        self._service = HostService(self._answer)
        self._service.mute = True
        self._service.watch = self._watch
        try:
            start(self._ctx, board, ("frames", "files"), self._service, timeout=_SILENCE, isolated=isolated)
        except BoardExecError as error:
            # The board gave up asking, or what others printed was taken for its last words.
            last = error.traceback.strip().rpartition("\n")[2]
            if _GAVE_UP.search(last) or not _EXCEPTION.match(last):
                raise BoardGarbled(error.traceback) from error
            raise
        if isinstance(self._failure, Refused):  # of a step that nobody expects to fail
            raise BoardFileError("/", self._failure.errno)
        if self._failure is not None:
            raise self._failure

    def _whole(self, plan: Plan) -> Plan:
        """The plan, after the board said what it can take."""
        ready = yield "i()"
        if isinstance(ready, tuple) and len(ready) == 4:
            room, memory, as_they_are, inflates = ready
            self._chunk = _LARGE_CHUNK if memory >= _PLENTY else _CHUNK
            self._room = int(room) if as_they_are else 0
            self._window = next((w for least, w in _WINDOWS if memory >= least), 0) if inflates else 0
        yield from plan

    def _answer(self, op: str, argument: bytes) -> bytes:
        if op == "D":
            return self._data(int(argument))
        if op == "B":
            offset, _space, data = argument.partition(b" ")
            if int(offset) > _MOST_READ:
                raise BoardFlood(_MOST_READ)
            self.download[int(offset) :] = data
            self._show(self.done + len(self.download))
            return b"="
        return self._next(argument)

    def _data(self, offset: int) -> bytes:
        assert self._service is not None
        data: bytes
        if self._room:
            data, n_bytes = self._packed(offset, max(_SMALLEST, min(self._room, self._service.most)))
        else:
            data = self.upload[offset : offset + self._chunk]
            n_bytes = len(data)
        at_end = offset + n_bytes >= len(self.upload)
        self._show(self.done + offset + n_bytes)
        head = b"=" if at_end else b"+"
        if not isinstance(data, Raw):
            return head + data
        reply = Raw(head + data)
        reply.window = data.window
        return reply

    def _watch(self, shown: bytes) -> None:
        """Nothing of ours prints: a board that says its name has restarted, whatever it makes of our bytes since."""
        self._said = (self._said + shown)[-_BANNER_WITHIN:] if shown else self._said
        if shown and _BANNER.search(self._said):
            raise BoardRestarted(self._said.decode("utf-8", "backslashreplace"))

    def _show(self, done: int) -> None:
        if not self._ctx.cancelled and self.total:  # a cancel takes hold in exec, not inside the link's feeding
            with contextlib.suppress(Cancelled):
                self._ctx.progress(done, self.total)

    def _packed(self, offset: int, room: int) -> tuple[Raw, int]:
        """As much of the file as goes into ``room`` bytes on the line, and how much of the file that is."""
        found: tuple[Raw, int] | None = None
        for _again in range(_TRIES if self._window else 0):
            # As much as would have fitted the last time, and a little less.
            n_bytes = max(1, int(room * min(self._shrinks, _DEFLATED) * _MARGIN))
            if found is not None and n_bytes < found[1] * _WORTH_A_TRY:
                break
            piece = self.upload[offset : offset + n_bytes]
            packed = Raw(_deflate(piece, self._window))
            packed.window = self._window
            length = len(escaped(packed))
            if length > len(piece) * _WORTH:
                break
            self._shrinks = len(piece) / length
            if length <= room and (found is None or len(piece) > found[1]):
                found = packed, len(piece)
                if len(piece) < n_bytes:  # all of it
                    break
        if found is not None:
            return found
        self._shrinks = _SHRINKS
        piece = self.upload[offset : offset + room]
        while len(escaped(piece)) > room:
            piece = piece[: len(piece) * room // len(escaped(piece))]
        return Raw(piece), len(piece)

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


def _deflate(data: bytes, window: int) -> bytes:
    packer = zlib.compressobj(6, zlib.DEFLATED, -window, 9)
    return packer.compress(data) + packer.flush()


def home_of() -> Generator[str, object, str]:
    """The folder of boot.py and main.py, where a board is after a reset, without the last slash: "", or "/flash"."""
    folder = yield "g()"
    return str(folder).rstrip("/")


def clear_temporary(paths: Iterable[str]) -> Plan:
    """Remove what a broken write left in the folders of ``paths``."""
    for folders in batches(sorted({posixpath.dirname(path) for path in paths})):
        yield f"[c(p,{TEMPORARY!r})for p in{folders!r}]"


def batches(items: Iterable[_Item]) -> Iterator[list[_Item]]:
    """Items in lists whose text is short enough for one question to a board."""
    batch: list[_Item] = []
    length = 0
    for item in items:
        length += len(repr(item))
        if batch and length > _LONGEST_QUESTION:
            yield batch
            batch, length = [], len(repr(item))
        batch.append(item)
    if batch:
        yield batch


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
    """The content of a file, None when it is not there. Raises BoardGarbled when it is not what the board has."""
    session.download.clear()
    try:
        said = yield f"b({path!r})"
    except Refused as refused:
        if refused.errno != ENOENT:
            raise BoardFileError(path, refused.errno) from None
        return None
    data = bytes(session.download)
    if isinstance(said, tuple) and said not in ((len(data), sha256_of(data)), (len(data), None)):
        raise BoardGarbled(path)
    return data


def temporary_of(path: str) -> str:
    """The name under which a file is written before it is whole."""
    folder, name = posixpath.split(path)
    return posixpath.join(folder, TEMPORARY + binascii.hexlify(name.encode()[:12]).decode())


def write(session: Session, path: str, data: bytes) -> Plan:
    """Write a file under a temporary name, have the board hash it, then rename it: one round trip if all goes well."""
    folder, name = posixpath.split(path)
    temporary = temporary_of(path)
    whole = (len(data), sha256_of(data))
    rename = f"m({folder!r},{posixpath.basename(temporary)!r},{name!r})"
    session.upload = data
    try:
        make = f"d({folder!r})" if folder != "/" else "0"
        # In this order: the folder, the file and its hash, and only if that is right the rename.
        done = yield f"[{make},w({temporary!r})=={whole!r}and[{rename}]][1]"
        if not done:
            copy = yield from look(session, temporary, len(data))
            if copy != whole:
                yield f"z({temporary!r})"
                raise BoardGarbled(path)
            yield rename
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
