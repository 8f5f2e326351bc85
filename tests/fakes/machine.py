"""A fake QEMU: takes QEMU's command line, speaks QMP, and has a MicroPython-like prompt on its UART.

Difficult on purpose: while it is stopped it reads and says nothing, it prints in odd pieces, and it takes no more than
sixteen bytes at a time, as a real UART's FIFO. At its prompt one may type ``flood`` (print until Ctrl-C), ``count``
(print the number of bytes read so far), ``die``, ``busy`` (draw ``===>`` and compute until Ctrl-C), ``reset``, ``late``
(print a prompt, and compute before it does what else was typed).
"""

from __future__ import annotations

import itertools
import json
import selectors
import socket
import sys
import time
from pathlib import Path

FIFO = 16
BANNER = b'MicroPython v1.99.0 on 2026-01-01; fake\r\nType "help()" for more information.\r\n>>> '


class Machine:
    """One fake machine between two sockets."""

    def __init__(self, uart: socket.socket, qmp: socket.socket) -> None:
        self.uart, self.qmp = uart, qmp
        self.running = True
        self.flooding = self.late = False
        self.count = 0
        self.line = b""
        self.out = bytearray(BANNER)
        self.selector = selectors.DefaultSelector()
        self.selector.register(qmp, selectors.EVENT_READ)
        uart.setblocking(False)
        self.say_qmp({"QMP": {"version": {}, "capabilities": []}})

    def say_qmp(self, message: dict[str, object]) -> None:
        self.qmp.sendall(json.dumps(message).encode() + b"\r\n")

    def run(self) -> None:
        """Until a wire is cut or somebody types ``die``."""
        while True:
            if self.late and not self.out:
                self.compute()
            self.arm()
            for key, events in self.selector.select():
                if key.fileobj is self.qmp:
                    self.obey()
                elif self.running:
                    if events & selectors.EVENT_WRITE:
                        self.print_some()
                    if events & selectors.EVENT_READ:
                        self.read_some()

    def compute(self) -> None:
        """For so long that whoever listens takes the silence for rest."""
        self.late, end = False, time.process_time() + 1.2
        while time.process_time() < end:
            pass
        self.out += b"computed\r\n>>> "

    def arm(self) -> None:
        known = self.uart in self.selector.get_map()
        if not self.running:
            if known:
                self.selector.unregister(self.uart)
            return
        events = selectors.EVENT_READ | (selectors.EVENT_WRITE if self.out or self.flooding else 0)
        (self.selector.modify if known else self.selector.register)(self.uart, events)

    def obey(self) -> None:
        data = self.qmp.recv(4096)
        if not data:
            sys.exit(0)
        for line in data.splitlines():
            command = json.loads(line)["execute"]
            if command == "stop":
                self.running = False
                self.say_qmp({"event": "STOP"})
            elif command == "cont":
                self.running = True
                self.say_qmp({"event": "RESUME"})
            elif command == "system_reset":
                self.restart()
            self.say_qmp({"return": {}})

    def restart(self) -> None:
        self.line, self.flooding, self.out = b"", False, bytearray(BANNER)
        self.say_qmp({"event": "RESET"})

    def print_some(self) -> None:
        if self.flooding and len(self.out) < 4096:
            self.out += b"flood " * 100
        try:
            del self.out[: self.uart.send(self.out[:7] if len(self.out) < 512 else self.out)]
        except BlockingIOError:
            return

    def read_some(self) -> None:
        data = self.uart.recv(FIFO)
        if not data:
            sys.exit(0)
        self.count += len(data)
        for byte in data:
            self.type(bytes([byte]))

    def type(self, char: bytes) -> None:
        if char == b"\x03":
            self.flooding, self.line, self.out = False, b"", bytearray(b"\r\n>>> ")
        elif char == b"\r":
            line, self.line = self.line, b""
            self.out += b"\r\n"
            self.enter(line)
        elif char == b"\x00":
            pass  # counted, but neither echoed nor kept
        else:
            self.line += char
            self.out += char

    def enter(self, line: bytes) -> None:
        if line == b"die":
            sys.exit(3)
        if line == b"reset":
            self.restart()
        elif line == b"flood":
            self.flooding = True
        elif line == b"late":
            self.out += b"\r\n>>> "
            self.late = True
        elif line == b"busy":
            self.out += b"====>"
        else:
            self.out += (b"%d\r\n" % self.count if line == b"count" else b"") + b">>> "


def _connect(argument: str) -> socket.socket:
    options = dict(part.partition("=")[::2] for part in argument.split(","))
    if "fd" in options:
        return socket.socket(fileno=int(options["fd"]))
    return socket.create_connection((options["host"], int(options["port"])))


def main(argv: list[str]) -> None:
    """``[fail]`` and QEMU's own arguments."""
    if argv[:1] == ["fail"]:
        sys.stderr.write("fake: no such machine\n")
        sys.exit(1)
    wires = {}
    for word, argument in itertools.pairwise(argv):
        if word == "-chardev":
            wires[argument.partition("id=")[2].partition(",")[0]] = _connect(argument)
    Machine(wires["uart"], wires["qmp"]).run()


def command(*words: str) -> tuple[str, ...]:
    """The argv that stands for QEMU."""
    return (sys.executable, "-S", "-E", str(Path(__file__).resolve()), *words)


if __name__ == "__main__":
    main(sys.argv[1:])
