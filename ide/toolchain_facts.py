"""What is known of toolchains: what is here, what can be had, what this project and board lack. No Qt."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from toolchains.chips import arches, chips
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.inspect import Identity
    from toolchains.fetch import OfflineSource
    from toolchains.jobs import JobContext
    from toolchains.pack_manifest import Packed
    from toolchains.paths import Paths
    from toolchains.project import Project
    from toolchains.providers import Offer
    from toolchains.toolbox import Toolbox
    from toolchains.toolchain_records import Installed, Need

#: Built for when there is no board (:mod:`ide.builds`).
_DEFAULT_ARCH = "rv32imc"
#: The version of what a package manager keeps up to date.
_OF_SYSTEM = "system"
_FAMILY = "ESP32-"
_NUMBER = re.compile(r"\d+(\.\d+)+")


@dataclass(frozen=True)
class Wish:
    """For whom a project is built: ``arches`` by name (none: it has no C), ``sdk`` a MicroPython version or None.

    ``pins`` says by which compiler, for some of them (:attr:`toolchains.project.Project.pin_compilers`).
    """

    arches: tuple[str, ...] = ()
    sdk: str | None = None
    pins: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Pack:
    """What was read in a pack. ``where``: its path or address."""

    where: str
    toolchains: tuple[Packed, ...] = ()


@dataclass(frozen=True)
class Facts:
    """The state of this computer, and ``needs``: one for each architecture of the wish."""

    installed: tuple[Installed, ...] = ()
    offers: tuple[Offer, ...] = ()
    needs: tuple[Need, ...] = ()
    #: What a provider calls itself, by its id.
    titles: Mapping[str, Text] = field(default_factory=dict)

    @property
    def lacking(self) -> tuple[Need, ...]:
        """What is needed and not here."""
        return tuple(need for need in self.needs if need.choice is None)

    def title(self, offer: Offer) -> str:
        """Where an offer comes from."""
        return str(self.titles.get(offer.provider, offer.provider))

    def origin(self, one: Installed) -> str:
        """Where a toolchain that is here came from, or where it was found."""
        return str(self.titles.get(one.origin, one.origin)) if one.ours else one.found_where


def wish_of(project: Project | None, identity: Identity | None) -> Wish:
    """What the open project and the connected board ask for."""
    if project is None or not project.native:
        return Wish()
    board = identity.arch.name if identity is not None and identity.arch is not None else _DEFAULT_ARCH
    version = project.pin_micropython or (identity.version if identity is not None else None)
    return Wish(tuple(dict.fromkeys((board, *project.pin_compilers))), version, project.pin_compilers)


def survey(ctx: JobContext, toolbox: Toolbox, wish: Wish, pack: Pack | None = None) -> Facts:
    """Look at this computer, and at what a pack has. The first time, each compiler is tried (seconds)."""
    from toolchains import providers  # here, because the window opens before them: 25 ms
    from toolchains.providers import packs

    manager = toolbox.toolchains
    installed = tuple(manager.installed())
    here = {one.id for one in installed}
    packed = [one for one in packs.offers(ctx.host, (pack,)) if one.id not in here]
    free = [arch for arch in wish.arches if arch not in wish.pins]
    needs = [*(manager.needs(ctx, free, wish.sdk) if free else ()), *_pinned(ctx, toolbox, wish)]
    titles = {one.id: one.title for one in (packs.PROVIDER, *(loaded.plugin for loaded in providers.plugged()[0]))}
    needs = [_with_pack(need, packed, wish.pins.get(need.arch)) for need in needs]
    return Facts(installed, (*packed, *manager.offers()), tuple(needs), titles)


def _pinned(ctx: JobContext, toolbox: Toolbox, wish: Wish) -> Iterator[Need]:
    """Where the project names its compiler, no other one will do."""
    from toolchains.compilers import NoCompiler
    from toolchains.toolchain_records import Need

    for arch, pin in wish.pins.items():
        try:
            yield Need(arch, toolbox.compilers.choose(ctx, arches()[arch], pin, release=wish.sdk))
        except NoCompiler:
            found = toolbox.toolchains.offers(arch, wish.sdk)
            yield Need(arch, None, tuple(one for one in found if fits(one, pin)))


def fits(offer: Offer, pin: str) -> bool:
    """Whether it is what a project's pin names: an id, a tool, a program or a version, ``gcc`` or ``gcc-14.2``."""
    if pin in (offer.id, offer.tool, offer.version, offer.program):
        return True
    kind, _dash, wanted = pin.partition("-")
    number = _NUMBER.search(offer.version)
    same = number is not None and f"{number[0]}.".startswith(f"{wanted}.")
    return kind == "gcc" and offer.program.endswith("gcc") and (not wanted or same)


def serving(
    ctx: JobContext, toolbox: Toolbox, arch: str, pin: str | None, release: str | None, pack: Pack | None
) -> list[Offer]:
    """What could be had for an architecture and a project's pin, what the pack has first."""
    from toolchains.providers import packs

    here = {one.id for one in toolbox.toolchains.installed()}
    packed = [one for one in packs.offers(ctx.host, (pack,)) if one.serves(arch) and one.id not in here]
    found = [*packed, *toolbox.toolchains.offers(arch, release)]
    return [one for one in found if pin is None or fits(one, pin)]


def _with_pack(need: Need, packed: list[Offer], pin: str | None) -> Need:
    """What the pack has comes first."""
    serving = [offer for offer in packed if offer.serves(need.arch) and (pin is None or fits(offer, pin))]
    return need if need.choice is not None else replace(need, offers=(*serving, *need.offers))


def open_pack(ctx: JobContext, where: str | None, paths: Paths, *, here: bool = False) -> Pack | None:
    """What is in the pack of that name; without a name, in the one that this copy was set up from, if it is there.

    ``here``: of those only one on this computer.
    """
    from toolchains.pack_source import PackSource

    source = PackSource.remembered(ctx, paths, here=here) if where is None else PackSource.open(ctx, where)
    if source is None:
        return None
    with source:
        return Pack(source.where, source.toolchains)


@contextmanager
def sources_of(ctx: JobContext, pack: Pack | None) -> Iterator[tuple[OfflineSource, ...]]:
    """A pack, open for as long as the body takes."""
    if pack is None:
        yield ()
        return
    from toolchains.pack_source import PackSource

    with PackSource.open(ctx, pack.where) as source:
        yield (source,)


def name_of(one: Offer | Installed) -> str:
    """``xtensa-esp-elf esp-14.2.0_20241119``; of a package of the system, whose version nobody knows, the name."""
    return one.tool if one.version in ("", _OF_SYSTEM) else f"{one.tool} {one.version}"


def serves(arch_names: Sequence[str], chip_names: Sequence[str] = ()) -> str:
    """For whom, as ``ESP32, S2, S3`` or ``ESP32-C3, C6``; of an architecture without chips of ours its own name."""
    titles = [chip.title for name, chip in chips().items() if name in chip_names or chip.arch in arch_names]
    short = [*titles[:1], *(title.removeprefix(_FAMILY) for title in titles[1:])]
    served = {chip.arch for chip in chips().values()}
    return ", ".join([*short, *(name for name in arch_names if name not in served)])


def chip_names(arch_name: str) -> str:
    """``xtensawin (ESP32, S2, S3)``."""
    titles = serves((arch_name,)) if arch_name in arches() else ""
    return f"{arch_name} ({titles})" if titles and titles != arch_name else arch_name


def cost(offer: Offer) -> Text | str:
    """``135 MB to download, 870 MB on disk``, or what is known of it; empty for nothing."""
    if offer.size is None:
        return ""
    if offer.disk is None:
        return _("{size} to download", size=size_text(offer.size))
    return _("{size} to download, {disk} on disk", size=size_text(offer.size), disk=size_text(offer.disk))


def short_title(offer: Offer) -> Text:
    """The same where its name has been said."""
    return _("Get it") if offer.size is None else _("Get it ({size})", size=size_text(offer.size))


def get_title(offer: Offer) -> Text:
    """What a button says that gets it."""
    if offer.size is None:
        return _("Get {program}", program=name_of(offer))
    return _("Get {program} ({size})", program=name_of(offer), size=size_text(offer.size))
