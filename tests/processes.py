"""Which processes belong to a test: its children, and whatever they started that has moved away from them.

A keeper leaves its parent on purpose, so parenthood is not enough: every process started for a test carries that test's
own ``NATMOD_HOME`` in its environment, and Linux shows the environment of one's own processes.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

#: A test may have put another in its place.
_OPEN = open
_PROC = Path("/proc")
#: States of processes that are none any more.
_ENDED = ("", "Z", "X")


@dataclass(frozen=True)
class Process:
    """A process that is alive: its id and how it was started."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.pid} ({self.command})"

    def alive(self) -> bool:
        """Whether it still runs (a zombie does not)."""
        return _command(self.pid) == self.command and _state(self.pid) not in _ENDED

    def kill(self) -> None:
        """End it at once."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _stat(pid: int) -> tuple[str, int]:
    """State letter and parent id of a process; ``("", 0)`` when it is gone."""
    # The program's name may hold spaces and brackets: the fields begin after the last one.
    fields = _read(pid, "stat").rpartition(b")")[2].split()
    return (fields[0].decode("ascii"), int(fields[1])) if fields else ("", 0)


def _read(pid: int, name: str) -> bytes:
    """A file of a process; empty when the process is gone or somebody else's. Called for all of them, each test."""
    try:
        with _OPEN(f"/proc/{pid}/{name}", "rb", buffering=0) as file:
            return file.read()
    except OSError:
        return b""


def _command(pid: int) -> str:
    return _read(pid, "cmdline").replace(b"\0", b" ").decode("utf-8", "replace").strip()


def _running() -> dict[int, int]:
    """The processes that run, each with its parent."""
    if not _PROC.is_dir():
        return {}
    found = {int(name): _stat(int(name)) for name in os.listdir(_PROC) if name.isdigit()}
    return {pid: parent for pid, (state, parent) in found.items() if pid != os.getpid() and state not in _ENDED}


def children() -> list[Process]:
    """The processes that this one started and that still run."""
    return [Process(pid, _command(pid)) for pid, parent in _running().items() if parent == os.getpid()]


def with_home(home: Path) -> list[Process]:
    """The processes that were started with this ``NATMOD_HOME``, wherever they belong by now."""
    return [Process(pid, _command(pid)) for pid in _running() if _has_home(pid, home)]


def of_test(home: Path) -> list[Process]:
    """Both: the children, and what was started with this ``NATMOD_HOME``."""
    found = [pid for pid, parent in _running().items() if parent == os.getpid() or _has_home(pid, home)]
    return [Process(pid, _command(pid)) for pid in found]


def _has_home(pid: int, home: Path) -> bool:
    return f"NATMOD_HOME={home}".encode() in _read(pid, "environ").split(b"\0")


def wait_until_none(find: Callable[[], list[Process]], seconds: float) -> list[Process]:
    """The processes that ``find`` still finds after at most ``seconds``; returns as soon as there are none."""
    end = time.monotonic() + seconds
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
