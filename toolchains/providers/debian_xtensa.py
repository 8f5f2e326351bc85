"""A compiler for xtensawin (ESP32, S2, S3) out of Debian packages, made on this machine; no root, nothing installed.

GCC from 13 and binutils from 2.40 take the whole configuration of an Xtensa core from a plug-in, and Debian's builds
for the ESP8266 leave that on (no-hardware.md section 3). The packages, with the C library that they need, are fetched
and verified by a private apt and unpacked into the store; the plug-in and the libraries are built there, once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains.chips import chips
from toolchains.contents import MEMO, digest_of
from toolchains.fetch import check_room
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths, resources
from toolchains.providers import Offer, Provider, Ways
from toolchains.providers.private_apt import (
    AptFailed,
    PrivateApt,
    Suite,
    debian_mirror,
    download_step,
    private_apt,
    total,
)
from toolchains.providers.xtensa_data import XtensaFailed, data
from toolchains.providers.xtensa_tree import Parts, make
from toolchains.store import Entry, Store
from toolchains.text import Text, _
from toolchains.units import size_text
from toolchains.zig import Zig

NAME = "debian-xtensa"
#: Raise it when the same packages and resources are made into something else.
_RECIPE = 2
#: What is needed besides the downloads while it is made, and what stays, in bytes.
_ROOM = 320_000_000
_STAYS = 55_000_000
#: The GCC of the first suite, when this was written.
_TRIED = "13.3.0"


def recipe() -> str:
    """One hash for all of ours that goes into the compiler: another one, and it is made anew."""
    folder = resources() / "xtensa"
    files = sorted(path for path in folder.rglob("*") if path.is_file())
    contents = [(path.relative_to(folder).as_posix(), MEMO.of(path)) for path in files]
    return digest_of(_RECIPE, json.dumps(data(), sort_keys=True), contents)


def obstacle(host: Host) -> Text | None:
    """Why it cannot be made here, in one sentence; None if it can (whether the mirror answers shows later)."""
    if (host.system, host.machine) != ("linux", "x86_64"):
        return _("Debian's compiler for Xtensa runs on Linux on 64-bit PCs (x86-64) only.")
    if not host.is_debian():
        return _("Debian's compiler for Xtensa comes with apt and dpkg, which this computer does not have.")
    if Zig.bundled(host) is None:
        return _("The Python package ziglang is missing, and it is needed to build Debian's compiler for Xtensa.")
    return None


def installed(paths: Paths) -> Entry | None:
    """The compiler that was made here, if it is what would be made today."""
    entry = Store(paths.store / "toolchains").get(NAME)
    return entry if entry is not None and entry.stamp.get("recipe") == recipe() else None


def is_outdated(paths: Paths, program: str) -> bool:
    """Whether a program belongs to a compiler that an earlier release of ours made in another way."""
    entry = Store(paths.store / "toolchains").get(NAME)
    return entry is not None and Path(program).is_relative_to(entry.folder) and installed(paths) is None


def ensure(ctx: JobContext, paths: Paths, *, anew: bool = False) -> Entry:
    """The compiler in the store, made first if it is not there, or ``anew``: about 200 MB to download, half a minute.

    Raises :class:`XtensaFailed`, :class:`~toolchains.providers.private_apt.AptFailed` or DiskError; then nothing, or
    what was there before, is left.
    """
    before = installed(paths)
    if before is not None and not anew:
        return before
    problem = obstacle(ctx.host)
    mirror = debian_mirror(ctx) if problem is None else None
    if mirror is None:
        why = problem or _("apt on this machine names no Debian mirror.")
        raise XtensaFailed(why, next_step=_("Put Espressif's xtensa-esp32-elf-gcc on PATH."))
    with ctx.step(_("Make a compiler for the ESP32 from Debian's packages")):
        failures: list[AptFailed] = []
        for name in data()["suites"]:
            suite = Suite(mirror, name, Path(data()["keyring"]), ("deb", "deb-src"))
            try:
                entry = _from_suite(ctx, paths, suite, before)
            except AptFailed as error:  # a mirror in the middle of an update may lack what its index names
                ctx.log(f"{name}: {error}")
                failures.append(error)
                continue
            if entry is not None:
                return entry
    if failures:
        raise failures[0]
    raise XtensaFailed(
        _("Debian's mirror does not have all packages that a compiler for the ESP32 is made of."),
        why=_("Looked in: {suites}.", suites=", ".join(data()["suites"])),
    )


def _from_suite(ctx: JobContext, paths: Paths, suite: Suite, before: Entry | None) -> Entry | None:
    """The compiler out of this suite; None if it does not have all that is needed. ``before`` is replaced."""
    with private_apt(_("Debian's compiler for Xtensa"), suite) as apt:
        size = size_text(data()["index_size"])
        apt.update(
            ctx,
            _("Read the package index of Debian {suite}", suite=suite.name),
            _("Reading Debian's index of packages ({size}); removed afterwards.", size=size),
        )
        plan = _plan(ctx, apt)
        return None if plan is None else _made(ctx, paths, apt, plan, suite.name, before)


@dataclass(frozen=True)
class _Plan:
    """apt's words for the three downloads, and the files of each with their sizes."""

    compiler: tuple[str, ...]
    sources: tuple[str, ...]
    table: tuple[str, ...]
    sizes: tuple[Mapping[str, int], ...]


def _plan(ctx: JobContext, apt: PrivateApt) -> _Plan | None:
    """What would be fetched; None if the suite lacks something, or has a GCC that is too old."""
    compiler = ("install", "--download-only", "--yes", "--no-install-recommends", data()["compiler"])
    files = apt.plan(ctx, *compiler)
    majors = [re.match(rf"{re.escape(data()['compiler'])}_(\d+)\.", name) for name in files]
    major = next((int(found[1]) for found in majors if found), 0)
    if major < 13:
        return None
    sources = ("download", data()["libgcc_source"].format(major=major), data()["newlib_source"])
    table = ("source", "--download-only", "--only-source", "--tar-only", data()["table_source"])
    plans = (files, apt.plan(ctx, *sources), _archives_only(apt.plan(ctx, *table)))
    complete = len(plans[1]) == len(sources) - 1 and plans[2]
    return _Plan(compiler, sources, table, plans) if complete else None


def _archives_only(plan: Mapping[str, int]) -> dict[str, int]:
    return {name: size for name, size in plan.items() if ".orig.tar." in name}


def _made(ctx: JobContext, paths: Paths, apt: PrivateApt, plan: _Plan, suite: str, before: Entry | None) -> Entry:
    size = total(plan.sizes)
    store = Store(paths.store / "toolchains")
    ctx.note(
        _(
            "A compiler for the ESP32 is made of {n_files} files of Debian ({size}); it takes {room} in the end.",
            n_files=sum(map(len, plan.sizes)),
            size=size_text(size),
            room=size_text(_STAYS),
        )
    )
    check_room(apt.folder, size + _ROOM)
    with ctx.step(download_step(data()["compiler"], size)):
        for words in (plan.compiler, plan.sources, plan.table):
            apt.run(ctx, *words)

    def meanwhile() -> Entry | None:
        now = installed(paths)
        return now if now != before else None

    return store.install(ctx, lambda folder: _filled(ctx, apt, plan, suite, folder), unless=meanwhile)


def _filled(
    ctx: JobContext, apt: PrivateApt, plan: _Plan, suite: str, folder: Path
) -> tuple[str, Mapping[str, object]]:
    check_room(folder, _ROOM)
    (table,) = apt.got.glob("*.orig.tar.*")
    libgcc, newlib = (next(apt.got.glob(f"{package}_*.deb")) for package in plan.sources[1:])
    packages = tuple(sorted(apt.archives.glob("*.deb")))
    files = sorted(path.name for path in (*packages, libgcc, newlib, table))
    made_of = digest_of(recipe(), files)[:16]
    make(ctx, Parts(packages, libgcc, newlib, table, made_of), folder, apt.folder / "work")
    named = re.compile(rf"{re.escape(data()['compiler'])}_(\d[\d.]*)")
    version = next((match[1] for name in files if (match := named.match(name))), "")
    stamp = {"origin": "debian", "version": version, "suite": suite, "files": files, "recipe": recipe()}
    return NAME, stamp


def offers(host: Host, paths: Paths) -> Sequence[Offer]:
    """The one. Which GCC comes out is known when the mirror was asked; before, it is the one that we tried."""
    entry = installed(paths)
    release = _TRIED if entry is None else str(entry.stamp.get("version", ""))
    return [
        Offer(
            "debian_xtensa",
            f"{NAME}@{release}" if release else NAME,
            NAME,
            release,
            ("xtensawin",),
            tuple(chip.name for chip in chips().values() if chip.arch == "xtensawin"),
            "xtensa-esp32-elf-gcc",
            int(data()["download_size"]),
            _STAYS,
            problem=obstacle(host),
            reason=_("Made on this computer out of packages of Debian: it needs no address but Debian's."),
        )
    ]


def _install(ctx: JobContext, paths: Paths, _offer: Offer, ways: Ways) -> Entry:
    return ensure(ctx, paths, anew=ways.anew)


PROVIDER = Provider("debian_xtensa", _("Debian's packages"), offers, _install, is_outdated)
