"""Start a board as its power switch would, as far as its program can tell: boot.py, then main.py, with nobody asking.

A soft reset from the raw REPL skips main.py; from the friendly one it does not (MicroPython's shared/runtime/pyexec.c).
Nothing is sent after the reset, so what starts is left running.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from ide.board.classify import classify, restarts_itself
from ide.board.errors import BoardTimeout
from ide.board.events import Noise
from ide.board.repl import END, FRIENDLY_PROMPT
from ide.board.talk import Talk
from toolchains.jobs import JobContext
from toolchains.text import _

_TRIES = 3
_PROMPT_S = 2.0
_RESET_S = 5.0
_TICK_S = 0.2
_KEPT_OUTPUT = 64 * 1024
_SAID_RESET = b"soft reboot\r\n"
#: What a board says when main.py has ended, or when there is none.
_BANNER = re.compile(rb'(?:\A|\n)MicroPython [^\r\n]+\r\n(?:Type "help\(\)" for more information\.\r\n)?>>> \Z')
_BANNER_START = b"MicroPython "
_LONGEST_BANNER = 400
_TRACEBACK = "Traceback (most recent call last):"


@dataclass(frozen=True)
class Restart:
    """How the board's own program began.

    ``output``: its last 64 KiB. ``running``: it had not ended when we stopped listening. ``traceback``: what it ended
    with, in the board's own words, or None.
    """

    output: bytes
    running: bool
    traceback: str | None

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        text = self.output.decode("utf-8", "backslashreplace")
        return {"schema": 1, "output": text, "running": self.running, "traceback": self.traceback}


def restart(ctx: JobContext, talk: Talk, on_output: Callable[[bytes], None], *, quiet: float, limit: float) -> Restart:
    """Restart the board and show what its program prints at first.

    Listens until the program ends, has said nothing for ``quiet`` seconds, or has run for ``limit``; a cancel ends the
    listening too and is no error. Raises BoardTimeout when no reset was seen, BoardGone, BoardSilent (also for a
    program that ends itself each time that it is started).
    """
    said = begin(ctx, talk)
    return _Listener(talk, on_output).listen(ctx, said, quiet, limit)


def begin(ctx: JobContext, talk: Talk) -> bytes:
    """Restart the board, whatever runs on it; what it has said since. Raises as :func:`restart`."""
    for _again in range(_TRIES):
        talk.ready(ctx)
        talk.wire.send(talk.repl.leave())
        if _wait(ctx, talk, FRIENDLY_PROMPT, _PROMPT_S) is None:
            continue
        talk.wire.send(END)
        said = _wait(ctx, talk, _SAID_RESET, _RESET_S)
        if said is not None:
            return said
    raise BoardTimeout(_("it was soft-reset"), _RESET_S)


def _wait(ctx: JobContext, talk: Talk, wanted: bytes, seconds: float) -> bytes | None:
    """Read until the board said ``wanted``; what came after it. None after ``seconds``."""
    said, end = b"", talk.wire.now() + seconds
    while wanted not in said:
        left = end - talk.wire.now()
        if left <= 0:
            return None
        ctx.check()
        said += _heard(talk, left)
    return said.partition(wanted)[2]


def _heard(talk: Talk, seconds: float) -> bytes:
    return b"".join(event.data for event in talk.pump(seconds) if isinstance(event, Noise))


class _Listener:
    """Shows what a program prints, but not the board's greeting after it."""

    def __init__(self, talk: Talk, on_output: Callable[[bytes], None]) -> None:
        self._talk = talk
        self._on_output = on_output
        self._pending = b""
        self._output = bytearray()

    def listen(self, ctx: JobContext, said: bytes, quiet: float, limit: float) -> Restart:
        began = heard = self._talk.wire.now()
        ended = False
        while True:
            self._pending += said
            ended = self._take()
            now = self._talk.wire.now()
            heard = now if said else heard
            if restarts_itself(bytes(self._output)):
                raise classify(bytes(self._output))
            if ended or ctx.cancelled or now - heard >= quiet or now - began >= limit:
                break
            said = _heard(self._talk, min(_TICK_S, quiet, limit))
        self._show(len(self._pending))
        text = self._output.decode("utf-8", "backslashreplace").replace("\r\n", "\n")
        return Restart(bytes(self._output), not ended, _traceback(text) if ended else None)

    def _take(self) -> bool:
        """Show what is certainly the program's own; whether the board's greeting came."""
        found = _BANNER.search(self._pending)
        if found is not None:
            start = self._pending.index(_BANNER_START, found.start())
            self._show(start)
            self._pending = b""
            return True
        start = self._pending.rfind(_BANNER_START, max(0, len(self._pending) - _LONGEST_BANNER))
        self._show(start if start >= 0 else len(self._pending) - _beginning(self._pending))
        return False

    def _show(self, n: int) -> None:
        data, self._pending = self._pending[:n], self._pending[n:]
        if data:
            self._output += data
            del self._output[:-_KEPT_OUTPUT]
            self._on_output(data)


def _beginning(said: bytes) -> int:
    """How many of the last bytes may be the beginning of the greeting."""
    most = min(len(said), len(_BANNER_START) - 1)
    return next((n for n in range(most, 0, -1) if _BANNER_START.startswith(said[-n:])), 0)


def _traceback(text: str) -> str | None:
    """The traceback that the output ends with."""
    at = text.rfind(_TRACEBACK)
    lines = text[at:].rstrip("\n").split("\n")[1:]
    places = [line for line in lines if line.startswith("  ")]
    return text[at:] if at >= 0 and len(lines) == len(places) + 1 else None
