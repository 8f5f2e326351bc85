"""One file a source of toolchains; each is a record, named by an entry point (:mod:`toolchains.plugins`).

A provider says what it could give here (:class:`Offer`), without running anything or asking the network, and installs
one of its offers when a person wants it. :mod:`toolchains.manager` puts all of them together.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from toolchains import plugins

if TYPE_CHECKING:
    from toolchains.fetch import OfflineSource
    from toolchains.fetch_control import Control
    from toolchains.host import Host
    from toolchains.jobs import JobContext
    from toolchains.paths import Paths
    from toolchains.text import Text


@dataclass(frozen=True)
class Offer:
    """One toolchain that a provider can give here, or says why it cannot.

    ``id`` is ``tool@version``; ``arches`` are MicroPython's native architectures that ``program`` compiles for,
    ``chips`` those of Espressif that it is for (none: all of its architectures). ``size`` and ``disk`` are bytes to
    download and bytes in the end, where known. ``command`` is what a person has to type, where we must not do it
    ourselves; ``problem`` why it cannot be had here at all. ``reason``: why one would take this one. ``micropython``:
    releases whose objects it makes fit, as ``1.26``; none: all.
    """

    provider: str
    id: str
    tool: str
    version: str
    arches: tuple[str, ...]
    chips: tuple[str, ...]
    program: str
    size: int | None = None
    disk: int | None = None
    command: str = ""
    problem: Text | None = None
    reason: Text | None = None
    micropython: tuple[str, ...] = ()

    @property
    def by_us(self) -> bool:
        """Whether :meth:`toolchains.manager.Toolchains.install` gets it here, with nothing for a person to type."""
        return self.problem is None and not self.command

    def serves(self, arch: str, micropython: str | None = None) -> bool:
        """Whether it compiles for ``arch``, and its objects fit that MicroPython (``1.26`` or ``1.26.1``)."""
        fits = micropython is None or not self.micropython or minor_of(micropython) in self.micropython
        return fits and arch in self.arches


@dataclass(frozen=True)
class Ways:
    """How to get it: ``control`` pauses and resumes, ``sources`` are asked for a file before the network (packs).

    ``anew``: what is there already is to be replaced.
    """

    control: Control | None = None
    sources: tuple[OfflineSource, ...] = ()
    anew: bool = False


def _never(_paths: Paths, _program: str) -> bool:
    return False


@dataclass(frozen=True)
class Provider:
    """Where toolchains come from.

    ``offers(host, paths)`` is quick. ``install(ctx, paths, offer, ways)`` puts what an offer names into the store
    ``paths.store / "toolchains"`` (or into the system), unless it is there, and raises errors of
    :mod:`toolchains.errors`. ``is_outdated(paths, program)``: that program is of this provider, and would be made in
    another way today.
    """

    id: str
    title: Text
    offers: Callable[[Host, Paths], Sequence[Offer]]
    install: Callable[[JobContext, Paths, Offer, Ways], object]
    is_outdated: Callable[[Paths, str], bool] = _never
    api: int = plugins.API


@cache
def plugged() -> tuple[list[plugins.Loaded[Provider]], list[plugins.Broken]]:
    """The providers that can be used, ours first, and those that cannot, as they were when this process first asked."""
    return plugins.load(plugins.TOOLCHAINS, Provider)


def minor_of(version: str) -> str:
    """``1.26.1`` or ``1.26.1-preview`` as ``1.26``."""
    return ".".join(version.removeprefix("v").split(".")[:2])
