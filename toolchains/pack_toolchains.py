"""The toolchains of a pack: the makers' archives for any platform, and what is installed here, packed from the store.

An architecture that zig serves needs none: zig is among the wheels. Else the smallest archive of the catalogue that
serves is taken; for this computer, what is installed.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.catalog import Catalog, File, Release, platform_key
from toolchains.chips import Arch, arch, chips
from toolchains.compiler_probe import probe_gcc
from toolchains.contents import digest_of
from toolchains.errors import FetchError, disk_errors
from toolchains.fetch import Download, fetch, file_sha256
from toolchains.jobs import JobContext
from toolchains.mirrors import Mirrors
from toolchains.on_this_machine import STORE, downloads, store_root
from toolchains.pack_manifest import NOWHERE, Packed, PackError
from toolchains.pack_parts import Part, cache_of, repack_into, stamp_of
from toolchains.sdk_tree import SUPPORTED
from toolchains.slim import slim
from toolchains.store import Entry, Store
from toolchains.text import Text, _
from toolchains.undo import on_failure
from toolchains.units import size_text
from toolchains.zig import Zig, compiler_data

if TYPE_CHECKING:
    from toolchains.manager import Installed, Toolchains
    from toolchains.paths import Paths

#: Raise it when the same toolchain is packed otherwise.
_RECIPE = 1


class NoToolchainToPack(PackError):
    """No toolchain for an architecture and a platform can be had. Fields ``arch`` and ``platform``."""

    code = "pack.toolchain"

    def __init__(self, name: str, platform: str, why: Text | None, next_step: Text, detail: str = "") -> None:
        super().__init__(
            _("There is no compiler for {arch} on {platform} to pack.", arch=name, platform=platform),
            why=why,
            next_step=next_step,
            detail=detail,
            arch=name,
            platform=platform,
        )


class Spoilt(PackError):
    """What is installed is not as it was installed, and must not be handed on. ``fields["name"]``."""

    code = "pack.spoilt"

    def __init__(self, one: Installed, first: str) -> None:
        super().__init__(
            _("{name} is not as it was installed: {path}.", name=one.id, path=first),
            next_step=_("Repair it, then pack again: natmod toolchain repair {name}", name=one.id),
            name=one.id,
            path=first,
        )


@dataclass(frozen=True)
class Choosing:
    """What decides which toolchains are packed. ``micropythons`` are the releases (``1.26.1``) of the pack."""

    ctx: JobContext
    paths: Paths
    toolchains: Toolchains
    micropythons: Sequence[str]
    slim: bool

    def packed(self, chip_names: Sequence[str], platforms: Sequence[str]) -> tuple[list[Packed], list[Part]]:
        """The rows of the manifest, and their files. Raises :class:`NoToolchainToPack` and the errors of downloads."""
        rows: dict[str, Packed] = {}
        parts: dict[str, Part] = {}
        for name in dict.fromkeys(chips()[chip].arch for chip in chip_names):
            if self._zig_serves(arch(name)):
                continue
            for platform in platforms:
                packed, source = self._one(arch(name), platform)
                file = packed.release.files[platform]
                before = rows.get(packed.release.id)
                if before is not None:
                    release = replace(packed.release, files={**before.release.files, platform: file})
                    packed = replace(packed, release=release)
                rows[packed.release.id] = packed
                path = f"toolchains/{file.name}"
                parts[path] = Part(source, path, "toolchain", platform=platform)
        return list(rows.values()), list(parts.values())

    def _zig_serves(self, one: Arch) -> bool:
        """Whether zig does for all releases of the pack what Espressif's compiler would (design.md section 5)."""
        since = Zig.since(one)
        oldest = min(tuple(map(int, version.split(".")[:2])) for version in self.micropythons)
        first = compiler_data()["providers"][0] == "bundled_zig"
        return first and bool(one.zig_target) and since <= oldest

    def _one(self, one: Arch, platform: str) -> tuple[Packed, Path]:
        here = platform == platform_key(self.ctx.host)
        installed = self._installed(one) if here else None
        listed = self._listed(one, platform)
        if installed is not None:
            known = Catalog.of(self.paths).get(installed.id)
            if known is not None and known.file_for(platform) is not None and not self.slim:
                try:
                    return self._archive(known, platform)
                except FetchError as error:
                    self.ctx.check()
                    self.ctx.log(f"{installed.id}: {error}")
            return self._from_store(one, installed, platform)
        if not listed:
            raise NoToolchainToPack(one.name, platform, *self._advice(one, here))
        try:
            packed, source = self._archive(listed[0], platform)
        except FetchError as error:
            detail = f"{error}\n{error.detail}".strip()
            raise NoToolchainToPack(one.name, platform, error.why, self._advice(one, here)[1], detail) from error
        if self.slim and here:
            return self._slim_archive(one, packed, source, platform)
        if self.slim:
            note = _("{name} for {platform} is packed whole: only what runs here can be made smaller.",
                     name=packed.release.id, platform=platform)  # fmt: skip
            self.ctx.note(note)
        return packed, source

    def _advice(self, one: Arch, here: bool) -> tuple[Text | None, Text]:
        if here:
            return None, _("Install one, then pack again: natmod toolchain install {arch}", arch=one.name)
        return None, _(
            "Leave that platform out, or pack on another network; this computer packs what it has installed."
        )

    def _listed(self, one: Arch, platform: str) -> list[Release]:
        """What the catalogue has, smallest first, for every release of the pack."""
        catalog = Catalog.of(self.paths)
        lists = [catalog.for_arch(one.name, platform, version) for version in self.micropythons]
        return [release for release in lists[0] if all(release in other for other in lists)]

    def _installed(self, one: Arch) -> Installed | None:
        """What of ours serves: a person's choice first."""
        found = [each for each in self.toolchains.installed() if each.ours and one.name in each.arches]
        chosen = self.toolchains.default_of(one.name)
        return next((each for each in found if each.id == chosen), found[0] if found else None)

    # --- archives ---------------------------------------------------------------------------------------------------

    def _archive(self, release: Release, platform: str) -> tuple[Packed, Path]:
        """The maker's own archive, from the cache or the network."""
        file = release.file_for(platform)
        assert file is not None
        first, *others = Mirrors.of(self.ctx.host, self.paths).rewrite(file.url)
        download = Download(first, file.name, f"sha256:{file.sha256}", file.size, tuple(others))
        got = fetch(self.ctx, download, downloads(self.paths))
        return Packed(replace(release, files={platform: file})), got

    def _from_store(self, one: Arch, installed: Installed, platform: str) -> tuple[Packed, Path]:
        """What is installed, packed again, or as it was packed the last time."""
        store = Store(store_root(self.paths))
        entry = next(each for each in store.entries() if each.folder == installed.folder)
        faults = store.verify(self.ctx, entry.name) if entry.bytes is not None else []
        if faults:
            raise Spoilt(installed, str(faults[0].path))
        release = self._release(one, installed, entry)
        key = digest_of(_RECIPE, entry.name, repr(sorted(entry.stamp.items())), self.slim)
        name = _archive_name(release, platform, self.slim)
        archive = self._kept(key, name, lambda made: self._pack_folder(one, entry.folder, made))
        stamp = {"version": release.version, **stamp_of(entry.stamp), **({"slim": True} if self.slim else {})}
        return self._row(release, platform, name, archive, stamp), archive

    def _slim_archive(self, one: Arch, packed: Packed, source: Path, platform: str) -> tuple[Packed, Path]:
        """A maker's archive that runs here, made smaller."""
        release = packed.release
        name = _archive_name(release, platform, True)
        key = digest_of(_RECIPE, release.files[platform].sha256, True)

        def make(archive: Path) -> None:
            from toolchains.archive import unpack

            with self._folder() as work:
                with self.ctx.step(_("Unpack {name}", name=source.name)):
                    unpack(self.ctx, source, Path(work) / "it", links="keep", strip=False)
                self._pack_folder(one, Path(work) / "it", archive, ours=True)

        archive = self._kept(key, name, make)
        stamp = {"name": release.id, "slim": True}
        return self._row(release, platform, name, archive, stamp), archive

    def _row(self, release: Release, platform: str, name: str, archive: Path, stamp: dict[str, object]) -> Packed:
        size, digest = archive.stat().st_size, file_sha256(self.ctx, archive)
        file = File(name, f"{NOWHERE}{name}", size, digest)
        return Packed(replace(release, files={platform: file}), stamp, self.slim)

    def _kept(self, key: str, name: str, make: Callable[[Path], None]) -> Path:
        """The archive that was made before of the same, else made now."""
        archive = cache_of(self.paths) / f"{key[:12]}-{name}"
        if not archive.is_file():
            make(archive)
        return archive

    def _pack_folder(self, one: Arch, folder: Path, archive: Path, *, ours: bool = False) -> None:
        """``ours``: nobody else uses the folder."""
        if not self.slim:
            with self.ctx.step(_("Pack {name}", name=archive.name.partition("-")[2])):
                repack_into(self.ctx, folder, archive)
            return
        with self._folder() as work:
            copy = folder
            if not ours:
                copy = Path(work) / "it"
                with disk_errors(copy), self.ctx.step(_("Copy {name}", name=folder.name)):
                    copy_tree(self.ctx, folder, copy)
            with self.ctx.step(_("Leave out what no module needs")):
                done = slim(self.ctx, copy, [one])
            self.ctx.note(
                _("{name}: {before} before, {after} now.", name=folder.name, before=size_text(done.before),
                  after=size_text(done.after))
            )  # fmt: skip
            with self.ctx.step(_("Pack {name}", name=archive.name.partition("-")[2])):
                repack_into(self.ctx, copy, archive)

    def _folder(self) -> AbstractContextManager[str]:
        root = cache_of(self.paths)
        with disk_errors(root):
            root.mkdir(parents=True, exist_ok=True)
            return tempfile.TemporaryDirectory(prefix="slim-", dir=root, ignore_cleanup_errors=True)

    def _release(self, one: Arch, installed: Installed, entry: Entry) -> Release:
        """Its row of the catalogue, else one made from what is on the disk."""
        known = Catalog.of(self.paths).get(installed.id)
        if known is not None:
            return known
        suffix = self.ctx.host.exe_suffix
        order = [name for name in compiler_data()["arches"][one.name]["order"] if name != "zig"]
        program = next(name for name in order if (installed.bin / f"{name}{suffix}").is_file())
        version = installed.version
        if not version:
            compiler = probe_gcc(self.ctx, installed.bin / f"{program}{suffix}", one, STORE, Zig.bundled(self.ctx.host))
            version = compiler.version
        first, last = (".".join(map(str, minor)) for minor in SUPPORTED)
        return Release(
            tool=installed.tool,
            version=version,
            kind="gcc",
            arches=installed.arches,
            chips=(),
            micropython=(),
            natmod=(first, last),
            idf=(),
            program=program,
            bin=installed.bin.relative_to(installed.folder).as_posix(),
            version_command=(program, "--version"),
            version_regex="",
            files={},
            origin=str(entry.stamp.get("origin", "")),
        )


def copy_tree(ctx: JobContext, folder: Path, into: Path) -> None:
    """A copy with its links: of a file that has several names, too."""
    first: dict[tuple[int, int], Path] = {}

    def one(source: str, target: str) -> str:
        ctx.check()
        status = Path(source).stat()
        key = (status.st_dev, status.st_ino)
        if status.st_nlink > 1 and key in first:
            Path(target).hardlink_to(first[key])
            return target
        first[key] = Path(target)
        return str(shutil.copy2(source, target))

    with on_failure(lambda: shutil.rmtree(into, ignore_errors=True)):
        shutil.copytree(folder, into, symlinks=True, copy_function=one)


def _archive_name(release: Release, platform: str, slim_one: bool) -> str:
    return f"{release.tool}-{release.version}-{platform}{'-slim' if slim_one else ''}.tar.xz"
