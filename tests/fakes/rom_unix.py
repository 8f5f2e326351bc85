"""An emulated chip whose MicroPython is a real one, the unix port: it runs programs, and native modules for x64."""

from __future__ import annotations

import os
import subprocess
import threading
import tty
from concurrent.futures import Future
from pathlib import Path
from typing import Any

from tests.fakes.rom_chip import RomChip


class UnixChip(RomChip):
    """``program``: that of ``sim:unix``. It starts where an emulated MicroPython would, and ends with every reset."""

    def __init__(self, program: Path, chip: str = "esp32", **options: Any) -> None:
        super().__init__(chip, **options)
        self._program = program

    def _start_app(self, log: bytes) -> None:
        super()._start_app(log)
        if self._board is not None and self._board.firmware == "micropython":
            self._board = _Running(self._program, self._heard)  # type: ignore[assignment]

    def _power_on(self) -> None:
        self._end()
        super()._power_on()

    def _unplug(self) -> None:
        self._end()
        super()._unplug()

    def _end(self) -> None:
        if isinstance(self._board, _Running):
            self._board.close()

    def _heard(self, data: bytes) -> None:
        """From the reader's thread: what the program said goes out from the chip's own."""
        self._doors.put((lambda: self._say(data), Future()))
        os.write(self._wake_write, b"x")


class _Running:
    """The process, on a terminal of its own, and who listens to it."""

    firmware = "micropython"
    greeting = b""  # it says that itself

    def __init__(self, program: Path, heard: Any) -> None:
        self._master, slave = os.openpty()
        tty.setraw(slave)
        argv = (str(program), "-X", "heapsize=1M", "-c", "import simulator; simulator.run()")
        self._process = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, start_new_session=True)
        os.close(slave)
        self._heard = heard
        self._thread = threading.Thread(target=self._listen, name="unix port")
        self._thread.start()

    def receive(self, data: bytes) -> bytes:
        """Type it; what it answers comes by itself."""
        os.write(self._master, data)
        return b""

    def _listen(self) -> None:
        while True:
            try:
                data = os.read(self._master, 4096)
            except OSError:  # it ended
                return
            if not data:
                return
            self._heard(data)

    def close(self) -> None:
        """The power is off."""
        self._process.kill()
        self._process.wait()
        self._thread.join()
        os.close(self._master)
