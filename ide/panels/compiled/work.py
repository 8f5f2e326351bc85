"""What is found out for the panel, in a worker. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ide.builds import sdk_of
from toolchains import project as projects
from toolchains import size_map
from toolchains.assembly import Listing, Listings
from toolchains.build_folder import FOLDER
from toolchains.chips import arch as arch_named
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.matrix import Cell, Plan, request_of
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.size_map import SizeMap
from toolchains.toolbox import Toolbox

if TYPE_CHECKING:
    from ide.board.inspect import Identity

_LARGEST = 4 << 20


@dataclass(frozen=True)
class Wanted:
    """What to look at: the project in ``root`` for an architecture; ``source`` empty for the first."""

    root: Path
    arch: str
    source: str = ""


@dataclass(frozen=True)
class Seen:
    """What was found. ``text``: the source as it was compiled."""

    sources: tuple[str, ...]
    listing: Listing | None
    text: str


def assembly(
    ctx: JobContext,
    toolbox: Toolbox,
    wanted: Wanted,
    identity: Identity | None,
    wishes: Wishes | None,
    listings: Listings,
) -> Seen:
    """The assembly of a source. Raises what a build raises before it compiles, and NoAssembly."""
    proj = projects.load(wanted.root)
    sdk, arch = sdk_of(ctx, toolbox, proj, identity), arch_named(wanted.arch)
    plan, cell = Plan(proj, wishes=wishes or NO_WISHES), Cell(arch, sdk, arch.name)
    _choice, request = request_of(ctx, toolbox, plan, cell)
    sources = listings.sources(ctx, request, toolbox.linkers)
    if not sources:
        return Seen((), None, "")
    source = wanted.source if wanted.source in sources else sources[0]
    path = proj.root / source
    with disk_errors(path), path.open("rb") as file:
        text = file.read(_LARGEST).decode("utf-8", "replace")
    return Seen(sources, listings.of(ctx, request, toolbox.linkers, source), text)


def sizes(ctx: JobContext, wanted: Wanted) -> SizeMap | None:
    """The parts of the module that was built last for the architecture; None before the first build."""
    return size_map.look(ctx, wanted.root / FOLDER / wanted.arch)
