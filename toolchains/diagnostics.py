"""What compilers and the linker say, as records with a place.

GCC and clang write ``file:line:column: error: words``; MicroPython's ``mpy_ld.py`` writes ``LinkError: object: words``
(facts.md c.6). The tools' own words are kept as they are; only the place is taken out of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Severity = Literal["error", "warning", "note"]

_PLACE = re.compile(
    r"^(?P<path>(?:[A-Za-z]:[\\/])?[^:\n]+):(?P<line>\d+)(?::(?P<column>\d+))?: "
    r"(?P<severity>fatal error|error|warning|note): (?P<message>.*)$"
)
_DRIVER = re.compile(
    r"^(?:[\w.+-]*(?:gcc|clang|cc1|as|ld|zig)[\w.+-]*: |)(?P<severity>fatal error|error|warning): (?P<message>.*)$"
)
#: The assembler's form: ``x.S:3: Error: unrecognized opcode``.
_ASSEMBLER = re.compile(r"^(?P<path>[^:\n]+):(?P<line>\d+): (?P<severity>Error|Warning): (?P<message>.*)$")


@dataclass(frozen=True)
class Diagnostic:
    """One complaint of a tool. ``path`` is as the tool was given it; ``line`` and ``column`` count from 1."""

    severity: Severity
    path: str | None
    line: int | None
    column: int | None
    message: str

    def __str__(self) -> str:
        place = ":".join(str(part) for part in (self.path, self.line, self.column) if part is not None)
        return f"{place}: {self.severity}: {self.message}" if place else f"{self.severity}: {self.message}"

    def to_json(self) -> dict[str, object]:
        """The record's fields, for ``--json`` and for the build's state."""
        return {
            "severity": self.severity,
            "path": self.path,
            "line": self.line,
            "column": self.column,
            "message": self.message,
        }

    @staticmethod
    def from_json(record: dict[str, object]) -> Diagnostic:
        """The record that :meth:`to_json` made; ``KeyError`` when it is something else."""
        return Diagnostic(**{key: record[key] for key in ("severity", "path", "line", "column", "message")})  # type: ignore[arg-type]


def parse_compiler(text: str) -> tuple[Diagnostic, ...]:
    """The complaints in the output of GCC, clang or the assembler, in their order. Lines without one are skipped."""
    found = (_compiler_line(line) for line in text.splitlines())
    return tuple(one for one in found if one is not None)


def _compiler_line(line: str) -> Diagnostic | None:
    match = _PLACE.match(line) or _ASSEMBLER.match(line)
    if match:
        groups = match.groupdict()
        column = groups.get("column")
        return Diagnostic(
            _severity(groups["severity"]),
            groups["path"],
            int(groups["line"]),
            int(column) if column else None,
            groups["message"],
        )
    driver = _DRIVER.match(line)
    if driver:
        return Diagnostic(_severity(driver["severity"]), None, None, None, driver["message"])
    return None


def _severity(word: str) -> Severity:
    word = word.lower()
    if word == "warning":
        return "warning"
    return "note" if word == "note" else "error"


def errors(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Only those that stop a build."""
    return tuple(one for one in diagnostics if one.severity == "error")


def warnings(diagnostics: Iterable[Diagnostic]) -> tuple[Diagnostic, ...]:
    """Only those that do not stop a build and say something by themselves."""
    return tuple(one for one in diagnostics if one.severity == "warning")
