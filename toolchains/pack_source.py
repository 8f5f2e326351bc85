"""A pack as a place to get things from: a file, a folder, or either behind an HTTP server, with no internet.

``python -m http.server`` is enough of a server. A pack that lies there as one file is read from its beginning to what
is asked for, so the folder (the same pack, unzipped) is the better one for many machines.
"""

from __future__ import annotations

import shutil
import tempfile
import time
import tomllib
from pathlib import Path
from types import TracebackType

from toolchains.catalog_records import File, Release
from toolchains.errors import StudioError, disk_errors
from toolchains.fetch_control import Control
from toolchains.idf_tools import builtin_releases
from toolchains.jobs import JobContext
from toolchains.pack_manifest import Manifest, Packed, PackError, PackFile, PackUnsafe, parse
from toolchains.pack_places import Place, place_of
from toolchains.paths import Paths
from toolchains.sdk_tree import DEFAULT_VERSION, version_key
from toolchains.setup_pack import PackDamaged, PackNotThere
from toolchains.text import Text, _
from toolchains.undo import on_failure

__all__ = ["NotInPack", "PackDamaged", "PackNotThere", "PackSource"]

#: The note of :mod:`toolchains.pack_memory`.
FILE = "pack.toml"
_SCRATCH = "open-"
_STALE_S = 24 * 3600.0


class NotInPack(PackError):
    """The pack is good, and lacks what was asked for. Fields ``pack`` and ``wanted``."""

    code = "pack.lacks"

    def __init__(self, where: str, what: Text, there: str) -> None:
        super().__init__(
            _("The pack {pack} has no {what}.", pack=where, what=what),
            why=_("It has: {names}.", names=there) if there else None,
            next_step=_("Take one of these, or have the pack made anew with it."),
            pack=where,
            wanted=what,
        )


class PackSource:
    """An open pack; an OfflineSource of :func:`toolchains.fetch.fetch`. Use it as a context manager.

    ``where`` is its absolute path or its address. It works for the job that opened it.
    """

    def __init__(self, ctx: JobContext, where: str, place: Place, manifest: Manifest, cache: Path) -> None:
        self.where, self.manifest = where, manifest
        self._ctx, self._place, self._cache = ctx, place, cache
        self._scratch: Path | None = None

    @staticmethod
    def open(ctx: JobContext, where: str) -> PackSource:
        """Read the manifest of the pack at a path or an http(s) address.

        Raises :class:`PackNotThere`, PackUnsafe, PackTooNew, NetworkError, NotOnServer or DiskError.
        """
        named, place = place_of(where)
        with on_failure(place.close), ctx.step(_("Open the pack {pack}", pack=named)):
            manifest = parse(named, place.manifest(ctx))
            _check_known(named, manifest)
        return PackSource(ctx, named, place, manifest, Paths.of(ctx.host).cache / "packs")

    @staticmethod
    def remembered(ctx: JobContext, paths: Paths, *, here: bool = False) -> PackSource | None:
        """The pack that this copy was set up from (:mod:`toolchains.pack_memory`), if it can be reached now.

        ``here``: only one on this computer, so that no server is waited for.
        """
        where = _noted(paths)
        if where is None or (here and where.startswith(("http://", "https://"))):
            return None
        try:
            return PackSource.open(ctx, where)
        except StudioError as error:
            ctx.check()
            ctx.log(f"{error} {error.detail}".strip())
            return None

    def close(self) -> None:
        """Let go of it, and remove what was copied out of it."""
        self._place.close()
        if self._scratch is not None:
            shutil.rmtree(self._scratch, ignore_errors=True)

    def __enter__(self) -> PackSource:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()

    @property
    def releases(self) -> list[Release]:
        """Its toolchains, as rows of the catalogue."""
        return [packed.release for packed in self.manifest.toolchains]

    @property
    def toolchains(self) -> tuple[Packed, ...]:
        """The same with what the store knew of those that were packed from one (:mod:`toolchains.providers.packs`)."""
        return self.manifest.toolchains

    def find(self, sha256: str | None, name: str) -> Path | str | None:
        """The file of that hash, else (where nobody knows one) of that name: where it lies, or its address."""
        for file in self.manifest.files:
            if file.sha256 == sha256 or (sha256 is None and file.name == name):
                return self._place.locate(self._ctx, file, self._room())
        return None

    def get(self, ctx: JobContext, file: PackFile, folder: Path, control: Control | None = None) -> Path:
        """A file of the pack in ``folder``, checked. Raises :class:`PackDamaged`, and errors of disk and network."""
        return self._place.copy(ctx, file, folder, control)

    def bring(self, ctx: JobContext, archive: File, folder: Path, control: Control | None = None) -> Path:
        """The archive of one of :attr:`toolchains`, as :meth:`get`."""
        found = next(file for file in self.manifest.of_kind("toolchain") if file.sha256 == archive.sha256)
        return self.get(ctx, found, folder, control)

    def sdk(self, version: str) -> PackFile:
        """The archive of a MicroPython release. Raises :class:`NotInPack`."""
        there = self.manifest.of_kind("sdk")
        for file in there:
            if file.version == version:
                return file
        raise NotInPack(
            self.where, _("MicroPython {version}", version=version), ", ".join(str(file.version) for file in there)
        )

    def stubs(self, folder: Path) -> Path | None:
        """The wheels of stubs that are in it, copied into ``folder``; None when it has none. Raises as :meth:`get`."""
        there = self.manifest.of_kind("stub")
        for file in there:
            self.get(self._ctx, file, folder)
        return folder if there else None

    @property
    def newest_sdk(self) -> str | None:
        """Our default MicroPython release if it is there, else the newest that is; None: there is none."""
        there = sorted((str(file.version) for file in self.manifest.of_kind("sdk")), key=version_key)
        return DEFAULT_VERSION if DEFAULT_VERSION in there else there[-1] if there else None

    def _room(self) -> Path:
        """A folder for what is copied out, for this process alone."""
        if self._scratch is None:
            with disk_errors(self._cache):
                self._cache.mkdir(parents=True, exist_ok=True)
                for left in self._cache.glob(f"{_SCRATCH}*"):  # of processes that were killed
                    if time.time() - left.stat().st_mtime > _STALE_S:
                        shutil.rmtree(left, ignore_errors=True)
                self._scratch = Path(tempfile.mkdtemp(prefix=_SCRATCH, dir=self._cache))
        return self._scratch


def _check_known(where: str, manifest: Manifest) -> None:
    """What calls itself a maker's own archive must be the one that our catalogue has. Raises PackUnsafe."""
    ours = {release.id: release for release in builtin_releases()}
    for packed in manifest.toolchains:
        known = ours.get(packed.release.id)
        if packed.stamp is not None or known is None:
            continue
        for platform, file in packed.release.files.items():
            if known.files.get(platform) != file:
                why = _(
                    "{name} for {platform} is not the file that its maker gave out.", name=known.id, platform=platform
                )
                raise PackUnsafe(where, file.name, why)


def _noted(paths: Paths) -> str | None:
    """Where that pack was; None where there is no such note, or it makes no sense."""
    try:
        noted = tomllib.loads((paths.config / FILE).read_text("utf-8")).get("source")
    except (OSError, ValueError):
        return None
    return noted if isinstance(noted, str) and noted else None
