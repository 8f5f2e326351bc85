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

_PROC = Path("/proc")


@dataclass(frozen=True)
class Process:
    """A process that is alive: its id and how it was started."""

    pid: int
    command: str

    def __str__(self) -> str:
        return f"{self.pid} ({self.command})"

    def alive(self) -> bool:
        """Whether it still runs (a zombie does not)."""
        return _command(self.pid) == self.command and _state(self.pid) not in ("", "Z", "X")

    def kill(self) -> None:
        """End it at once."""
        try:
            os.kill(self.pid, signal.SIGKILL)
        except ProcessLookupError:
            return


def _state(pid: int) -> str:
    return _stat(pid)[0]


def _parent(pid: int) -> int:
    return int(_stat(pid)[1])


def _stat(pid: int) -> tuple[str, str]:
    """State letter and parent id of a process; ``("", "0")`` when it is gone."""
    try:
        # The program's name may hold spaces and brackets: the fields begin after the last one.
        fields = (_PROC / str(pid) / "stat").read_text("utf-8", "replace").rpartition(")")[2].split()
    except OSError:
        return "", "0"
    return fields[0], fields[1]


def _command(pid: int) -> str:
    try:
        raw = (_PROC / str(pid) / "cmdline").read_bytes()
    except OSError:
        return ""
    return raw.replace(b"\0", b" ").decode("utf-8", "replace").strip()


def _environ(pid: int) -> bytes:
    try:
        return (_PROC / str(pid) / "environ").read_bytes()
    except OSError:
        return b""


def _running() -> list[int]:
    if not _PROC.is_dir():
        return []
    pids = [int(entry.name) for entry in _PROC.iterdir() if entry.name.isdigit()]
    return [pid for pid in pids if pid != os.getpid() and _state(pid) not in ("", "Z", "X")]


def children() -> list[Process]:
    """The processes that this one started and that still run."""
    return [Process(pid, _command(pid)) for pid in _running() if _parent(pid) == os.getpid()]


def with_home(home: Path) -> list[Process]:
    """The processes that were started with this ``NATMOD_HOME``, wherever they belong by now."""
    wanted = f"NATMOD_HOME={home}".encode()
    return [Process(pid, _command(pid)) for pid in _running() if wanted in _environ(pid).split(b"\0")]


def wait_until_none(find: Callable[[], list[Process]], seconds: float) -> list[Process]:
    """The processes that ``find`` still finds after at most ``seconds``; returns as soon as there are none."""
    end = time.monotonic() + seconds
    while (found := find()) and time.monotonic() < end:
        time.sleep(0.02)
    return found
