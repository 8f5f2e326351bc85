"""The machines that a keeper can keep, seen from inside the keeper: a UART, a process, and their buttons.

:class:`QemuMachine` serves every board that QEMU emulates; :class:`TerminalMachine` is a program on a terminal (the
unix port). A machine is described by a :class:`MachineSpec`, which travels on the keeper's command line.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, Protocol

from ide.board.loop import READ, WRITE, Loop
from ide.board.qmp import QmpDecoder, command
from ide.board.wires import Wire, open_wire
from toolchains.host import Host

_CHUNK = 4096


@dataclass(frozen=True)
class MachineSpec:
    """What to start. ``key`` changes when the firmware or the emulator does; ``version`` is MicroPython's.

    ``driver`` is ``qemu``, ``terminal`` or ``esp``. ``linger`` is how many seconds a machine outlives its last user.
    ``options`` are a driver's own; ``reflashed_key`` takes the place of ``key`` once somebody flashed it by hand.
    """

    address: str
    driver: str
    argv: tuple[str, ...]
    key: str
    version: str = ""
    env: dict[str, str] = field(default_factory=dict)
    linger: float = 60.0
    options: dict[str, Any] = field(default_factory=dict)
    reflashed_key: str = ""

    def to_text(self) -> str:
        """The form for the command line."""
        return json.dumps(asdict(self))

    @staticmethod
    def from_text(text: str) -> MachineSpec:
        """The record that :meth:`to_text` wrote."""
        data = json.loads(text)
        return MachineSpec(**{**data, "argv": tuple(data["argv"])})


class MachineOwner(Protocol):
    """Who is told what the machine does."""

    def machine_said(self, data: bytes) -> None:
        """It printed ``data``."""

    def machine_ready(self) -> None:
        """It takes bytes again."""

    def machine_restarted(self) -> None:
        """It starts from the beginning."""


class Machine(Protocol):
    """What keeper and bridge need of a machine."""

    can_pause: bool
    can_download: bool
    paused: bool
    ready: bool

    @property
    def reflashed(self) -> bool:
        """Whether it runs something else than its spec says, because somebody flashed it by hand."""
        ...

    def start(self, log: IO[bytes]) -> None:
        """Start the process. Raises ``OSError`` when it cannot be started."""

    def attach(self, loop: Loop, owner: MachineOwner) -> None:
        """Start to serve its UART."""

    def want(self, events: int) -> None:
        """Say which of READ and WRITE the owner can use now."""

    def write(self, data: bytes) -> int:
        """Type ``data``; how much of it was taken."""
        ...

    def unread(self) -> bool:
        """Whether typed bytes still wait outside the machine."""
        ...

    def pause(self) -> None:
        """Stop its clock."""

    def resume(self) -> None:
        """Let it go on."""

    def reset(self, *, download: bool = False) -> None:
        """Press the reset button; with ``download`` (if it ``can_download``) while the BOOT button is held."""

    def check(self) -> bool:
        """To be called when a child ended: whether the machine still lives (it may start again by itself)."""
        ...

    @property
    def pid(self) -> int:
        """The process."""
        ...

    def close(self) -> None:
        """End it, now."""


class QemuMachine:
    """A machine in QEMU: UART and QMP on two private wires that no other process can reach."""

    can_pause = True
    can_download = False

    def __init__(self, spec: MachineSpec, host: Host, ended: Callable[[], None]) -> None:
        self._spec, self._host, self._ended = spec, host, ended
        self._open_wires()
        self.paused = False
        self.ready = False

    def start(self, log: IO[bytes]) -> None:
        """Start QEMU. Raises ``OSError`` when it cannot be started."""
        self._launch(log)

    def _open_wires(self) -> None:
        self._uart: Wire = open_wire(self._host, "uart")
        self._qmp: Wire = open_wire(self._host, "qmp")
        self._decoder = QmpDecoder()

    def _arguments(self) -> tuple[str, ...]:
        return self._spec.argv

    def _launch(self, log: int | IO[bytes]) -> None:
        wires = ("-chardev", self._uart.argument, "-serial", "chardev:uart")
        control = ("-chardev", self._qmp.argument, "-mon", "chardev=qmp,mode=control")
        self._process = self._host.popen(
            (*self._arguments(), *wires, *control),
            env=self._spec.env,
            stdout=log,
            stderr=log,
            pass_fds=(*self._uart.inherited, *self._qmp.inherited),
            die_with_parent=True,
        )
        self._uart.started(self._process)
        self._qmp.started(self._process)
        self._say("qmp_capabilities")

    @property
    def reflashed(self) -> bool:
        """Never: its firmware is a file."""
        return False

    @property
    def pid(self) -> int:
        """QEMU's process."""
        return self._process.pid

    def attach(self, loop: Loop, owner: MachineOwner) -> None:
        """Start to serve."""
        self._loop, self._owner = loop, owner
        loop.watch(self._qmp.ours, READ, self._hear)

    def want(self, events: int) -> None:
        """Say which of READ and WRITE the owner can use now."""
        self._loop.watch(self._uart.ours, events, self._serve)

    def write(self, data: bytes) -> int:
        """Type ``data``; how much of it was taken."""
        return self._uart.write(data)

    def unread(self) -> bool:
        """Whether typed bytes still wait outside the machine, or inside for a processor that others have."""
        return self._uart.unread() or _wants_to_run(self._process.pid)

    def pause(self) -> None:
        """Stop its clock."""
        self.paused = True
        self._say("stop")

    def resume(self) -> None:
        """Let it go on."""
        self.paused = False
        self._say("cont")

    def reset(self, *, download: bool = False) -> None:
        """Press the reset button; the owner hears ``machine_restarted`` when it has worked."""
        self._uart.discard()
        self._say("system_reset")
        self.resume()

    def check(self) -> bool:
        """Whether QEMU still runs."""
        return self._process.poll() is None

    def close(self) -> None:
        """End QEMU, now."""
        for wire in (self._uart, self._qmp):
            self._loop.forget(wire.ours)
        end(self._host, self._process)
        self._uart.close()
        self._qmp.close()

    def _say(self, name: str) -> None:
        try:
            self._qmp.ours.sendall(command(name))
        except OSError:  # it died, or does not read any more
            self._ended()

    def _hear(self, _events: int) -> None:
        data = self._qmp.read(_CHUNK)
        if data == b"":
            self._loop.forget(self._qmp.ours)
            self._ended()
        for message in self._decoder.feed(data or b""):
            if "return" in message and not self.ready:
                self._became_ready()
            if message.get("event") == "RESET":
                self._owner.machine_restarted()

    def _serve(self, events: int) -> None:
        if events & READ:
            data = self._uart.read(_CHUNK)
            if data == b"":
                self._loop.forget(self._uart.ours)
                self._ended()
                return
            if data:
                self._said(data)
        if events & WRITE:
            self._owner.machine_ready()

    def _became_ready(self) -> None:
        self.ready = True

    def _said(self, data: bytes) -> None:
        self._owner.machine_said(data)


def _wants_to_run(pid: int) -> bool:
    """Whether a thread of a process has something to do now, where the system tells (Linux).

    On a loaded computer a machine may be silent for long because it has no turn, and not because it waits for us.
    """
    for stat in Path(f"/proc/{pid}/task").glob("*/stat"):
        try:
            state = stat.read_text("ascii", "replace").rpartition(")")[2].split()[0]
        except (OSError, IndexError):  # it just ended
            continue
        if state == "R":
            return True
    return False


def end(host: Host, process: subprocess.Popen[bytes]) -> None:
    """Kill a child with all its children and take its exit code."""
    host.kill_tree(process)
    process.wait()
    if process.stdin is not None:
        process.stdin.close()


def make_machine(
    spec: MachineSpec, folder: Path, host: Host, ended: Callable[[], None], speed: Callable[[], int]
) -> Machine:
    """The machine for a spec. ``folder`` is for the files of a machine that keeps some; ``ended()`` when it dies.

    ``speed()`` is that of the line, in baud, where a machine cares.
    """
    if sys.platform != "win32" and spec.driver == "terminal":
        from ide.board.terminal_machine import TerminalMachine

        return TerminalMachine(spec, folder, host, ended)
    if spec.driver == "esp":
        from ide.board.esp_driver import EspMachine

        return EspMachine(spec, host, ended, speed)
    return QemuMachine(spec, host, ended)
