"""Bytes to and from one port: pyserial behind a small door, one thread that reads and one that writes.

The reader keeps the board from being held up and the memory from growing: while somebody listens, it stops reading
when :data:`_ROOM` is full (the system's buffer then holds the board back); while nobody does, the oldest bytes go.
The writer exists because a board that does not read blocks whoever writes to it, and that must not be the window.
"""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Any, Protocol

import serial

from ide.board.errors import BoardGone
from ide.board.ports import list_ports, open_error
from toolchains.host import Host

_ROOM = 256 * 1024
_CHUNK = 64 * 1024
_SOCKET = "socket://"
_POLL_S = 0.1

#: No wait of the main thread is longer, because a signal handler (a cancel) may come in it when it is just about to
#: wait: it holds the lock already, has looked, and does not hear the handler's :meth:`Wire.wake`.
_LONGEST_WAIT_S = 1.0
_JOIN_S = 2.0
_CANCEL_AGAIN_S = 0.05
_FLUSH_S = 0.5
_RESET_PULSE_S = 0.1

#: Silicon Labs' CP210x; see :func:`_open`.
_CP210X = 0x10C4

#: What pyserial lets through: besides its own ``OSError`` the ``ValueError`` of an address, a speed or a terminal
#: server that refuses an option, and, where there is one, ``termios.error``, which is neither.
_PORT_ERRORS: tuple[type[Exception], ...] = (OSError, ValueError)
with suppress(ImportError):
    import termios  # POSIX only

    _PORT_ERRORS += (termios.error,)

SerialMaker = Callable[[str], Any]


class Endpoint(Protocol):
    """What a conversation needs of a wire; tests give one without a port."""

    def send(self, data: bytes) -> None:
        """Queue bytes for the board; returns at once."""

    def receive(self, timeout: float) -> bytes:
        """What came, or nothing after at most ``timeout`` s (``inf``: no limit); :class:`BoardGone` when it broke."""

    def wake(self) -> None:
        """Make a waiting :meth:`receive` return, from any thread."""

    def now(self) -> float:
        """Seconds, from whenever."""

    def pause(self, seconds: float) -> None:
        """Wait for the board to catch up."""


def _make(address: str) -> Any:  # noqa: ANN401 -- pyserial's Serial is one of four unrelated classes
    return serial.serial_for_url(address, do_not_open=True)


def open_serial(address: str, baud: int, *, host: Host | None = None, make: SerialMaker = _make) -> Any:  # noqa: ANN401
    """Open a port for us alone without resetting the board behind it. Raises what :func:`open_error` makes of it.

    Opening asserts DTR and RTS together, which resets no board with Espressif's two-transistor circuit, and native USB
    sends nothing without DTR. On Windows the driver of the CP210x sets them one after the other in the wrong order:
    both are cleared before the port opens, then DTR is set, then RTS (facts.md d.3; mpremote does the same).
    """
    one_by_one = (host or Host.current()).system == "windows" and _usb_maker(address) == _CP210X
    port = None
    try:
        port = make(address)
        port.baudrate = baud
        port.exclusive = True
        port.timeout = _read_timeout(port)
        if one_by_one:
            port.dtr = False
            port.rts = False
        port.open()
        if one_by_one:
            port.dtr = True
            port.rts = True
    except _PORT_ERRORS as error:
        if port is not None:
            close_port(port)
        raise open_error(address, error if isinstance(error, OSError) else OSError(*error.args), host=host) from error
    return port


def _read_timeout(port: Any) -> float | None:  # noqa: ANN401
    """How long one read may wait: for ever where it can be called back, so that an idle port costs nothing."""
    return None if hasattr(port, "cancel_read") else _POLL_S


def close_port(port: Any) -> None:  # noqa: ANN401
    """Close a port, whatever state it is in. pyserial 3.5 forgets a socket that cannot be shut down, and leaks it."""
    connection = getattr(port, "_socket", None)
    with suppress(OSError):
        port.close()
    if connection is not None:
        connection.close()


def pulse_reset(port: Any) -> bool:  # noqa: ANN401
    """Press the reset button through DTR and RTS; False when the port has no such lines.

    With Espressif's circuit RTS alone pulls EN low (reset) and DTR alone pulls IO0 low (bootloader). So the way is
    (DTR, RTS) = both, RTS, none, and only when the chip has read its straps: DTR, both, because native USB is mute
    without DTR.
    """
    try:
        port.dtr = False
        port.rts = True
        time.sleep(_RESET_PULSE_S)
        port.rts = False
        time.sleep(2 * _RESET_PULSE_S)
        port.dtr = True
        port.rts = True
    except _PORT_ERRORS:  # a pty: ENOTTY; a terminal server without such lines
        return False
    return True


def _usb_maker(address: str) -> int | None:
    return next((port.vid for port in list_ports() if port.address.casefold() == address.casefold()), None)


class Wire:
    """An open port and its two threads. :class:`Endpoint`."""

    def __init__(self, port: Any, address: str) -> None:  # noqa: ANN401
        self.address = address
        self._port = port
        self._change = threading.Condition()
        self._arrived = bytearray()
        self._leaving = bytearray()
        self._writing = False
        self._woken = False
        self._closing = False
        self._failure: BoardGone | None = None
        self._listening = 0
        self._threads = [
            threading.Thread(target=self._read_loop, name=f"read {address}", daemon=True),
            threading.Thread(target=self._write_loop, name=f"write {address}", daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def alive(self) -> bool:
        """Whether the port is open and has not failed."""
        return self._failure is None and not self._closing

    @property
    def backlog(self) -> int:
        """How many bytes wait to be written."""
        return len(self._leaving)

    def listen(self, on: bool) -> None:
        """Say whether somebody takes what arrives; nests."""
        with self._change:
            self._listening += 1 if on else -1
            self._change.notify_all()

    def send(self, data: bytes) -> None:
        """Queue bytes for the board; returns at once."""
        with self._change:
            self._leaving += data
            self._change.notify_all()

    def wake(self) -> None:
        """Make a waiting :meth:`receive` return, from any thread."""
        with self._change:
            self._woken = True
            self._change.notify_all()

    def now(self) -> float:
        """Seconds, from whenever."""
        return time.monotonic()

    def pause(self, seconds: float) -> None:
        """Wait for the board to catch up."""
        time.sleep(seconds)

    def receive(self, timeout: float) -> bytes:
        """What came, or nothing after at most ``timeout`` s (``inf``: no limit); :class:`BoardGone` when it broke."""
        if threading.current_thread() is threading.main_thread():
            timeout = min(timeout, _LONGEST_WAIT_S)
        with self._change:
            self._change.wait_for(
                lambda: self._arrived or self._woken or not self.alive, None if timeout == math.inf else timeout
            )  # fmt: skip
            self._woken = False
            if self._arrived:
                data = bytes(self._arrived)
                self._arrived.clear()
                self._change.notify_all()
                return data
            if self._failure is not None:
                raise self._failure
            if self._closing:
                raise BoardGone(self.address, "closed")
            return b""

    def set_speed(self, baud: int) -> None:
        """Change the speed, in baud. Raises :class:`BoardGone` when the port cannot do that."""
        try:
            self._port.baudrate = baud
        except _PORT_ERRORS as error:
            raise BoardGone(self.address, str(error)) from error

    def pulse_reset(self) -> bool:
        """Press the reset button through DTR and RTS; False when the port has none."""
        return not self.address.startswith(_SOCKET) and pulse_reset(self._port)

    def close(self) -> None:
        """Send what is queued if that is quick, then end the threads and close the port."""
        with self._change:
            self._change.wait_for(lambda: not (self._leaving or self._writing) or not self.alive, _FLUSH_S)
            self._closing = True
            self._change.notify_all()
        self._end_threads()
        if self._failure is None:
            self._release_lines()
        close_port(self._port)

    def _end_threads(self) -> None:
        """Call reads and writes back, more than once: Windows forgets it when the read has not yet begun."""
        end = time.monotonic() + _JOIN_S
        while any(thread.is_alive() for thread in self._threads) and time.monotonic() < end:
            self._cancel("cancel_read")
            self._cancel("cancel_write")
            for thread in self._threads:
                thread.join(_CANCEL_AGAIN_S)

    def _release_lines(self) -> None:
        """RTS first: the other way round the port passes through "RTS alone", which is a reset (facts.md d.3)."""
        with suppress(*_PORT_ERRORS):  # a pty has no lines
            self._port.rts = False
            self._port.dtr = False

    def _cancel(self, name: str) -> None:
        cancel = getattr(self._port, name, None)
        if cancel is not None:
            with suppress(OSError):
                cancel()

    def _fail(self, error: Exception) -> None:
        with self._change:
            if self._failure is None:
                self._failure = BoardGone(self.address, str(error))
            self._leaving.clear()
            self._change.notify_all()

    def _read_loop(self) -> None:
        try:
            while self.alive:
                data = self._read()
                if data:
                    self._arrive(data)
        except _PORT_ERRORS as error:
            self._fail(error)

    def _read(self) -> bytes:
        """At least one byte and all that is there, or nothing after a moment."""
        port = self._port
        first: bytes = port.read(1)
        if not first:
            return b""
        waiting = port.in_waiting
        if not waiting:
            return first
        if self.address.startswith(_SOCKET):
            return first + self._rest(port)
        return first + bytes(port.read(min(waiting, _CHUNK)))

    @staticmethod
    def _rest(port: Any) -> bytes:  # noqa: ANN401
        """``socket://`` only tells whether something is there; a read that does not wait takes all of it."""
        port.timeout = 0
        try:
            return bytes(port.read(_CHUNK))
        finally:
            port.timeout = _POLL_S

    def _arrive(self, data: bytes) -> None:
        with self._change:
            if self._listening:
                self._change.wait_for(
                    lambda: len(self._arrived) < _ROOM or not self._listening or self._closing
                )  # fmt: skip
            self._arrived += data
            if not self._listening and len(self._arrived) > _ROOM:
                del self._arrived[: len(self._arrived) - _ROOM // 2]
            self._change.notify_all()

    def _write_loop(self) -> None:
        try:
            while (data := self._next_write()) is not None:
                self._port.write(data)
                with self._change:
                    self._writing = False
                    self._change.notify_all()
        except _PORT_ERRORS as error:
            self._fail(error)

    def _next_write(self) -> bytes | None:
        with self._change:
            self._change.wait_for(lambda: self._leaving or not self.alive)
            if not self.alive:
                return None
            data = bytes(self._leaving[:_CHUNK])
            del self._leaving[: len(data)]
            self._writing = True
            return data
