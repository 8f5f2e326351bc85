"""One program on the board, from the first byte of its code to its traceback: streaming, typed text, stop, limits."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Protocol

from ide.board.checked import Fault, Proof, blame, unwrap_traceback, wrap
from ide.board.errors import (
    BoardCannotReset,
    BoardExecError,
    BoardFlood,
    BoardGarbled,
    BoardGone,
    BoardRestarted,
    BoardTimeout,
)
from ide.board.events import Broken, Event, Finished, Output, Prompt, Restarted, Started
from ide.board.repl import FRIENDLY_PROMPT, INTERRUPT, State
from ide.board.talk import Talk
from ide.board.typed import Typed
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext, Note
from toolchains.text import _

#: How much output is kept to be returned when ``on_output`` sees it all anyway, and when it does not.
KEPT = 1024 * 1024
_KEPT_UNSEEN = 16 * 1024 * 1024

#: A board that takes no code for so long does not take it any more. Nothing has run then, so it is sent again.
_UPLOAD_SILENCE_S = 5.0
_UPLOAD_TRIES = 3

#: How long a program may take to die of Ctrl-C before we call it native code that nothing but a reset stops.
STOP_S = 2.0
_STOP_AGAIN_S = 0.25
_SERVICE_TICK_S = 0.1

#: Typed text goes in small pieces: a serial board keeps about 256 bytes until its program reads them.
TYPE_BYTES = 64
TYPE_S = 0.005
_FOREVER_S = 3600.0
#: What a board at its friendly prompt answers to Ctrl-C.
_AT_PROMPT = b"\r\n" + FRIENDLY_PROMPT


class StreamService(Protocol):
    """Somebody who talks to the program through its output and input, in frames (the mount of ``deploy``).

    ``feed`` gets the program's output, split anywhere, and returns (bytes to show, bytes to send to the board). While
    the program runs it is called at least ten times a second, with nothing if nothing came.
    While ``busy`` is true a frame is being answered, and typed text waits (Ctrl-C does not: a program that reads files
    all the time would never hear it; the service's other half on the board copes). Frames from the board must not
    contain 0x04: it ends a program's output in the raw REPL, and what follows it is held back.
    """

    @property
    def busy(self) -> bool:
        """Whether a frame is incomplete or its answer not yet on its way."""

    def feed(self, data: bytes) -> tuple[bytes, bytes]:
        """Take output; give what to show and what to send."""


@dataclass
class Program:
    """One execution of :meth:`ide.board.link.Board.exec`; its parameters are described there."""

    ctx: JobContext
    talk: Talk
    code: bytes
    timeout: float | None
    on_output: Callable[[bytes], None] | None
    service: StreamService | None
    typed: Typed
    backlog: Callable[[], int]
    hard_reset: Callable[[], None]
    checked: bool
    isolated: bool
    crc32: bool | None
    _kept: bytearray = field(default_factory=bytearray)
    _began: bool = False
    _interrupts: int = 0
    _typed_any: bool = False
    _proof: Proof | None = None
    _mute: bool = False
    _next_type: float = 0.0
    _tail: bytes = b""

    def interrupt(self) -> None:
        """Ask for one Ctrl-C, from any thread; it goes out when the program runs."""
        self.typed.clear()
        self._interrupts += 1

    def run(self) -> bytes:
        """Run to the end; the output. Errors as in ``Board.exec``."""
        for left in reversed(range(_UPLOAD_TRIES)):
            ended = self._attempt(last=not left)
            if ended is None:
                continue
            if self._proof is None:
                return self._result(ended)
            fault = blame(ended.error, proof=self._proof)
            if fault is Fault.NOBODY or fault is Fault.PROGRAM:
                return self._result(ended)
            if fault is Fault.UNCLEAR or not left:
                raise BoardGarbled(ended.error.decode("utf-8", "backslashreplace"))
        raise BoardGarbled

    def _attempt(self, *, last: bool) -> Finished | None:
        """Upload and run once; None when the upload failed before anything could run."""
        self.talk.ready(self.ctx)
        self._began = False
        code = self.code
        if self.checked:
            code = wrap(self.code, crc32=self.crc32, isolated=self.isolated)
            self._proof = Proof(self.code, crc32=self.crc32)
        self.talk.send(self.talk.repl.start(code))
        try:
            return self._follow(last)
        except BaseException as error:  # also of the callbacks: no program of ours runs on unseen
            if isinstance(error, Cancelled) or self.talk.repl.program_runs:
                self._mute = not isinstance(error, Cancelled)
                with suppress(BoardGone):
                    self._stop()
            raise
        finally:
            if self._typed_any:
                # What the program did not read would be taken for code at the prompt.
                self.talk.repl.lost()

    def _follow(self, last: bool) -> Finished | None:
        heard = self.talk.wire.now()
        while True:
            self.ctx.check()
            limit = self.timeout if self._began else _UPLOAD_SILENCE_S
            wait = _FOREVER_S if limit is None else heard + limit - self.talk.wire.now()
            if wait <= 0:
                if not last and self._not_begun():
                    return None
                self._too_silent(limit or 0)
            events = self.talk.pump(min(wait, self._send_pending()))
            if events:
                heard = self.talk.wire.now()
            elif self._began:
                self._output(b"")  # services watch the clock too
            for event in events:
                if isinstance(event, Broken) and not self._began and not last:
                    return None
                ended = self._handle(event)
                if ended is not None:
                    return ended

    def _not_begun(self) -> bool:
        """Whether an upload that got stuck has certainly not been run; the way to the prompt is part of finding out."""
        uploading, asked_to_run = self.talk.repl.uploading, self.talk.repl.state is State.PASTED
        if not uploading and not asked_to_run:
            return False
        self.talk.repl.lost()
        self.talk.ready(self.ctx)
        # A board that still waited for code has nothing on its stack that Ctrl-C could interrupt.
        waited = b"KeyboardInterrupt" in self.talk.said and b'File "' not in self.talk.said
        return uploading or waited

    def _send_pending(self) -> float:
        """Send Ctrl-C and typed text if the program can take them; how long to wait before the next piece, in s."""
        if not self.talk.repl.program_runs:
            return _FOREVER_S
        idle = _FOREVER_S if self.service is None else _SERVICE_TICK_S
        busy = self.service is not None and self.service.busy
        if self._interrupts:
            self._interrupts -= 1
            self.talk.wire.send(INTERRUPT)
            if self._interrupts:  # one after the other, and not only when the program says something
                return min(idle, _STOP_AGAIN_S)
        if self.on_output is None or not self.typed or busy:
            return idle
        now = self.talk.wire.now()
        if now >= self._next_type and self.backlog() < TYPE_BYTES:
            self.talk.wire.send(self.typed.take(TYPE_BYTES))
            self._typed_any = True
            self._next_type = now + TYPE_S
        return TYPE_S if self.typed else idle

    def _handle(self, event: Event) -> Finished | None:
        match event:
            case Started():
                self._began = True
            case Output(data):
                self._output(data)
            case Finished():
                return event
            case Restarted():
                raise BoardRestarted(self._kept[-2000:].decode("utf-8", "backslashreplace"))
            case Broken(reason):
                raise BoardGarbled(reason)
        return None

    def _output(self, data: bytes) -> None:
        if self._proof is not None:
            data = self._proof.feed(data)
            if self._proof.refused:
                self._proof = None
                self._stop()
                raise BoardGarbled
        if self.service is not None:
            data, answer = self.service.feed(data)
            if answer:
                self.talk.wire.send(answer)
        if not data:
            return
        self._kept += data
        if self.on_output is not None:
            if len(self._kept) > 2 * KEPT:
                del self._kept[:-KEPT]
            self.on_output(data)
        elif len(self._kept) > _KEPT_UNSEEN:
            self._stop()
            raise BoardFlood(_KEPT_UNSEEN)

    def _result(self, ended: Finished) -> bytes:
        output = bytes(self._kept[-KEPT:] if self.on_output is not None else self._kept)
        if not ended.error:
            return output
        error = unwrap_traceback(ended.error) if self.checked else ended.error
        raise BoardExecError(error.decode("utf-8", "backslashreplace").replace("\r\n", "\n"), output)

    def _too_silent(self, seconds: float) -> None:
        stopped = self._interrupted_in_time()
        self.talk.repl.lost()
        raise BoardTimeout(
            _("a program ran") if self._began else _("code was sent to it"), seconds, stopped=stopped
        )  # fmt: skip

    def _interrupted_in_time(self) -> bool:
        """Ctrl-C, again and again; whether the program ended (or the board came back to a prompt)."""
        if not self.talk.repl.program_runs:
            return True  # entering the prompt anew stops a paste
        end = self.talk.wire.now() + STOP_S
        while self.talk.wire.now() < end:
            self.talk.wire.send(INTERRUPT)
            if self.talk.until(_STOP_AGAIN_S, self._stopping):
                return True
            self._stopping(Output(b""))
        return False

    def _stopping(self, event: Event) -> bool:
        """Keep the output of a program that is being stopped flowing; whether it ended."""
        if isinstance(event, Output):
            self._tail = (self._tail + event.data)[-len(_AT_PROMPT) :]
            if self._tail == _AT_PROMPT:  # it restarted meanwhile, and takes Ctrl-C for an empty line
                self.talk.repl.lost()
                return True
        if isinstance(event, Output) and not self._mute:
            try:
                self._output(event.data)
            except (StudioError, OSError, ValueError):  # whoever watches, or its console, is gone: end it all the same
                self._mute = True
        return isinstance(event, Finished | Restarted | Prompt)

    def _stop(self) -> None:
        """After a cancel: end the program, with the reset button if nothing else helps, saying so."""
        if not self.talk.repl.program_runs:
            # Code is on its way, or has just arrived: leaving the paste stops it either way.
            self.talk.wire.send(self.talk.repl.enter())
            self.talk.repl.lost()
            return
        if self._interrupted_in_time():
            return
        self.talk.repl.lost()
        self.ctx.sink(
            Note(
                _("The program does not react to Ctrl-C (it is in native code): the board is reset by its reset line.")
            )
        )
        try:
            self.hard_reset()
        except BoardCannotReset as error:
            self.ctx.sink(Note(error.next_step or error.what))
