"""An emulated ESP chip on a serial port, that real esptool takes for a real one.

    with RomChip("esp32c3", flash_size=4 << 20) as chip:
        subprocess.run([sys.executable, "-m", "esptool", "--port", chip.port, "write-flash", "0x0", image])
    assert chip.flash[:len(image)] == image

The port is a pseudo-terminal (``wire="pty"``), a TCP port (``"socket"``: ``socket://``) or a TCP port with modem lines
(``"rfc2217"``: ``rfc2217://``, slower), served by a thread that ends with the ``with``. The flash is a bytearray that
behaves as flash (writing only clears bits). Chips: see ``rom_chips.json``.

**Reset and BOOT.** Only ``rfc2217`` has modem lines, and they do what they do on a board (with ``wiring="no-boot"`` on
one whose BOOT is not connected: esptool sees the wrong boot mode). On the others esptool says once that the chip was
not reset and goes on; what DTR and RTS do on a real board is done by a side door:

- ``wiring="auto"`` (a board with the usual circuit): a SYNC frame that arrives while a program runs puts the chip into
  download mode, as the reset that esptool tried would have; when the host closes the port afterwards, the chip starts
  from flash, as after esptool's "Hard resetting via RTS pin". So nothing is needed for download mode but to talk to it.
- ``wiring="button"`` (lines not connected, or a socket): SYNC is ignored by whatever runs, until ``press_boot()``: hold
  BOOT, tap RESET, let go. Then it stays in download mode until ``reset()``, with the stub if one was started.

``reset()`` is the RESET button in both. A watchdog reset that esptool starts by register works too.

**Start.** From flash, as the ROM and the bootloader do: no image of this chip at its offset gives
``invalid header: 0xffffffff`` again and again; a broken application the bootloader's complaint, again and again; a good
one MicroPython (:class:`~tests.fakes.rom_board.RomBoard`) with the version and machine of its banner. Images:
:func:`tests.fakes.images.firmware`. ``chip.program()`` puts one in flash without ado.

**Rate.** ``baud=None``: as fast as it goes. A number: the wire is so fast, whatever is set. ``"real"``: as fast as the
chip has been told, and a host that has set another rate is not understood.

**Faults**: ``chip.faults``, a :class:`~tests.fakes.rom_faults.RomFaults`; ``unplug()``, and ``plug()``, after which
``port`` is another one.
"""

from __future__ import annotations

import os
import queue
import select
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from types import TracebackType
from typing import Any, Literal, Self

from tests.fakes import images, rom_start
from tests.fakes.rom_board import RomBoard
from tests.fakes.rom_faults import RomFaults
from tests.fakes.rom_line import Line, Pace, PtyLine, SocketLine
from tests.fakes.rom_loader import Loader
from tests.fakes.rom_modem import ModemLine
from tests.fakes.rom_table import rows

_SYNC = b"\x07\x07\x12\x20" + b"\x55" * 32
_ROM_BAUD = 115200
#: How often a chip that finds nothing to start tries again.
_LOOP_S = 0.25
_CHUNK = 512


class RomChip:
    """One chip. ``mac`` as text; ``revision`` (major, minor); ``psram`` in MB, inside the chip (S3 only)."""

    def __init__(
        self,
        chip: str = "esp32",
        flash_size: int = 4 << 20,
        *,
        faults: RomFaults | None = None,
        baud: int | Literal["real"] | None = None,
        wiring: Literal["auto", "button", "no-boot"] = "auto",
        wire: Literal["pty", "socket", "rfc2217"] = "pty",
        mac: str = "24:6f:28:00:00:01",
        revision: tuple[int, int] | None = None,
        psram: int = 0,
    ) -> None:
        self.row = rows()[chip]
        self.chip = chip
        self.flash = bytearray(b"\xff") * flash_size
        self.faults = faults or RomFaults()
        self.mac = mac
        self.revision = revision or self.row.revision
        self.wiring = wiring
        self.baud = _ROM_BAUD
        self.port = ""
        #: (operation, bytes) of every request to a loader, since the beginning.
        self.requests: list[tuple[int, int]] = []
        self.starts = 0
        self.registers: dict[int, int] = {}
        self._psram = psram
        self._rate = baud
        self._wire = wire
        self._line: Line | None = None
        self._loader: Loader | None = None
        self._board: RomBoard | None = None
        self._complaint = b""
        self._due = 0.0
        self._recent = b""
        self._was_present = False
        self._wanted: str | None = None
        self._doors: queue.SimpleQueue[tuple[Callable[[], object], Future[object]]] = queue.SimpleQueue()
        self._wake_read = self._wake_write = -1
        self._thread: threading.Thread | None = None
        self._stop = threading.Event()
        self._broken: Exception | None = None
        self._names: list[int] = []
        self._up, self._down = Pace(self._stop.wait), Pace(self._stop.wait)

    # Side doors: for the test, from any thread

    def __enter__(self) -> Self:
        self._wake_read, self._wake_write = os.pipe()
        self._plug()
        self._start()
        self._thread = threading.Thread(target=self._serve, name=f"rom chip {self.chip}")
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._thread is not None
        self._stop.set()
        os.write(self._wake_write, b"x")
        self._thread.join()
        self._unplug()
        for file in (*self._names, self._wake_read, self._wake_write):
            if file >= 0:
                os.close(file)
        if self._broken is not None and error is None:
            raise self._broken

    def press_boot(self) -> None:
        """Hold BOOT, tap RESET, let go: it waits for download."""
        self._do(self._download)

    def reset(self) -> None:
        """The RESET button."""
        self._do(self._start)

    def unplug(self) -> None:
        """Pull the cable: no power, no port."""
        self._do(self._unplug)

    def plug(self) -> str:
        """Plug it in again; its new port."""
        self._do(self._plug_in)
        return self.port

    def program(self, image: bytes | None = None, at: int | None = None) -> None:
        """Flash an image (:func:`images.firmware` if none is given) behind everybody's back, and start."""
        image = images.firmware(self.chip) if image is None else image
        at = self.row.boot if at is None else at
        self.flash[at : at + len(image)] = image
        self._do(self._start)

    @property
    def mode(self) -> str:
        """``download``, ``stub``, ``micropython``, ``loop`` (nothing to start) or ``unplugged``."""
        if self._line is None:
            return "unplugged"
        if self._loader is not None:
            return "stub" if self._loader.stub else "download"
        return "micropython" if self._board is not None else "loop"

    def _do(self, action: Callable[[], object]) -> None:
        if self._thread is None or threading.current_thread() is self._thread:
            action()
            return
        done: Future[object] = Future()
        self._doors.put((action, done))
        os.write(self._wake_write, b"x")
        done.result(10)

    # What happens to the chip

    def restart(self, *, download: bool = False) -> None:
        """Start from flash (a watchdog, a command), or wait for download: after what it is doing now."""
        self._wanted = "download" if download else "start"

    def _plug(self) -> None:
        kinds: dict[str, Callable[[], Line]] = {"pty": PtyLine, "socket": SocketLine}
        self._line = kinds.get(self._wire, lambda: ModemLine(self._lines_let_go))()
        self.port = self._line.port
        self._was_present = False

    def _lines_let_go(self, boot: bool) -> None:
        """The host has pulsed EN by RTS, and BOOT is held by DTR or not."""
        if self.wiring != "button":
            self._wanted = "download" if boot and self.wiring == "auto" else "start"

    def _plug_in(self) -> None:
        if self._line is None:
            self._plug()
            self._start()

    def _unplug(self) -> None:
        line, self._line = self._line, None
        self._loader = self._board = None
        if line is not None:
            self._names.append(line.close())

    def _power_on(self) -> None:
        self.baud = _ROM_BAUD
        self.registers = self.row.efuses(bytes.fromhex(self.mac.replace(":", "")), self.revision, self._psram)
        if self.faults.secure_boot:
            at, mask = self.row.boot_enable
            self.registers[at] = self.registers.get(at, 0) | mask
        if self.faults.flash_encryption:
            at, mask = self.row.crypt_count
            self.registers[at] = self.registers.get(at, 0) | mask
        self._recent = b""
        self._loader = self._board = None
        self._complaint = b""

    def _download(self, *, silent: bool = False) -> None:
        if self._line is None:
            return
        self._power_on()
        self._loader = Loader(self)
        self._loader.requests = self.requests
        if not silent:
            self._say(self._log(self.row.modes[1], b"DOWNLOAD(USB/UART0)") + b"waiting for download\r\n")

    def _start(self) -> None:
        if self._line is None:
            return
        self.starts += 1
        self._power_on()
        log = self._log(self.row.modes[0], b"SPI_FAST_FLASH_BOOT")
        trouble = rom_start.why_not(self.flash, self.row, self.row.boot, self.revision)
        if self.faults.flash_encryption:  # plain text, decrypted
            trouble = "invalid header: 0x5a7f33c1"
        if trouble:
            self._complaint = log + trouble.encode() + b"\r\n"
        else:
            log += b"mode:DIO, clock div:2\r\nentry 0x403cc710\r\n"
            self._start_app(log)
        self._due = 0.0 if self._complaint else self._due
        if self._board is not None:
            self._say(log + self._board.greeting)

    def _start_app(self, log: bytes) -> None:
        at = rom_start.first_app(self.flash)
        if at is None:
            self._complaint = (
                log + b"E (31) boot: Failed to verify partition table\r\nE (31) boot: load partition table error!\r\n"
            )
            return
        trouble = rom_start.why_not(self.flash, self.row, at, self.revision)
        if trouble:
            words = f"E (49) esp_image: {trouble}\r\nE (53) boot: Factory app partition is not bootable\r\n"
            self._complaint = (
                log + words.encode() + b"E (58) boot: No bootable app partitions in the partition table\r\n"
            )
            return
        version, machine = rom_start.banner(self.flash, at)
        mac = bytes.fromhex(self.mac.replace(":", ""))
        self._board = RomBoard(self.row, version, machine, mac, len(self.flash), self._asked_to_restart)

    def _asked_to_restart(self, download: bool) -> None:
        self._wanted = "download" if download else "start"

    def _log(self, mode: int, word: bytes) -> bytes:
        name = self.row.name.encode()
        return b"%s-20210207\r\nrst:0x1 (POWERON),boot:%#x (%s)\r\n" % (name, mode, word)

    # The thread

    def _serve(self) -> None:
        try:
            while not self._stop.is_set():
                self._open_doors()
                self._turn()
        except Exception as error:  # noqa: BLE001  a fault of the emulator, for whoever uses it
            self._broken = error
            self._unplug()

    def _turn(self) -> None:
        if self._line is None:
            select.select([self._wake_read], [], [])
            return
        there = self._line.wait(self._wake_read, _LOOP_S if self._complaint else 10.0)
        self._look_at_host()
        if there:
            self._take(self._line.read())
        if self._line is not None and self._complaint and self._was_present and time.monotonic() >= self._due:
            self._due = time.monotonic() + _LOOP_S
            self._say(self._complaint)

    def _open_doors(self) -> None:
        while True:
            try:
                action, done = self._doors.get_nowait()
            except queue.Empty:
                break
            os.read(self._wake_read, 1)
            try:
                done.set_result(action())
            except Exception as error:  # noqa: BLE001  it is the test's
                done.set_exception(error)

    @property
    def _lines_played(self) -> bool:
        """Whether a reset by modem lines is played, on a wire that has none."""
        return self.wiring == "auto" and self._wire != "rfc2217"

    def _look_at_host(self) -> None:
        assert self._line is not None
        present = self._line.present()
        if self._was_present and not present and self._lines_played and self._loader is not None:
            self._start()
        self._was_present = present

    def _take(self, data: bytes) -> None:
        assert self._line is not None
        if not data:
            self._look_at_host()
            self._do_wanted()
            return
        self._down.take(len(data), self._speed()) if self._rate else None
        if self._rate == "real" and self._mismatch(data):
            data = bytes(byte ^ 0xA5 for byte in data)
        data = self.faults.down(data, self.baud)
        if self._loader is None and self._synced(data):
            self._download(silent=True)
            data = b"\xc0\x00\x08\x24\x00\x00\x00\x00\x00" + data[data.index(_SYNC[:4]) :] if _SYNC in data else b""
        if self._loader is not None:
            self._load(data)
        elif self._board is not None:
            self._say(self._board.receive(data))
        self._do_wanted()

    def _synced(self, data: bytes) -> bool:
        self._recent = (self._recent + data)[-128:]
        return self._lines_played and _SYNC in self._recent

    def _mismatch(self, data: bytes) -> bool:
        assert self._line is not None
        speed = self._line.speed()
        if not speed or speed == self.baud:
            return False
        if self._loader is not None and not self._loader.stub and _SYNC in data:
            self.baud = speed  # the ROM measures the rate
            return False
        return True

    def _speed(self) -> int:
        return self.baud if self._rate == "real" or self._rate is None else self._rate

    def _load(self, data: bytes) -> None:
        loader = self._loader
        assert loader is not None
        for answer in loader.receive(data):
            if self.faults.strikes("unplug_at"):
                self._unplug()
                return
            if self.faults.strikes("reset_at"):
                self._wanted = "start"
                return
            late = self.faults.late()
            if late:
                self._stop.wait(late)
            self._say(answer)
            if loader.new_baud:
                self.baud, loader.new_baud = loader.new_baud, 0
            if self._wanted:
                return

    def _do_wanted(self) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted == "start":
            self._start()
        elif wanted == "download":
            self._download()

    def _say(self, data: bytes) -> None:
        data = self.faults.up(data, self.baud)
        for at in range(0, len(data), _CHUNK):
            piece: Any = data[at : at + _CHUNK]
            if self._line is None or self._stop.is_set():
                return
            self._line.write(piece, self._wake_read)
            if self._rate:
                self._up.take(len(piece), self._speed())
