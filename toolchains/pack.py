"""Making a pack: everything that a room of computers needs to work without a network, in one file.

What was downloaded or packed once is kept in the cache, so that a pack that was interrupted goes on where it was.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.catalog import PLATFORMS, platform_key
from toolchains.chips import chips
from toolchains.errors import UsageError, disk_errors
from toolchains.fetch import file_sha256
from toolchains.jobs import JobContext
from toolchains.pack_manifest import MANIFEST, SUFFIX, Manifest, Packed, PackFile, parse
from toolchains.pack_parts import (
    Part,
    example_parts,
    firmware_parts,
    lab_parts,
    package_parts,
    sdk_parts,
    stub_parts,
    wheel_parts,
)
from toolchains.pack_toolchains import Choosing
from toolchains.pack_writer import write_pack
from toolchains.plugins import OURS
from toolchains.sdk_tree import DEFAULT_VERSION, check_supported
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from toolchains.toolbox import Toolbox

#: What can be left out.
PARTS = ("toolchains", "sdk", "firmware", "examples", "wheels")


@dataclass(frozen=True)
class Wishes:
    """What a pack shall serve. Empty ``platforms`` and ``pythons``: this computer's. ``lab``: a file of presets.

    ``without``: names of :data:`PARTS`. ``packages``: a folder with packages for boards, in the shape of an index.
    ``stubs``: what code help needs for these boards.
    """

    chips: tuple[str, ...]
    platforms: tuple[str, ...] = ()
    pythons: tuple[str, ...] = ()
    sdks: tuple[str, ...] = (DEFAULT_VERSION,)
    lab: Path | None = None
    slim: bool = False
    without: frozenset[str] = field(default=frozenset())
    packages: Path | None = None
    stubs: bool = False


@dataclass(frozen=True)
class Made:
    """The pack that was made: where, how large (bytes), and what is in it."""

    path: Path
    size: int
    manifest: Manifest


def make_pack(ctx: JobContext, toolbox: Toolbox, wishes: Wishes, out: Path) -> Made:
    """Gather everything and write the pack to ``out``; ``.natmodpack`` is added where it lacks.

    Raises UsageError for names that nobody knows, NoToolchainToPack, FirmwareUnavailable, WheelsUnavailable,
    SdkUnavailable, DiskError.
    """
    wanted = _checked(ctx, wishes)
    target = out if out.suffix == SUFFIX else out.with_name(out.name + SUFFIX)
    if target.is_dir():
        raise UsageError(
            _("{path} is a folder.", path=target), next_step=_("Name a file, like {name}.", name=f"lab{SUFFIX}")
        )
    rows: list[Packed] = []
    parts = [*lab_parts(wanted.lab), *package_parts(wanted.packages)]
    if "sdk" not in wanted.without:
        parts += sdk_parts(ctx, toolbox.paths, toolbox.sdks, wanted.sdks)
    if "toolchains" not in wanted.without:
        choosing = Choosing(ctx, toolbox.paths, toolbox.toolchains, wanted.sdks, wanted.slim)
        rows, archives = choosing.packed(wanted.chips, wanted.platforms)
        parts += archives
    parts += _others(ctx, toolbox, wanted)
    manifest = _manifest(ctx, wanted, rows, parts)
    sources = {part.path: part.source for part in parts}
    with ctx.step(_("Write {name} ({size})", name=target.name, size=size_text(manifest.size))):
        size = write_pack(ctx, target, manifest, sources)
    return Made(target, size, manifest)


def _others(ctx: JobContext, toolbox: Toolbox, wanted: Wishes) -> Iterator[Part]:
    if wanted.stubs:
        yield from stub_parts(ctx, toolbox.paths, wanted.chips, wanted.sdks)
    if "firmware" not in wanted.without:
        yield from firmware_parts(ctx, toolbox.paths, wanted.chips, wanted.sdks)
    if "examples" not in wanted.without:
        yield from example_parts()
    if "wheels" not in wanted.without:
        yield from wheel_parts(ctx, toolbox.paths, wanted.platforms, wanted.pythons)


def _checked(ctx: JobContext, wishes: Wishes) -> Wishes:
    """The wishes with their defaults. Raises UsageError."""
    here = platform_key(ctx.host)
    platforms = wishes.platforms or ((here,) if here else ())
    pythons = wishes.pythons or ("{}.{}".format(*sys.version_info),)
    _among(lambda name: _("There is no chip called {name}.", name=name), wishes.chips, chips())
    _among(lambda name: _("There is no platform called {name}.", name=name), platforms, PLATFORMS)
    _among(lambda name: _("Packs have no part called {name}.", name=name), sorted(wishes.without), PARTS)
    for version in wishes.sdks:
        check_supported(version)
    plain = tuple(dict.fromkeys(version.removeprefix("v") for version in wishes.sdks))
    return replace(wishes, platforms=platforms, pythons=pythons, sdks=plain)


def _among(unknown: Callable[[str], Text], names: Iterable[str], known: Iterable[str]) -> None:
    there = list(known)
    for name in names:
        if name not in there:
            raise UsageError(
                unknown(name),
                next_step=_("Use one of: {names}.", names=", ".join(there)),
                name=name,
            )


def _manifest(ctx: JobContext, wanted: Wishes, rows: Sequence[Packed], parts: Sequence[Part]) -> Manifest:
    with ctx.step(_("Take the check sums of {n} files", n=len(parts))):
        files, total = list[PackFile](), sum(_size(part.source) for part in parts)
        for part in parts:
            with disk_errors(part.source):
                size, digest = _size(part.source), file_sha256(ctx, part.source)
            files.append(PackFile(part.path, size, digest, part.kind, part.platform, part.python, part.version))
            ctx.progress(sum(file.size for file in files), total)
    manifest = Manifest(
        made=datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        maker=f"{OURS} {metadata.version(OURS)}",
        platforms=wanted.platforms,
        chips=wanted.chips,
        pythons=wanted.pythons,
        files=tuple(files),
        toolchains=tuple(rows),
    )
    return parse(MANIFEST, manifest.to_json())  # as whoever opens it will read it


def _size(path: Path) -> int:
    with disk_errors(path):
        return path.stat().st_size
