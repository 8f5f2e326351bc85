"""The keeper: a small process of its own that owns one simulated machine. ``natmod --worker keep FOLDER SPEC``.

It stands between the machine's UART and a port for clients, lets the machine sleep while nobody needs it, and ends
with its last user (:mod:`ide.board.desk`), with its machine, or when it is told to; whatever the end, machine, socket,
lock and folder go with it. Design.md section 9. One thread; it imports little, since one runs for each board.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import socket
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import TracebackType

from ide.board.bridge import Bridge
from ide.board.client_port import open_port
from ide.board.control import Message
from ide.board.desk import Desk
from ide.board.loop import READ, Loop
from ide.board.machines import MachineSpec, make_machine
from ide.board.runtime import Card, RunFolder
from toolchains.host import Host, System

#: A machine that has not said hello by then is taken for broken.
_START_S = 15.0
_LOG_TAIL = 2000


class Keeper:
    """One machine, its port, its front desk."""

    def __init__(self, folder: RunFolder, spec: MachineSpec) -> None:
        self._folder, self._spec = folder, spec
        self._loop = Loop()
        self._reason = ""
        self._resets: list[Callable[[], None]] = []
        self._port = open_port(folder.host)
        self._machine = make_machine(spec, folder.disk, folder.host, self._died, self._port.speed)
        self._bridge = Bridge(self._loop, self._port, self._machine, self._restarted)

    def start(self) -> bool:
        """Start the machine and open the desk; whether the machine came to life. Raises ``OSError``."""
        self._wake, waker = socket.socketpair()
        for end in (self._wake, waker):
            end.setblocking(False)
        self._waker = waker
        _catch_signals(waker)
        self._loop.watch(self._wake, READ, lambda _events: self._on_signal())
        with self._folder.log.open("ab") as log:
            self._machine.start(log)
        self._bridge.attach()
        if not self._loop.run_until(lambda: self._machine.ready, _START_S):
            return False
        listener, control = self._folder.listen()
        token = os.urandom(16).hex()  # as the module secrets would, without loading OpenSSL
        self._desk = Desk(self._loop, listener, token, self, self._spec.linger)
        self._desk.open()
        self._folder.write_card(Card(os.getpid(), control, token))
        return True

    @property
    def told_to_stop(self) -> bool:
        """Whether somebody asked it to end."""
        return self._reason == "stopped"

    def run(self) -> None:
        """Serve to the end."""
        self._loop.run()

    def close(self) -> None:
        """End the machine and whoever waits for it."""
        self._folder.remove_card()
        with contextlib.suppress(AttributeError):  # not yet opened
            self._desk.close(self._reason)
        with contextlib.suppress(AttributeError):  # not yet started
            self._machine.close()
        self._port.close()
        self._loop.close()

    # -- what the desk asks for --

    @property
    def key(self) -> str:
        """What the machine runs; whoever wants another key wants another machine."""
        return self._spec.reflashed_key if self._machine.reflashed else self._spec.key

    @property
    def can_download(self) -> bool:
        """Whether the machine has a BOOT button."""
        return self._machine.can_download

    def describe(self) -> Message:
        """What a client may know."""
        return {
            "address": self._spec.address,
            "version": "" if self._machine.reflashed else self._spec.version,
            "key": self.key,
            "port": self._port.address,
            "pid": os.getpid(),
            "machine_pid": self._machine.pid,
            "state": "paused" if self._machine.paused else "running",
        }

    def press_reset(self, done: Callable[[], None], *, download: bool) -> None:
        """Restart the machine, if need be in download mode; ``done()`` when it has."""
        self._resets.append(done)
        self._bridge.reset(download=download)

    def shut(self, reason: str) -> None:
        """End machine and keeper."""
        self._reason = self._reason or reason
        self._loop.stop()

    # -- inside --

    def _died(self) -> None:
        self.shut("machine-died")

    def _restarted(self) -> None:
        waiting, self._resets = self._resets, []
        for done in waiting:
            done()

    def _on_signal(self) -> None:
        numbers = self._wake.recv(256)
        if signal.SIGTERM in numbers or signal.SIGINT in numbers:
            self.shut("stopped")
        elif not self._machine.check():
            self._died()


def _catch_signals(waker: socket.socket) -> None:
    """Have the loop woken up by a child's end and by polite requests to end."""
    signal.set_wakeup_fd(waker.fileno(), warn_on_full_buffer=False)
    for name in ("SIGTERM", "SIGINT", "SIGCHLD"):
        if hasattr(signal, name):
            signal.signal(getattr(signal, name), lambda _number, _frame: None)


def _announce(state: str, detail: str = "") -> bool:
    """Tell who started us how it went, on standard output, then let go of it. False: nobody waits for us any more."""
    heard = True
    try:
        os.write(1, json.dumps({"schema": 1, "state": state, "detail": detail}).encode() + b"\n")
    except OSError:
        heard = False
    nothing = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1):
        os.dup2(nothing, descriptor)
    os.close(nothing)
    return heard


def _last_words(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
    """A fault of ours while starting reaches whoever waits, and the log is gone by now."""
    import traceback

    _announce("failed", "".join(traceback.format_exception(kind, error, trace)))


def _log_to(path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
    os.dup2(descriptor, 2)
    os.close(descriptor)


def _keep(folder: RunFolder, spec: MachineSpec) -> None:
    keeper = Keeper(folder, spec)
    try:
        if keeper.start():
            if _announce("ready"):
                keeper.run()
        elif keeper.told_to_stop:
            _announce("silent")
        else:
            _announce("failed", folder.log.read_text("utf-8", "backslashreplace")[-_LOG_TAIL:])
    except OSError as error:
        _announce("failed", str(error))
    finally:
        keeper.close()


def main(args: Sequence[str]) -> int:
    """Keep a machine: ``args`` are the folder, the spec as JSON, and the kind of system. Returns at the end of it."""
    folder_name, spec_text, system = args
    if hasattr(os, "fork") and os.fork():
        # Whoever started us may live long, and need not know that it has a child to bury.
        os._exit(0)
    sys.excepthook = _last_words
    host = Host.current()
    host = Host(_SYSTEMS.get(system, host.system), host.machine, host.environ)
    folder = RunFolder(Path(folder_name), host)
    try:
        if not folder.acquire():
            _announce("taken")
            return 0
    except OSError as error:
        _announce("failed", str(error))
        return 1
    try:
        folder.clear()
        _log_to(folder.log)
        os.chdir(folder.path.anchor)
        _keep(folder, MachineSpec.from_text(spec_text))
    finally:
        folder.release()
    return 0


_SYSTEMS: dict[str, System] = {"linux": "linux", "macos": "macos", "windows": "windows"}

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
