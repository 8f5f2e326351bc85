"""The protocol of MicroPython's REPL, without I/O and without time: bytes in, events out.

:class:`Repl` is a state machine in the manner of h11. A method that begins something returns the bytes to send;
:meth:`Repl.receive` takes what came, split anywhere, and returns events, among them :class:`Send`. Who holds it
decides how long to wait and calls :meth:`Repl.lost` when it gives up.

Facts: docs/reference/repl.rst and shared/runtime/pyexec.c of MicroPython. What they do not say:

- The end of a program's output is a 0x04 that the program may print too. What follows the first 0x04 is therefore
  held back until ``0x04 >`` closes it; if it does not look like the end of a program, it was output.
- Ctrl-C is never sent while code is being pasted: the board would answer 0x04, which also means "I give up", whose
  answer from us would then be a soft reset. Leaving a paste is :meth:`Repl.enter`.
- Raw-paste carries no checksum; see ``checked.py``.
"""

from __future__ import annotations

import re
from enum import Enum, auto

from ide.board.events import Broken, Event, Finished, Noise, Output, Prompt, Restarted, Send, Started

INTERRUPT = b"\x03"
END = b"\x04"
BANNER = b"raw REPL; CTRL-B to exit\r\n>"
_REBOOT = b"soft reboot"
FRIENDLY_PROMPT = b">>> "
_ASK_PASTE = b"\x05A\x01"

#: A board that restarted shows its banner and a friendly prompt while we believe that a program runs.
_RESTARTED = re.compile(rb'\nMicroPython v[^\r\n]+\r\n(?:Type "help\(\)" for more information\.\r\n)?>>> \Z')
_TAIL = 320

#: How a program that ends with a forced exit (``sys.exit``, ``machine.soft_reset``) goes on instead of with ``>``.
_AFTER_EXIT = (b"MPY: soft reboot", b"\r\nMPY: soft reboot")
_TRACEBACK = b"Traceback (most recent call last):"
_HELD_TRACEBACK = 64 * 1024
_HELD_OTHER = 512
_NOISE_LIMIT = 8 * 1024
_MAX_WINDOW = 32 * 1024


class State(Enum):
    """Where the conversation is."""

    UNKNOWN = auto()
    ENTERING = auto()
    SYNCING = auto()
    READY = auto()
    ASKING = auto()
    WINDOW = auto()
    PASTING = auto()
    PASTED = auto()
    PLAIN = auto()
    RUNNING = auto()
    ENDING = auto()
    RESETTING = auto()


class Repl:
    """One conversation with one board."""

    def __init__(self) -> None:
        self.state = State.UNKNOWN
        #: The firmware has no raw-paste (before MicroPython 1.14): plain raw mode for the rest of the connection.
        self.legacy = False
        self._doubt = False
        self._buf = bytearray()
        self._tail = b""
        self._code = b""
        self._sent = 0
        self._window = 0
        self._credit = 0
        self._skipped = 0
        self._nonce = b""
        self._rebooted = False
        self._steps = {
            State.UNKNOWN: self._idle,
            State.READY: self._idle,
            State.ENTERING: self._entering,
            State.RESETTING: self._entering,
            State.SYNCING: self._syncing,
            State.ASKING: self._asking,
            State.WINDOW: self._window_size,
            State.PASTING: self._pasting,
            State.PASTED: self._pasted,
            State.PLAIN: self._plain,
            State.RUNNING: self._running,
            State.ENDING: self._ending,
        }

    @property
    def rebooted(self) -> bool:
        """Whether a soft reset was seen since the last request to go to the prompt from elsewhere."""
        return self._rebooted

    @property
    def program_runs(self) -> bool:
        """Whether Ctrl-C and typed text would reach a program of ours."""
        return self.state in (State.RUNNING, State.ENDING)

    @property
    def uploading(self) -> bool:
        """Whether code is on its way whose end the board has not been told: it cannot have run yet."""
        return self.state in (State.ASKING, State.WINDOW, State.PASTING)

    # What we say

    def enter(self) -> bytes:
        """Stop whatever runs and go to the raw prompt, from any state; ends with :class:`Prompt`. May be repeated.

        Twice Ctrl-C, for a program that is between two ``try``; then Ctrl-A. No carriage return: it would run a half
        typed line.
        """
        if self.state not in (State.ENTERING, State.RESETTING):
            self._rebooted = False
        self._go(State.ENTERING)
        return INTERRUPT + INTERRUPT + b"\x01"

    def sync(self, nonce: str) -> bytes:
        """From the raw prompt: have the board say ``nonce``, and take all before as noise; ends with :class:`Prompt`.

        After several :meth:`enter` the board may owe us several banners, and one of them taken for the answer to
        something else would be believed. ``nonce`` is plain letters and digits, at least two.
        """
        self._nonce = nonce.encode() + b"\r\n\x04\x04>"
        self._go(State.SYNCING)
        # Not plain "print": main.py may have given the name to something else.
        return f"__import__('builtins').print('{nonce[:1]}'+'{nonce[1:]}')".encode() + END

    def start(self, code: bytes) -> Send:
        """From the raw prompt: run ``code``; ends with :class:`Finished`, :class:`Restarted` or :class:`Broken`."""
        assert self.state is State.READY, self.state
        self._code, self._sent, self._tail, self._doubt = code, 0, b"", False
        self._skipped = 0
        if self.legacy:
            self._go(State.PLAIN)
            return Send(code + END, paced=True)
        self._go(State.ASKING)
        return Send(_ASK_PASTE)

    def soft_reset(self) -> bytes:
        """From the raw prompt: soft reset. boot.py runs, main.py does not; ends with :class:`Prompt`."""
        assert self.state is State.READY, self.state
        self._rebooted = False
        self._go(State.RESETTING)
        return END

    def leave(self) -> bytes:
        """Back to the friendly prompt, for the next program that opens the port."""
        self.lost()
        return b"\x02"

    def lost(self) -> None:
        """Forget where we are; :meth:`enter` is the way back."""
        self._go(State.UNKNOWN)
        self._buf.clear()

    # What the board says

    def receive(self, data: bytes) -> list[Event]:
        """Take the next bytes from the board; what they mean."""
        events: list[Event] = []
        self._buf += data
        watched = self.program_runs
        while self._buf and self._steps[self.state](events):
            pass
        if watched or self.program_runs:
            self._tail = (self._tail + data)[-_TAIL:]
            if self.program_runs and self._tail.endswith(FRIENDLY_PROMPT) and _RESTARTED.search(self._tail):
                self._release(events)
                self.lost()
                events.append(Restarted())
        return events

    def _go(self, state: State) -> None:
        self.state = state

    def _take(self, n: int) -> bytes:
        data = bytes(self._buf[:n])
        del self._buf[:n]
        return data

    def _noise(self, events: list[Event], n: int) -> None:
        if n > 0:
            events.append(Noise(self._take(n)))

    def _idle(self, events: list[Event]) -> bool:
        self._noise(events, len(self._buf))
        return True

    def _skip_to(self, events: list[Event], *wanted: bytes) -> bytes:
        """Drop what comes before the first of ``wanted``; that one, taken, or empty when none is there yet."""
        found = [(at, word) for word in wanted if (at := self._buf.find(word)) >= 0]
        if found:
            at, word = min(found)
            self._noise(events, at)
            return self._take(len(word))
        self._noise(events, len(self._buf) - max(map(len, wanted)) + 1)
        return b""

    def _entering(self, events: list[Event]) -> bool:
        if not self._rebooted:
            end = self._buf.find(BANNER)
            self._rebooted = _REBOOT in (self._buf if end < 0 else self._buf[:end])
        asked = self.state is State.RESETTING
        friendly = self._buf.endswith(b"\n" + FRIENDLY_PROMPT)
        if self._skip_to(events, BANNER):
            self._go(State.READY)
            events.append(Prompt(self._rebooted))
            return True
        if asked and friendly:  # a port that comes back friendly after a reset
            self._go(State.ENTERING)
            self._noise(events, len(self._buf))
            events.append(Send(b"\x01"))
        return False

    def _syncing(self, events: list[Event]) -> bool:
        if not self._skip_to(events, self._nonce):
            return False
        self._go(State.READY)
        events.append(Prompt(self._rebooted))
        return True

    def _asking(self, events: list[Event]) -> bool:
        before = len(self._buf)
        answer = self._skip_to(events, b"R\x01", b"R\x00", BANNER)
        self._skipped += before - len(self._buf)
        if answer == b"R\x01":
            self._go(State.WINDOW)
        elif answer == b"R\x00" or (answer and self._doubt):
            self.legacy = True
            self._go(State.PLAIN)
            events.append(Send(self._code + END, paced=True))
        elif answer:
            # Old firmware takes the question for code; so does a new one when a byte of the question was lost.
            self._doubt = True
            events.append(Send(_ASK_PASTE))
        elif self._skipped > _NOISE_LIMIT:
            self._break(events, "no answer to raw-paste")
        return bool(answer)

    def _break(self, events: list[Event], reason: str) -> None:
        self.lost()
        events.append(Broken(reason))

    def _window_size(self, events: list[Event]) -> bool:
        if len(self._buf) < 2:
            return False
        self._window = int.from_bytes(self._take(2), "little")
        if not 0 < self._window <= _MAX_WINDOW:
            self._break(events, f"raw-paste window of {self._window} bytes")
            return True
        self._credit = self._window
        self._go(State.PASTING)
        self._paste(events)
        return True

    def _paste(self, events: list[Event]) -> None:
        """Send as much code as the board has room for, and the end after the last."""
        piece = self._code[self._sent : self._sent + self._credit]
        self._sent += len(piece)
        self._credit -= len(piece)
        if self._sent == len(self._code):
            self._go(State.PASTED)
            piece += END
        if piece:
            events.append(Send(piece))

    def _pasting(self, events: list[Event]) -> bool:
        byte = self._take(1)
        if byte == b"\x01":
            self._credit += self._window
            self._paste(events)
        elif byte == END:  # the board gives up (a syntax error); it waits for our END and then says why
            events.append(Send(END))
            self._begin(events)
        else:
            self._stray(events, byte)
        return True

    def _pasted(self, events: list[Event]) -> bool:
        byte = self._take(1)
        if byte == END:
            self._begin(events)
        elif byte != b"\x01":
            self._stray(events, byte)
        return True

    def _stray(self, events: list[Event], byte: bytes) -> None:
        """A log line of the system in the middle of a paste is no fault; a stream of it is."""
        self._skipped += 1
        events.append(Noise(byte))
        if self._skipped > _NOISE_LIMIT:
            self._break(events, "noise instead of flow control")

    def _begin(self, events: list[Event]) -> None:
        self._go(State.RUNNING)
        events.append(Started())

    def _plain(self, events: list[Event]) -> bool:
        before = len(self._buf)
        if self._skip_to(events, b"OK"):
            self._begin(events)
            return True
        self._skipped += before - len(self._buf)
        if self._skipped > _NOISE_LIMIT:
            self._break(events, "no OK")
        return False

    def _running(self, events: list[Event]) -> bool:
        end = self._buf.find(END)
        if end < 0:
            events.append(Output(self._take(len(self._buf))))
            return True
        if end:
            events.append(Output(self._take(end)))
        self._go(State.ENDING)
        return True

    def _ending(self, events: list[Event]) -> bool:
        """``_buf`` begins with the 0x04 after which the traceback, 0x04 and the prompt come, if it is the end."""
        close = self._buf.find(END, 1)
        if close < 0:
            if not self._looks_like_error(self._buf[1:]):
                self._not_the_end(events, len(self._buf))
                return bool(self._buf)
            return False
        rest = bytes(self._buf[close + 1 : close + 1 + max(map(len, _AFTER_EXIT))])
        if not rest:
            return False
        error = bytes(self._buf[1:close])
        if rest.startswith(b">"):
            del self._buf[: close + 2]
            self._go(State.READY)
            events.append(Finished(error))
        elif any(rest.startswith(word) for word in _AFTER_EXIT):
            del self._buf[: close + 1]
            self._rebooted = False
            self._go(State.RESETTING)
            events.append(Finished(error, reset=True))
        elif any(word.startswith(rest) for word in _AFTER_EXIT):
            return False
        else:
            self._not_the_end(events, close)
        return True

    @staticmethod
    def _looks_like_error(held: bytearray) -> bool:
        if held.startswith(_TRACEBACK[: len(held)]):
            return len(held) < _HELD_TRACEBACK
        name = held[:1]
        return len(held) < _HELD_OTHER and (name.isalpha() or name == b"_")

    def _not_the_end(self, events: list[Event], n: int) -> None:
        events.append(Output(self._take(n)))
        self._go(State.RUNNING)

    def _release(self, events: list[Event]) -> None:
        if self._buf:
            events.append(Output(self._take(len(self._buf))))
