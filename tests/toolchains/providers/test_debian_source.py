"""Debian's source package of MicroPython through a private apt: verified, and the system's own lists untouched."""

from __future__ import annotations

import hashlib
import os
import tarfile
import tempfile
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.disks import small_disk
from tests.fakes.file_server import FileServer, serve
from toolchains.errors import Cancelled, DiskError
from toolchains.fetch import Download, WrongContent, fetch
from toolchains.jobs import Event, Progress, StepStarted
from toolchains.providers.debian_source import AptSource, NoSourcePackage, _offers_of, carry_with_apt, fetch_with_apt
from toolchains.providers.private_apt import AptFailed, debian_mirror

_LISTS = Path("/var/lib/apt/lists")
_KEYRING = Path("/usr/share/keyrings/debian-archive-keyring.gpg")


def _source(*suites: str, keyring: Path = _KEYRING) -> AptSource:
    return AptSource("micropython", suites, keyring, 12_300_000)


@pytest.fixture
def apt(ctx: RecordingContext, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RecordingContext:
    """A job on a Debian machine whose mirror is reachable; temporary files go to a folder that can be looked at."""
    if not ctx.host.is_debian() or debian_mirror(ctx) is None:
        pytest.skip("a Debian machine with a Debian mirror is needed")
    (tmp_path / "tmp").mkdir()
    for folder in (tmp_path / "tmp", *tmp_path.parents):
        if folder != Path(tempfile.gettempdir()) and folder.is_relative_to(tempfile.gettempdir()):
            folder.chmod(0o755)  # pytest makes them private; apt's own user must get through
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path / "tmp"))
    return ctx


def _fetch(ctx: RecordingContext, source: AptSource, version: str, folder: Path) -> Path:
    try:
        return fetch_with_apt(ctx, source, version, folder)
    except AptFailed as error:
        if "Could not resolve" in error.detail or "connect" in error.detail.lower():
            pytest.skip(f"the Debian mirror cannot be reached: {error.detail}")
        raise


def _system_lists() -> list[tuple[str, int]]:
    return sorted((path.name, path.stat().st_mtime_ns) for path in _LISTS.iterdir())


@pytest.mark.slow
def test_the_archive_comes_verified_and_the_system_is_untouched(apt: RecordingContext, tmp_path: Path) -> None:
    before = _system_lists()
    archive = _fetch(apt, _source("trixie"), "1.25.0", tmp_path / "got")
    assert archive.name == "micropython_1.25.0+ds.orig.tar.xz"
    with tarfile.open(archive) as tar:
        assert any(name.endswith("/py/dynruntime.h") for name in tar.getnames())
    assert any("12 MB" in line for line in apt.said())
    assert any("5.7 MB" in line for line in apt.said())
    assert _system_lists() == before
    assert list((tmp_path / "tmp").iterdir()) == []  # apt's lists are gone
    assert [path.name for path in (tmp_path / "got").iterdir()] == [archive.name]


def test_an_index_that_nobody_signed_is_refused(apt: RecordingContext, tmp_path: Path) -> None:
    keyring = tmp_path / "empty.gpg"
    keyring.write_bytes(b"")
    keyring.chmod(0o644)
    with pytest.raises(AptFailed, match="signature of Debian's index could not be verified") as refused:
        _fetch(apt, _source("trixie", keyring=keyring), "1.25.0", tmp_path / "got")
    assert "NO_PUBKEY" in refused.value.detail or "not signed" in refused.value.detail
    assert list((tmp_path / "tmp").iterdir()) == []
    assert not (tmp_path / "got").exists()


def test_a_suite_that_is_not_there(apt: RecordingContext, tmp_path: Path) -> None:
    with pytest.raises(AptFailed, match="apt could not get MicroPython's source package") as failed:
        _fetch(apt, _source("no-such-suite"), "1.25.0", tmp_path / "got")
    assert "no-such-suite" in failed.value.detail
    assert list((tmp_path / "tmp").iterdir()) == []


def test_a_cancel_leaves_no_lists(apt: RecordingContext, tmp_path: Path) -> None:
    def cancel(event: Event) -> None:
        if isinstance(event, StepStarted):
            apt.cancel()

    apt.sink = cancel
    with pytest.raises(Cancelled):
        fetch_with_apt(apt, _source("trixie"), "1.25.0", tmp_path / "got")
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_a_suite_offers_is_read_from_apt() -> None:
    shown = "Package: micropython\nVersion: 1.26.1+ds-1\n\nPackage: micropython\nVersion: 1:1.25.0-2~bpo12+1\n"
    assert _offers_of(shown) == {"1.26.1": "1.26.1+ds-1", "1.25.0": "1:1.25.0-2~bpo12+1"}


# --- one file of a known hash, by apt's own downloader -----------------------------------------------------------

_HELPER = Path("/usr/lib/apt/apt-helper")
_BODY = bytes(range(256)) * 400


@pytest.fixture
def server(ctx: RecordingContext) -> Iterator[FileServer]:
    """A mirror on this machine, for a real apt."""
    if not ctx.host.is_debian() or not os.access(_HELPER, os.X_OK):
        pytest.skip(f"{_HELPER} is needed")
    with serve(_BODY) as files:
        yield files


def _known(server: FileServer, kind: str) -> Download:
    digest = hashlib.sha256(_BODY).hexdigest()
    return Download(f"{server.url}/{kind}/a+b.tar.xz", "a+b.tar.xz", f"sha256:{digest}", len(_BODY))


def test_apt_brings_the_file_that_was_meant(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    for _again in range(2):
        got = fetch(ctx, _known(server, "ok"), tmp_path, carry_with_apt(_HELPER))
        assert got.read_bytes() == _BODY
    assert server.requests == ["GET /ok/a%2bb.tar.xz"]  # as apt writes a plus
    assert ctx.said()[0] == "Download a+b.tar.xz (100 kB) from 127.0.0.1"
    assert [event for event in ctx.events if isinstance(event, Progress)][-1] == Progress(100, 100, "%")
    assert sorted(path.name for path in tmp_path.iterdir()) == [".a+b.tar.xz.lock", "a+b.tar.xz"]


@pytest.mark.parametrize(
    ("kind", "word"),
    [("changed", "Hash Sum mismatch"), ("login", "Hash Sum mismatch"), ("missing", "404"), ("busy", "503")],
)
def test_a_mirror_that_has_something_else(
    server: FileServer, ctx: RecordingContext, tmp_path: Path, kind: str, word: str
) -> None:
    with pytest.raises(AptFailed, match=r"apt could not get a\+b\.tar\.xz") as failed:
        fetch(ctx, _known(server, kind), tmp_path, carry_with_apt(_HELPER))
    assert word in failed.value.detail
    assert [path.name for path in tmp_path.iterdir()] == [".a+b.tar.xz.lock"]


def test_a_mirror_that_is_not_there(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    download = Download("http://127.0.0.1:9/a.tar.xz", "a.tar.xz", "sha256:" + "0" * 64, 1)
    with pytest.raises(AptFailed) as failed:
        fetch(ctx, download, tmp_path, carry_with_apt(_HELPER))
    assert "Could not connect" in failed.value.detail


def test_a_cancel_ends_apt_at_once(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    def cancel() -> None:
        server.stalled.wait()
        ctx.cancel()

    watcher = threading.Thread(target=cancel)
    watcher.start()
    with pytest.raises(Cancelled):
        fetch(ctx, _known(server, "stall"), tmp_path, carry_with_apt(_HELPER))
    watcher.join()
    assert [path.name for path in tmp_path.iterdir()] == [".a+b.tar.xz.lock"]


def test_a_full_disk_is_said_before_apt_starts(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    with small_disk(tmp_path / "small", "64k") as folder, pytest.raises(DiskError, match="no space left"):
        fetch(ctx, _known(server, "ok"), folder, carry_with_apt(_HELPER))
    assert server.requests == []


def test_a_helper_that_does_not_check_is_checked(server: FileServer, ctx: RecordingContext, tmp_path: Path) -> None:
    careless = tmp_path / "careless"
    careless.write_text('#!/bin/sh\nwhile [ "$1" != download-file ]; do shift; done\necho wrong > "$3"\n')
    careless.chmod(0o755)
    with pytest.raises(WrongContent):
        fetch(ctx, _known(server, "ok"), tmp_path / "got", carry_with_apt(careless))
    assert [path.name for path in (tmp_path / "got").iterdir()] == [".a+b.tar.xz.lock"]


# --- with a scripted apt -------------------------------------------------------------------------------------------

_SHOWN = """case "$*" in
indextargets*) printf '%b' "{targets}";;
*--print-uris*) printf '%b' "{planned}";;
*" update") exit 0;;
*showsrc*) echo "Version: 1.22.0-1";;
esac
"""


def _scripted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, targets: str, planned: str = "") -> RecordingContext:
    folder = tmp_path / "bin"
    folder.mkdir()
    for name in ("apt-get", "apt-cache", "dpkg"):
        (folder / name).write_text("#!/bin/sh\n" + _SHOWN.format(targets=targets, planned=planned))
        (folder / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return RecordingContext()


_SECURITY = "Debian|Debian-Security|http://mirror.example/debian-security/\\n"


@pytest.mark.parametrize(
    ("targets", "planned", "mirror"),
    [
        (_SECURITY + "Debian|Debian|http://mirror.example/debian/\\n", "", "http://mirror.example/debian"),
        ("Ubuntu|Ubuntu|http://mirror.example/ubuntu/\\n", "", None),
        (
            "",
            "'http://m/debian-security/dists/b/InRelease' x 0\\n'http://m/debian/dists/b/InRelease' x 0\\n",
            "http://m/debian",
        ),
        ("", "", None),
    ],
)
def test_the_mirror_is_the_systems_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, targets: str, planned: str, mirror: str | None
) -> None:
    assert debian_mirror(_scripted(tmp_path, monkeypatch, targets, planned)) == mirror


def test_a_version_that_debian_does_not_have(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ctx = _scripted(tmp_path, monkeypatch, "Debian|Debian|http://mirror.example/debian/\\n")
    with pytest.raises(NoSourcePackage, match=r"1\.27\.0\. It has: 1\.22\.0\."):
        fetch_with_apt(ctx, _source("sid", "trixie"), "1.27.0", tmp_path / "got")
