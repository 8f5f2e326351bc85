"""A difficult board: a model of MicroPython's REPL that runs tiny Python for real, behind a line that is not clean.

:class:`FakeBoard` is the board (bytes in, bytes out, no time). :class:`MemoryWire` is a line to it with its own clock,
for tests of milliseconds that simulate minutes; :class:`PtyBoard` puts it on a real pseudo-terminal.
"""

from __future__ import annotations

import builtins
import re
import traceback
import warnings
from collections.abc import Callable
from dataclasses import dataclass, field
from types import SimpleNamespace

BANNER = b"raw REPL; CTRL-B to exit\r\n>"
FRIENDLY = b'MicroPython v1.26.1 on 2026-01-01; Fake with FAKE\r\nType "help()" for more information.\r\n>>> '
_INTERRUPTED = b"KeyboardInterrupt: \r\n"
_TRACEBACK = b"Traceback (most recent call last):\r\n"


class _Pause(BaseException):
    """Code on the board asked for something that takes until the host does something."""

    def __init__(self, kind: str, count: int = 0, then: Callable[[str], None] | None = None) -> None:
        self.kind, self.count, self.then = kind, count, then


@dataclass
class FakeBoard:
    """One board. ``paste``: ``yes``, ``refused`` (R 0) or ``unknown`` (before 1.14). ``window``: half its buffer.

    Its programs have, besides Python: ``note(x)`` (kept in ``notes``), ``forever()``, ``stubborn(n)`` (ignores n times
    Ctrl-C, with a word; ``quiet(n)`` without), ``native()`` (ignores all), ``ask(prompt, then)``, ``raw(bytes)``,
    ``crash()``, ``leave()``.
    """

    paste: str = "yes"
    window: int = 32
    boot: bytes = b""
    friendly: bytes = FRIENDLY
    boot_hangs: bool = False
    firmware: str = "micropython"
    unique_id: bytes = b""
    notes: list[object] = field(default_factory=list)
    resets: int = 0
    violations: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._out = bytearray()
        self._line = bytearray()
        self._mode: Callable[[int], None] = self._friendly
        self._credit = 0
        self._remain = 0
        self._busy: _Pause | None = None
        self._in_raw = False
        self._typed = bytearray()
        self._fresh()

    def _fresh(self) -> None:
        def raiser(kind: str) -> Callable[..., None]:
            def pause(count: int = 0) -> None:
                raise _Pause(kind, count)

            return pause

        def ask(prompt: str, then: Callable[[str], None]) -> None:
            self._out += prompt.encode()
            raise _Pause("ask", 0, then)

        def show(*things: object, end: str = "\n") -> None:
            self._out += (" ".join(map(str, things)) + end).replace("\n", "\r\n").encode()

        own = {name: raiser(name) for name in ("forever", "stubborn", "quiet", "native", "crash", "leave")}
        names = {**vars(builtins), **own, "print": show, "ask": ask, "note": self.notes.append, "raw": self._raw}
        own_modules: dict[str, object] = {}
        names["__import__"] = lambda name, *rest: own_modules.get(name) or __import__(name, *rest)
        own_modules["builtins"] = SimpleNamespace(**names)
        if self.unique_id:
            own_modules["machine"] = SimpleNamespace(unique_id=lambda: self.unique_id)
        self.names: dict[str, object] = {"__builtins__": names, "__name__": "__main__"}

    def _raw(self, data: bytes) -> None:
        self._out += data

    def receive(self, data: bytes) -> bytes:
        """Take bytes from the host; what the board says to that."""
        for byte in data:
            if self.firmware == "dead":
                continue
            if self.firmware != "micropython":
                self._out += b"hello from another firmware\r\n" if byte == 3 else b""
            elif self._busy is not None:
                self._while_busy(byte)
            else:
                self._mode(byte)
        out = bytes(self._out)
        self._out.clear()
        return out

    @property
    def running(self) -> bool:
        """Whether a program waits for something."""
        return self._busy is not None

    # Modes

    def _friendly(self, byte: int) -> None:
        if byte == 1 and not self._line:
            self._enter_raw()
            self._out += b"\r\n" + BANNER
        elif byte == 2 and not self._line:
            self._out += b"\r\n" + self.friendly
        elif byte == 3:
            self._line.clear()
            self._out += b"\r\n>>> "
        elif byte == 4 and not self._line:
            self._out += b"\r\n"
            self._soft_reset()
        elif byte == 13:
            self._line.clear()
            self._out += b"\r\n>>> "
        elif byte >= 32:
            self._line.append(byte)
            self._out.append(byte)

    def _enter_raw(self) -> None:
        self._mode, self._in_raw = self._raw_repl, True
        self._line.clear()

    def _raw_repl(self, byte: int) -> None:
        if byte == 1:
            if self._line[:1] == b"\x05" and len(self._line) == 2 and self.paste != "unknown":
                self._ask_paste()
                return
            self._line.clear()
            self._out += BANNER
        elif byte == 2:
            self._mode, self._in_raw = self._friendly, False
            self._line.clear()
            self._out += b"\r\n" + self.friendly
        elif byte == 3:
            self._line.clear()
        elif byte == 4:
            self._out += b"OK"
            if self._line:
                self._run(bytes(self._line))
            else:
                self._out += b"\r\n"
                self._soft_reset()
        else:
            self._line.append(byte)

    def _ask_paste(self) -> None:
        supported = self._line[1:] == b"A" and self.paste == "yes"
        self._line.clear()
        if not supported:
            self._out += b"R\x00>"
            return
        self._out += b"R\x01" + self.window.to_bytes(2, "little") + b"\x01"
        self._credit, self._remain = 2 * self.window, self.window
        self._mode = self._pasting

    def _pasting(self, byte: int) -> None:
        if byte in (3, 4):
            self._mode = self._raw_repl
            self._out += b"\x04"
            if byte == 4:
                self._run(bytes(self._line))
            else:
                self._end(_TRACEBACK + _INTERRUPTED)
            return
        self._line.append(byte)
        self._credit -= 1
        if self._credit < 0:
            self.violations.append("more code than the board has room for")
        self._remain -= 1
        if not self._remain:
            self._out += b"\x01"
            self._remain = self.window
            self._credit += self.window
        if self._line.endswith(b"!!abort!!"):
            self._out += b"\x04"
            self._mode = self._aborting

    def _aborting(self, byte: int) -> None:
        if byte in (3, 4):
            self._mode = self._raw_repl
            self._end(_TRACEBACK + b'  File "<stdin>", line 1\r\nSyntaxError: invalid syntax\r\n')

    # Programs

    def _run(self, code: bytes) -> None:
        self._line.clear()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", SyntaxWarning)  # of damaged code
            self._attempt(lambda: exec(compile(code, "<stdin>", "exec"), self.names))

    def _attempt(self, work: Callable[[], object]) -> None:
        try:
            work()
        except _Pause as pause:
            self._pause(pause)
        except BaseException as error:  # noqa: BLE001 -- whatever the program raises is the board's to print
            self._end(_error_text(error))
        else:
            self._end(b"")

    def _pause(self, pause: _Pause) -> None:
        if pause.kind == "crash":
            self._out += b"\x00\xffGuru Meditation Error: Core 0 panic'ed\r\n"
            self._restart()
        elif pause.kind == "leave":
            self._out += b"\x04\x04"
            self._soft_reset()
        else:
            self._busy = pause

    def _end(self, error: bytes) -> None:
        self._busy = None
        self._line.clear()
        self._out += b"\x04" + error + b"\x04>"

    def _while_busy(self, byte: int) -> None:
        pause = self._busy
        assert pause is not None
        if byte == 3 and pause.kind == "boot":
            self._busy = None
            self._out += _TRACEBACK + _INTERRUPTED
            self._after_boot()
        elif byte == 3 and pause.kind in ("stubborn", "quiet") and pause.count:
            pause.count -= 1
            self._out += b"no!\r\n" if pause.kind == "stubborn" else b""
        elif byte == 3 and pause.kind != "native":
            self._end(_TRACEBACK + b'  File "<string>", line 1, in <module>\r\n' + _INTERRUPTED)
        elif pause.kind == "ask" and byte == 13:
            line, then = self._typed.decode("utf-8", "replace"), pause.then
            self._typed.clear()
            self._busy = None
            self._out += b"\r\n"
            assert then is not None
            self._attempt(lambda: then(line))
        elif pause.kind == "ask":
            self._typed.append(byte)

    def _soft_reset(self) -> None:
        self.resets += 1
        self._line.clear()
        self._fresh()
        self._out += b"MPY: soft reboot\r\n" + self.boot
        if self.boot_hangs:
            self._busy = _Pause("boot")
        else:
            self._after_boot()

    def _after_boot(self) -> None:
        self._mode = self._raw_repl if self._in_raw else self._friendly
        self._out += BANNER if self._in_raw else self.friendly

    def _restart(self) -> None:
        self._busy = None
        self._line.clear()
        self._typed.clear()
        self._fresh()
        self._mode, self._in_raw = self._friendly, False
        self._out += b"rst:0xc (SW_CPU),boot:0x13\r\n" + self.friendly

    def hard_reset(self) -> None:
        """The reset button; the text of the start goes nowhere."""
        self._restart()
        self._out.clear()


def _error_text(error: BaseException) -> bytes:
    """An exception as MicroPython prints it."""
    frames = [f for f in traceback.extract_tb(error.__traceback__) if f.filename in ("<stdin>", "<string>")]
    lines = [f'  File "{f.filename}", line {f.lineno}, in {f.name}' for f in frames]
    if isinstance(error, SyntaxError):
        lines.append(f'  File "{error.filename}", line {error.lineno}')
        return _TRACEBACK + "".join(line + "\r\n" for line in [*lines, "SyntaxError: invalid syntax"]).encode()
    text = re.sub(r"[^\x20-\x7e]", "?", str(error))
    return _TRACEBACK + "".join(line + "\r\n" for line in [*lines, f"{type(error).__name__}: {text}"]).encode()
