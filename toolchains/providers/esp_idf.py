"""ESP-IDF itself, for whole firmware of the ESP32 family. Compilers are toolchains like others, got when a board needs
them."""

from __future__ import annotations

from collections.abc import Sequence

from toolchains.firmware.idf.data import TOOL, idf_data
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.micropython_releases import micropython_releases
from toolchains.paths import Paths
from toolchains.providers import Offer, Provider, Ways
from toolchains.store import Entry
from toolchains.text import _

ID = "esp_idf"


def offers(_host: Host, _paths: Paths) -> Sequence[Offer]:
    """The ESP-IDF of each MicroPython release, the newest first."""
    releases: dict[str, list[str]] = {}
    for one in micropython_releases():
        minors = releases.setdefault(one.idf[0], [])
        if one.minor not in minors:
            minors.append(one.minor)
    return [
        Offer(
            ID, f"{TOOL}@{version}", TOOL, version, (), tuple(idf_data()["chips"]), "idf.py",
            size=idf_data()["archive_bytes"], disk=idf_data()["disk_bytes"], micropython=tuple(minors),
            reason=_("For whole ESP32 firmware of MicroPython {releases}.", releases=", ".join(minors)),
        )
        for version, minors in reversed(releases.items())
    ]  # fmt: skip


def install(ctx: JobContext, paths: Paths, offer: Offer, ways: Ways) -> Entry:
    """Get it, or what an earlier try did not come to; errors: see :mod:`toolchains.firmware.idf.install`."""
    from toolchains.firmware.idf.install import install_idf  # here, because nearly nobody asks

    return install_idf(ctx, paths, offer.version.removeprefix("v"), ways)


PROVIDER = Provider(ID, _("Espressif"), offers, install)
