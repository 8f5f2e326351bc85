"""MicroPython out of Debian's source packages, without touching the system's own package lists.

Of an archive that we know by its hash, apt's own downloader gets just that file (:func:`carry_with_apt`). For any other
version (:func:`fetch_with_apt`) apt is run with a private configuration: one ``deb-src`` line of our own, lists and
cache in a temporary folder that is removed afterwards. There apt itself checks the signature of the suite with
Debian's archive key, and the archive's hash against the signed index; nothing here weakens that. No root needed.
"""

from __future__ import annotations

import re
import shutil
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import FetchError, disk_errors
from toolchains.fetch import Carrier, Download, check_room, file_sha256
from toolchains.jobs import Completed, JobContext
from toolchains.system import hear_apt
from toolchains.text import _
from toolchains.units import size_text

#: Seconds; apt waits for a dead mirror much longer by itself.
_APT_TIMEOUT_S = 30
_ENV = {"LC_ALL": "C", "DEBIAN_FRONTEND": "noninteractive"}
_PATIENCE: Mapping[str, object] = {
    "Acquire::Retries": "1",
    "Acquire::http::Timeout": _APT_TIMEOUT_S,
    "Acquire::https::Timeout": _APT_TIMEOUT_S,
}


class NoSourcePackage(FetchError):
    """Debian's suites were read and do not carry that version."""

    code = "fetch.debian.version"


class AptFailed(FetchError):
    """apt could not fetch, or did not trust, what the mirror sent. ``detail`` is what it said."""

    code = "fetch.debian"


@dataclass(frozen=True)
class AptSource:
    """Which package, from which suites (tried in order), trusted by which keyring; ``index_size`` in bytes a suite."""

    package: str
    suites: tuple[str, ...]
    keyring: Path
    index_size: int


def debian_mirror(ctx: JobContext) -> str | None:
    """The address of this machine's Debian mirror, from apt's own configuration; None where Debian is not its origin.

    Before the first ``apt-get update`` apt knows no origins; then an address that ends in ``/debian`` is taken.
    """
    words = ("apt-get", "indextargets", "--format", "$(ORIGIN)|$(LABEL)|$(REPO_URI)", "Created-By: Packages")
    targets = ctx.run(words, env=_ENV, check=False).stdout.decode("utf-8", "replace")
    for line in targets.splitlines():
        origin, label, address = [*line.split("|"), "", ""][:3]
        if (origin, label) == ("Debian", "Debian"):
            return address.rstrip("/")
    planned = ctx.run(("apt-get", "update", "--print-uris"), env=_ENV, check=False).stdout.decode("utf-8", "replace")
    found = re.search(r"^'(\S+/debian)/dists/[^/']+/InRelease'", planned, re.M)
    return found[1] if found else None


def carry_with_apt(helper: Path) -> Carrier:
    """A carrier for :func:`toolchains.fetch.fetch`: ``helper`` is apt's downloader, which knows apt's proxies.

    It takes only a file with the known hash. Raises :class:`AptFailed` with what it said; no partial file is left.
    """

    def carry(ctx: JobContext, download: Download, target: Path) -> str:
        check_room(target.parent, download.size)
        options = _words({**_PATIENCE, "APT::Status-Fd": 1})
        lines: list[str] = []
        argv = (str(helper), "-q", *options, "download-file", download.url, str(target), f"SHA256:{download.sha256}")
        try:
            code = ctx.run_lines(argv, lambda line: hear_apt(ctx, line, lines), env=_ENV)
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
    mirror = debian_mirror(ctx)
    if mirror is None:
        raise AptFailed(_("apt on this machine names no Debian mirror."))
    seen: dict[str, str] = {}
    for suite in source.suites:
        with _private_apt(ctx, source, mirror, suite) as apt:
            with ctx.step(_("Read the source index of Debian {suite}", suite=suite)):
                size = size_text(source.index_size)
                ctx.note(_("Reading Debian's index of source packages ({size}); removed afterwards.", size=size))
                _run(ctx, ("apt-get", *apt.options, "update"), apt.folder)
            offers = _offers(ctx, source.package, apt)
            seen |= offers
            if version in offers:
                return _download(ctx, source.package, offers[version], apt, folder)
    raise NoSourcePackage(
        _("Debian has no source package of MicroPython {version}.", version=version),
        why=_("It has: {versions}.", versions=", ".join(seen)) if seen else None,
        version=version,
    )


@dataclass(frozen=True)
class _Apt:
    folder: Path
    options: tuple[str, ...]


@contextmanager
def _private_apt(ctx: JobContext, source: AptSource, mirror: str, suite: str) -> Iterator[_Apt]:
    """A folder and the options that make apt use it for everything.

    The folder is in the system's temporary place: apt's own unprivileged user must reach it when we are root.
    """
    with disk_errors(tempfile.gettempdir()):
        folder = Path(tempfile.mkdtemp(prefix="natmod-apt-"))
    try:
        with disk_errors(folder):
            folder.chmod(0o755)
            for name in ("lists/partial", "cache/archives/partial", "got"):
                (folder / name).mkdir(parents=True)
            signed = f"[signed-by={source.keyring}] " if source.keyring.is_file() else ""
            (folder / "sources.list").write_text(f"deb-src {signed}{mirror} {suite} main\n", "utf-8")
        yield _Apt(folder, _options(folder))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _options(folder: Path) -> tuple[str, ...]:
    values: Mapping[str, object] = {
        "Dir::Etc::sourcelist": folder / "sources.list",
        "Dir::Etc::sourceparts": "/dev/null",
        "Dir::State::lists": folder / "lists",
        "Dir::Cache": folder / "cache",
        "Acquire::Languages": "none",
        "Acquire::PDiffs": "false",
        **_PATIENCE,
        "Acquire::AllowInsecureRepositories": "false",
        "APT::Get::AllowUnauthenticated": "false",
        "APT::Update::Error-Mode": "any",  # else a mirror that is not there counts as success
    }
    return _words(values)


def _words(values: Mapping[str, object]) -> tuple[str, ...]:
    return tuple(word for key, value in values.items() for word in ("-o", f"{key}={value}"))


def _run(ctx: JobContext, argv: Sequence[str], cwd: Path) -> Completed:
    done = ctx.run(argv, cwd=cwd, env=_ENV, check=False)
    if done.returncode == 0:
        return done
    if re.search(r"NO_PUBKEY|not signed|BADSIG|EXPKEYSIG|no longer signed", done.text):
        raise AptFailed(
            _("The signature of Debian's index could not be verified, so nothing of it was used."),
            next_step=_("Update the package debian-archive-keyring, then try again."),
            detail=done.text,
        )
    raise AptFailed(
        _("apt could not get MicroPython's source package."),
        why=_("Its own words are below."),
        next_step=_("Check the network and apt's proxy, then try again."),
        detail=done.text,
    )


def _offers(ctx: JobContext, package: str, apt: _Apt) -> dict[str, str]:
    """What the suite has: upstream version -> Debian's version (``1.26.1`` -> ``1.26.1+ds-1``)."""
    shown = ctx.run(
        ("apt-cache", *apt.options, "showsrc", "--only-source", package), cwd=apt.folder, env=_ENV, check=False
    )
    return _offers_of(shown.stdout.decode("utf-8", "replace"))


def _offers_of(shown: str) -> dict[str, str]:
    versions = re.findall(r"^Version: (\S+)$", shown, re.M)
    return {re.sub(r"^\d+:|[+~-].*$", "", version): version for version in versions}


def _download(ctx: JobContext, package: str, version: str, apt: _Apt, folder: Path) -> Path:
    words = ("apt-get", *apt.options, "-q", "source", "--download-only", "--only-source", "--tar-only")
    got = apt.folder / "got"
    named = f"{package}={version}"
    plan = _run(ctx, (*words, "--print-uris", named), got).stdout.decode("utf-8", "replace")
    sizes = [int(size) for size in re.findall(r"^'\S+' \S+\.orig\.tar\.\w+ (\d+) ", plan, re.M)]
    with ctx.step(_("Download {name} ({size}) with apt", name=named, size=size_text(sum(sizes)))):
        _run(ctx, (*words, named), got)
    archives = sorted(got.glob("*.orig.tar.*"))
    if not archives:
        raise AptFailed(_("apt fetched no source archive."), detail=plan)
    with disk_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.move(archives[0], folder / archives[0].name))
