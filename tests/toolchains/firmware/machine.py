"""A simulated board on a pty, driven by hand: no product code between the test and the firmware."""

from __future__ import annotations

import os
import pty
import select
import subprocess
import time
from pathlib import Path

_RISCV = ("qemu-system-riscv32", "-machine", "virt", "-bios", "none")
_UNIX = ["-X", "heapsize=1M", "-c", "import simulator; simulator.run()"]


class Machine:
    """A running board. ``root`` is the folder that a unix board has as its filesystem; ``qemu`` runs an .elf file."""

    def __init__(self, firmware: Path, root: Path, qemu: tuple[str, ...] = _RISCV) -> None:
        self._heard = b""
        self._line, far = pty.openpty()
        terminal = os.ttyname(far)
        if firmware.suffix == ".elf":
            # QEMU opens the line by its name: on its standard output it would turn newlines into two characters.
            argv = [*qemu, "-display", "none", "-monitor", "none", "-serial", terminal, "-kernel", str(firmware)]
        else:
            argv = [str(firmware), *_UNIX]
        try:
            self.process = subprocess.Popen(argv, stdin=far, stdout=far, stderr=far, cwd=root, start_new_session=True)
        finally:
            os.close(far)

    def close(self) -> None:
        """Pull the plug."""
        self.process.kill()
        self.process.wait()
        self.hang_up()

    def hang_up(self) -> None:
        """Close our end of the line."""
        if self._line >= 0:
            os.close(self._line)
            self._line = -1

    def send(self, data: bytes) -> None:
        """Bytes to the board, however slowly it takes them; what it says meanwhile is kept by the pty."""
        while data:
            data = data[os.write(self._line, data[:1024]) :]

    def until(self, mark: bytes, seconds: float = 20.0) -> bytes:
        """What the board says, up to and with ``mark``; what follows is kept for the next call."""
        end = time.monotonic() + seconds
        while mark not in self._heard:
            ready, _, _ = select.select([self._line], [], [], max(0.0, end - time.monotonic()))
            assert ready, f"waited for {mark!r}, heard {self._heard[-500:]!r}"
            self._heard += os.read(self._line, 4096)
        before, _, self._heard = self._heard.partition(mark)
        return before + mark

    def raw(self) -> None:
        """Into the raw REPL, from its friendly prompt."""
        self.send(b"\r\x01")
        self.until(b"CTRL-B to exit\r\n>")

    def start(self, code: str) -> None:
        """Start code in the raw REPL."""
        self.send(code.encode() + b"\x04")
        self.until(b"OK")

    def result(self) -> str:
        """The output of what was started; a traceback fails the test."""
        heard = self.until(b"\x04>")
        output, error, _ = heard.split(b"\x04")
        assert not error, error.decode()
        return output.decode()

    def run(self, code: str) -> str:
        """Run code in the raw REPL and give its output."""
        self.start(code)
        return self.result()

    def cpu_seconds(self) -> float:
        """Processor time used so far (Linux)."""
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
