"""Debian's source package of MicroPython through a private apt: verified, and the system's own lists untouched."""

from __future__ import annotations

import tarfile
import tempfile
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains.errors import Cancelled
from toolchains.jobs import Event, StepStarted
from toolchains.providers.debian_source import (
    AptFailed,
    AptSource,
    NoSourcePackage,
    _offers_of,
    debian_mirror,
    fetch_with_apt,
)

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


_SECURITY = "Debian|Debian-Security|http://mirror.school/debian-security/\\n"


@pytest.mark.parametrize(
    ("targets", "planned", "mirror"),
    [
        (_SECURITY + "Debian|Debian|http://mirror.school/debian/\\n", "", "http://mirror.school/debian"),
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
    ctx = _scripted(tmp_path, monkeypatch, "Debian|Debian|http://mirror.school/debian/\\n")
    with pytest.raises(NoSourcePackage, match=r"1\.27\.0\. It has: 1\.22\.0\."):
        fetch_with_apt(ctx, _source("sid", "trixie"), "1.27.0", tmp_path / "got")
