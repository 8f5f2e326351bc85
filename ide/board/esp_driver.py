"""A simulated ESP32 seen from inside its keeper: Espressif's QEMU with a flash that stays, and a line with a speed.

Reset ends QEMU and starts it again, as taking the power away does: whether the chip boots or waits for a download is a
strap that QEMU takes on its command line only (facts h.5). What is typed arrives at the speed of the line: the chip's
ROM loader has a buffer of 128 bytes and no way to say that it is full (no-hardware.md 8).
"""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO

from ide.board.esp_flash import FlashPlan, flashed, open_to_flashing, prepare, read_note
from ide.board.loop import WRITE, Loop
from ide.board.machines import MachineOwner, MachineSpec, QemuMachine, end
from ide.board.qmp import command
from toolchains.host import Host

#: What the ROM says when it waits for esptool, and how long it may take to say it.
_WAITING = b"waiting for download"
_ROM_S = 5.0
#: QEMU ends within some 50 ms of being asked, with everything written.
_QUIT_S = 3.0

_PACE_TIMER, _ROM_TIMER = "pace", "rom"


class Pace:
    """Lets through what a line of ``speed()`` baud carries: ten bits a byte, no more at once than half a FIFO."""

    BURST = 64
    #: Fewer are not worth waking up for.
    STEP = 16

    def __init__(self, speed: Callable[[], int], clock: Callable[[], float] = time.monotonic) -> None:
        self._speed, self._clock = speed, clock
        self._room, self._since = float(self.BURST), clock()

    def room(self) -> int:
        """How many bytes may go now."""
        now = self._clock()
        self._room = min(float(self.BURST), self._room + (now - self._since) * self._speed() / 10)
        self._since = now
        return int(self._room)

    def spend(self, count: int) -> None:
        """So many went."""
        self._room -= count

    def wait(self) -> float:
        """Seconds until a few more may go."""
        return max(0.0, (self.STEP - self._room) * 10 / self._speed())


class EspMachine(QemuMachine):
    """An ESP32, ESP32-C3 or ESP32-S3 in Espressif's QEMU."""

    can_download = True

    def __init__(self, spec: MachineSpec, host: Host, ended: Callable[[], None], speed: Callable[[], int]) -> None:
        super().__init__(spec, host, ended)
        self._plan = FlashPlan.from_options(spec.options)
        self._folder = Path(self._plan.folder)
        self._pace = Pace(speed)
        self._events = 0
        self._download = self._restarting = False
        self._said_last = b""

    def start(self, log: IO[bytes]) -> None:
        """Make the flash as it shall be, then start QEMU. Raises ``OSError``."""
        prepare(self._plan)
        self._log = os.dup(log.fileno())
        self._launch(self._log)

    @property
    def reflashed(self) -> bool:
        """Whether somebody put a firmware of their own into the flash."""
        note = read_note(self._folder)
        return note is None or note.own

    def attach(self, loop: Loop, owner: MachineOwner) -> None:
        """Start to serve."""
        super().attach(loop, owner)

    def want(self, events: int) -> None:
        """Say which of READ and WRITE the owner can use now."""
        self._events = events
        self._arm()

    def write(self, data: bytes) -> int:
        """Type ``data``; how much of it the line carries now."""
        room = self._pace.room()
        count = super().write(data[:room]) if room else 0
        self._pace.spend(count)
        return count

    def reset(self, *, download: bool = False) -> None:
        """Take the power away and give it back; with ``download``, the chip's BOOT button is held meanwhile."""
        self._power_off()
        self._note_flashing(download)
        self._download, self._restarting, self._said_last = download, True, b""
        self.ready = self.paused = False
        self._open_wires()
        try:
            self._launch(self._log)
        except OSError:
            self._ended()
            return
        super().attach(self._loop, self._owner)
        self._arm()

    def close(self) -> None:
        """End QEMU, with all that it stored."""
        self._power_off()
        self._note_flashing(False)
        os.close(self._log)

    # -- inside --

    def _arguments(self) -> tuple[str, ...]:
        strap = ("-global", str(self._spec.options["strap"])) if self._download else ()
        return (*self._spec.argv, *strap)

    def _arm(self) -> None:
        """Watch the line; while it is full, until it carries more."""
        events = self._events
        if events & WRITE and self._pace.room() < Pace.STEP:
            events &= ~WRITE
            self._loop.call_in(_PACE_TIMER, self._pace.wait(), self._arm)
        self._loop.watch(self._uart.ours, events, self._serve)

    def _said(self, data: bytes) -> None:
        if self._restarting and self._download:
            self._said_last = (self._said_last + data)[-4096:]
            if _WAITING in self._said_last:
                self._restarted()
        super()._said(data)

    def _became_ready(self) -> None:
        super()._became_ready()
        if not self._restarting:
            return
        if self._download:
            self._loop.call_in(_ROM_TIMER, _ROM_S, self._restarted)
        else:
            self._restarted()

    def _restarted(self) -> None:
        self._loop.cancel(_ROM_TIMER)
        if self._restarting:
            self._restarting = False
            self._owner.machine_restarted()

    def _power_off(self) -> None:
        """End QEMU in a way that keeps what it has not yet written."""
        for wire in (self._uart, self._qmp):
            self._loop.forget(wire.ours)
        for timer in (_PACE_TIMER, _ROM_TIMER):
            self._loop.cancel(timer)
        with suppress(OSError):  # it died before
            self._qmp.ours.sendall(command("quit"))
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_QUIT_S)
        end(self._host, self._process)
        self._uart.close()
        self._qmp.close()

    def _note_flashing(self, download: bool) -> None:
        """What is written in download mode is somebody's own, even if we are killed meanwhile."""
        with suppress(OSError):
            if self._download:
                flashed(self._folder)
            if download:
                open_to_flashing(self._folder)
