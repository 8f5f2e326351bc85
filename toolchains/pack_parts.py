"""What goes into a pack besides toolchains: MicroPython's sources, firmware, examples, wheels, a teacher's presets."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from toolchains import board_stubs
from toolchains import paths as rooms
from toolchains.contents import digest_of
from toolchains.errors import FetchError, disk_errors
from toolchains.fetch import Download, NotOnServer, fetch
from toolchains.jobs import JobContext
from toolchains.micropython_releases import Firmware, firmware
from toolchains.on_this_machine import pack_caches
from toolchains.pack_manifest import LAB, PACKAGES, Kind, PackError
from toolchains.paths import Paths
from toolchains.repack import repack
from toolchains.sdk import SdkStore
from toolchains.store import MANIFEST, STAMP
from toolchains.text import _, _n

#: The boards of the chips themselves; those of makers are more than a pack needs.
_GENERIC = "ESP32_GENERIC"
#: What people and programs leave in a source tree.
_NOT_SOURCE = {".git", "__pycache__", ".natmod", STAMP, MANIFEST}


class FirmwareUnavailable(PackError):
    """A firmware could not be had. ``detail`` is what the server, or the network, said."""

    code = "pack.firmware"

    def __init__(self, wanted: Firmware, error: FetchError) -> None:
        super().__init__(
            _("The firmware {name} could not be had.", name=wanted.name),
            why=error.why,
            next_step=_("Try again on another network, or leave firmware out: --without firmware"),
            detail=f"{error}\n{error.detail}".strip(),
            name=wanted.name,
        )


@dataclass(frozen=True)
class Part:
    """A file that goes into a pack: where it is now, and its row in the manifest but for size and hash."""

    source: Path
    path: str
    kind: Kind
    platform: str | None = None
    python: str | None = None
    version: str | None = None


def cache_of(paths: Paths) -> Path:
    """Where what was made for packs is kept, so that the next pack, or one that was interrupted, is quick."""
    return pack_caches(paths)[0]


def sdk_parts(ctx: JobContext, paths: Paths, sdks: SdkStore, versions: Iterable[str]) -> Iterator[Part]:
    """The source tree of each release, fetched first where it is not here."""
    for version in versions:
        tree = sdks.ensure(ctx, version)
        name = f"micropython-{tree.version}.tar.xz"
        archive = cache_of(paths) / f"{_key(tree.path)}-{name}"
        # A folder of the person's own may have changed since.
        if not archive.is_file() or not tree.path.is_relative_to(paths.store):
            with ctx.step(_("Pack MicroPython {version}", version=tree.version)):
                repack_into(ctx, tree.path, archive)
        yield Part(archive, f"sdk/{name}", "sdk", version=tree.version)


def repack_into(ctx: JobContext, folder: Path, archive: Path) -> None:
    """Pack a folder, without what does not belong to it; the archive is whole or not there."""
    beside = archive.with_name(f".{archive.name}")
    repack(ctx, folder, beside, _is_source)
    with disk_errors(archive):
        ctx.host.replace(beside, archive)


def _is_source(path: PurePosixPath) -> bool:
    return not _NOT_SOURCE & set(path.parts)


def _key(folder: Path) -> str:
    stamp = folder / STAMP
    return digest_of(str(folder), stamp.read_text("utf-8") if stamp.is_file() else "")[:12]


def firmware_parts(ctx: JobContext, paths: Paths, chips: Sequence[str], versions: Sequence[str]) -> Iterator[Part]:
    """The official firmware of the chips' generic boards. Raises :class:`FirmwareUnavailable`."""
    folder = pack_caches(paths)[2]
    for one in firmware():
        if one.chip in chips and one.version in versions and one.board.startswith(_GENERIC):
            known = f"sha256:{one.sha256}" if one.sha256 else f"unverified:{one.unverified}"
            try:
                got = fetch(ctx, Download(one.url, one.name, known, one.size), folder)
            except FetchError as error:
                if isinstance(error, NotOnServer) and not one.seen:  # its address was put together, and is none
                    ctx.note(_("There is no firmware {name}; it is left out.", name=one.name))
                    continue
                raise FirmwareUnavailable(one, error) from error
            yield Part(got, f"firmware/{one.name}", "firmware", version=one.version)


def example_parts() -> Iterator[Part]:
    """The examples, file by file, so that they can be read in the pack."""
    root = rooms.examples()
    with disk_errors(root):
        for path in sorted(root.rglob("*")):
            inside = path.relative_to(root)
            if path.is_file() and not any(part.startswith(".") or part == "__pycache__" for part in inside.parts):
                yield Part(path, f"examples/{inside.as_posix()}", "example")


def wheel_parts(ctx: JobContext, paths: Paths, platforms: Sequence[str], pythons: Sequence[str]) -> Iterator[Part]:
    """The Python packages of a first run. One that serves several platforms, or Pythons, is there once."""
    from toolchains.pack_wheels import gather

    folder = pack_caches(paths)[1]
    serves: dict[Path, list[tuple[str, str]]] = {}
    for platform in platforms:
        for python in pythons:
            for wheel in gather(ctx, [platform], [python], folder):
                serves.setdefault(wheel, []).append((platform, python))
    for wheel, pairs in sorted(serves.items()):
        on, for_python = {pair[0] for pair in pairs}, {pair[1] for pair in pairs}
        yield Part(
            wheel,
            f"wheels/{wheel.name}",
            "wheel",
            platform=next(iter(on)) if len(on) == 1 < len(platforms) else None,
            python=next(iter(for_python)) if len(for_python) == 1 < len(pythons) else None,
        )
    ctx.note(_n("{n} Python package is packed.", "{n} Python packages are packed.", len(serves)))


def package_parts(folder: Path | None) -> Iterator[Part]:
    """Packages for boards: a part of mip's index, as a folder in the index's own shape."""
    if folder is not None:
        with disk_errors(folder):
            for path in sorted(folder.rglob("*")):
                if path.is_file():
                    yield Part(path, f"{PACKAGES}/{path.relative_to(folder).as_posix()}", "package")


def stub_parts(ctx: JobContext, paths: Paths, chips: Sequence[str], versions: Sequence[str]) -> Iterator[Part]:
    """The stubs for code help, as wheels: those of the chips' port, for each release. Raises ``StubsUnavailable``."""
    folder = pack_caches(paths)[0] / "stubs"
    seen = set[str]()
    for platform in dict.fromkeys("esp8266" if chip == "esp8266" else "esp32" for chip in chips):
        for version in versions:
            for wheel in board_stubs.wheels(ctx, platform, version, folder):
                if wheel.name not in seen:
                    seen.add(wheel.name)
                    yield Part(wheel, f"stubs/{wheel.name}", "stub", version=version)


def lab_parts(file: Path | None) -> Iterator[Part]:
    """The teacher's presets, checked as the first start would. Raises the errors of :mod:`toolchains.lab`."""
    if file is not None:
        from toolchains import lab

        lab.load(file)
        yield Part(file, LAB, "lab")


def stamp_of(entry_stamp: object) -> dict[str, object]:
    """What goes along of a store's stamp: all but what the next store writes itself."""
    assert isinstance(entry_stamp, dict)
    return {
        key: value for key, value in json.loads(json.dumps(entry_stamp)).items() if key not in ("schema", "contents")
    }
