"""One file a source of toolchains; each is a record, named by an entry point (:mod:`toolchains.plugins`)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from toolchains import plugins

if TYPE_CHECKING:
    from toolchains.host import Host
    from toolchains.jobs import JobContext
    from toolchains.paths import Paths
    from toolchains.text import Text


def _never(_paths: Paths, _program: str) -> bool:
    return False


@dataclass(frozen=True)
class Provider:
    """Where a compiler for ``arches`` comes from.

    ``program`` is what it is called, one of the names of ``resources/compilers.json``; ``ensure(ctx, paths)`` puts it
    into a folder ``<name>/bin`` of ``paths.store / "toolchains"``, unless it is there. ``obstacle(host)`` says why that
    is not possible here. ``size()``: bytes to download. ``is_outdated(paths, program)``: it should be made anew.
    """

    id: str
    arches: tuple[str, ...]
    program: str
    ensure: Callable[[JobContext, Paths], object]
    obstacle: Callable[[Host], Text | None]
    size: Callable[[], int | None]
    is_outdated: Callable[[Paths, str], bool] = _never
    api: int = plugins.API


@cache
def plugged() -> tuple[list[plugins.Loaded[Provider]], list[plugins.Broken]]:
    """The providers that can be used, ours first, and those that cannot, as they were when this process first asked."""
    return plugins.load(plugins.TOOLCHAINS, Provider)


def named(name: str) -> Provider:
    """The provider that ``resources/compilers.json`` names. Raises PluginError if it cannot be used."""
    good, bad = plugged()
    for broken in bad:
        if broken.found.name == name and broken.found.builtin:
            raise broken.error
    return next(one.plugin for one in good if one.plugin.id == name)


def provider_for(arch: str, host: Host) -> Provider | None:
    """The first one that has a compiler for the architecture and can give it here."""
    found = (one.plugin for one in plugged()[0] if arch in one.plugin.arches)
    return next((provider for provider in found if provider.obstacle(host) is None), None)
