"""What is known of a built firmware: its sizes as a tree, against what, and whether it fits. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from ide.panels.firmware.size_nodes import Node, places, tree
from toolchains.firmware import size_compare, weighing
from toolchains.firmware.fit import Fit, fit_of
from toolchains.firmware.sizes import Sizes
from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

if TYPE_CHECKING:
    from toolchains.firmware.results import Result
    from toolchains.jobs import JobContext
    from toolchains.project import Project
    from toolchains.toolbox import Toolbox

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
    """``change``: bytes of flash more than ``base``; None: nothing to compare with. ``larger`` names layouts in which
    there is more room for the app."""

    nodes: tuple[Node, ...]
    flash: int
    ram: int
    rooms: tuple[Room, ...]
    larger: tuple[str, ...]
    base: Base
    change: int | None = None


def weigh(ctx: JobContext, toolbox: Toolbox, project: Project, result: Result, base: Base) -> Weighed:
    """Weigh the last firmware of a project. Raises ``NotBuilt``, ``BadImage``, ``DiskError``."""
    sizes = weighing.weigh(project)
    ctx.check()
    before = _before(ctx, toolbox, project, base)
    found = fit_of(result.elf, result.files, result.product)
    now, was = places(sizes.pieces), places(before.pieces) if before is not None else None
    change = sizes.flash - before.flash if before is not None else None
    return Weighed(tree(now, was), sizes.flash, sizes.ram, _rooms(found, sizes), _larger(found), base, change)


def _before(ctx: JobContext, toolbox: Toolbox, project: Project, base: Base) -> Sizes | None:
    """What there is to compare with, without building it."""
    if base == "last":
        return size_compare.last(project)
    sdk = toolbox.sdks.best_for(project.pin_micropython)
    if sdk is None or not size_compare.stock_there(project, sdk, toolbox.host, toolbox.paths):
        return None
    return size_compare.stock(ctx, project, sdk, toolbox.host, toolbox.paths)


def build_stock(ctx: JobContext, toolbox: Toolbox, project: Project) -> None:
    """Build MicroPython alone for the same board, unless it is there. Raises what building raises."""
    sdk = toolbox.sdks.ensure(ctx, project.pin_micropython)
    size_compare.stock(ctx, project, sdk, toolbox.host, toolbox.paths)


def _rooms(found: Fit, sizes: Sizes) -> tuple[Room, ...]:
    """The app's partition and the memories; where nothing is known to end, flash and RAM beside one another."""
    rooms = [Room(one.name, one.used, one.size) for one in found.regions if one.used]
    if found.partition_bytes is not None:
        rooms.insert(0, Room(_("Partition of the app"), found.app_bytes, found.partition_bytes))
    return tuple(rooms) or (Room(_("Flash"), sizes.flash, None), Room(_("RAM"), sizes.ram, None))


def _larger(found: Fit) -> tuple[str, ...]:
    """Only where it is tight: nobody who has room needs another layout."""
    room = found.partition_bytes
    return found.larger if room is not None and found.app_bytes > _NEARLY * room else ()
