"""Answering a program that runs on a board: its files come from this computer, over the line of its own text.

The board's half is ``resources/board/frames.py`` (asking) and ``mount.py`` (a filesystem made of questions).

A *request* is ``M op seq.attempt SPACE base64 SPACE check E`` in the board's output, where ``M`` is 0x18 and ``E``
0x19, each with a token made for this run: a program that prints such bytes is not mistaken for us.
An *answer* is the line ``M attempt SPACE base64 SPACE check SPACE token LF`` in the board's input: no Ctrl-C, no
Ctrl-D, and text streams will do; the token at both ends tells a damaged answer from typed text. ``check`` is a CRC-32
of what stands before it (the sum of the bytes, where a board has no crc32).

- Text typed ahead stands before the answer. The board hands it back (op ``U``), and it is sent again after the board
  says ``M .`` (done). From a request's first byte until then `HostService.busy` asks the link to hold typed text.
- Lost bytes: the board asks again (a new attempt) after a broken line, or after two silent seconds if it can poll its
  input. It takes only the answer to its latest attempt, and we answer each attempt once; the line keeps the order, so
  nothing of ours is left for the program to read. For boards that cannot poll we send a *nudge*, ``M M LF``: a
  broken line that makes them ask again.
- Ctrl-C during a request: the board asks again, finishes the request and only then raises KeyboardInterrupt.
- Bytes as they are (``resources/board/files.py``, where ``sys.stdin.buffer`` is there): an answer that begins with
  ``*`` (more) or ``/`` (end) instead says ``length SPACE check SPACE escaped SPACE window``, and that many bytes come
  after its LF; see :class:`Raw`. The argument of a request may be ``*`` and bytes instead of base64. A few values are
  written as two bytes, 0x1b and another: Ctrl-C must stop the board at any time, 0x04 would end the program's output.
"""

from __future__ import annotations

import binascii
import re
import secrets
import string
import time
from collections.abc import Callable

from ide.board.link import Board
from toolchains import paths
from toolchains.jobs import JobContext

#: Answers a request: its op (one letter) and argument; what comes back begins with ``+`` (more), ``=`` (end) or ``!``.
Answer = Callable[[str, bytes], bytes]

_TOKEN_LENGTH = 6
_ALPHABET = string.ascii_letters + string.digits
#: A broken frame is given this long to become whole, seconds.
_FRAME_PATIENCE = 0.5
#: The board is given this long to say that it has our answer: seconds, and seconds a byte (9600 baud).
_ANSWER_PATIENCE = 3.0
_PATIENCE_PER_BYTE = 1 / 900
_MAX_NUDGES = 10
#: No request is longer: what follows a mark for so long is a program's own text.
_MAX_FRAME = 1 << 16
#: From here on an integer takes heap on a 32-bit board. The CRC-32 that the link puts beside the code does or does not,
#: unless the token is chosen for it; so the same program leaves the same heap, each time.
_LARGE = 1 << 30
#: Where a function waits that is not to be seen in ``__main__``.
_MODULES, _HIDDEN = "__import__('sys').modules", "natmod_run"
#: A string, a word or a sign of the files for boards, which have no others; "" for a comment. Python's own tokenizer
#: takes several times as long, at each start of a command (a test compares the two).
_TOKEN = re.compile(r"""("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|\w+|[^\s\w#])|#.*""")
_OPENING, _CLOSING = {*"([{"}, {*")]}"}
#: Two words that would become one.
_WORDS_TOUCH = re.compile(r"\w\w")
#: How a request begins, after the mark.
_REQUEST = re.compile(rb"[A-Z](\d|$)")


#: Requests for bytes from an offset on: the board asks for the rest by itself when it gets fewer.
_BY_OFFSET = b"GD"
_SHORTEST = 64


#: In answers, in this order: what announces a pair, Ctrl-C; and what makes a board that has just restarted run what it
#: takes for typed code.
_TO_BOARD = ((b"\x1b", b"\x1b0"), (b"\x03", b"\x1b1"), (b"\x04", b"\x1b2"), (b"\r", b"\x1b3"))
#: In requests, in this order: the end of a program's output, what a prompt has before it, what announces a pair.
_FROM_BOARD = ((b"\x1b1", b"\x04"), (b"\x1b2", b"\r"), (b"\x1b0", b"\x1b"))
#: A board waits for so many bytes at once.
_PAD = b"\n" * 256
#: While bytes as they are go to the board: patience in seconds, and how many times as long as the slowest so far.
_RAW_PATIENCE, _RAW_SLOWER = 1.0, 3.0


class Raw(bytes):
    """An answer whose bytes go as they are. ``window``: they are a raw deflate stream of that window (2**n), or 0."""

    window = 0


def escaped(data: bytes) -> bytes:
    """Bytes as they go to the board."""
    for plain, pair in _TO_BOARD:
        data = data.replace(plain, pair)
    return data


def _unescaped(data: bytes) -> bytes:
    for pair, plain in _FROM_BOARD:
        data = data.replace(pair, plain)
    return data


def _shortened(reply: bytes, n: int) -> bytes:
    """At most ``n`` bytes of an answer; the board asks for the rest."""
    return reply if n >= len(reply) - 1 else b"+" + reply[1 : n + 1]


def _crc(data: bytes) -> int:
    return binascii.crc32(data)


class HostService:
    """One run's conversation with the board; a ``StreamService`` of :mod:`ide.board.link`.

    Feed it every byte that the program prints, and ``b""`` from time to time (ten times a second will do).
    """

    def __init__(self, answer: Answer, *, token: str = "", clock: Callable[[], float] = time.monotonic) -> None:
        self.new_token(token)
        #: Nobody types to this program: what the board hands back is what is left of a damaged answer.
        self.mute = False
        #: Told what the program itself printed.
        self.watch: Callable[[bytes], None] = lambda shown: None
        self._answer = answer
        self._clock = clock
        self._pending = b""
        self._shown = 0  # how much of the pending bytes the person has seen already
        self._check: Callable[[bytes], int] = _crc
        self._last: tuple[int, bytes] = (0, b"")
        self._first_attempt = 0
        #: Bytes of an answer, as far as this board has shown.
        self.most = _MAX_FRAME
        self._returned = b""
        self._in_frame: float | None = None  # when the frame that is not whole yet began
        self._deadline: float | None = None  # when an unacknowledged answer becomes suspicious
        self._nudges = 0
        self._raw_sent: float | None = None  # when bytes went as they are that the board has not acknowledged
        self._raw_length = 0
        self._slowest = 0.0  # seconds a byte; until one is known, patience as for a slow line

    def new_token(self, token: str = "") -> None:
        """Choose what marks our frames, before the board is told."""
        self.token = token or "".join(secrets.choice(_ALPHABET) for _ in range(_TOKEN_LENGTH))
        self._mark = b"\x18" + self.token.encode()
        self._end = b"\x19" + self.token.encode()

    @property
    def busy(self) -> bool:
        """Whether typed text must wait: it would stand in the way of an answer, or overtake text handed back."""
        return self._in_frame is not None or self._deadline is not None

    @property
    def asked(self) -> bool:
        """Whether the board has asked anything yet."""
        return self._last[0] > 0

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Take what the board printed; what to show of it, and what to send to the board."""
        self._pending += data
        shown, sent = bytearray(), bytearray()
        while self._pending and self._step(shown, sent):
            pass
        self._watch_clock(bool(data), shown, sent)
        self.watch(bytes(shown))
        return bytes(shown), bytes(sent)

    def _step(self, shown: bytearray, sent: bytearray) -> bool:
        """Take one thing off the pending bytes; false when more bytes are needed."""
        starts = [at for at in (self._pending.find(self._mark), self._pending.find(self._end)) if at >= 0]
        if not starts:
            self._show(shown, sent, len(self._pending) - self._prefix_length())
            return False
        at = min(starts)
        if at:
            self._show(shown, sent, at)
        if self._pending.startswith(self._end):  # the tail of a request whose head was lost
            self._drop(len(self._end))
            self._nudge(sent)
            return True
        return self._frame(sent)

    def _frame(self, sent: bytearray) -> bool:
        """The pending bytes begin with a mark."""
        start = len(self._mark)
        said = self._pending[start : start + 2]
        if said and not _REQUEST.match(said):  # "." means done; anything else is a "done" that lost its point
            self._drop(start + (said[:1] == b"."))
            self._release(sent)
            return True
        end = self._pending.find(self._end, start)
        again = self._pending.find(self._mark, start)
        if again >= 0 and (end < 0 or again < end):
            self._drop(again)  # the board was interrupted while it asked, and asks again
            return True
        if end < 0:
            if self._in_frame is None:
                self._in_frame = self._clock()
            if len(self._pending) > _MAX_FRAME:
                self._drop(start)
            return len(self._pending) > _MAX_FRAME
        body = self._pending[start:end]
        self._drop(end + len(self._end))
        if not self._request(body, sent):
            self._nudge(sent)
        return True

    def _request(self, body: bytes, sent: bytearray) -> bool:
        """Answer one whole request; false if it is damaged."""
        try:
            text, _space, check = body.rpartition(b" ")
            head, argument = text.split(b" ", 1)
            seq, attempt = (int(number) for number in head[1:].split(b"."))
            expected = int(check, 16)
            if argument[:1] == b"*":
                payload = _unescaped(argument[1:])
            else:
                payload = binascii.a2b_base64(argument, strict_mode=True) if argument else b""
        except ValueError:
            return False
        if seq == 1 and expected == sum(text):
            self._check = sum
        if self._check(text) != expected:
            return False
        if seq != self._last[0]:
            self._last = seq, self._reply(chr(head[0]), payload)
            self._first_attempt = attempt
            self._nudges = 0
            self._acknowledged()
        reply = self._last[1]
        if head[0] in _BY_OFFSET:
            self._learn(len(reply), attempt - self._first_attempt)
            if isinstance(reply, Raw) and len(reply) - 1 > self.most:
                reply = self._reply(chr(head[0]), payload)
            elif not isinstance(reply, Raw):
                reply = _shortened(reply, self.most)
        self._send(attempt, reply, sent)
        return True

    def _send(self, attempt: int, reply: bytes, sent: bytearray) -> None:
        """The answer as it goes over the line, and until when the board should have it."""
        raw = b""
        if isinstance(reply, Raw):
            raw = escaped(reply[1:])
            kind = b"*" if reply[:1] == b"+" else b"/"
            reply = kind + b"%d %x %d %d" % (len(raw), _crc(raw), raw != reply[1:], reply.window)
        line = b"%d %s" % (attempt, binascii.b2a_base64(reply, newline=False))
        line = self._mark + line + b" %x %s\n" % (self._check(line), self.token.encode())
        sent += line + raw
        now = self._clock()
        if raw:
            self._raw_sent, self._raw_length = now, len(line) + len(raw)
            per_byte = self._slowest * _RAW_SLOWER or _PATIENCE_PER_BYTE
            self._deadline = now + _RAW_PATIENCE + self._raw_length * per_byte
        else:
            self._raw_sent = None
            self._deadline = now + _ANSWER_PATIENCE + len(line) * _PATIENCE_PER_BYTE

    def _acknowledged(self) -> None:
        """The board has the bytes that were sent as they are: so slow is the line."""
        if self._raw_sent is not None:
            self._slowest = max(self._slowest, (self._clock() - self._raw_sent) / self._raw_length)
            self._raw_sent = None

    def _learn(self, length: int, repeats: int) -> None:
        """A small receive buffer loses every long line at the same place: send less each time, and from then on."""
        if repeats > 1:
            self.most = max(_SHORTEST, min(self.most, length >> (repeats - 1)))

    def _reply(self, op: str, argument: bytes) -> bytes:
        if op == "U":
            self._returned += b"" if self.mute else argument
            return b"="
        return self._answer(op, argument)

    def _show(self, shown: bytearray, sent: bytearray, n: int) -> None:
        """Pass on ``n`` bytes of the program's own; they also prove that the board has our answer."""
        if n <= 0:
            return
        shown += self._pending[self._shown : n]
        self._drop(n)
        if self._deadline is not None:
            self._release(sent)

    def _drop(self, n: int) -> None:
        self._pending = self._pending[n:]
        self._shown = max(0, self._shown - n)
        self._in_frame = None

    def _prefix_length(self) -> int:
        """How many of the last pending bytes may be the beginning of a mark or an end."""
        for n in range(min(len(self._mark) - 1, len(self._pending)), 0, -1):
            if self._mark.startswith(self._pending[-n:]) or self._end.startswith(self._pending[-n:]):
                return n
        return 0

    def _release(self, sent: bytearray) -> None:
        """The board has our answer: hand the program the text that stood in the way."""
        self._deadline = None
        self._acknowledged()
        sent += self._returned
        self._returned = b""

    def _nudge(self, sent: bytearray) -> None:
        self._nudges += 1
        if self._nudges <= _MAX_NUDGES:
            sent += (_PAD if self._raw_sent is not None else b"") + self._mark + self._mark + b"\n"
            self._deadline = self._clock() + _ANSWER_PATIENCE
        else:
            self._release(sent)

    def _watch_clock(self, heard: bool, shown: bytearray, sent: bytearray) -> None:
        now = self._clock()
        marked = self._pending.startswith(self._mark)
        if self._in_frame is None and (marked or self._shown < len(self._pending)):
            self._in_frame = now
        if heard:
            return
        if self._in_frame is not None and now - self._in_frame > _FRAME_PATIENCE:
            self._in_frame = None
            self._give_up_frame(marked, shown, sent)
        elif self._deadline is not None and now > self._deadline:
            self._nudge(sent)

    def _give_up_frame(self, marked: bool, shown: bytearray, sent: bytearray) -> None:
        """Nothing followed what may have been the beginning of a frame."""
        if not marked:  # perhaps the program's own last bytes: show them, and still know the mark if the rest comes
            shown += self._pending[self._shown :]
            self._shown = len(self._pending)
            return
        self.watch(self._pending)  # a board that restarted in the middle says its name there
        bare = self._pending == self._mark
        self._drop(len(self._pending))
        if bare and self._deadline is not None:  # "done" without its point
            self._release(sent)
        else:
            self._nudge(sent)


def start(
    ctx: JobContext,
    board: Board,
    parts: tuple[str, ...],
    service: HostService,
    values: tuple[str | None, str] = (None, ""),
    *,
    timeout: float | None = None,
    on_output: Callable[[bytes], None] | None = None,
    isolated: bool = False,
) -> None:
    """Run ``resources/board/<part>.py`` of each part on the board, as one function, with ``service`` answering it.

    ``values``: what the parts know as ``X`` and ``N``. The function is defined first and called by a second exec, so
    that its text is out of the board's RAM when the program begins. ``isolated``: it meets no name of ``__main__`` and
    leaves none; between the two it lies in ``sys.modules``.
    """
    if isolated:
        board.exec(ctx, device_code(parts) + f"{_MODULES}['{_HIDDEN}']=_natmod_run\n", isolated=True, binascii=True)
        values_text = ",".join(map(repr, (service.token, *values)))
        call = f"{_MODULES}.pop('{_HIDDEN}')({{'_natmod_run':0}},{values_text})"
        board.exec(ctx, call, timeout=timeout, on_output=on_output, service=service, isolated=True, binascii=True)
        return
    board.exec(ctx, device_code(parts))
    call = ""
    while binascii.crc32(call.encode()) < _LARGE:
        service.new_token()
        call = f"_natmod_run(globals(),{','.join(map(repr, (service.token, *values)))})"
    board.exec(ctx, call, timeout=timeout, on_output=on_output, service=service)


def device_code(parts: tuple[str, ...]) -> str:
    """The function ``_natmod_run`` made of parts. Comments stay here: text costs the board RAM and the line time."""
    return "def _natmod_run(G,T,X,N):\n del G['_natmod_run']\n" + board_source(parts, depth=1)


def board_source(parts: tuple[str, ...], *, depth: int = 0) -> str:
    """The text of ``resources/board/<part>.py`` without comments and spaces that nobody needs, ``depth`` spaces in."""
    folder = paths.resources() / "board"
    text = "\n".join((folder / f"{part}.py").read_text("utf-8") for part in parts)
    lines, line, brackets, margin = [], "", 0, ""
    for row in text.splitlines():
        if not brackets:
            margin = " " * (depth + (len(row) - len(row.lstrip())) // 4)
        for token in _TOKEN.findall(row):
            brackets += (token in _OPENING) - (token in _CLOSING)
            line += " " * bool(_WORDS_TOUCH.search(line[-1:] + token[:1])) + token
        if line and not brackets:
            lines.append(f"{margin}{line}\n")
            line = ""
    return "".join(lines)
