"""A plain serial monitor, for whatever is not MicroPython: bytes come, bytes go, nothing is interpreted.

It owns its port and a thread that sleeps while nothing comes. Opening does not reset the board where that can be
avoided (:func:`ide.board.wire.open_serial`). Events are pulled with :meth:`Monitor.drain`, as from a port worker.
"""

from __future__ import annotations

import math
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Literal

from ide.board import simulator
from ide.board.abandon import abandonable
from ide.board.comeback import SEARCH_S
from ide.board.errors import BoardBusy, BoardCannotReset, BoardGone, BoardNotAllowed
from ide.board.monitor_text import BAUDS, Display, LineEnding, View
from ide.board.outbox import A_DRAIN, Outbox, Printed
from ide.board.sim_makers import Tools
from ide.board.whereabouts import Whereabouts
from ide.board.wire import Wire, close_port, open_serial
from toolchains.errors import Cancelled, StudioError, disk_error
from toolchains.jobs import JobContext

__all__ = ["BAUDS", "LineEnding", "LogEnded", "Monitor", "MonitorChanged", "MonitorEvent", "Printed", "View"]

_LETS_GO_S = 3.0
_LOOK_S = 0.05
_LOOK_AGAIN_S = 0.5
#: One that breaks so often is left alone in the end.
_BREAKS = 1000


@dataclass(frozen=True)
class MonitorChanged:
    """The port is open, or not any more; ``error`` says why, unless it was closed by us.

    ``address``: where the port is; a board that restarts may come back at another one.
    """

    state: Literal["connecting", "open", "lost", "closed"]
    address: str = ""
    error: StudioError | None = None


@dataclass(frozen=True)
class LogEnded:
    """The log cannot be written any more."""

    error: StudioError


MonitorEvent = MonitorChanged | LogEnded | Printed


class Monitor:
    """One port. All methods may be called from any thread; none blocks, except :meth:`join`.

    A board that is plugged in again, or that restarts, is listened to again, wherever its port is then.

    ``tools`` are needed for simulated boards only.
    """

    def __init__(
        self,
        address: str,
        ctx: JobContext,
        ring: Callable[[], None],
        *,
        baud: int = 115200,
        view: View | None = None,
        tools: Callable[[], Tools] | None = None,
    ) -> None:
        self.address = address
        self.baud = baud
        self._ctx = ctx
        self._tools = tools
        self._outbox: Outbox[MonitorEvent] = Outbox(ring)
        self._display = Display(view or View())
        self._orders: deque[Callable[[Wire], None]] = deque()
        self._wire: Wire | None = None
        self._log: BinaryIO | None = None
        self._log_path: Path | None = None
        self._thread = threading.Thread(target=self._live, name=f"monitor {address}", daemon=True)

    def start(self) -> None:
        """Open the port, in the monitor's thread."""
        self._thread.start()

    def send(self, text: str, ending: LineEnding = LineEnding.CRLF) -> None:
        """Send text (as UTF-8) and a line ending."""
        self.send_bytes(text.encode() + ending.value)

    def send_bytes(self, data: bytes) -> None:
        """Send bytes; forgotten if the port is not open."""
        wire = self._wire
        if wire is not None:
            wire.send(data)

    def show(self, view: View) -> None:
        """Show what comes from now on like this."""
        self._order(lambda wire: self._put(self._display.use(view)))

    def set_baud(self, baud: int) -> None:
        """Change the speed. One that the port cannot do ends the monitor with the reason."""
        self.baud = baud
        self._order(lambda wire: wire.set_speed(baud))

    def reset(self) -> None:
        """Press the board's reset button, where the port has such lines; else that is said and nothing happens."""
        self._order(self._press)

    def log_to(self, path: Path | None) -> None:
        """Append what is shown to a file from now on; None: not any more. Faults come as :class:`LogEnded`."""
        self._order(lambda wire: self._open_log(path))

    def drain(self, limit: int = A_DRAIN) -> list[MonitorEvent]:
        """What happened since the last call, up to ``limit`` bytes of output."""
        return self._outbox.drain(limit)

    def close(self) -> None:
        """Let go of the port; :meth:`join` waits for the end."""
        self._ctx.cancel()

    def join(self, timeout: float | None = None) -> bool:
        """Wait for the thread to end, at most ``timeout`` s; whether it has."""
        if self._thread.ident is not None:
            self._thread.join(timeout)
        return not self._thread.is_alive()

    def _order(self, order: Callable[[Wire], None]) -> None:
        self._orders.append(order)
        wire = self._wire
        if wire is not None:
            wire.wake()

    # --- the thread ------------------------------------------------------------------------------------------------

    def _live(self) -> None:
        error: StudioError | None = None
        try:
            with ExitStack() as undo:
                undo.callback(self._close_log)
                for _breaks in range(_BREAKS):
                    self._tell("connecting")
                    self._look_for(*self._until_lost())
        except Cancelled:
            pass  # closed by us
        except StudioError as caught:
            error = caught
        finally:
            self._wire = None
            self._tell("lost" if error is not None else "closed", error)

    def _tell(self, state: Literal["connecting", "open", "lost", "closed"], error: StudioError | None = None) -> None:
        self._outbox.put(MonitorChanged(state, self.address, error))

    def _until_lost(self) -> tuple[Whereabouts, BoardGone]:
        """Listen; how to find the board again when its port goes away. Raises what else ends it."""
        seen: Whereabouts | None = None
        try:
            with ExitStack() as undo:
                wire = self._connect(undo)
                seen = Whereabouts.at(self.address)
                self._listen(wire)
        except BoardGone as error:
            if seen is None:
                raise
            return seen, error
        raise AssertionError

    def _look_for(self, seen: Whereabouts, error: BoardGone) -> None:
        """Wait for the board. Raises ``error`` when it does not come back."""
        self._wire = None
        self._tell("lost", error)
        place, end = None, time.monotonic() + SEARCH_S
        while place is None:
            over = threading.Event()
            with self._ctx.cancelling(over.set):
                over.wait(_LOOK_AGAIN_S)
            self._ctx.check()
            if time.monotonic() > end:
                raise error
            place = seen.now()
        self.address = place.address

    def _connect(self, undo: ExitStack) -> Wire:
        port_name = self.address
        if self.address.startswith(simulator.PREFIX) and self._tools is not None:
            lease = simulator.lease(self._ctx, self._tools(), self.address)
            undo.callback(lease.close)
            port_name = lease.port
        wire = Wire(self._open(port_name), port_name)
        undo.callback(wire.close)
        self._wire = wire
        return wire

    def _open(self, port_name: str) -> Any:  # noqa: ANN401 -- pyserial's Serial is one of four unrelated classes
        """Open the port; whoever had it in this window may need a moment to let go of it, and udev to give it away."""
        end = time.monotonic() + _LETS_GO_S
        while True:
            try:
                return abandonable(
                    self._ctx, lambda: open_serial(port_name, self.baud, host=self._ctx.host), close_port
                )
            except (BoardBusy, BoardNotAllowed) as error:
                if getattr(error, "pid", None) is not None or time.monotonic() > end:
                    raise
                self._ctx.check()
                time.sleep(_LOOK_S)

    def _listen(self, wire: Wire) -> None:
        wire.listen(True)
        self._tell("open")
        with self._ctx.cancelling(wire.wake):
            while True:
                self._ctx.check()
                while self._orders:
                    self._orders.popleft()(wire)
                data = wire.receive(math.inf)
                if data:
                    self._put(self._display.show(data, time.time()))

    def _put(self, shown: bytes) -> None:
        self._outbox.printed(shown)
        if self._log is not None and shown:
            try:
                self._log.write(shown)
                self._log.flush()
            except OSError as error:
                self._give_up_log(error)

    def _press(self, wire: Wire) -> None:
        if not wire.pulse_reset():
            self._put(f"\n{BoardCannotReset(self.address)}\n".encode())

    def _open_log(self, path: Path | None) -> None:
        self._close_log()
        if path is None:
            return
        self._log_path = path
        try:
            self._log = path.open("ab")
        except OSError as error:
            self._give_up_log(error)

    def _give_up_log(self, error: OSError) -> None:
        self._close_log()
        assert self._log_path is not None
        self._outbox.put(LogEnded(disk_error(error, self._log_path)))

    def _close_log(self) -> None:
        log, self._log = self._log, None
        if log is not None:
            with suppress(OSError):  # a full disk says so once more
                log.close()
