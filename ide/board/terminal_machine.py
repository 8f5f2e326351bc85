"""A simulated board that is a program on a terminal: MicroPython's unix port.

Ctrl-D ends that program where a board would start afresh, so it is started again on the same terminal and its clients
see a soft reset. It waits for input without using the processor, therefore it is never paused.
"""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO

from ide.board.loop import READ, WRITE, Loop
from ide.board.machines import MachineOwner, MachineSpec, end
from toolchains.host import Host

_CHUNK = 4096

#: A program that ends this soon, this many times in a row, without a word, will not do better the next time.
_SHORT_LIFE_S = 1.0
_SHORT_LIVES = 5


if sys.platform != "win32":
    import termios
    import tty

    class TerminalMachine:
        """One program on an inner terminal, in a private folder that lasts as long as the keeper."""

        can_pause = False
        can_download = False
        paused = False
        reflashed = False

        def __init__(self, spec: MachineSpec, folder: Path, host: Host, ended: Callable[[], None]) -> None:
            self._spec, self._folder, self._host, self._ended = spec, folder, host, ended
            self._master, self._slave = os.openpty()
            os.set_blocking(self._master, False)
            tty.setraw(self._slave, termios.TCSANOW)
            self._short_lives = 0
            self._silent = True
            self._owner: MachineOwner | None = None
            self.ready = False

        def start(self, log: IO[bytes]) -> None:
            """Start the program. Raises ``OSError`` when it cannot be started."""
            self._folder.mkdir(mode=0o700, exist_ok=True)
            self._start()

        @property
        def pid(self) -> int:
            """The program's process; another one after each reset."""
            return self._process.pid

        def attach(self, loop: Loop, owner: MachineOwner) -> None:
            """Start to serve."""
            self._loop, self._owner = loop, owner

        def want(self, events: int) -> None:
            """Say which of READ and WRITE the owner can use now."""
            self._loop.watch(self._master, events, self._serve)

        def write(self, data: bytes) -> int:
            """Type ``data``; how much of it was taken."""
            try:
                return os.write(self._master, data[:_CHUNK])
            except BlockingIOError:
                return 0

        def unread(self) -> bool:
            """Nobody asks: it is never paused."""
            return False

        def pause(self) -> None:
            """It sleeps by itself."""

        def resume(self) -> None:
            """It sleeps by itself."""

        def reset(self, *, download: bool = False) -> None:
            """End the program and start it afresh."""
            end(self._host, self._process)
            termios.tcflush(self._slave, termios.TCIFLUSH)
            self._short_lives = 0
            self._start()

        def check(self) -> bool:
            """Start the program again if it ended; False when there is no point in it."""
            if self._process.poll() is None:
                return True
            end(self._host, self._process)  # what it left running
            lived = time.monotonic() - self._since
            self._short_lives = self._short_lives + 1 if lived < _SHORT_LIFE_S and self._silent else 0
            if self._short_lives >= _SHORT_LIVES:
                return False
            self._start()
            return True

        def close(self) -> None:
            """End it, now."""
            end(self._host, self._process)
            self._loop.forget(self._master)
            os.close(self._master)
            os.close(self._slave)

        def _start(self) -> None:
            self._since, self._silent = time.monotonic(), True
            tty.setraw(self._slave, termios.TCSANOW)
            self._process = self._host.popen(
                self._spec.argv,
                cwd=self._folder,
                env=self._spec.env,
                stdin=self._slave,
                stdout=self._slave,
                stderr=subprocess.STDOUT,
                die_with_parent=True,
            )
            self.ready = True
            if self._owner is not None:
                self._owner.machine_restarted()

        def _serve(self, events: int) -> None:
            if events & READ and self._owner is not None:
                try:
                    data = os.read(self._master, _CHUNK)
                except OSError:
                    data = b""
                if data:
                    self._silent = False
                    self._owner.machine_said(data)
            if events & WRITE and self._owner is not None:
                self._owner.machine_ready()
