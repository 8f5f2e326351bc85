"""The tree of what is in a firmware: regions, their parts, files, symbols; each with what it was before. No Qt."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from toolchains.firmware.sizes import OTHER, REGIONS, Piece, Region
from toolchains.text import Text, _

REGION_NAMES: Mapping[Region, Text] = {
    "code": _("Code"),
    "constants": _("Constants"),
    "data": _("Variables with a value"),
    "zeroed": _("Variables that begin with 0"),
}
TOKENS: Mapping[Region, str] = {"code": "accent", "constants": "keyword", "data": "string", "zeroed": "function"}
_MODULE, _FROZEN = "module ", "frozen "
Place = tuple[str, ...]


@dataclass(frozen=True)
class Node:
    """``place`` are the names from the region down; ``before`` is None where there is nothing to compare with."""

    place: Place
    size: int
    before: int | None
    children: tuple[Node, ...] = ()

    @property
    def change(self) -> int:
        """Bytes more than before; 0 where there is no before."""
        return self.size - self.before if self.before is not None else 0

    @property
    def title(self) -> str:
        """What it is called."""
        name, depth = self.place[-1], len(self.place)
        if depth == 1:
            return str(REGION_NAMES[_region(name)])
        if depth == 2:
            return group_title(name)
        return name or str(_("without a name"))


def group_title(name: str) -> str:
    """A part of the firmware in words: a user module, a frozen one, else what it is called in the tree."""
    if name == OTHER:
        return str(_("other"))
    if name.startswith(_MODULE):
        return str(_("Module {name}", name=name.removeprefix(_MODULE)))
    if name.startswith(_FROZEN):
        return str(_("Frozen {name}", name=name.removeprefix(_FROZEN)))
    return name


def _region(name: str) -> Region:
    return next(one for one in REGIONS if one == name)


def places(pieces: Iterable[Piece]) -> dict[Place, int]:
    """Bytes of each symbol by its place; those of one name are together."""
    found: dict[Place, int] = {}
    for one in pieces:
        place = (one.region, one.group, one.file, one.symbol)
        found[place] = found.get(place, 0) + one.size
    return found


def tree(now: Mapping[Place, int], before: Mapping[Place, int] | None) -> tuple[Node, ...]:
    """The regions, with everything below; on each level the largest first. What is gone is there with 0 bytes."""
    every = set(now) | set(before or ())
    return _level([(place, now.get(place, 0), (before or {}).get(place, 0)) for place in every], 1, before is not None)


def _level(rows: list[tuple[Place, int, int]], depth: int, compared: bool) -> tuple[Node, ...]:
    parts: dict[Place, list[tuple[Place, int, int]]] = {}
    for row in rows:
        parts.setdefault(row[0][:depth], []).append(row)
    found = []
    for place, members in parts.items():
        below = _level(members, depth + 1, compared) if depth < len(members[0][0]) else ()
        if len(below) == 1 and below[0].place[-1] == "" and not below[0].children:
            below = ()  # a file of which no symbol is known
        size, was = sum(row[1] for row in members), sum(row[2] for row in members)
        found.append(Node(place, size, was if compared else None, below))
    return tuple(sorted(found, key=lambda one: (-one.size, one.place)))
