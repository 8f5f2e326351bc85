"""What is wrong with a text and no compiler says: what does not link in this release, what this board cannot do.

And, of Python for boards, what costs memory for nothing and what has another name today.
"""

from __future__ import annotations

import io
import itertools
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolchains.c_text import blanked, call_at
from toolchains.code_actions import hints_of
from toolchains.doctor.rewrite import header_for, renamed
from toolchains.doctor.symbols import not_in_library, use_instead
from toolchains.edits import Fix, TextEdit
from toolchains.hints import Instead, hints
from toolchains.linkable import Linkable, own_names
from toolchains.live_variables import unlinkable_variables
from toolchains.mpy_loads import Loader, NotLoadable, no_mpy, no_native, other_version, p4_floats, releases_text
from toolchains.text import Text, _

#: Reading a longer text at each pause would be felt.
LONGEST = 200_000
_MOST = 200
#: The code of a remark about a name that a module cannot reach.
NOT_LINKABLE = "not-linkable"
_INCLUDE = re.compile(r'^[ \t]*#[ \t]*include[ \t]+"py/dynruntime\.h"', re.M)
_WORD = re.compile(r"[A-Za-z_]\w*")
#: A table that only its own file sees.
_TABLE = re.compile(
    r"^(?:static[ \t]+const|const[ \t]+static)\b[\w \t*]*?[ \t*](\w+)[ \t]*(?:\[[^\]\n]*\][ \t]*)*=", re.M
)


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


@dataclass(frozen=True)
class Around:
    """What a C text is a part of. Of the project's other files: the names that they define, and all their words.

    ``arch`` and ``abi``: what a build makes; ``libraries``: whether the project links some of its own choice.
    """

    defined: frozenset[str] = frozenset()
    words: frozenset[str] = frozenset()
    arch: str = ""
    abi: tuple[int, int] | None = None
    libraries: bool = False


def of_c(
    path: Path, text: str, known: Linkable, board: BoardLimits | None = None, around: Around | None = None
) -> list[LiveRemark]:
    """What does not link in the C text of a native module, and what the board could not run."""
    if len(text) > LONGEST:
        return []
    around = around or Around()
    limits = list(_limits(text, board, around)) if board is not None else []
    variables = [
        LiveRemark(start, end, "error", message, code, fix)
        for start, end, message, code, fix in unlinkable_variables(path, text, around.arch, around.words)
    ]
    return [*limits, *variables, *_mixed(path, text, around), *_unlinkable(path, text, known, around)]


def of_python(path: Path, text: str, others: Iterable[str] = ()) -> list[LiveRemark]:
    """What is known better of a Python text for boards: constants that stay in RAM, old names of modules."""
    if len(text) > LONGEST:
        return []
    found = []
    lines = io.StringIO(text, newline="").readlines()
    for hint in hints_of(path, text, others)[:_MOST]:
        start = sum(len(line) for line in lines[: hint.line - 1])
        line = lines[hint.line - 1]
        first, last = start + len(line) - len(line.lstrip()), start + len(line.rstrip())
        found.append(LiveRemark(first, last, "note", hint.title, "hint", hint.fix))
    return found


def _mixed(path: Path, text: str, around: Around) -> Iterator[LiveRemark]:
    """Tables that have a namesake in another file: the Xtensa linker tells them apart by their names only, and the
    files cannot be compiled as one either."""
    if not around.arch.startswith("xtensa"):
        return
    for found in _TABLE.finditer(blanked(text)):
        name = found[1]
        if name in around.defined:
            new = f"{re.sub(r'[^0-9A-Za-z_]', '_', path.stem)}_{name}"
            fix = Fix(_("Rename to {name}", name=new), tuple(renamed(path, text, name, new)))
            message = _("On the ESP32, the linker mixes up {name} with that of another file.", name=name)
            yield LiveRemark(found.start(1), found.end(1), "error", message, "mixed-constants", fix)


def _limits(text: str, board: BoardLimits, around: Around) -> Iterator[LiveRemark]:
    include, refusal = _INCLUDE.search(text), _refusal(board.loader, around.abi)
    if refusal is not None and include is not None:
        message = Text("{what} {why}", {"what": refusal.what, "why": refusal.why or refusal.next_step or ""})
        code = "no-native" if refusal.fields["reason"] == "arch" else "mpy-version"
        yield LiveRemark(include.start(), include.end(), "warning", message, code)
    p4 = board.loader.chip == "esp32p4"
    if board.floats != "none" and not p4:
        return
    names = (one for one in _WORD.finditer(blanked(text)) if one.group() in hints().float_names)
    for found in itertools.islice(names, 1 if p4 else _MOST):
        if board.floats == "none":
            message = _(
                "This board's MicroPython has no floating-point numbers: {name} is not there.", name=found.group()
            )
            yield LiveRemark(found.start(), found.end(), "error", message, "no-floats")
        else:
            yield LiveRemark(found.start(), found.end(), "warning", p4_floats(), "p4-floats")


def _refusal(board: Loader, abi: tuple[int, int] | None) -> NotLoadable | None:
    """Why the board will load no module that is built here."""
    if not board.mpy:
        return no_mpy(board)
    if not board.arch_number:
        return no_native(board)
    if abi is not None and abi != (board.mpy & 0xFF, board.mpy >> 8 & 3):
        return other_version(releases_text(*abi), board)
    return None


def not_linked() -> frozenset[str]:
    """Functions of C's library that have something in their place."""
    return frozenset(name for name, row in hints().c_library.items() if row.call)


def why(name: str, known: Linkable) -> Text:
    """What is wrong with a name that compiles and does not link."""
    if name in hints().c_library:
        return not_in_library(name)
    use = known.nearest(name)
    if use is None:
        return _("MicroPython {version} does not offer {name} to native modules.", name=name, version=known.version)
    return _(
        "MicroPython {version} does not offer {name} to native modules. The nearest that links is {near}.",
        name=name,
        near=use,
        version=known.version,
    )


def _unlinkable(path: Path, text: str, known: Linkable, around: Around) -> Iterator[LiveRemark]:
    messages: dict[str, Text] = {}
    for start, name in itertools.islice(_uses(text, known, around), _MOST):
        row = hints().api.get(name) or hints().c_library.get(name)
        if name not in messages:
            messages[name] = why(name, known)
        fix = _called(path, text, start, row) if row is not None else _renamed(path, text, start, name, known)
        yield LiveRemark(start, start + len(name), "error", messages[name], NOT_LINKABLE, fix)


def _uses(text: str, known: Linkable, around: Around) -> Iterator[tuple[int, str]]:
    """Places of names that do not link, first to last: MicroPython's, and C's that have something in their place."""
    found = [one for one in known.unlinkable_in(text) if one[1] not in around.defined]
    if around.libraries:
        return iter(found)
    foreign = not_linked() - around.defined - own_names(text)
    if foreign:
        code = blanked(text)
        names = "|".join(map(re.escape, sorted(foreign)))
        calls = re.compile(rf"(?<![\w.])(?<!->)(?:{names})(?=[ \t]*\()")
        found += [(one.start(), one.group()) for one in calls.finditer(code)]
    return iter(sorted(found))


def _called(path: Path, text: str, start: int, row: Instead) -> Fix | None:
    """The same call, written with what links; None where it is no call, or takes more than other words."""
    call = call_at(text, blanked(text), start, start + len(row.name))
    new = row.written(call) if call is not None else None
    if call is None or new is None:
        return None
    return Fix(
        use_instead(row), (*header_for(path, text, row.call), TextEdit.at(path, text, call.start, call.end, new))
    )


def _renamed(path: Path, text: str, start: int, name: str, known: Linkable) -> Fix | None:
    near = known.nearest(name)
    if near is None:
        return None
    return Fix(_("Write {near}", near=near), (TextEdit.at(path, text, start, start + len(name), near),))
