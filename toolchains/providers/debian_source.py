"""MicroPython out of Debian's source packages, without touching the system's own package lists.

Of an archive that we know by its hash, apt's own downloader gets just that file (:func:`carry_with_apt`). For any other
version (:func:`fetch_with_apt`) a private apt reads the suite's signed index (:mod:`toolchains.providers.private_apt`).
No root needed.
"""

from __future__ import annotations

import re
import shutil
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import FetchError, disk_errors
from toolchains.fetch import Carrier, Download, check_room, file_sha256
from toolchains.jobs import JobContext
from toolchains.providers.private_apt import (
    ENVIRONMENT,
    PATIENCE,
    AptFailed,
    PrivateApt,
    Suite,
    download_step,
    need_mirror,
    option_words,
    private_apt,
    total,
)
from toolchains.system import hear_apt
from toolchains.text import _
from toolchains.units import size_text


class NoSourcePackage(FetchError):
    """Debian's suites were read and do not carry that version."""

    code = "fetch.debian.version"


@dataclass(frozen=True)
class AptSource:
    """Which package, from which suites (tried in order), trusted by which keyring; ``index_size`` in bytes a suite."""

    package: str
    suites: tuple[str, ...]
    keyring: Path
    index_size: int


def carry_with_apt(helper: Path) -> Carrier:
    """A carrier for :func:`toolchains.fetch.fetch`: ``helper`` is apt's downloader, which knows apt's proxies.

    It takes only a file with the known hash. Raises :class:`AptFailed` with what it said; no partial file is left.
    """

    def carry(ctx: JobContext, download: Download, target: Path) -> str:
        check_room(target.parent, download.size)
        options = option_words({**PATIENCE, "APT::Status-Fd": 1})
        lines: list[str] = []
        argv = (str(helper), "-q", *options, "download-file", download.url, str(target), f"SHA256:{download.sha256}")
        try:
            code = ctx.run_lines(argv, lambda line: hear_apt(ctx, line, lines), env=ENVIRONMENT)
        finally:
            target.with_name(target.name + ".FAILED").unlink(missing_ok=True)  # where it puts what has another hash
        if code:
            raise AptFailed(
                _("apt could not get {name}.", name=download.filename),
                why=_("Its own words are below."),
                next_step=_("Check the network and apt's proxy, then try again."),
                detail="\n".join(lines),
                url=download.url,
            )
        return file_sha256(ctx, target)

    return carry


def fetch_with_apt(ctx: JobContext, source: AptSource, version: str, folder: Path) -> Path:
    """The upstream archive of ``version`` (``1.26.1``) in ``folder``, fetched and verified by apt."""
    mirror = need_mirror(ctx)
    seen: dict[str, str] = {}
    for name in source.suites:
        suite = Suite(mirror, name, source.keyring)
        with private_apt(_("MicroPython's source package"), suite) as apt:
            size = size_text(source.index_size)
            apt.update(
                ctx,
                _("Read the source index of Debian {suite}", suite=name),
                _("Reading Debian's index of source packages ({size}); removed afterwards.", size=size),
            )
            offers = _offers_of(apt.ask(ctx, "apt-cache", "showsrc", "--only-source", source.package))
            seen |= offers
            if version in offers:
                return _download(ctx, source.package, offers[version], apt, folder)
    raise NoSourcePackage(
        _("Debian has no source package of MicroPython {version}.", version=version),
        why=_("It has: {versions}.", versions=", ".join(seen)) if seen else None,
        version=version,
    )


def _offers_of(shown: str) -> dict[str, str]:
    """What the suite has: upstream version -> Debian's version (``1.26.1`` -> ``1.26.1+ds-1``)."""
    versions = re.findall(r"^Version: (\S+)$", shown, re.M)
    return {re.sub(r"^\d+:|[+~-].*$", "", version): version for version in versions}


def _download(ctx: JobContext, package: str, version: str, apt: PrivateApt, folder: Path) -> Path:
    named = f"{package}={version}"
    words = ("source", "--download-only", "--only-source", "--tar-only", named)
    plan = {name: size for name, size in apt.plan(ctx, *words).items() if ".orig.tar." in name}
    with ctx.step(download_step(named, total([plan]))):
        said = apt.run(ctx, *words)
    archives = sorted(apt.got.glob("*.orig.tar.*"))
    if not archives:
        raise AptFailed(_("apt fetched no source archive."), detail=said)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(archives[0], folder / archives[0].name))
