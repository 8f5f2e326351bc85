"""Espressif's compilers for the ESP32 family, as ESP-IDF's own installer gets them: an archive for each platform.

What there is comes from the catalogue (:mod:`toolchains.catalog`), or from a newer tools.json that a person imported.
"""

from __future__ import annotations

from collections.abc import Sequence

from toolchains.catalog import Catalog, Release, platform_key
from toolchains.chips import arches
from toolchains.errors import FetchError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.providers import Offer, Provider, Ways
from toolchains.providers.archives import install_release, offer_of
from toolchains.sdk_tree import DEFAULT_VERSION
from toolchains.store import Entry
from toolchains.text import _

ID = "espressif"


def offers(host: Host, paths: Paths) -> Sequence[Offer]:
    """Those for this computer, compilers of modules first, each the smallest download first.

    Where there are none for this kind of computer, the newest of each architecture say so.
    """
    catalog, platform = Catalog.of(paths), platform_key(host)
    found = [(release, file) for release in catalog.releases if (file := release.file_for(platform)) is not None]
    if not found:
        newest = {arch: release for release in catalog.releases if release.kind == "gcc" for arch in release.arches}
        problem = _("Espressif makes no compiler for this kind of computer.")
        return [offer_of(ID, release, None, problem=problem) for release in newest.values()]
    found.sort(key=lambda pair: (not pair[0].arches, pair[0].kind != "gcc", pair[1].size, pair[0].id))
    best = _best([release for release, _file in found])
    reasons = {
        name: _("The smallest download that serves native modules for {arch}.", arch=arch)
        for name, arch in best.items()
    }
    return [offer_of(ID, release, file, reason=reasons.get(release.id)) for release, file in found]


def _best(releases: Sequence[Release]) -> dict[str, str]:
    """The first release for each architecture of native modules: its id, and the architecture."""
    found: dict[str, str] = {}
    for arch in arches():
        first = next((one for one in releases if one.serves(arch, DEFAULT_VERSION)), None)
        if first is not None:
            found.setdefault(first.id, arch)
    return found


def install(ctx: JobContext, paths: Paths, offer: Offer, ways: Ways) -> Entry:
    """Errors: those of the download and the store, and :class:`~toolchains.providers.archives.NotProved`."""
    release = Catalog.of(paths).get(offer.id)
    if release is None:
        raise FetchError(
            _("{name} is not in the catalogue.", name=offer.id),
            next_step=_("See what can be had: natmod toolchain list"),
        )
    return install_release(ctx, paths, release, ways)


PROVIDER = Provider(ID, _("Espressif"), offers, install)
