"""What is wrong with a text and no compiler says: what does not link in this release, what this board cannot do.

And, of Python for boards, what costs memory for nothing and what has another name today.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolchains.c_text import blanked
from toolchains.code_actions import hints_of
from toolchains.edits import Fix, TextEdit
from toolchains.hints import hints
from toolchains.linkable import Linkable
from toolchains.mpy_loads import Loader, no_native
from toolchains.text import Text, _

#: Reading a longer text at each pause would be felt.
LONGEST = 400_000
_MOST = 200
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"py/dynruntime\.h"', re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")


@dataclass(frozen=True)
class LiveRemark:
    """A complaint about ``text[start:end]`` (characters), with what mends it."""

    start: int
    end: int
    severity: Literal["error", "warning", "note"]
    message: Text
    code: str
    fix: Fix | None = None


@dataclass(frozen=True)
class BoardLimits:
    """What the connected board says of itself: the loader of native code, ``floats`` (none, single or double)."""

    loader: Loader
    floats: str


def of_c(path: Path, text: str, known: Linkable, board: BoardLimits | None = None) -> list[LiveRemark]:
    """What does not link in the C text of a native module, and what the board could not run."""
    if len(text) > LONGEST:
        return []
    limits = list(_limits(text, board)) if board is not None else []
    return [*limits, *_unlinkable(path, text, known)]


def of_python(path: Path, text: str, others: Iterable[str] = ()) -> list[LiveRemark]:
    """What is known better of a Python text for boards: constants that stay in RAM, old names of modules."""
    if len(text) > LONGEST:
        return []
    found = []
    lines = text.splitlines(keepends=True)
    for hint in hints_of(path, text, others)[:_MOST]:
        start = sum(len(line) for line in lines[: hint.line - 1])
        line = lines[hint.line - 1]
        first, last = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        found.append(LiveRemark(first, last, "note", hint.title, "hint", hint.fix))
    return found


def _limits(text: str, board: BoardLimits) -> Iterator[LiveRemark]:
    include = _INCLUDE.search(text)
    if board.loader.mpy and not board.loader.arch_number and include is not None:
        why_not = no_native(board.loader)
        message = Text("{what} {why}", {"what": why_not.what, "why": why_not.why or why_not.next_step or ""})
        yield LiveRemark(include.start(), include.end(), "warning", message, "no-native")
    if board.floats == "none":
        code = blanked(text)
        for number, found in enumerate(_WORD.finditer(code)):
            if found.group() in hints().float_names:
                message = _(
                    "This board's MicroPython has no floating-point numbers: {name} is not there.", name=found.group()
                )
                yield LiveRemark(found.start(), found.end(), "error", message, "no-floats")
            if number > 100_000:
                return


def why(name: str, known: Linkable) -> Text:
    """What is wrong with a name that compiles and does not link."""
    use = known.nearest(name)
    if use is None:
        return _("MicroPython {version} does not offer {name} to native modules.", name=name, version=known.version)
    return _(
        "MicroPython {version} does not offer {name} to native modules. The nearest that links is {near}.",
        name=name,
        near=use,
        version=known.version,
    )


def _unlinkable(path: Path, text: str, known: Linkable) -> Iterator[LiveRemark]:
    said: dict[str, tuple[Text, str | None]] = {}
    for number, (start, name) in enumerate(known.unlinkable_in(text)):
        if number >= _MOST:
            return
        if name not in said:
            said[name] = why(name, known), known.nearest(name)
        (message, use), end, fix = said[name], start + len(name), None
        if use is not None and use.isidentifier():
            fix = Fix(_("Write {near}", near=use), (TextEdit.at(path, text, start, end, use),))
        yield LiveRemark(start, end, "error", message, "not-linkable", fix)
