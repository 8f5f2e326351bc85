"""What is known of a built firmware: its sizes as a tree, against what, and whether it fits. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ide.panels.firmware.size_nodes import Node, Place, places, tree
from toolchains.firmware import weighing
from toolchains.firmware.fit import Fit, fit_of
from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

if TYPE_CHECKING:
    from toolchains.firmware.results import Result
    from toolchains.jobs import JobContext
    from toolchains.project import Project

#: From this share on, it is said in another colour.
_NEARLY = 0.9

Base = Literal["last", "stock"]
#: What a firmware is compared with.
BASES: tuple[tuple[Base, Text], ...] = (("last", _("the last build")), ("stock", _("MicroPython alone")))


@dataclass(frozen=True)
class Room:
    """A place and what is taken of it, in bytes; ``size`` None: it has no end that is known."""

    name: Text | str
    used: int
    size: int | None

    @property
    def words(self) -> Text:
        """What is left, or what is too much."""
        if self.size is None:
            return _("{used}", used=size_text(self.used))
        left = self.size - self.used
        if left < 0:
            return _("{used} of {size}: {over} too large", used=size_text(self.used), size=size_text(self.size),
                     over=size_text(-left))  # fmt: skip
        return _("{used} of {size} ({percent}), {left} left", used=size_text(self.used), size=size_text(self.size),
                 percent=percent_text(self.used, self.size), left=size_text(left))  # fmt: skip

    @property
    def role(self) -> str:
        """How it is said: too large, nearly full, good."""
        if self.size is None:
            return "muted"
        return "bad" if self.used > self.size else "look" if self.used > _NEARLY * self.size else ""


@dataclass(frozen=True)
class Weighed:
    """``change``: bytes of flash more than ``base`` (None: nothing to compare with, ``missing`` says why, if it is
    worth a word). ``larger`` names layouts in which there is more room for the app."""

    nodes: tuple[Node, ...]
    flash: int
    ram: int
    rooms: tuple[Room, ...]
    larger: tuple[str, ...]
    base: Base
    change: int | None = None
    missing: Text | None = None


def weigh(ctx: JobContext, project: Project, result: Result, base: Base) -> Weighed:
    """Weigh the last firmware of a project. Raises ``NotBuilt``, ``BadImage``, ``DiskError``."""
    sizes = weighing.weigh(project)
    ctx.check()
    found = fit_of(result.elf, result.files, result.product)
    now = places(sizes.pieces)
    return Weighed(tree(now, None), sizes.flash, sizes.ram, _rooms(found), _larger(found), base)


def _rooms(found: Fit) -> tuple[Room, ...]:
    rooms = [Room(one.name, one.used, one.size) for one in found.regions if one.used]
    if found.partition_bytes is not None:
        rooms.insert(0, Room(_("Partition of the app"), found.app_bytes, found.partition_bytes))
    return tuple(rooms)


def _larger(found: Fit) -> tuple[str, ...]:
    """Only where it is tight: nobody who has room needs another layout."""
    room = found.partition_bytes
    return found.larger if room is not None and found.app_bytes > _NEARLY * room else ()


def _stored(found: Mapping[Place, int]) -> int:
    return sum(size for place, size in found.items() if place[0] != "zeroed")
