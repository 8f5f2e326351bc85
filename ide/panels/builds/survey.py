"""Which architectures there are, which compiler serves each, and what can be had where none does. No Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from toolchains.chips import Arch, arches, chips
from toolchains.compilers import Compiler
from toolchains.jobs import JobContext
from toolchains.providers import Offer
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox
from toolchains.units import size_text

if TYPE_CHECKING:
    pass


@dataclass(frozen=True)
class Served:
    """One architecture: the compiler that serves it, and what could be had instead of none, or besides."""

    arch: Arch
    compiler: Compiler | None
    offer: Offer | None

    @property
    def boards(self) -> str:
        """The chips, as people know them."""
        return ", ".join(chip.title for chip in chips().values() if chip.arch == self.arch.name)

    @property
    def words(self) -> Text | str:
        """The compiler, or how to get one."""
        if self.compiler is not None:
            return f"{self.compiler.kind} {self.compiler.version}"
        if self.offer is None or self.offer.problem is not None:
            return _("no compiler")
        if self.offer.size is None:
            return _("no compiler: it can be had")
        return _("no compiler: it can be had ({size})", size=size_text(self.offer.size))

    @property
    def how(self) -> Text | str:
        """What a person has to do to get one; empty where nothing is to be done."""
        if self.offer is None:
            return ""
        return self.offer.problem or self.offer.command


def survey(ctx: JobContext, toolbox: Toolbox) -> tuple[Served, ...]:
    """Look at every architecture. The first time, each compiler on this computer is tried (seconds)."""
    return tuple(_served(ctx, toolbox, arch) for arch in arches().values())


def _served(ctx: JobContext, toolbox: Toolbox, arch: Arch) -> Served:
    found = (one.compiler for one in toolbox.compilers.candidates(ctx, arch))
    (need,) = toolbox.toolchains.needs(ctx, [arch.name])
    return Served(arch, next((one for one in found if one is not None), None), next(iter(need.offers), None))
