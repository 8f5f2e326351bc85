"""All toolchains of this user: what is here, what can be had, what lacks; getting, checking and removing them.

What can be had comes from providers (:mod:`toolchains.providers`), what is here from the store and from
:mod:`toolchains.on_this_machine`, what serves from :class:`toolchains.compilers.CompilerFinder`.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import on_this_machine, toolchain_defaults
from toolchains.chips import Arch, arches, chips
from toolchains.chips import arch as arch_named
from toolchains.compilers import Choice, CompilerFinder, NoCompiler
from toolchains.errors import FetchError, StudioError, UsageError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import ON_PATH, STORE, Place, downloads, pack_caches
from toolchains.paths import Paths
from toolchains.providers import Offer, Ways, bundled_zig, minor_of, packs, system_packages
from toolchains.providers.together import Together, by_program
from toolchains.sdk_tree import DEFAULT_VERSION, SUPPORTED, version_key
from toolchains.store import Entry, FileFault, Store
from toolchains.text import _
from toolchains.toolchain_records import Installed, Need, NoToolchain, NotOurs
from toolchains.zig import Zig, compiler_data

if TYPE_CHECKING:
    from toolchains.fetch import OfflineSource
    from toolchains.fetch_control import Control

__all__ = ["Installed", "Need", "NoToolchain", "NotOurs", "Toolchains", "way_to_get"]


class Toolchains:
    """The one door to toolchains. Nothing here needs the network but :meth:`install` and :meth:`repair`."""

    def __init__(self, paths: Paths, host: Host, finder: CompilerFinder) -> None:
        self._paths = paths
        self._host = host
        self._finder = finder
        self._providers = Together(host, paths)
        self._store = Store(on_this_machine.store_root(paths))

    # --- what is here -----------------------------------------------------------------------------------------------

    def installed(self) -> list[Installed]:
        """What is here: ours first, then zig, then what other programs keep, then what is on PATH. Nothing is run."""
        chosen = toolchain_defaults.read(self._paths)
        places = {place.folder: place for place in reversed(on_this_machine.in_store(self._paths))}
        found = [self._ours(entry, places.get(entry.folder), chosen) for entry in self._store.entries()]
        zig = Zig.bundled(self._host)
        if zig is not None:
            release = bundled_zig.version(zig)
            place = Place(bundled_zig.TOOL, release, zig.program.parent, zig.program.parent, "zig")
            names = [one.name for one in arches().values() if one.zig_target]
            found.append(_installed(place, names, chosen, "ziglang"))
        seen = {one.bin for one in found}
        for place in on_this_machine.elsewhere(self._host):
            if place.bin not in seen:
                seen.add(place.bin)
                found.append(_installed(place, self._arches_in(place), chosen))
        found += [_installed(place, names, chosen) for place, names in self._on_path() if place.bin not in seen]
        return [one for one in found if one.arches or one.ours]

    def _ours(self, entry: Entry, place: Place | None, chosen: dict[str, str]) -> Installed:
        if place is None:  # it has no folder of programs
            name, _at, version = entry.name.partition("@")
            place = Place(name, version, entry.folder, entry.folder, STORE)
        stamped = entry.stamp.get("arches")
        names = [str(one) for one in stamped] if isinstance(stamped, list) else self._arches_in(place)
        return _installed(place, names, chosen, str(entry.stamp.get("origin", "")), entry.bytes)

    def _arches_in(self, place: Place) -> list[str]:
        """The architectures that one of its programs is known to serve, by its name."""
        order = compiler_data()["arches"]
        return [name for name in order if any(place.program(one, self._host) for one in order[name]["order"])]

    def _on_path(self) -> list[tuple[Place, list[str]]]:
        """Each program on PATH that may serve, and for what."""
        order = compiler_data()["arches"]
        programs = dict.fromkeys(program for row in order.values() for program in row["order"] if program != "zig")
        found = []
        for program in programs:
            path = self._host.which(program)
            if path is not None:
                names = [name for name, row in order.items() if program in row["order"]]
                found.append((Place(program, "", path.parent, path.parent, ON_PATH), names))
        return found

    def get(self, name: str) -> Installed:
        """The one of this id, else of this tool or version, ours first. :class:`NoToolchain` if none is."""
        found = self.installed()
        exact = [one for one in found if one.id == name]
        loose = [one for one in found if name in (one.tool, one.version)]
        if not exact and not loose:
            raise NoToolchain(name)
        return (exact or loose)[0]

    def named(self, ctx: JobContext, name: str) -> Installed:
        """As :meth:`get`; of an architecture or a chip, the one that serves it, for which compilers are tried."""
        arch = _arch_of(name)
        if not arch:
            return self.get(name)
        return self._holder(self._finder.choose(ctx, arch_named(arch), release=DEFAULT_VERSION))

    def serving(self, ctx: JobContext, arch: str, micropython: str | None = None) -> Choice | None:
        """The compiler that a build with this MicroPython (else our default one) takes; None: there is none."""
        with suppress(NoCompiler):
            return self._finder.choose(ctx, arch_named(arch), release=micropython or DEFAULT_VERSION)
        return None

    def environment(self, name: str) -> dict[str, str]:
        """What to set so that the programs of a toolchain are found before all others."""
        one = self.get(name)
        return {"PATH": os.pathsep.join([str(one.bin), self._host.environ.get("PATH", os.defpath)])}

    def disk_use(self) -> int:
        """Bytes of all that is in our store."""
        found = ((entry.name, entry.bytes) for entry in self._store.entries())
        return sum(self._store.disk_use(name) if size is None else size for name, size in found)

    # --- what can be had --------------------------------------------------------------------------------------------

    def offers(
        self, arch: str | None = None, micropython: str | None = None, *, sources: Sequence[OfflineSource] = ()
    ) -> list[Offer]:
        """What could be had and is not here, best first; those that cannot be had here, with the reason, last.

        The order of providers is data (``resources/compilers.json``), of one provider's own offers its own. What packs
        among ``sources`` have comes before all. For an architecture, a package of the system is named also where its
        program is on PATH: it may lack its libraries.
        """
        here = {one.id for one in self.installed()}
        found = self._providers.offers(sources)
        if arch is None:
            found = [one for one in found if one.version != system_packages.VERSION or one.program not in here]
        release = None if micropython is None else _known(micropython)
        found = [one for one in found if one.id not in here and (arch is None or one.serves(arch, release))]
        return found if arch is None else by_program(found, arch)

    def needs(
        self, ctx: JobContext, recipe_arches: Iterable[str], sdk_version: str | None = None, *,
        sources: Sequence[OfflineSource] = (),
    ) -> list[Need]:  # fmt: skip
        """One for each architecture: what serves, or what could be had. Compilers are tried, once (seconds).

        ``sdk_version``: the MicroPython that is built against, where it is known; else our default one. What packs
        among ``sources`` have comes first.
        """
        found = []
        for name in dict.fromkeys(recipe_arches):
            choice = self.serving(ctx, name, sdk_version)
            offers = () if self._serves(choice) else self.offers(name, sdk_version or DEFAULT_VERSION, sources=sources)
            found.append(Need(name, choice, tuple(offers)))
        return found

    def broken(self) -> list[StudioError]:
        """What cannot be used of that which says what can be had: providers, imported catalogues; and why."""
        from toolchains.catalog import Catalog

        return [*self._providers.broken(), *Catalog.of(self._paths).problems]

    def _serves(self, choice: Choice | None) -> bool:
        """Whether nothing better is to be got: it has the library that every GCC has, and would be made so today."""
        if choice is None or (choice.compiler.kind == "gcc" and choice.compiler.libgcc is None):
            return False
        return not self._providers.is_outdated(choice.compiler.command[0])

    # --- getting ----------------------------------------------------------------------------------------------------

    def install(
        self,
        ctx: JobContext,
        what: Offer | str,
        *,
        control: Control | None = None,
        sources: Sequence[OfflineSource] = (),
        provider: str | None = None,
    ) -> Installed:
        """Get an offer; or what is best for an architecture or a chip; or exactly the ``tool@version`` that is named.

        Where the network does not give an offer, or that for an architecture, the other providers for it are asked in
        turn, after a note. ``provider``: this one alone. Errors: NoToolchain, ToolMissing (with the line to
        type), those of the download, the store and the proof.
        """
        arch = _arch_of(what)
        choice = self.serving(ctx, arch) if arch and provider is None else None
        if choice is not None and self._serves(choice):
            return self._holder(choice)
        ways = Ways(control, tuple(sources))
        problems: list[StudioError] = []
        tried: set[str] = set()
        for offer in self._wanted(what, provider, sources):
            if offer.provider in tried:
                continue
            if problems:
                ctx.note(
                    _(
                        "{error} Trying {provider}.",
                        error=problems[-1].what,
                        provider=self._providers.title(offer.provider),
                    )
                )
            try:
                return self._install(ctx, offer, ways)
            except FetchError as error:
                ctx.log(f"{offer.id}: {error}\n{error.detail}".strip())
                problems.append(error)
                tried.add(offer.provider)
        raise problems[0]

    def _install(self, ctx: JobContext, offer: Offer, ways: Ways) -> Installed:
        with ctx.step(_("Get {tool} {version}", tool=offer.tool, version=offer.version)):
            self._providers.install(ctx, offer, ways)
        here = [one for one in self.installed() if one.id == offer.id or one.tool in (offer.tool, offer.program)]
        exact = [one for one in here if one.id == offer.id]
        if not here:
            raise NoToolchain(offer.id, _("It was installed, and it is not to be found."))
        return (exact or here)[0]

    def _holder(self, choice: Choice) -> Installed:
        """The toolchain that has a compiler."""
        folder = Path(choice.compiler.command[0]).parent
        found = [one for one in self.installed() if one.bin == folder]
        exact = [one for one in found if one.id == choice.toolchain]
        if not found:  # it went away meanwhile
            raise NoToolchain(choice.toolchain)
        return (exact or found)[0]

    def _wanted(self, what: Offer | str, provider: str | None, sources: Sequence[OfflineSource]) -> list[Offer]:
        """What to try, one after the other; never empty. What packs have comes before all."""
        if provider is not None:
            self._providers.title(provider)  # or the error that there is none
        every = [one for one in self._providers.offers(sources) if provider is None or one.provider == provider]
        arch = what.arches[0] if isinstance(what, Offer) and what.arches else _arch_of(what)
        found = by_program([one for one in every if one.serves(arch, DEFAULT_VERSION)], arch) if arch else []
        if isinstance(what, Offer):
            return [what, *(one for one in found if one.provider != what.provider and one.by_us)]
        if not arch:
            loose = [one for one in every if what in (one.tool, one.version)]
            fitting = [one for one in loose if not one.micropython or minor_of(DEFAULT_VERSION) in one.micropython]
            found = ([one for one in every if what == one.id] or fitting or loose)[:1]
        usable = [one for one in found if one.by_us] or [one for one in found if one.problem is None][:1]
        if not usable:
            why = _("The pack has none for this kind of computer.") if provider == packs.ID else None
            raise NoToolchain(what, next((one.problem for one in found), why))
        return usable

    # --- keeping ----------------------------------------------------------------------------------------------------

    def remove(self, ctx: JobContext, name: str) -> Installed:
        """Take one of ours away; what it was. :class:`NotOurs` for one that another program keeps."""
        one = self._mine(name)
        self._store.remove(ctx, _store_name(one))
        chosen = toolchain_defaults.read(self._paths)
        kept = {arch: other for arch, other in chosen.items() if other != one.id}
        if kept != chosen:
            toolchain_defaults.write(self._paths, self._host, kept)
        return one

    def verify(self, ctx: JobContext, name: str) -> list[FileFault]:
        """The files of one of ours that are missing, changed or not its own; none: it is whole."""
        one = self._mine(name)
        with ctx.step(_("Verify {name}", name=one.id)):
            return self._store.verify(ctx, _store_name(one))

    def repair(
        self, ctx: JobContext, name: str, *, control: Control | None = None, sources: Sequence[OfflineSource] = ()
    ) -> Installed:
        """Make one of ours anew from where it came from, if a file of it is not as it was."""
        one = self._mine(name)
        if not self.verify(ctx, name):
            return one
        offers = self._providers.offers(sources)
        offer = next((offer for offer in offers if one.id == offer.id), None)
        if offer is None:
            raise NoToolchain(one.id, _("Nobody here can give it once more."))
        return self._install(ctx, offer, Ways(control, tuple(sources), anew=True))

    def prune(self, ctx: JobContext) -> int:
        """Remove what interrupted installs left, and what can be had or made again: archives that were downloaded or
        packed; the bytes freed.
        """
        freed = self._store.prune(ctx)
        for folder in (downloads(self._paths), *pack_caches(self._paths)):
            with disk_errors(folder):
                for path in folder.iterdir() if folder.is_dir() else ():
                    if path.is_file() and path.suffix != ".lock":
                        freed += path.stat().st_size
                        ctx.host.remove(path)
        return freed

    def set_default(self, arch: str, name: str | None) -> None:
        """Choose a toolchain for an architecture, for all projects; None: ours is the choice again."""
        wanted, chosen = arch_named(arch).name, toolchain_defaults.read(self._paths)
        if name is None:
            chosen.pop(wanted, None)
        else:
            one = self.get(name)
            if wanted not in one.arches:
                raise UsageError(
                    _("{name} does not compile for {arch}.", name=one.id, arch=wanted),
                    next_step=_("It is for: {arches}.", arches=", ".join(one.arches)),
                )
            chosen[wanted] = one.id
        toolchain_defaults.write(self._paths, self._host, chosen)

    def default_of(self, arch: str) -> str | None:
        """The id that a person chose for an architecture; None: nobody did."""
        return toolchain_defaults.read(self._paths).get(arch)

    def _mine(self, name: str) -> Installed:
        one = self.get(name)
        if not one.ours:
            raise NotOurs(one)
        return one


def way_to_get(host: Host, paths: Paths, arch: Arch, pin: str | None = None) -> str:
    """What to type to get a compiler for an architecture, or the one that is pinned; empty: we know of nothing."""
    toolchains = Toolchains(paths, host, CompilerFinder(paths, host))
    release = DEFAULT_VERSION if pin is None else None
    found = [one for one in toolchains.offers(arch.name, release) if one.problem is None]
    if pin is not None:
        found = [one for one in found if pin in (one.id, one.version)]
    if not found:
        return ""
    best = found[0]
    return best.command or f"natmod toolchain install {arch.name if pin is None else best.id}"


def _installed(
    place: Place, names: Sequence[str], chosen: dict[str, str], origin: str = "", disk: int | None = None
) -> Installed:
    return Installed(
        place.id,
        place.tool,
        place.version,
        tuple(names),
        place.folder,
        place.bin,
        disk,
        origin or place.where,
        tuple(arch for arch, name in chosen.items() if name == place.id),
        place.where,
    )


def _known(micropython: str) -> str:
    """The release of a version; one that is newer than all we know counts as the newest of these."""
    return ".".join(map(str, min(version_key(micropython)[:2], SUPPORTED[1])))


def _arch_of(what: Offer | str) -> str:
    """The architecture that is named, by itself or by a chip; empty for none."""
    name = what if isinstance(what, str) else ""
    return chips()[name].arch if name in chips() else name if name in arches() else ""


def _store_name(one: Installed) -> str:
    """Its name in the store; a second install of the same has a number behind a tilde."""
    return one.folder.name.partition("~")[0]
