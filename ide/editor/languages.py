"""Which language a file is in, and what the editor must know of it, from ``resources/editor/languages.json``. No Qt."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from toolchains.paths import resources

_HEAD = 20_000
_LEADING = re.compile(r"^(\t+|  +)\S", re.MULTILINE)


@dataclass(frozen=True)
class Language:
    """What is known of a language. ``styles`` gives the lexer's style numbers by the theme's token."""

    id: str
    name: str
    lexer: str
    suffixes: tuple[str, ...]
    names: tuple[str, ...]
    keywords: tuple[str, ...]
    properties: Mapping[str, str]
    line_comment: str
    indent: Literal["braces", "colons", "keep"]
    tabs: bool
    styles: Mapping[str, tuple[int, ...]]
    blanks_matter: bool = False


@cache
def all_languages() -> tuple[Language, ...]:
    """Every language; plain text is the last."""
    records = json.loads((resources() / "editor" / "languages.json").read_text("utf-8"))
    for record in records:
        for key in ("suffixes", "names", "keywords"):
            record[key] = tuple(record[key])
        record["styles"] = {token: tuple(numbers) for token, numbers in record["styles"].items()}
    return tuple(Language(**record) for record in records)


def language_of(path: Path | None) -> Language:
    """The language of a file, by its name; plain text when nothing is known."""
    plain = all_languages()[-1]
    if path is None:
        return plain
    found = (one for one in all_languages() if path.name in one.names or path.suffix in one.suffixes)
    return next(found, plain)


def language(language_id: str) -> Language:
    """The language with this id; KeyError for an unknown one."""
    for one in all_languages():
        if one.id == language_id:
            return one
    raise KeyError(language_id)


def guess_indent(text: str, default: int) -> tuple[bool, int]:
    """How a text is indented: whether by tabs, and by how many columns a level; ``default`` when it does not show."""
    leads = _LEADING.findall(text[:_HEAD])
    n_tabs = sum(lead[0] == "\t" for lead in leads)
    if 2 * n_tabs > len(leads):
        return True, default
    widths = [len(lead) for lead in leads if lead[0] == " "]
    for width in (8, 4, 2):
        fitting = sum(one % width == 0 for one in widths)
        if widths and fitting >= 0.9 * len(widths):
            return False, width
    return False, default
