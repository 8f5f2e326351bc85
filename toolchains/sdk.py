"""The MicroPython source trees of this user, by version: add, find, fetch, remove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import lab
from toolchains.errors import FetchError, SdkError, disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths
from toolchains.sdk_tree import (
    DEFAULT_VERSION,
    SUPPORTED,
    SdkIncomplete,
    SdkNotFound,
    SdkTree,
    SdkUnavailable,
    SdkUnsupported,
    Version,
    check_supported,
    version_key,
)
from toolchains.store import Entry, Seal, Store
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.pack_source import PackSource

__all__ = [
    "DEFAULT_VERSION",
    "SUPPORTED",
    "SdkIncomplete",
    "SdkNotFound",
    "SdkStore",
    "SdkTree",
    "SdkUnavailable",
    "SdkUnsupported",
    "check_supported",
    "version_key",
]


class SdkStore:
    """The trees of this user: unpacked ones in the data folder, and folders that were named, used in place."""

    def __init__(self, paths: Paths) -> None:
        self._paths = paths
        self._store = Store(paths.store / "sdk")

    @property
    def default(self) -> str:
        """The version that is used where nobody names one: the room's (lab.toml), else ours."""
        return lab.if_good(self._paths).sdk or DEFAULT_VERSION

    def installed(self) -> list[SdkTree]:
        """All usable trees, newest first; a referenced folder that is gone is not listed."""
        trees = [tree for entry in self._store.entries() if (tree := _usable(entry)) is not None]
        return sorted(trees, key=lambda tree: (tree.key, tree.version.count("-") == 0), reverse=True)

    def get(self, version: str) -> SdkTree:
        """The installed tree of that version; :class:`SdkNotFound` says which ones there are."""
        trees = self.installed()
        wanted = version.removeprefix("v")
        for tree in trees:
            if tree.version == wanted:
                return tree
        raise SdkNotFound(version, [tree.version for tree in trees])

    def best_for(self, version: str | None = None, mpy: tuple[int, int] | None = None) -> SdkTree | None:
        """The tree for a board: its very version, else the nearest release that writes the same .mpy version.

        ``version`` is the board's MicroPython, ``mpy`` its (version, sub-version). None: nothing installed serves.
        """
        trees = [t for t in self.installed() if mpy in (None, (t.mpy_version, t.mpy_sub_version))]
        if not trees:
            return None
        if version is None:
            default = [tree for tree in trees if tree.version == self.default]
            return (default or trees)[0]
        exact = [tree for tree in trees if tree.version == version.removeprefix("v")]
        return exact[0] if exact else min(trees, key=lambda tree: _distance(tree.key, version_key(version)))

    def add(self, ctx: JobContext, path: Path, *, origin: str | None = None, expect: str | None = None) -> SdkTree:
        """Make a tree available: a folder is used where it is, an archive is unpacked. Checked before it is kept.

        ``expect`` is the version that must come out, when the caller knows it.
        """
        if path.is_dir():
            tree = SdkTree.open(path.resolve())
            stamp = {"path": str(tree.path), "origin": origin or "folder"}
            return _opened(self._store.install(ctx, lambda _folder: (tree.version, stamp)))
        if not path.is_file():
            raise SdkError(
                _("There is no MicroPython tree at {path}.", path=path),
                next_step=_("Name a folder or an archive that exists."),
                path=str(path),
            )
        seal = Seal()

        def fill(folder: Path) -> tuple[str, dict[str, object]]:
            return _unpack(ctx, path, folder, origin or "archive", expect, seal)

        return _opened(self._store.install(ctx, fill, seal=seal))

    def ensure(self, ctx: JobContext, version: str | None = None, pack: PackSource | None = None) -> SdkTree:
        """The installed tree of that version (default: :attr:`default`), fetched first if it is missing.

        With a ``pack``, it comes out of that and nothing else is asked.
        """
        wanted = (version or self.default).removeprefix("v")
        check_supported(wanted)
        there = self._installed(wanted)
        if there is not None:
            return there
        downloads = self._paths.data / "downloads"
        with ctx.step(_("Get MicroPython {version}", version=wanted)):
            if pack is not None:
                return self._from_pack(ctx, wanted, pack)
            with disk_errors(downloads):
                downloads.mkdir(parents=True, exist_ok=True)
            with locked(ctx, downloads / f".get-{wanted}.lock"):  # the first of two has used up what both would share
                return self._installed(wanted) or self._fetch(ctx, wanted)

    def _installed(self, version: str) -> SdkTree | None:
        return next((tree for tree in self.installed() if tree.version == version), None)

    def _from_pack(self, ctx: JobContext, version: str, pack: PackSource) -> SdkTree:
        got = pack.get(ctx, pack.sdk(version), self._paths.data / "downloads")
        try:
            return self.add(ctx, got, origin=f"pack:{pack.where}", expect=version)
        finally:
            got.unlink(missing_ok=True)

    def _fetch(self, ctx: JobContext, version: str) -> SdkTree:
        """Try each source until one gives a whole tree of that very version."""
        from toolchains.fetch import forget  # 10 ms that a build with its tree at hand should not pay
        from toolchains.providers import sdk_sources

        problems: list[str] = []
        for source in sdk_sources.sources(ctx, self._paths.data / "downloads", version):
            try:
                got = source.get(ctx)
                try:
                    return self.add(ctx, got, origin=source.origin, expect=version)
                except (FetchError, SdkError):
                    forget(got)  # a login page that calls itself an archive must not count as the real thing
                    raise
                finally:
                    got.unlink(missing_ok=True)
            except (FetchError, SdkError) as error:
                problems.append(f"{source.title}: {error}\n{error.detail}".strip())
                ctx.log(problems[-1])
                ctx.note(
                    _(
                        "{where} did not give MicroPython {version}; trying elsewhere.",
                        where=source.title,
                        version=version,
                    )
                )
        raise SdkUnavailable(version, problems)

    def remove(self, version: str) -> None:
        """Forget a tree: an unpacked one is deleted, a referenced folder stays as it is."""
        wanted = version.removeprefix("v")
        names = [entry.name for entry in self._store.entries() if _version(entry) == wanted or entry.name == wanted]
        if not names:
            raise SdkNotFound(version, [tree.version for tree in self.installed()])
        for name in names:
            self._store.remove(JobContext(), name)


def _unpack(
    ctx: JobContext, path: Path, folder: Path, origin: str, expect: str | None, seal: Seal
) -> tuple[str, dict[str, object]]:
    from toolchains import archive  # see SdkStore._fetch

    with ctx.step(_("Unpack {name}", name=path.name)):
        archive.unpack(ctx, path, folder, seal=seal)
    version = SdkTree.open(folder).version
    if expect not in (None, version):
        raise SdkError(
            _("{path} holds MicroPython {version}, not {expected}.", path=path, version=version, expected=expect),
            next_step=_("Add it under its own version: natmod sdk add {path}", path=path),
            path=str(path),
            version=version,
        )
    return version, {"origin": origin}


def _opened(entry: Entry) -> SdkTree:
    return SdkTree.open(Path(str(entry.stamp.get("path", entry.folder))), str(entry.stamp.get("origin", "")))


def _usable(entry: Entry) -> SdkTree | None:
    """The tree, with the version that it has now: a folder of the person may have moved on since it was added."""
    try:
        return _opened(entry)
    except SdkError:
        return None


def _version(entry: Entry) -> str | None:
    tree = _usable(entry)
    return tree.version if tree else None


def _distance(one: Version, other: Version) -> int:
    """How far two releases are apart; a minor release counts more than any micro one."""
    return abs((one[0] - other[0]) * 1_000_000 + (one[1] - other[1]) * 1000 + one[2] - other[2])
