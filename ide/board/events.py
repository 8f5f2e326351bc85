"""What happens in a conversation with a REPL: the events of ``repl.py``."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Send:
    """Bytes for the board. ``paced``: it has no flow control, send them slowly."""

    data: bytes
    paced: bool = False


@dataclass(frozen=True)
class Prompt:
    """The raw prompt was reached; ``rebooted`` when a soft reset was seen on the way."""

    rebooted: bool = False


@dataclass(frozen=True)
class Started:
    """The code arrived and is compiled and run; from now on Ctrl-C and typed text reach it."""


@dataclass(frozen=True)
class Output:
    """What the program printed."""

    data: bytes


@dataclass(frozen=True)
class Finished:
    """The program ended; ``error`` is its traceback, empty if all went well. ``reset``: the board soft-resets now."""

    error: bytes
    reset: bool = False


@dataclass(frozen=True)
class Restarted:
    """The board restarted while the program ran, and waits at its friendly prompt."""


@dataclass(frozen=True)
class Noise:
    """Bytes that nobody asked for: boot messages, log lines, what a program said before we interrupted it."""

    data: bytes


@dataclass(frozen=True)
class Broken:
    """The board answered what it cannot answer; only :meth:`Repl.enter` helps now."""

    reason: str


Event = Send | Prompt | Started | Output | Finished | Restarted | Noise | Broken
