"""From a board's bytes to text with colours: UTF-8, SGR, carriage return, backspace, erase. No Qt, no view.

A :class:`Tape` is what was printed so far, of which only the last line can still change. Each feed gives a
:class:`Patch`: how many bytes to take off the end of what is shown, and the pieces to put there. Anything may be fed,
split anywhere: what is not understood is shown as a visible character or left out, and never breaks anything.
"""

from __future__ import annotations

import codecs
import itertools
import re
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

#: Scintilla needs time with the square of a line's length: longer lines are broken. In characters, ASCII and other.
LONGEST, LONGEST_WIDE = 1000, 330

_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f]")
_MEANINGLESS = re.compile("[\x00-\x06\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f-\x9f]")
_SGR = re.compile(r"\x1b\[([0-9:;]*)m")
_TOKEN = re.compile(
    r"\x1b\[(?P<args>[0-?]*)[ -/]*(?P<final>[@-~])|\x1b\][^\x07\x1b\n]*(?:\x07|\x1b\\)|\x1b[ -/]*[0-Z\\^-~]"
    r"|(?P<one>[\n\r\b])|(?P<text>[^\x1b\n\r\b]+)|\x1b"
)
_UNFINISHED = re.compile(r"(?:\x1b(?:\[[0-?]*[ -/]*|\][^\x07\x1b\n]*\x1b?|[ -/]*)?|\r)\Z")
_LONGEST_SEQUENCE = 256
#: A line that is drawn over itself again and again: only the last drawing will be seen.
_REDRAWN = re.compile(r"\r[^\n\x1b\b\r]*(?:\r[^\n\x1b\b\r]*){2,}")
#: What a control character looks like where it means nothing: Unicode's pictures of them, and a box for C1.
_PICTURES = {**{code: 0x2400 + code for code in range(32)}, 0x7F: 0x2421, **dict.fromkeys(range(0x80, 0xA0), 0xFFFD)}
for _meant in "\a\b\t\n\r\x1b":
    del _PICTURES[ord(_meant)]
_FAR = 10_000


class Look(NamedTuple):
    """How text looks. ``fore`` and ``back`` are numbers of the sixteen colours; ``role``: what it is, if it is ours."""

    fore: int | None = None
    back: int | None = None
    bold: bool = False
    italic: bool = False
    underline: bool = False
    inverse: bool = False
    role: str = ""


PLAIN = Look()
Piece = tuple[str, Look]


@dataclass(frozen=True)
class Patch:
    """Take ``remove`` bytes (UTF-8) off the end, then append ``pieces``."""

    remove: int
    pieces: list[Piece]


class Tape:
    """What was printed, as far as it can still change: the last line, and where the next character goes."""

    def __init__(self) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("replace")
        self._carried = ""
        self._look = PLAIN
        self._line: list[Piece] = []
        self._length = 0
        self._cells: list[Piece] | None = None  # one a character, once the cursor went back
        self._column = 0
        self._done: list[Piece] = []

    @property
    def at_start(self) -> bool:
        """Whether the last line is empty."""
        return not (self._cells if self._cells is not None else self._line)

    @property
    def last_line(self) -> str:
        """The text of the last line."""
        return "".join(text for text, _look in (self._cells if self._cells is not None else self._line))

    def feed(self, data: bytes) -> Patch:
        """The board printed ``data``."""
        text = self._carried + self._decoder.decode(data)
        self._carried = ""
        text = text.replace("\r\n", "\n")
        tail = text[-_LONGEST_SEQUENCE:]
        unfinished = _UNFINISHED.search(tail) if "\x1b" in tail or tail.endswith("\r") else None
        if unfinished is not None:
            self._carried = unfinished[0]
            text = text[: len(text) - len(unfinished[0])]
        if _MEANINGLESS.search(text):
            text = text.translate(_PICTURES)
        if self._cells is None and not _CONTROL.search(text):
            return Patch(0, self._plain(text, self._look))
        if self._cells is None and "\x1b[" in text:
            parts = _SGR.split(text)
            if not _CONTROL.search("".join(parts[::2])):
                return Patch(0, self._coloured(parts))
        return self._slowly(_REDRAWN.sub(_last_drawing, text) if "\r" in text else text)

    def say(self, text: str, look: Look) -> Patch:
        """Text of ours at the end; it may have several lines."""
        if self._cells is not None:
            self._column = len(self._cells)
            patch = self._slowly("")
            return Patch(patch.remove, patch.pieces + self._plain(text, look))
        return Patch(0, self._plain(text, look))

    def skip(self, colours: bytes) -> None:
        """Something is left out, whose ``colours`` hold for what comes."""
        self._decoder.reset()
        self._carried = ""
        for args in _SGR.findall(colours.decode("ascii", "ignore")):
            self._look = after_sgr(self._look, args)

    def calm(self) -> None:
        """Another board speaks: no colour is left over, and nothing that was half read."""
        self._decoder.reset()
        self._carried, self._look = "", PLAIN

    # --- only appended to: the way of a flood ---------------------------------------------------------------------

    def _plain(self, text: str, look: Look) -> list[Piece]:
        if not text:
            return []
        text = self._broken(text)
        _before, newline, last = text.rpartition("\n")
        if newline:
            self._line, self._length = [], 0
        if last:
            self._line.append((last, look))
            self._length += len(last)
        return [(text, look)]

    def _coloured(self, parts: list[str]) -> list[Piece]:
        """Texts with the arguments of SGR between them."""
        pieces = self._plain(parts[0], self._look)
        for at in range(1, len(parts), 2):
            self._look = after_sgr(self._look, parts[at])
            pieces += self._plain(parts[at + 1], self._look)
        return pieces

    def _broken(self, text: str) -> str:
        """With line breaks where a line would be too long."""
        longest = LONGEST if text.isascii() else LONGEST_WIDE
        room, at, parts = max(longest - self._length, 0), 0, []
        while len(text) - at > room:
            newline = text.rfind("\n", at, at + room + 1)
            end = newline + 1 if newline >= 0 else at + room
            parts.append(text[at:end] if newline >= 0 else text[at:end] + "\n")
            at, room = end, longest
        return "".join(parts) + text[at:] if parts else text

    # --- with a cursor --------------------------------------------------------------------------------------------

    def _slowly(self, text: str) -> Patch:
        """The last line is given anew."""
        remove = len(self.last_line.encode())
        self._done = []
        for token in _TOKEN.finditer(text):
            if token.lastgroup == "text":
                self._write(token["text"].replace("\a", ""))
            elif token.lastgroup == "one":
                self._move(token["one"])
            elif token.lastgroup == "final":
                self._sequence(token["args"], token["final"])
        if self._cells is not None and self._column == len(self._cells):
            self._line, self._cells = _joined(self._cells), None
            self._length = self._column
        pieces = self._done + (_joined(self._cells) if self._cells is not None else self._line)
        self._done = []
        return Patch(remove, pieces)

    def _write(self, text: str) -> None:
        if self._cells is not None:
            over = text[: len(self._cells) - self._column]
            self._cells[self._column : self._column + len(over)] = [(char, self._look) for char in over]
            self._column += len(over)
            text = text[len(over) :]
            if self._column == len(self._cells):
                self._line, self._cells, self._length = _joined(self._cells), None, self._column
        if not text:
            return
        for number, part in enumerate(self._broken(text).split("\n") if self._long(text) else [text]):
            if number:
                self._newline()
            if part:
                self._line.append((part, self._look))
                self._length += len(part)

    def _long(self, text: str) -> bool:
        return self._length + len(text) > (LONGEST if text.isascii() else LONGEST_WIDE)

    def _newline(self) -> None:
        self._done += _joined(self._cells) if self._cells is not None else self._line
        self._done.append(("\n", self._look))
        self._line, self._cells, self._length = [], None, 0

    def _move(self, mark: str) -> None:
        if mark == "\n":
            self._newline()
        elif mark == "\r":
            self._go(0)
        else:
            self._go(self._where() - 1)

    def _where(self) -> int:
        return self._length if self._cells is None else self._column

    def _go(self, column: int) -> None:
        if self._cells is None:
            self._cells = [(char, look) for text, look in self._line for char in text]
        self._column = min(max(column, 0), len(self._cells))

    def _sequence(self, args: str, final: str) -> None:
        if final == "m":
            self._look = after_sgr(self._look, args)
            return
        n = _number(args.partition(";")[0])
        if final == "K":
            self._erase(n or 0)
        elif final == "D":
            self._go(self._where() - (n or 1))
        elif final == "C":
            self._go(self._where() + (n or 1))
        elif final == "G":
            self._go((n or 1) - 1)

    def _erase(self, what: int) -> None:
        """From the cursor on (0), up to it (1), or the whole line (2)."""
        column = self._where()
        self._go(column)
        assert self._cells is not None
        if what in (1, 2):
            self._cells[:column] = [(" ", PLAIN)] * column
        if what in (0, 2):
            del self._cells[column:]


def _joined(cells: list[Piece]) -> list[Piece]:
    return [
        ("".join(text for text, _look in group), look) for look, group in itertools.groupby(cells, key=lambda c: c[1])
    ]


def _number(text: str) -> int:
    return min(int(text), _FAR) if text.isascii() and text.isdigit() else 0


def _last_drawing(found: re.Match[str]) -> str:
    """Of several texts that begin with a carriage return, one that looks the same, and leaves the cursor there."""
    seen = ""
    *before, last = found[0].split("\r")[1:]
    for text in before:
        seen = text + seen[len(text) :]
    return f"\r{last + seen[len(last) :]}\r{last}"


@lru_cache(1000)
def after_sgr(look: Look, args: str) -> Look:
    """The look after "select graphic rendition"; what is not known changes nothing."""
    numbers = [_number(part) for part in args.replace(":", ";").split(";")] or [0]
    at = 0
    while at < len(numbers):
        n = numbers[at]
        if n in (38, 48):
            color, used = _extended(numbers[at + 1 :])
            at += used
            look = look._replace(fore=color) if n == 38 else look._replace(back=color)
        else:
            look = _simple(look, n)
        at += 1
    return look


def _simple(look: Look, n: int) -> Look:
    if n == 0:
        return PLAIN
    if n in (1, 22):
        return look._replace(bold=n == 1)
    if n in (3, 23):
        return look._replace(italic=n == 3)
    if n in (4, 24):
        return look._replace(underline=n == 4)
    if n in (7, 27):
        return look._replace(inverse=n == 7)
    if 30 <= n <= 37 or 90 <= n <= 97:
        return look._replace(fore=n - 30 if n < 90 else n - 82)
    if 40 <= n <= 47 or 100 <= n <= 107:
        return look._replace(back=n - 40 if n < 100 else n - 92)
    if n == 39:
        return look._replace(fore=None)
    return look._replace(back=None) if n == 49 else look


def _extended(rest: list[int]) -> tuple[int | None, int]:
    """One of 256 colours, or of all, as the nearest of sixteen; how many numbers it took."""
    if rest[:1] == [5] and len(rest) > 1:
        n = rest[1]
        if n < 16:
            return n, 2
        if n >= 232:
            return (0, 8, 7, 15)[min((n - 232) // 6, 3)], 2
        red, green, blue = (n - 16) // 36, (n - 16) // 6 % 6, (n - 16) % 6
        return _nearest(red * 51, green * 51, blue * 51), 2
    if rest[:1] == [2] and len(rest) > 3:
        return _nearest(*rest[1:4]), 4
    return None, len(rest)


def _nearest(red: int, green: int, blue: int) -> int:
    bright = 8 if max(red, green, blue) > 191 else 0
    middle = max(red, green, blue) / 2
    return bright + sum(bit for bit, part in ((1, red), (2, green), (4, blue)) if part and part >= middle)
