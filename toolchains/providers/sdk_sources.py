"""Where a MicroPython release's sources can be had, in the order of ``resources/sdk_sources.json``."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from toolchains.fetch import Carrier, Download, fetch
from toolchains.jobs import JobContext
from toolchains.pack_source import PackSource
from toolchains.paths import Paths, resources
from toolchains.providers.debian_source import AptSource, carry_with_apt, fetch_with_apt
from toolchains.providers.private_apt import debian_mirror


@dataclass(frozen=True)
class SdkSource:
    """One place to try: ``get`` downloads the archive and returns its path; ``origin`` is kept with the tree."""

    title: str
    origin: str
    get: Callable[[JobContext], Path]


def sources(ctx: JobContext, folder: Path, version: str) -> list[SdkSource]:
    """All places that may have ``version`` for this machine, the first to try first. Downloads go to ``folder``."""
    kinds = {"official": _official, "debian": _debian, "apt": _apt}
    others = [source for kind in _data()["order"] for source in kinds[kind](ctx, folder, version)]
    return [*_pack(ctx, folder, version), *others]


def _pack(ctx: JobContext, folder: Path, version: str) -> list[SdkSource]:
    """The pack that this copy was set up from, where it can be reached and has that release."""
    pack = PackSource.remembered(ctx, Paths.of(ctx.host))
    if pack is None:
        return []
    with pack:
        there = any(file.version == version for file in pack.manifest.of_kind("sdk"))
    if not there:
        return []

    def get(ctx: JobContext) -> Path:
        with PackSource.open(ctx, pack.where) as again:
            return again.get(ctx, again.sdk(version), folder)

    return [SdkSource(pack.where, f"pack:{pack.where}", get)]


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources() / "sdk_sources.json").read_text("utf-8"))
    return loaded


def _by_url(download: Download, folder: Path, carry: Carrier | None = None) -> SdkSource:
    title = urlsplit(download.url).hostname or download.url
    return SdkSource(title, download.url, lambda ctx: fetch(ctx, download, folder, carry))


def _official(_ctx: JobContext, folder: Path, version: str) -> list[SdkSource]:
    data = _data()["official"]
    urls = [str(url).format(version=version) for url in data["urls"]]
    name = f"micropython-{version}.tar.xz"
    reason = f"unverified:{data['unverified']}"
    return [_by_url(Download(url, name, reason), folder) for url in urls]


def _debian(ctx: JobContext, folder: Path, version: str) -> list[SdkSource]:
    """Debian's archive by its known hash, from this machine's own mirror: one file, no index, no root."""
    data = _data()["debian"]
    rows = [row for row in data["files"] if row["version"] == version]
    helper = Path(data["helper"])
    if not (rows and ctx.host.is_debian() and os.access(helper, os.X_OK)):
        return []
    mirror = debian_mirror(ctx)
    if mirror is None or not mirror.startswith("http"):  # apt's downloader cannot read mirror+file: or cdrom:
        return []
    row = rows[0]
    name = str(row["path"]).rpartition("/")[2]
    download = Download(f"{mirror}/{row['path']}", name, f"sha256:{row['sha256']}", row["size"])
    return [_by_url(download, folder, carry_with_apt(helper))]


def _apt(ctx: JobContext, folder: Path, version: str) -> list[SdkSource]:
    if not ctx.host.is_debian():
        return []
    data = _data()["apt"]
    known = [row["suite"] for row in _data()["debian"]["files"] if row["version"] == version]
    suites = tuple(dict.fromkeys([*known, *data["suites"]]))
    source = AptSource(data["package"], suites, Path(data["keyring"]), data["index_size"])
    return [SdkSource("apt", "debian", lambda ctx: fetch_with_apt(ctx, source, version, folder))]
