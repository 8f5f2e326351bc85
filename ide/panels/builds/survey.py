"""Which architectures there are, which compiler serves each, and what can be had where none does. No Qt."""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.chips import Arch, arches, chips
from toolchains.compiler_offers import Offer, get, offer_for
from toolchains.compilers import Choice, Compiler
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox
from toolchains.units import size_text


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
        if self.offer is None or not self.offer.command:
            return _("no compiler")
        if self.offer.size is None:
            return _("no compiler: it can be had")
        return _("no compiler: it can be had ({size})", size=size_text(self.offer.size))

    @property
    def how(self) -> Text | str:
        """What a person has to do to get one; empty where nothing is to be done."""
        if self.offer is None:
            return ""
        if not self.offer.command:
            return self.offer.problem or _("no package that we know has it")
        return "" if self.offer.by_us else self.offer.command


def survey(ctx: JobContext, toolbox: Toolbox) -> tuple[Served, ...]:
    """Look at every architecture. The first time, each compiler on this computer is tried (seconds)."""
    return tuple(_served(ctx, toolbox, arch) for arch in arches().values())


def _served(ctx: JobContext, toolbox: Toolbox, arch: Arch) -> Served:
    candidates = [one.compiler for one in toolbox.compilers.candidates(ctx, arch) if one.compiler is not None]
    offer = offer_for(ctx.host, arch)
    better = offer.preferred and offer.command and offer.program not in [one.program for one in candidates]
    return Served(arch, candidates[0] if candidates else None, offer if better or not candidates else None)


def get_compiler(ctx: JobContext, toolbox: Toolbox, arch: Arch) -> Choice:
    """Install the compiler for an architecture. Raises as :func:`toolchains.compiler_offers.get`."""
    with ctx.step(_("Get a compiler for {arch}", arch=arch.name)):
        return get(ctx, toolbox.compilers, toolbox.paths, arch)
