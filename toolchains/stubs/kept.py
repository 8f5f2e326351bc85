"""What the user wrote between the marked lines of a file that is made: found again, and put into the new file.

A part is what stands between ``// --- your code: KEY ---`` and ``// --- end of: KEY [SUM] ---`` (``#`` in Python). SUM
is that of what was made there first, so that a part which nobody touched may change with its signature. The first line
of a file has the sum of everything else, so that a change outside of the parts is found, and not lost without a word.
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from dataclasses import dataclass

from toolchains.errors import ProjectError
from toolchains.text import Text, _

_BEGIN = re.compile(r"[ \t]*(?://|#) --- your code: (?P<key>[\w.:]+) ---\s*")
_END = re.compile(r"[ \t]*(?://|#) --- end of: (?P<key>[\w.:]+) \[(?P<sum>[0-9a-f]{8})\] ---\s*")
_OUTER = re.compile(r" \[sum ([0-9a-f]{8})\]\s*$")
#: What was written for something that is not there any more stays as a comment.
_LOST = re.compile(r"(?://|#)\| ?(?P<line>.*)")
_LOST_HEAD = "written for what is not there any more; it comes back when that does"


class StubError(ProjectError):
    """A file cannot be made again, or not from these signatures. Fields: ``path``, ``line``."""

    code = "stub"


class _Damaged(Exception):
    def __init__(self, line: int, text: Text) -> None:
        super().__init__(text)
        self.line = line
        self.text = text


@dataclass(frozen=True)
class Part:
    """What stands between two marked lines (from ``first`` to before ``last``, 0-based), and whether it is as made."""

    key: str
    first: int
    last: int
    text: tuple[str, ...]
    made: bool


def part(key: str, lines: Sequence[str], *, mark: str = "//", indent: str = "") -> list[str]:
    """A part as lines, with the marked ones."""
    return [
        f"{indent}{mark} --- your code: {key} ---",
        *(f"{indent}{line}".rstrip() for line in lines),
        f"{indent}{mark} --- end of: {key} [{_sum(lines)}] ---",
    ]


def sealed(text: str) -> str:
    """The text with the sum of everything outside of its parts at the end of its first line."""
    lines = text.split("\n")
    return "\n".join([f"{lines[0]} [sum {_outer(lines)}]", *lines[1:]])


def is_marked(line: str) -> bool:
    """Whether a line (of a docstring, say) would be taken for one of ours."""
    return bool(_BEGIN.fullmatch(line) or _END.fullmatch(line) or _LOST.fullmatch(line))


def merged(new: str, old: str, name: str, *, force: bool = False) -> str:
    """The new file (sealed) with what the user wrote in the old one.

    Raises :class:`StubError` when the old file was changed elsewhere, or its marked lines are damaged, unless
    ``force``: then what can be found is kept.
    """
    before = old.replace("\r\n", "\n").split("\n")
    try:
        found = _parts(before)
        if not force:
            _check_outer(before)
    except _Damaged as error:
        if not force:
            raise StubError(
                _("{name} line {line}: {problem}", name=name, line=error.line, problem=error.text),
                next_step=_("Take that back, or make the whole file new with --force."),
                path=name,
                line=error.line,
            ) from error
        found = {}
    kept = {key: one.text for key, one in found.items() if not one.made} | _lost(before)
    lines = new.split("\n")
    for one in reversed(_parts(lines).values()):
        if one.key in kept:
            lines[one.first : one.last] = kept.pop(one.key)
    return "\n".join([*lines, *_as_comments(kept, lines)])


def _parts(lines: Sequence[str]) -> dict[str, Part]:
    found: dict[str, Part] = {}
    opened: tuple[str, int] | None = None
    for number, line in enumerate(lines):
        begin, end = _BEGIN.fullmatch(line), _END.fullmatch(line)
        if begin is not None:
            if opened is not None:
                raise _Damaged(number + 1, _("The line that ends your code for {key} is missing.", key=opened[0]))
            if begin["key"] in found:
                raise _Damaged(number + 1, _("Your code for {key} stands there twice.", key=begin["key"]))
            opened = (begin["key"], number + 1)
        elif end is not None:
            if opened is None or opened[0] != end["key"]:
                raise _Damaged(number + 1, _("The line that begins your code for {key} is missing.", key=end["key"]))
            text = tuple(lines[opened[1] : number])
            found[opened[0]] = Part(opened[0], opened[1], number, text, _sum(text) == end["sum"])
            opened = None
    if opened is not None:
        raise _Damaged(opened[1], _("The line that ends your code for {key} is missing.", key=opened[0]))
    return found


def _check_outer(lines: Sequence[str]) -> None:
    head = _OUTER.search(lines[0])
    if head is None:
        raise _Damaged(1, _("This file was not made by natmod stub, or its first line was changed."))
    if head[1] != _outer([_OUTER.sub("", lines[0]), *lines[1:]]):
        raise _Damaged(1, _("It was changed outside of the marked lines, and that would be lost."))


def _outer(lines: Sequence[str]) -> str:
    inside = {number for one in _parts(lines).values() for number in range(one.first, one.last)}
    return _sum([line for number, line in enumerate(lines) if number not in inside and not _LOST.fullmatch(line)])


def _sum(lines: Sequence[str]) -> str:
    """Blanks around lines and empty lines do not count: editors take them away, and add them."""
    text = "\n".join(line.strip() for line in lines if line.strip())
    return f"{zlib.crc32(text.encode('utf-8', 'surrogateescape')):08x}"


def _lost(lines: Sequence[str]) -> dict[str, tuple[str, ...]]:
    inner = [found["line"] for line in lines if (found := _LOST.fullmatch(line))]
    try:
        return {key: one.text for key, one in _parts(inner).items()}
    except _Damaged:
        return {}


def _as_comments(kept: dict[str, tuple[str, ...]], lines: Sequence[str]) -> list[str]:
    if not kept:
        return []
    mark = "//" if lines[0].startswith("//") else "#"
    found = [f"{mark}| {_LOST_HEAD}:"]
    for key, text in kept.items():
        whole = [f"{mark} --- your code: {key} ---", *text, f"{mark} --- end of: {key} [00000000] ---"]
        found += [f"{mark}| {line}".rstrip() for line in whole]
    return [*found, ""]


def written_parts(text: str) -> tuple[str, ...]:
    """The keys of the parts in which something of the user's stands; none where the marked lines are damaged."""
    try:
        return tuple(key for key, one in _parts(text.replace("\r\n", "\n").split("\n")).items() if not one.made)
    except _Damaged:
        return ()
