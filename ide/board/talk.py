"""A conversation in time: the protocol core and a wire, with limits, retries and cancel.

Everything here runs in the one worker thread that uses the board.
"""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from ide.board.asides import Asides
from ide.board.classify import classify, is_final
from ide.board.errors import BoardCannotReset, BoardGarbled, BoardSilent, BoardTimeout, SilenceKind
from ide.board.events import Broken, Event, Noise, Prompt, Send
from ide.board.repl import FRIENDLY_PROMPT, Repl, State
from ide.board.wire import Endpoint
from toolchains.jobs import JobContext
from toolchains.text import _

#: When nothing at all comes, and when something comes but no prompt. An ESP32 starts in 1 to 2 s.
SILENT_LIMIT_S = 5.0
BUSY_LIMIT_S = 10.0
_FIRST_RETRY_S = 0.3
_FIRST_RETRIES = 10
_LAST_RETRY_S = 1.0
_RESET_TRIES = 3
_SYNC_S = 1.0
_SYNC_TRIES = 6
_KEPT_NOISE = 8 * 1024

#: Old firmware has no flow control: mpremote's pace, which its 256-byte buffers are known to stand.
_PACE_BYTES = 256
_PACE_S = 0.01

#: What may be a loop in native code, or a bootloader that the start of the board would leave.
_RESET_HELPS: frozenset[SilenceKind] = frozenset({"busy-program", "silent", "bootloader"})

_NONCE_LETTERS = "abcdefghijkmnpqrstuvwxyz23456789"


class Talk:
    """Brings a board to its prompt and keeps it there."""

    def __init__(
        self,
        wire: Endpoint,
        *,
        baud: int = 115200,
        seed: int | None = None,
        press_reset: Callable[[], None] | None = None,
    ) -> None:
        self.wire = wire
        self._press_reset = press_reset
        self.repl = Repl()
        self._baud = baud
        self._random = random.Random(seed)
        #: Whether the board ever answered on this connection.
        self.answered = False
        self._said = b""
        #: What others print while a job has the board; a terminal that follows may show it.
        self.asides = Asides()

    @contextmanager
    def cancelled_by(self, ctx: JobContext) -> Iterator[None]:
        """While the body runs, a cancel of ``ctx`` ends the wait for bytes."""
        with ctx.cancelling(self.wire.wake):
            yield

    @property
    def said(self) -> bytes:
        """What came unasked on the last way to the prompt (the last 8 kB of it)."""
        return self._said

    def pump(self, timeout: float) -> list[Event]:
        """Wait up to ``timeout`` s for bytes; what they meant, with what the core wanted sent already sent."""
        data = self.wire.receive(max(0.0, timeout))
        events = self.repl.receive(data) if data else []
        for event in events:
            if isinstance(event, Send):
                self.send(event)
            elif isinstance(event, Noise):
                self._said = (self._said + event.data)[-_KEPT_NOISE:]
                self.asides.noise(event.data)
        return events

    def send(self, piece: Send) -> None:
        """Send what the core wants sent, slowly if it says so."""
        if not piece.paced:
            self.wire.send(piece.data)
            return
        for start in range(0, len(piece.data), _PACE_BYTES):
            self.wire.send(piece.data[start : start + _PACE_BYTES])
            self.wire.pause(_PACE_S)

    def ready(self, ctx: JobContext) -> None:
        """Come to the raw prompt from wherever the board is, stopping what runs on it.

        If only its reset button can help, that is pressed, once, and said. Raises
        :class:`~ide.board.errors.BoardSilent` with a classification when it does not come.
        """
        try:
            self._ready(ctx)
        except BoardSilent as silent:
            self._rescue(ctx, silent)
            self._ready(ctx)

    def _rescue(self, ctx: JobContext, silent: BoardSilent) -> None:
        """Press the reset button of a board that may be lost in native code; raises ``silent`` if that is no use."""
        if self._press_reset is None or silent.kind not in _RESET_HELPS:
            raise silent
        try:
            self._press_reset()
        except BoardCannotReset:
            raise silent from None
        ctx.note(_("The board does not react to Ctrl-C (native code may run on it): it is reset by its reset line."))

    def _ready(self, ctx: JobContext) -> None:
        if self.repl.state is State.READY:
            self._drop_late_bytes()
        for _again in range(_SYNC_TRIES):
            if self.repl.state is State.READY:
                return
            self._enter(ctx)
            self._sync(ctx)
        if self.repl.state is not State.READY:
            raise BoardGarbled(self._said.decode("utf-8", "backslashreplace"))

    def _drop_late_bytes(self) -> None:
        """What came since the last command belongs to nothing; but a board that restarted meanwhile shows here."""
        late = b""
        while len(late) < _KEPT_NOISE and (events := self.pump(0)):
            late += b"".join(event.data for event in events if isinstance(event, Noise))
        if late.endswith(FRIENDLY_PROMPT):
            self.repl.lost()

    def _enter(self, ctx: JobContext) -> None:
        self._said = b""
        start = self.wire.now()
        retries = itertools.chain([_FIRST_RETRY_S] * _FIRST_RETRIES, itertools.repeat(_LAST_RETRY_S))
        while True:
            ctx.check()
            self.wire.send(self.repl.enter())
            if self._wait_prompt(ctx, next(retries)) is not None:
                return
            waited = self.wire.now() - start
            limit = BUSY_LIMIT_S if self._said else SILENT_LIMIT_S
            if waited > limit or (is_final(self._said) and waited > _LAST_RETRY_S):
                self.repl.lost()
                raise classify(self._said, answered_before=self.answered, baud=self._baud)

    def _sync(self, ctx: JobContext) -> None:
        nonce = "".join(self._random.choices(_NONCE_LETTERS, k=8))
        before = self.asides.mark()
        self.wire.send(self.repl.sync(nonce))
        if self._wait_prompt(ctx, _SYNC_S) is None:
            self.repl.lost()
        else:
            self.answered = True
            self.asides.synced(before)

    def _wait_prompt(self, ctx: JobContext, seconds: float) -> Prompt | None:
        """The prompt event, or None after ``seconds``."""
        end = self.wire.now() + seconds
        while (left := end - self.wire.now()) > 0:
            ctx.check()
            for event in self.pump(left):
                if isinstance(event, Prompt):
                    return event
                if isinstance(event, Broken):
                    return None
        return None

    def soft_reset(self, ctx: JobContext, *, limit: float = BUSY_LIMIT_S) -> None:
        """A fresh interpreter at the raw prompt; boot.py ran (``limit`` s at most), main.py did not."""
        for _again in range(_RESET_TRIES):
            self.ready(ctx)
            self.wire.send(self.repl.soft_reset())
            if self._rebooted(ctx, limit):
                return
        raise BoardTimeout(_("it was soft-reset"), limit)

    def _rebooted(self, ctx: JobContext, limit: float) -> bool:
        prompt = self._wait_prompt(ctx, limit)
        if prompt is None:
            # boot.py runs on and on, or our request or its answer was lost
            self._enter(ctx)
            self._sync(ctx)
            return self.repl.state is State.READY and self.repl.rebooted
        return prompt.rebooted

    def until(self, seconds: float, done: Callable[[Event], bool]) -> bool:
        """Handle events until one satisfies ``done``; False after ``seconds``. Ignores cancel: it tidies up."""
        end = self.wire.now() + seconds
        while (left := end - self.wire.now()) > 0:
            ended = False
            for event in self.pump(left):
                ended = done(event) or ended
            if ended:
                return True
        return False
