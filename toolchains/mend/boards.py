"""Boards that have another name today: in natmod.toml, in Makefiles, and in what starts a build of a firmware."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

from toolchains.edits import TextEdit
from toolchains.mend.records import OldCode, Rule
from toolchains.mend.sources import Sources
from toolchains.mend.words import found, named


def of_board(rule: Rule, sources: Sources) -> Iterator[OldCode]:
    """``boards``: by port, an old name and ``NAME`` or ``NAME:VARIANT``."""
    for path, text in sources.builds:
        names = rule.data["boards"][_port(path, text, rule.data["boards"], rule.data["default"])]
        words = "|".join(sorted(map(re.escape, names), key=len, reverse=True))
        find = _in_toml if path.name == "natmod.toml" else _in_build
        edits = list(find(path, text, names, words))
        yield from found(named(rule, edits), path, text, edits)


def _port(path: Path, text: str, ports: dict[str, object], default: str) -> str:
    """The port that a file speaks of: two of them had a board called GENERIC."""
    said = [port for port in ports if re.search(rf"(?<![A-Za-z0-9]){port}(?![A-Za-z0-9])", text)]
    return said[0] if len(said) == 1 else default


def _in_toml(path: Path, text: str, names: dict[str, str], words: str) -> Iterator[TextEdit]:
    table = re.search(r"^\[firmware\][^\[]*", text, re.M)
    line = re.compile(rf"^([ \t]*board[ \t]*=[ \t]*)([\"'])({words})\2", re.M)
    at = line.search(text, table.start(), table.end()) if table else None
    if at is None or table is None:
        return
    board, _colon, variant = names[at[3]].partition(":")
    more = f'\nvariant = "{variant}"' if variant and not re.search(r"^[ \t]*variant\b", table[0], re.M) else ""
    yield TextEdit.at(path, text, *at.span(), f'{at[1]}"{board}"{more}')


def _in_build(path: Path, text: str, names: dict[str, str], words: str) -> Iterator[TextEdit]:
    # BOARD ?= NAME on a line of its own, BOARD=NAME on a command line, boards/NAME in a path
    given = re.compile(
        rf"(?<![\w-])((?:export[ \t]+|-D[ \t]*)?(?:MICROPY_)?BOARD)([ \t]*[:?]?=[ \t]*)({words})(?![\w-])"
    )
    for at in given.finditer(text):
        board, _colon, variant = names[at[3]].partition(":")
        yield TextEdit.at(path, text, *at.span(3), board)
        if variant:
            alone = not text[text.rfind("\n", 0, at.start()) + 1 : at.start()].strip()
            alone = alone and re.match(r"[ \t]*(?:#[^\n]*)?(?:\r?\n|\Z)", text[at.end() :]) is not None
            between = "\n" if alone else " "
            yield TextEdit.insert(path, at.end(), f"{between}{at[1]}_VARIANT{at[2]}{variant}")
    for at in re.finditer(rf"(?<=boards/)({words})(?![\w-])", text):
        yield TextEdit.at(path, text, *at.span(), names[at[1]].partition(":")[0])
