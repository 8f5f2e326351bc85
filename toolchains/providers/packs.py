"""Toolchains out of a pack (:mod:`toolchains.pack_source`): not plugged in, but named by the person, as a source.

A source that has ``toolchains`` (rows with a ``release`` of the catalogue's form, and the ``stamp`` of one that was
packed from a store) offers them; its files come from it as well.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Protocol, runtime_checkable

from toolchains.catalog import File, Release, platform_key
from toolchains.errors import FetchError
from toolchains.fetch_control import Control
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import downloads
from toolchains.paths import Paths
from toolchains.providers import Offer, Provider, Ways
from toolchains.providers.archives import install_release, offer_of
from toolchains.store import Entry
from toolchains.text import _

ID = "pack"


class Packed(Protocol):
    """One row of a pack."""

    @property
    def release(self) -> Release:
        """What it is; its files are those of the pack."""

    @property
    def stamp(self) -> Mapping[str, object] | None:
        """What the store that it was packed from knew of it; None for the maker's own archive."""


@runtime_checkable
class _Packs(Protocol):
    @property
    def toolchains(self) -> Sequence[Packed]:
        """Its rows."""


@runtime_checkable
class _Brings(Protocol):
    def bring(self, ctx: JobContext, archive: File, folder: Path, control: Control | None = None) -> Path:
        """One of its archives, verified, in a folder; what is wrong with it is said of the pack."""


def offers(host: Host, sources: Iterable[object]) -> list[Offer]:
    """What the packs among ``sources`` have for this computer, the smallest first."""
    platform = platform_key(host)
    rows = [(row.release, row.release.file_for(platform)) for row in _rows(sources)]
    found = [(release, file) for release, file in rows if file is not None]
    found.sort(key=lambda pair: (pair[1].size, pair[0].id))
    return [offer_of(ID, release, file, reason=_("It is in the pack.")) for release, file in found]


def _rows(sources: Iterable[object]) -> list[Packed]:
    return [row for source in sources if isinstance(source, _Packs) for row in source.toolchains]


def install(ctx: JobContext, paths: Paths, offer: Offer, ways: Ways) -> Entry:
    """Unpack and prove it. Errors as :func:`toolchains.providers.archives.install_release`."""
    found = ((source, row) for source in ways.sources for row in _rows([source]) if row.release.id == offer.id)
    source, row = next(found, (None, None))
    if row is None:
        raise FetchError(_("{name} is not in the pack.", name=offer.id))

    def bring(file: File) -> Path:
        assert isinstance(source, _Brings)
        return source.bring(ctx, file, downloads(paths), ways.control)

    # What was packed from a store goes by its name there: a tool of which there is one alone has no version in it.
    named = str((row.stamp or {}).get("name", ""))
    name = named if named in (row.release.tool, row.release.id) else ""
    way = bring if isinstance(source, _Brings) else None
    return install_release(ctx, paths, row.release, ways, name=name, stamp=row.stamp, bring=way)


PROVIDER = Provider(ID, _("the pack"), lambda _host, _paths: (), install)
