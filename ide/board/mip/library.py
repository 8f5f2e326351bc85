"""Where packages are read from: an index on the web or in a folder, a pack, what was fetched before, any address.

What the web does not give now is taken from the pack that this copy was set up from, then from the cache: a room
without a network has what it had. A file that its index names by hash is fetched once for ever.
"""

from __future__ import annotations

import hashlib
import re
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from ide.board.mip.errors import PackageBroken, PackageDamaged
from ide.board.mip.package_json import MOST_INDEX, MOST_PACKAGE, read_index
from ide.board.mip.records import INDEX, LATEST, Listed
from toolchains import fetch as fetching
from toolchains.errors import Cancelled, FetchError, disk_errors
from toolchains.fetch import Download, fetch
from toolchains.fetch_errors import NetworkError, NotOnServer, host_of
from toolchains.jobs import Event, JobContext, Log, Note, Progress
from toolchains.mirrors import Mirrors
from toolchains.pack_manifest import PACKAGES
from toolchains.paths import Paths
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.pack_source import PackSource

#: Bytes of one file of a package: no board has room for more.
MOST_FILE = 16 << 20
_SHORT = "its index gives only the first digits of its hash"
_NOBODY = "whoever publishes it gives no hash"


class Library:
    """Reads packages for one job. Use it as a context manager. ``index``: an http address, or a folder."""

    def __init__(self, paths: Paths, index: str = INDEX, pack: PackSource | None = None) -> None:
        self.index = index.rstrip("/")
        self._pack = pack
        self._cache = paths.cache / "mip"
        self._paths = paths
        self._unreachable: dict[str, NetworkError] = {}
        self._stack = ExitStack()
        #: Whether something was taken from an older copy, because the web did not give it.
        self.stale = False

    @staticmethod
    def open(ctx: JobContext, paths: Paths, index: str = INDEX) -> Library:
        """The library with that index, and the pack that this copy was set up from, if there is one."""
        from toolchains.pack_source import PackSource  # here, because few have a pack

        pack = PackSource.remembered(ctx, paths) if index == INDEX else None
        library = Library(paths, index, pack)
        if pack is not None:
            library._stack.callback(pack.close)
        return library

    def __enter__(self) -> Library:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self._stack.close()

    # --- the index -------------------------------------------------------------------------------------------------

    def listed(self, ctx: JobContext) -> list[Listed]:
        """All packages of the index, by name. Raises NetworkError, NotOnServer, PackageBroken, DiskError."""
        raw = self._inside(ctx, "index.json", MOST_INDEX)
        if raw is None:
            raise PackageBroken(self.index, _("It has no list of packages."))
        return read_index(self.index, raw)

    def kept(self, ctx: JobContext) -> list[Listed]:
        """The packages of the index as far as this computer knows them; nobody is asked. Raises PackageBroken."""
        url = f"{self.index}/index.json"
        raw = self._old(self._seen(url)) or self._nearby(ctx, "index.json")
        return read_index(self.index, raw) if raw is not None else []

    def package(self, ctx: JobContext, key: str, name: str, version: str) -> bytes | None:
        """The package.json of a package of the index, for a .mpy version (``"6"``, ``"py"``); None: there is none."""
        return self._inside(ctx, f"package/{key}/{name}/{version or LATEST}.json", MOST_PACKAGE)

    def by_hash(self, ctx: JobContext, package: str, path: str, prefix: str) -> bytes:
        """A file of the index, proved by the digits of its hash. Raises PackageDamaged and the errors of a download."""
        inside = f"file/{prefix[:2]}/{prefix}"
        kept = self._cache / "files"
        data = self._nearby(ctx, inside)
        if data is None:
            file = self._fetched(ctx, f"{self.index}/{inside}", prefix, kept, _SHORT, MOST_FILE)
            with disk_errors(file):
                data = file.read_bytes()
        digest = hashlib.sha256(data).hexdigest()
        if not digest.startswith(prefix):
            fetching.forget(kept / prefix)
            raise PackageDamaged(package, path, prefix, digest)
        return data

    # --- any address -----------------------------------------------------------------------------------------------

    def web(self, ctx: JobContext, url: str, most: int = MOST_FILE, *, pinned: bool = False) -> bytes:
        """What is at an address. ``pinned``: a version is named in it, so it must be the same for ever; else what came
        last time serves when the web gives nothing now. Raises NetworkError, NotOnServer, WrongContent, DiskError."""
        seen = self._seen(url)
        if pinned:
            file = self._fetched(ctx, url, seen.name, self._cache / "pinned", _NOBODY, most)
            with disk_errors(file):
                return file.read_bytes()
        return self._changing(ctx, url, seen, most)

    # --- how -------------------------------------------------------------------------------------------------------

    @property
    def _is_folder(self) -> bool:
        return not self.index.startswith(("http://", "https://"))

    def _seen(self, url: str) -> Path:
        """Where what came from an address last time is kept."""
        return self._cache / "seen" / hashlib.sha256(url.encode()).hexdigest()[:32]

    def _inside(self, ctx: JobContext, inside: str, most: int) -> bytes | None:
        """A document of the index; None where the index lacks it."""
        if self._is_folder:
            return self._nearby(ctx, inside)
        url = f"{self.index}/{inside}"
        try:
            return self._changing(ctx, url, None, most)
        except NotOnServer as error:
            if not error.passing:
                return None
            failed: FetchError = error
        except NetworkError as error:
            failed = error
        found = self._nearby(ctx, inside) or self._old(self._seen(url))
        if found is None:
            raise failed
        self.stale = True
        return found

    def _nearby(self, ctx: JobContext, inside: str) -> bytes | None:
        """A part of the index that lies on this computer, or in the pack."""
        if self._is_folder:
            path = Path(self.index, *inside.split("/"))
            with disk_errors(path):
                return path.read_bytes()[: MOST_FILE + 1] if path.is_file() else None
        entry = self._pack.manifest.file(f"{PACKAGES}/{inside}") if self._pack is not None else None
        if self._pack is None or entry is None:
            return None
        with tempfile.TemporaryDirectory() as scratch, disk_errors(scratch):
            return self._pack.get(ctx, entry, Path(scratch)).read_bytes()

    def _changing(self, ctx: JobContext, url: str, fallback: Path | None, most: int) -> bytes:
        """A document that may be another one tomorrow; it is kept, for when there is no network."""
        kept = self._seen(url)
        with disk_errors(kept):
            kept.parent.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=kept.parent) as scratch:
                try:
                    file = self._fetched(ctx, url, _file_name(url), Path(scratch), _NOBODY, most)
                except NetworkError:
                    found = self._old(fallback) if fallback is not None else None
                    if found is None:
                        raise
                    self.stale = True
                    return found
                data = file.read_bytes()
                ctx.host.replace(file, kept)
        return data

    def _old(self, kept: Path) -> bytes | None:
        with disk_errors(kept):
            return kept.read_bytes() if kept.is_file() else None

    def _fetched(self, ctx: JobContext, url: str, name: str, folder: Path, reason: str, most: int) -> Path:
        """Download, at most ``most`` bytes, without a word: the step around it says what is fetched."""
        host = host_of(url)
        if host in self._unreachable and not (folder / name).is_file():
            raise self._unreachable[host]
        inner = JobContext(ctx.host)

        def hear(event: Event) -> None:
            if isinstance(event, Progress) and event.done > most:
                inner.cancel()
            elif isinstance(event, Log):
                ctx.log(event.line)
            elif isinstance(event, Note):
                ctx.log(str(event.text))

        inner.sink = hear
        download = Mirrors.of(ctx.host, self._paths).applied(Download(url, name, f"unverified:{reason}"))
        with ctx.cancelling(inner.cancel):
            try:
                return fetch(inner, download, folder)
            except NetworkError as error:
                self._unreachable[host] = error
                raise
            except Cancelled as error:
                ctx.check()
                raise PackageBroken(url, _("It is much too long.")) from error


def _file_name(url: str) -> str:
    """What a document is called in sentences and in a folder of its own: the end of its address."""
    return re.sub(r"[^A-Za-z0-9._-]", "_", urlsplit(url).path.rpartition("/")[2])[-60:].lstrip(".") or "index.html"


def search(listed: Sequence[Listed], text: str) -> list[Listed]:
    """The packages that have all words of ``text`` in their name or description; those of that name first."""
    words = text.lower().split()
    found = [one for one in listed if all(word in f"{one.name} {one.description}".lower() for word in words)]
    return sorted(found, key=lambda one: (not words or words[0] not in one.name.lower(), one.name.lower()))
