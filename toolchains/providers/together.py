"""All providers as one: what they offer, in our order, and getting it. A plug-in that fails keeps none of ours away."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar

from toolchains import plugins, providers
from toolchains.errors import StudioError, UsageError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.plugins import Found, Loaded, PluginError
from toolchains.providers import Offer, Provider, Ways, packs
from toolchains.text import Text, _
from toolchains.zig import compiler_data

T = TypeVar("T")


class Together:
    """The providers that are plugged in, and packs that a person names."""

    def __init__(self, host: Host, paths: Paths) -> None:
        self._host = host
        self._paths = paths
        self._failed: dict[str, PluginError] = {}

    def broken(self) -> list[StudioError]:
        """Providers that cannot be used, or that failed when they were asked, and why."""
        return [*(one.error for one in providers.plugged()[1]), *self._failed.values()]

    def offers(self, sources: Iterable[object] = ()) -> list[Offer]:
        """What there is, best first: out of packs, then in the order of ``resources/compilers.json``, then plug-ins'.

        What a person has to type comes after what we can get, and what cannot be had here last.
        """
        found = packs.offers(self._host, sources)
        for loaded in sorted(providers.plugged()[0], key=lambda one: _rank(one.plugin)):
            found += self._offers_of(loaded)
        return sorted(found, key=lambda offer: (offer.problem is not None, bool(offer.command)))

    def install(self, ctx: JobContext, offer: Offer, ways: Ways) -> None:
        """Have its provider install an offer. Raises its errors, and PluginError for a plug-in's own faults."""
        loaded = self._named(offer.provider)
        if loaded is None:
            packs.install(ctx, self._paths, offer, ways)
        else:
            _answer(loaded.found, lambda: loaded.plugin.install(ctx, self._paths, offer, ways))

    def title(self, name: str) -> Text:
        """What people call a provider. Raises UsageError for one that there is not, PluginError for a broken one."""
        loaded = self._named(name)
        return packs.PROVIDER.title if loaded is None else loaded.plugin.title

    def is_outdated(self, program: str) -> bool:
        """Whether its provider would make the toolchain of a program in another way today."""
        return any(one.plugin.is_outdated(self._paths, program) for one in providers.plugged()[0] if one.found.builtin)

    def _offers_of(self, loaded: Loaded[Provider]) -> list[Offer]:
        self._failed.pop(loaded.plugin.id, None)
        try:
            return _answer(loaded.found, lambda: list(loaded.plugin.offers(self._host, self._paths)))
        except PluginError as error:
            self._failed[loaded.plugin.id] = error
            return []

    def _named(self, name: str) -> Loaded[Provider] | None:
        """The provider called ``name``; None for the packs, which are not plugged in."""
        good, bad = providers.plugged()
        known = {one.plugin.id: one for one in good}
        if name in known or name == packs.ID:
            return known.get(name)
        for broken in bad:
            if broken.found.name == name:
                raise broken.error
        raise UsageError(
            _("There is no provider of toolchains called {name}.", name=name),
            next_step=_("Use one of: {names}.", names=", ".join(known)),
        )


def by_program(offers: list[Offer], arch: str) -> list[Offer]:
    """Offers for an architecture: those of one provider in the order of their programs in our data."""
    order = list(compiler_data()["arches"][arch]["order"])
    first = {offer.provider: index for index, offer in reversed(list(enumerate(offers)))}

    def rank(offer: Offer) -> tuple[bool, bool, int, int]:
        program = order.index(offer.program) if offer.program in order else len(order)
        return offer.problem is not None, bool(offer.command), first[offer.provider], program

    return sorted(offers, key=rank)


def _rank(provider: Provider) -> int:
    order = list(compiler_data()["providers"])
    return order.index(provider.id) if provider.id in order else len(order)


def _answer(found: Found, ask: Callable[[], T]) -> T:
    """What a provider answers. Its own sentences (and a cancel) pass; all else is the plug-in's fault."""
    with plugins.blamed_on(found):
        try:
            return ask()
        except StudioError as error:
            said = error
    raise said
