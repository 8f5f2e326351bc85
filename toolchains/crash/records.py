"""What a board said when it crashed, and what it means."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from toolchains.text import Text

SCHEMA = 1
#: How the board wrote it: a panic of an Xtensa chip, of a RISC-V chip, or of our simulated board.
DumpKind = Literal["xtensa", "riscv", "sim", "words"]
#: What happened; the sentences are in :mod:`toolchains.crash.causes`, the boards' names in ``resources/crash.json``.
Cause = Literal[
    "read",
    "write",
    "access",
    "call",
    "misaligned",
    "illegal",
    "stack",
    "divide",
    "watchdog",
    "abort",
    "assert",
    "heap",
    "nlr",
    "memory",
    "breakpoint",
    "other",
]
Where = Literal["module", "firmware", "nowhere", "unknown"]


@dataclass(frozen=True)
class Dump:
    """A board's last words, read. Addresses are the board's own, as numbers; None where it did not say.

    ``reason`` is its own name for it (``StoreProhibited``). ``calls`` are the places of a ``Backtrace:``, the innermost
    first, each inside the instruction that calls. ``stack`` maps addresses to words. ``text`` is all of it, as printed.
    """

    kind: DumpKind
    cause: Cause
    reason: str
    text: str
    pc: int | None = None
    address: int | None = None
    registers: Mapping[str, int] = field(default_factory=dict)
    calls: tuple[int, ...] = ()
    stack: Mapping[int, int] = field(default_factory=dict)
    chip: str = ""
    elf_sha256: str = ""


@dataclass(frozen=True)
class Frame:
    """One call on the way to the crash: ``pc`` in the board, and what is known of it.

    ``file`` is relative to the project if it lies inside; ``line`` counts from 1. ``inlined``: the compiler put this
    function into the next one.
    """

    pc: int
    where: Where
    function: str = ""
    file: str | None = None
    line: int | None = None
    inlined: bool = False

    @property
    def place(self) -> str:
        """``file.c:12``, ``file.c``, or empty."""
        return f"{self.file}:{self.line}" if self.file and self.line else self.file or ""

    def to_json(self) -> dict[str, object]:
        """One entry of ``frames``."""
        return {
            "pc": self.pc,
            "where": self.where,
            "function": self.function or None,
            "file": self.file,
            "line": self.line,
            "inlined": self.inlined,
        }


@dataclass(frozen=True)
class Crash:
    """A crash in words. ``frames``: the innermost first.

    ``known``: the module's address was read from the board in the very run that crashed, so that its lines are facts;
    else ``note`` says what is not known, and why.
    """

    sentence: Text
    cause: Cause
    frames: tuple[Frame, ...]
    known: bool
    dump: Dump
    note: Text | None = None

    @property
    def at(self) -> Frame | None:
        """The innermost place in the person's own code, if any."""
        return next((one for one in self.frames if one.where == "module" and one.line), None)

    @property
    def function(self) -> str:
        """The C function, or empty."""
        return self.at.function if self.at else ""

    @property
    def file(self) -> str | None:
        """The source file, relative to the project."""
        return self.at.file if self.at else None

    @property
    def line(self) -> int | None:
        """Its line, from 1."""
        return self.at.line if self.at else None

    def to_json(self) -> dict[str, object]:
        """The record of ``natmod crash --json``."""
        return {
            "schema": SCHEMA,
            "kind": "crash",
            "cause": self.cause,
            "reason": self.dump.reason,
            "sentence": str(self.sentence),
            "note": str(self.note) if self.note is not None else None,
            "known": self.known,
            "function": self.function or None,
            "file": self.file,
            "line": self.line,
            "address": self.dump.address,
            "frames": [frame.to_json() for frame in self.frames],
        }
