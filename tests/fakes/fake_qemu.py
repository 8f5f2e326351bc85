"""A stand-in for Espressif's QEMU: takes its command line and refuses what it would, speaks QMP, has a UART.

The chip in it is that of :mod:`tests.fakes.rom_chip`: it starts what is in the flash file, and with the download strap
its ROM loader (then stub) waits for esptool. On its MicroPython, ``open`` writes to the filesystem partition of that
file. Difficult as :mod:`tests.fakes.machine`: while it is stopped it reads and says nothing, and it prints in pieces.

:func:`install` puts ``qemu-system-xtensa`` and ``qemu-system-riscv32`` into a folder, as Espressif's archive has them.
"""

from __future__ import annotations

import io
import itertools
import json
import mmap
import os
import selectors
import socket
import sys
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any

VERSION = "esp_develop_9.2.2_20260417"
_CHECKOUT = Path(__file__).resolve().parents[2]
if __name__ == "__main__":
    sys.path.insert(0, str(_CHECKOUT))

from tests.fakes.rom_chip import RomChip  # noqa: E402 -- it may be a program of its own

#: By program: its machines, each with the sizes of RAM that it takes, its strap for download, the size of its fuses.
MACHINES: dict[str, dict[str, tuple[tuple[str, ...], int, int]]] = {
    "qemu-system-xtensa": {
        "esp32": (("", "2M", "4M"), 0x0F, 124),
        "esp32s3": (("", "2M", "4M", "8M", "16M", "32M"), 0x07, 1024),
    },
    "qemu-system-riscv32": {"esp32c3": (("",), 0x02, 1024)},
}
ROMS = {
    "qemu-system-xtensa": ("esp32-v3-rom.bin", "esp32-v3-rom-app.bin", "esp32s3_rev0_rom.bin"),
    "qemu-system-riscv32": ("esp32c3-rom.bin",),
}
_FLASH_SIZES = {2 << 20, 4 << 20, 8 << 20, 16 << 20}
_FILES_AT, _FILES_SIZE = 0x200000, 0x10000
_SCRIPT = """#!{python}
import sys
sys.path.insert(0, {checkout!r})
from tests.fakes import fake_qemu
fake_qemu.main({program!r}, sys.argv[1:])
"""


def install(folder: Path, *programs: str, roms: bool = True) -> Path:
    """``folder/bin`` with the programs (all, if none are named), and their ROMs beside it; that folder."""
    bin_folder, share = folder / "bin", folder / "share" / "qemu"
    for made in (bin_folder, share):
        made.mkdir(parents=True, exist_ok=True)
    for program in programs or tuple(MACHINES):
        path = bin_folder / program
        path.write_text(script(program), "utf-8")
        path.chmod(0o755)
        for rom in ROMS[program] if roms else ():
            (share / rom).write_bytes(b"rom")
    return bin_folder


def script(program: str) -> str:
    """The program's text: it runs in the Python that runs the tests."""
    return _SCRIPT.format(python=sys.executable, checkout=str(_CHECKOUT), program=program)


class Refused(Exception):
    """QEMU's words about its command line."""


class Options:
    """The command line, as far as QEMU would go with it."""

    def __init__(self, program: str, argv: list[str]) -> None:
        self.machine, self.memory, self.strap = "", "", 0
        self.drives: dict[str, dict[str, str]] = {}
        self.chardevs: dict[str, dict[str, str]] = {}
        self.globals: list[dict[str, str]] = []
        self.serial = self.monitor = ""
        words = iter(argv)
        for word in words:
            if word == "-nographic":
                continue
            if word not in ("-M", "-machine", "-m", "-drive", "-global", "-nic", "-chardev", "-serial", "-mon"):
                raise Refused(f"{word}: invalid option")
            value = next(words, None)
            if value is None:
                raise Refused(f"{word}: requires an argument")
            self._take(word, value)
        self._check(program)

    def _take(self, word: str, value: str) -> None:
        fields = _fields(value)
        if word in ("-M", "-machine"):
            self.machine = value
        elif word == "-m":
            self.memory = value
        elif word == "-drive":
            self.drives[fields.get("id") or fields.get("if", "")] = fields
        elif word == "-global":
            self.globals.append(fields)
        elif word == "-chardev":
            self.chardevs[fields["id"]] = fields
        elif word == "-serial":
            self.serial = value.removeprefix("chardev:")
        elif word == "-mon":
            if fields.get("mode") != "control":
                raise Refused("-mon: only QMP here")
            self.monitor = fields["chardev"]
        elif value not in ("none", "user,model=open_eth"):
            raise Refused(f"-nic {value}: Parameter 'type' does not accept value")

    def _check(self, program: str) -> None:
        known = MACHINES[program]
        if self.machine not in known:
            raise Refused("unsupported machine type\nUse -machine help to list supported machines")
        sizes, download, fuses = known[self.machine]
        if self.memory not in sizes:
            raise Refused(f"Invalid RAM size {self.memory}")
        flash, efuse = self.drives.get("mtd"), self.drives.get("efuse")
        if flash is None or efuse is None or efuse.get("if") != "none" or set(self.drives) != {"mtd", "efuse"}:
            raise Refused("machine type does not support these drives")
        for drive, wanted in ((flash, _FLASH_SIZES), (efuse, {fuses})):
            path = Path(drive["file"])
            if not path.is_file():
                raise Refused(f"Could not open '{path}': No such file or directory")
            if drive.get("format") != "raw":
                raise Refused(f"Image format was not specified for '{path}' and probing guessed raw.")
            if path.stat().st_size not in wanted:
                raise Refused("Error: only 2, 4, 8, 16 MB flash images are supported")
        self._check_globals(download)
        if {self.serial, self.monitor} - set(self.chardevs):
            raise Refused("chardev not found")

    def _check_globals(self, download: int) -> None:
        known = {
            (f"nvram.{self.machine}.efuse", "drive"): "efuse",
            (f"timer.{self.machine}.timg", "wdt_disable"): "true",
            (f"{self.machine}.gpio", "strap_mode"): f"0x{download:02x}",
        }
        given = {(one.get("driver", ""), one.get("property", "")): one.get("value", "") for one in self.globals}
        for key, value in given.items():
            if known.get(key) != value:
                raise Refused(f"can't apply global {'.'.join(key)}={value}")
        if (f"nvram.{self.machine}.efuse", "drive") not in given:
            raise Refused("no fuses: the chip's revision is 0, and the firmware does not start")
        self.download = (f"{self.machine}.gpio", "strap_mode") in given
        self.watchdog = (f"timer.{self.machine}.timg", "wdt_disable") not in given


def _fields(value: str) -> dict[str, str]:
    parts = value.replace(",,", "\0").split(",")
    return {part.partition("=")[0]: part.partition("=")[2].replace("\0", ",") for part in parts}


class Soc(RomChip):
    """A chip whose flash is a file, whose line is a socket, and whose strap decides what a reset leads to."""

    def __init__(self, options: Options) -> None:
        super().__init__(options.machine, 0, wiring="button")
        self._download_strap = options.download
        with open(options.drives["mtd"]["file"], "r+b") as file:
            self.flash = mmap.mmap(file.fileno(), 0)  # type: ignore[assignment]
        self.out = bytearray()
        self.resets = 0
        self._line = SimpleNamespace(present=lambda: True)  # type: ignore[assignment]
        self._start()

    def _start(self) -> None:
        self.resets += 1
        if self._download_strap:
            self._download()
            return
        super()._start()
        if self._board is not None:
            disk = _Disk(self.flash)
            fresh = self._board._fresh

            def with_files() -> None:
                fresh()
                assert self._board is not None
                names: Any = self._board.names["__builtins__"]
                names["open"] = disk.open

            self._board._fresh = with_files  # type: ignore[method-assign]
            with_files()

    def _say(self, data: bytes) -> None:
        self.out += data

    def heard(self, data: bytes) -> None:
        """Bytes at its UART."""
        self._take(data)

    def complain(self) -> None:
        """What it says again and again when there is nothing to start."""
        self.out += self._complaint

    @property
    def loops(self) -> bool:
        """Whether it does."""
        return bool(self._complaint)


class _Disk:
    """The smallest filesystem: a JSON text in the filesystem partition."""

    def __init__(self, flash: Any) -> None:
        self._flash = flash

    def _files(self) -> dict[str, str]:
        raw = bytes(self._flash[_FILES_AT : _FILES_AT + _FILES_SIZE]).rstrip(b"\xff")
        return json.loads(raw) if raw[:1] == b"{" else {}

    def open(self, name: str, mode: str = "r") -> io.StringIO:
        """A text file, to be closed when it was written."""
        files = self._files()
        if "w" not in mode:
            if name not in files:
                raise OSError(2, "ENOENT")
            return io.StringIO(files[name])

        flash = self._flash

        class Written(io.StringIO):
            def close(self) -> None:
                text = json.dumps({**files, name: self.getvalue()}).encode()
                flash[_FILES_AT : _FILES_AT + _FILES_SIZE] = text.ljust(_FILES_SIZE, b"\xff")
                super().close()

        return Written()


class Emulator:
    """The process: two wires, one chip."""

    def __init__(self, options: Options) -> None:
        self.uart, self.qmp = (_connect(options.chardevs[name]) for name in (options.serial, options.monitor))
        self.soc = Soc(options)
        self.running = True
        self.capable = False
        self.resets = self.soc.resets
        self.selector = selectors.DefaultSelector()
        self.selector.register(self.qmp, selectors.EVENT_READ)
        self.uart.setblocking(False)
        self.say_qmp({"QMP": {"version": {}, "capabilities": []}})

    def say_qmp(self, message: dict[str, object]) -> None:
        self.qmp.sendall(json.dumps(message).encode() + b"\r\n")

    def run(self) -> None:
        """Until it is told to quit, or a wire is cut."""
        due = 0.0
        while True:
            if self.running and self.soc.loops and time.monotonic() >= due:
                due = time.monotonic() + 0.2
                self.soc.complain()
            self.arm()
            for key, events in self.selector.select(0.1 if self.soc.loops else None):
                if key.fileobj is self.qmp:
                    self.obey()
                elif self.running:
                    self.serve(events)

    def arm(self) -> None:
        known = self.uart in self.selector.get_map()
        if not self.running:
            if known:
                self.selector.unregister(self.uart)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.soc.out else 0)
        (self.selector.modify if known else self.selector.register)(self.uart, events)

    def serve(self, events: int) -> None:
        if events & selectors.EVENT_WRITE:
            out = self.soc.out
            try:
                del out[: self.uart.send(out[:7] if len(out) < 512 else out)]
            except BlockingIOError:
                return
        if events & selectors.EVENT_READ:
            data = self.uart.recv(128)
            if not data:
                sys.exit(0)
            self.soc.heard(data)
            if self.soc.resets != self.resets:  # by itself: machine.reset(), a watchdog
                self.resets = self.soc.resets
                self.say_qmp({"event": "RESET", "data": {"guest": True}})

    def obey(self) -> None:
        data = self.qmp.recv(4096)
        if not data:
            sys.exit(0)
        for line in data.splitlines():
            command = json.loads(line)["execute"]
            if not self.capable and command != "qmp_capabilities":
                self.say_qmp({"error": {"class": "CommandNotFound", "desc": "Expecting capabilities negotiation"}})
                continue
            self.capable = True
            if command == "stop":
                self.running = False
                self.say_qmp({"event": "STOP"})
            elif command == "cont":
                self.running = True
                self.say_qmp({"event": "RESUME"})
            self.say_qmp({"return": {}})
            if command == "quit":
                self.say_qmp({"event": "SHUTDOWN"})
                sys.exit(0)


def _connect(fields: dict[str, str]) -> socket.socket:
    if "fd" in fields:
        return socket.socket(fileno=int(fields["fd"]))
    return socket.create_connection((fields["host"], int(fields["port"])))


def main(program: str, argv: list[str]) -> None:
    """QEMU called ``program``."""
    if argv == ["--version"]:
        print(f"QEMU emulator version 9.2.2 ({VERSION})")  # noqa: T201
        return
    for option, value in itertools.pairwise(argv):
        if option in ("-M", "-machine") and value == "help":
            print("Supported machines are:", *MACHINES[program], sep="\n")  # noqa: T201
            return
    try:
        options = Options(program, argv)
    except Refused as refusal:
        sys.stderr.write(f"{program}: {refusal}\n")
        sys.exit(1)
    try:
        Emulator(options).run()
    except ConnectionError:  # whoever held the wires is gone
        os._exit(0)
