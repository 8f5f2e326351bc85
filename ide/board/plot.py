"""What a program prints, read as numbers to draw. Sans-I/O: bytes in, headers and points out.

The convention is MicroPico's: a line of numbers between commas or white space is a point, one number a curve; a line of
names between commas names the curves of the line of numbers that follows it. What other plotters read is read, too:
``name:value`` pairs (Arduino), and a tuple or list as MicroPython prints it. Everything else is text, and ignored.
"""

from __future__ import annotations

import re
from typing import NamedTuple

__all__ = ["MOST_CURVES", "Header", "LineReader", "Point"]

#: Curves of one line; a line with more numbers is a table of something else.
MOST_CURVES = 32
#: Bytes of a line. What is longer is a listing, and is skipped to its end.
LONGEST_LINE = 1000
#: Letters of a curve's name.
_LONGEST_NAME = 40

_NUMBER = rb"[+-]?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)(?:[eE][+-]?[0-9]+)?|[+-]?(?:nan|inf)"
#: One sign or run of blanks between two numbers, so that each line is read in one way only, in one pass.
_BETWEEN = rb"(?:[ \t]*[,;][ \t]*|[ \t]+)"
_NUMBERS = re.compile(rb"(?:%b)(?:%b(?:%b))*" % (_NUMBER, _BETWEEN, _NUMBER))
_VALUE = re.compile(_NUMBER)
_PAIR = re.compile(rb"([^\s:,;][^:,;\t]{0,%d}):[ \t]*(%b)(?:[ \t]*[,;][ \t]*|[ \t]+|$)" % (_LONGEST_NAME - 1, _NUMBER))
_NOT_FINITE = frozenset((float("inf"), float("-inf")))
_NAN = float("nan")


class Header(NamedTuple):
    """The names of the curves, from now on, in the order of the numbers of a line."""

    names: tuple[str, ...]


class Point(NamedTuple):
    """The numbers of one line; NaN where there is none (``nan``, ``inf``, or a name that is missing this time)."""

    values: tuple[float, ...]


class LineReader:
    """Feed it what comes; lines may be cut anywhere. It holds at most one line."""

    def __init__(self) -> None:
        self._rest = b""
        self._skipping = False
        self._candidate: tuple[str, ...] | None = None
        #: The names in use: of the last header, or of the pairs. Empty: the curves have no names.
        self.names: tuple[str, ...] = ()
        #: Whether the names came as ``name:value``.
        self._paired = False

    def feed(self, data: bytes) -> list[Header | Point]:
        """What the lines say that ended in ``data``."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        found: list[Header | Point] = []
        for line in lines:
            if self._skipping:
                self._skipping = False
            elif len(line) <= LONGEST_LINE:
                self._line(line, found)
        if len(self._rest) > LONGEST_LINE:
            self._rest, self._skipping = b"", True
        return found

    def _line(self, line: bytes, found: list[Header | Point]) -> None:
        line = line.strip()
        if line[:1] in (b"(", b"[") and line[-1:] in (b")", b"]"):
            line = line[1:-1].strip(b" ,")
        if _NUMBERS.fullmatch(line):
            self._numbers(line, found)
            return
        candidate, self._candidate = self._candidate, None
        if b":" in line and self._pairs(line, found):
            return
        if line:
            self._candidate = _names(line)
        else:
            self._candidate = candidate  # an empty line between a header and its numbers

    def _numbers(self, line: bytes, found: list[Header | Point]) -> None:
        values = tuple(map(_float, _VALUE.findall(line)))
        candidate, self._candidate = self._candidate, None
        if len(values) > MOST_CURVES:
            return
        if candidate is not None and len(candidate) == len(values):
            self._name(candidate, found)
        elif self._paired:
            self._name((), found)
        found.append(Point(values))

    def _pairs(self, line: bytes, found: list[Header | Point]) -> bool:
        """``name:value`` pairs and nothing else; a name that was there before keeps its curve."""
        at, pairs = 0, dict[str, float]()
        while at < len(line):
            pair = _PAIR.match(line, at)
            if pair is None or len(pairs) == MOST_CURVES:
                return False
            name = _text(pair[1])
            if name is None or name[0].isdecimal():  # a time of day, a count
                return False
            pairs[name] = _float(pair[2])
            at = pair.end()
        before = self.names if self._paired else ()
        names = (*before, *(name for name in pairs if name not in before))
        if not pairs or len(names) > MOST_CURVES:
            return False
        if names != before:
            self._name(names, found)
        self._paired = True
        found.append(Point(tuple(pairs.get(name, _NAN) for name in names)))
        return True

    def _name(self, names: tuple[str, ...], found: list[Header | Point]) -> None:
        self._paired = False
        if names != self.names:
            self.names = names
            found.append(Header(names))


def _float(text: bytes) -> float:
    value = float(text)
    return _NAN if value in _NOT_FINITE else value


def _names(line: bytes) -> tuple[str, ...] | None:
    """A header: at least two names between commas, none of them a number."""
    parts = [part.strip() for part in line.split(b",")]
    if not 2 <= len(parts) <= MOST_CURVES or any(_VALUE.fullmatch(part) for part in parts):
        return None
    names = tuple(map(_text, parts))
    known = tuple(name for name in names if name is not None)
    return known if len(set(known)) == len(names) else None


def _text(name: bytes) -> str | None:
    """A curve's name, None where it is none."""
    try:
        text = name.decode().strip().strip("'\"")
    except UnicodeDecodeError:
        return None
    return text if 0 < len(text) <= _LONGEST_NAME and text.isprintable() else None
