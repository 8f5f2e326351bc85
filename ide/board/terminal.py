"""The friendly REPL for a person: every byte that comes is shown, every byte that is typed is sent.

Looking disturbs nothing: a program that runs goes on. Only when a silent board is met for the first time, it gets one
Ctrl-B, which a prompt answers with its greeting and a program does not notice (one that reads a line at that moment
gets an empty one; there is no way to ask less).
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum, auto

from ide.board.events import Noise
from ide.board.repl import FRIENDLY_PROMPT, INTERRUPT, State
from ide.board.running import TYPE_BYTES, TYPE_S
from ide.board.talk import Talk
from ide.board.typed import Typed
from toolchains.errors import Cancelled
from toolchains.jobs import JobContext

#: How long a board may be silent before it is asked for a prompt.
_LISTEN_S = 0.15
#: How long what may be the end of a greeting is held back until it shows whether it is one.
_CUT_S = 1.0
#: How long the greeting may take that is not shown.
_GREETING_S = 3.0
_TAIL = 200

#: The prompt, and that of a statement that goes on (with the indent that the board types by itself).
_PROMPT = re.compile(rb"(?:\A|[\r\n])>>> \Z")
_MORE = re.compile(rb"(?:\A|[\r\n])\.\.\. (?:[ \0\x08]|\x1b\[[0-9]*[DK])*\Z")
_RUBOUT = b"\x7f"

#: How each greeting ends (``shared/runtime/pyexec.c``), behind one line with version and machine.
_GREETING_END = b'Type "help()" for more information.\r\n' + FRIENDLY_PROMPT
_ONE_LINE = re.compile(rb"[^\r\n]{0,200}(?:\r?\n(?P<end>.*)|\r)?\Z", re.DOTALL)
_WHOLE = re.compile(rb"(?:\r\n)?MicroPython ")


def _is_cut(said: bytes) -> bool:
    """Whether ``said`` is a greeting without its beginning."""
    line = _ONE_LINE.match(said)
    return _GREETING_END.endswith(said) or bool(line and line["end"] == _GREETING_END and not _WHOLE.match(said))


def _may_be_cut(said: bytes) -> bool:
    """Whether ``said`` may become one."""
    if _WHOLE.match(said) or said.endswith(_GREETING_END):
        return False
    line = _ONE_LINE.match(said)
    return said in _GREETING_END or bool(line and _GREETING_END.startswith(line["end"] or b""))


class Place(Enum):
    """Where a person is: at the prompt, in a statement that goes on (``...``), or watching a program run."""

    PROMPT = auto()
    MORE = auto()
    RUNNING = auto()


class Greeting(Enum):
    """What of the board's greeting is shown when a job is over: all, its prompt only, or nothing."""

    ALL = auto()
    PROMPT = auto()
    NOTHING = auto()


@dataclass
class Terminal:
    """One time that a person talks to the board; its parameters are those of ``Board.terminal``."""

    ctx: JobContext
    talk: Talk
    typed: Typed
    backlog: Callable[[], int]
    on_output: Callable[[bytes], None]
    on_place: Callable[[Place], None]
    greeting: Greeting
    last: Terminal | None = None
    place: Place = Place.RUNNING
    _tail: bytes = b"\n"
    _interrupts: int = 0
    _next_type: float = 0.0
    _told: Place | None = field(default=None)

    def __post_init__(self) -> None:
        if self.last is not None:  # nobody asked anything of the board meanwhile
            self.place, self._tail = self.last.place, self.last._tail
            self.last = None

    def interrupt(self) -> None:
        """One Ctrl-C, from any thread, before what is typed and not yet sent."""
        self.typed.clear()
        self._interrupts += 1

    def look(self) -> None:
        """Find out, without disturbing it, whether the board is at a prompt.

        Of a greeting that was under way when the port was opened the beginning is lost: it is asked for again.
        """
        with suppress(Cancelled), self.talk.cancelled_by(self.ctx):
            said, end = self._heard(_LISTEN_S), self.talk.wire.now() + _CUT_S
            while said and _may_be_cut(said) and not self.ctx.cancelled and (left := end - self.talk.wire.now()) > 0:
                said += self._heard(left)
            if said and not _is_cut(said):
                self._show(said)
            else:
                self.talk.wire.send(self.talk.repl.leave())

    def leave_job(self) -> None:
        """From the raw REPL of a job to the friendly one. Raises BoardSilent, BoardGarbled, BoardGone."""
        with suppress(Cancelled), self.talk.cancelled_by(self.ctx):
            if self.talk.repl.state is not State.READY:
                self.talk.ready(self.ctx)
            self.talk.wire.send(self.talk.repl.leave())
            if self.greeting is not Greeting.ALL:
                self._skip_greeting()

    def run(self, unshown: bytes) -> None:
        """Show what came already, and talk until cancelled."""
        self.talk.repl.lost()
        self._show(unshown)
        try:
            with suppress(Cancelled), self.talk.cancelled_by(self.ctx):
                self._tell()
                while True:
                    self.ctx.check()
                    self._listen(self._send_pending())
        finally:
            self.talk.asides.clear()  # a person saw it

    def _listen(self, seconds: float) -> bool:
        """Show what comes next; whether something came within ``seconds``."""
        data = self._heard(seconds)
        self._show(data)
        return bool(data)

    def _show(self, data: bytes) -> None:
        if data:
            self._watch(data)
            self.on_output(data)
            self._tell()

    def _heard(self, seconds: float) -> bytes:
        return b"".join(event.data for event in self.talk.pump(seconds) if isinstance(event, Noise))

    def _skip_greeting(self) -> None:
        """Take what comes up to the prompt; whatever else it is, it is shown."""
        said, end = b"", self.talk.wire.now() + _GREETING_S
        with self.talk.asides.greeted():
            while not said.endswith(b"\n" + FRIENDLY_PROMPT) and (left := end - self.talk.wire.now()) > 0:
                self.ctx.check()
                said += self._heard(left)
        self._watch(said)
        if self.place is not Place.PROMPT:
            self.on_output(said)
        elif self.greeting is Greeting.PROMPT:
            self.on_output(FRIENDLY_PROMPT)
        elif others := self.talk.asides.take(said):
            self.on_output(others)

    def _send_pending(self) -> float:
        """Send Ctrl-C and typed text, not faster than a serial board takes it; how long to wait before more, in s."""
        if self._interrupts:
            self._interrupts -= 1
            self.talk.wire.send(INTERRUPT)
            return 0.0 if self._interrupts else self._wait()
        now = self.talk.wire.now()
        if self.typed and now >= self._next_type and self.backlog() < TYPE_BYTES:
            self._type(self.typed.take(TYPE_BYTES))
            self._next_type = now + TYPE_S
        return self._wait()

    def _wait(self) -> float:
        return TYPE_S if self.typed else math.inf

    def _type(self, data: bytes) -> None:
        if data.strip(_RUBOUT):
            self._tail = (self._tail + b"\0")[-_TAIL:]  # no prompt any more, until the board says one
            self.place = Place.RUNNING
            self._tell()
        self.talk.wire.send(data)

    def _watch(self, data: bytes) -> None:
        self._tail = (self._tail + data)[-_TAIL:]
        if _PROMPT.search(self._tail):
            self.place = Place.PROMPT
        else:
            self.place = Place.MORE if _MORE.search(self._tail) else Place.RUNNING

    def _tell(self) -> None:
        if self.place is not self._told:
            self._told = self.place
            self.on_place(self.place)
