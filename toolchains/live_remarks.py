"""What is wrong with a text and no compiler says: names that compile and do not link, in the words of one release."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from toolchains.edits import Fix, TextEdit
from toolchains.linkable import Linkable
from toolchains.text import Text, _

#: Reading a longer text at each pause would be felt.
LONGEST = 400_000
_MOST = 200


@dataclass(frozen=True)
class LiveRemark:
    """A complaint about ``text[start:end]`` (characters), with what mends it."""

    start: int
    end: int
    severity: Literal["error", "warning", "note"]
    message: Text
    code: str
    fix: Fix | None = None


def of_c(path: Path, text: str, known: Linkable) -> list[LiveRemark]:
    """What does not link in the C text of a native module."""
    return list(_unlinkable(path, text, known)) if len(text) <= LONGEST else []


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
