"""The order of names in a list: what links comes first, what does not comes last and says so. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from ide.editor.lsp.records import Item
from toolchains.linkable import Linkable
from toolchains.live_remarks import not_linked

#: Names that are added at most, where the server stopped before it came to them.
_MOST_ADDED = 60
_SHORTEST = 2
#: Functions that macros of the same name call.
_INNER = "_dyn"


def ranked(items: Sequence[Item], known: Linkable, typed: str, *, libraries: bool = False) -> list[Item]:
    """The items of a server for a native module, ``typed`` being what stands before the caret of the word.

    ``libraries``: it links some of its own choice, which may have what C's library has.
    """
    foreign = frozenset() if libraries else not_linked()
    first: list[Item] = []
    others: list[Item] = []
    last: list[Item] = []
    for item in _once(items):
        if known.is_declared_only(item.label) or item.label in foreign:
            last.append(replace(item, unlinkable=True, doc=""))  # why is dear: said when somebody looks at it
        elif item.label in known.offered and not item.label.endswith(_INNER):
            first.append(item)
        else:
            others.append(item)
    there = {item.label for item in items}
    added = [
        Item(name, name, "function", "", "", name)
        for name in (known.names if len(typed) >= _SHORTEST else ())
        if name.startswith(typed) and name not in there
    ]
    return [*first, *added[:_MOST_ADDED], *others, *last]


def _once(items: Sequence[Item]) -> list[Item]:
    """MicroPython's functions are macros for modules too: one of a name, in the form that tells the types."""
    found: dict[str, Item] = {}
    for item in items:
        before = found.get(item.label)
        if before is None or len(item.detail) > len(before.detail):
            found[item.label] = item  # at the place of the first
    return list(found.values())
