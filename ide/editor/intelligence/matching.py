"""Which of the names that a source offers fit what was typed, the nearest first. No Qt."""

from __future__ import annotations

import heapq
from collections.abc import Iterator, Sequence

from ide.editor.lsp.records import Item

#: More names than anybody looks through.
MOST = 300
#: From so many letters on, names that have them somewhere fit, too.
_LOOSE = 3


def closeness(word: str, name: str) -> int | None:
    """How well a name fits a word: 0 is the same; None: not at all."""
    if name.startswith(word):
        return 1 if len(name) > len(word) else 0
    low, wanted = name.lower(), word.lower()
    if low.startswith(wanted):
        return 2
    if f"_{wanted}" in low:
        return 3
    if len(word) < _LOOSE:
        return None
    if wanted in low:
        return 4
    return 5 if low[:1] == wanted[:1] and _in_order(wanted, low) else None


def _in_order(wanted: str, low: str) -> bool:
    at = 0
    for letter in wanted:
        at = low.find(letter, at) + 1
        if not at:
            return False
    return True


def fitting(word: str, items: Sequence[Item]) -> list[Item]:
    """The items that fit: those that link first, then by closeness, then as the source has them; each name once."""
    found = heapq.nsmallest(MOST, _ranked(word, items))
    return [items[number] for _unlinkable, _closeness, number in found]


def _ranked(word: str, items: Sequence[Item]) -> Iterator[tuple[bool, int, int]]:
    seen: set[tuple[str, str]] = set()
    for number, item in enumerate(items):
        near = closeness(word, item.label)
        if near is not None and (item.label, item.insert) not in seen:
            seen.add((item.label, item.insert))
            yield item.unlinkable and near > 0, near, number
