"""Links in archives: made where they were asked for and can be had, never out of the folder."""

from __future__ import annotations

import errno
import hashlib
import os
import stat
import sys
import tarfile
from pathlib import Path

import pytest

from tests.fakes.archives import HONEST, contents, honest, links_in, member, write_tar, write_zip
from toolchains.archive import ArchiveUnsafe, unpack
from toolchains.archive_links import Style
from toolchains.errors import DiskError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.store_files import Seal

_README, _RUN = HONEST["top/README.md"], HONEST["top/tools/run.py"]
posix = pytest.mark.skipif(sys.platform == "win32", reason="Windows makes no symbolic links")


def _soft(path: str, target: str) -> tarfile.TarInfo:
    return member(f"top/{path}", tarfile.SYMTYPE, link=target)


_LINKS = [
    _soft("tools/same.py", "run.py"),
    _soft("up", "tools/../README.md"),
    _soft("hop", "up"),
    member("top/hard", tarfile.LNKTYPE, link="top/README.md"),
    member("top/hard.py", tarfile.LNKTYPE, link="top/tools/same.py"),
    _soft("deep/er/link", "../../tools/run.py"),
    _soft("dangling", "nowhere"),
    _soft("loop", "loop"),
    _soft("circle", "round"),
    _soft("round", "circle"),
    _soft("folder", "tools"),
    _soft("around", "folder/../README.md"),
    _soft("self", "."),
    _soft("root", ".."),
    _soft("bare", "hollow"),
    _soft("hollow/dangling", "nowhere"),
]
_FILES = {
    **{"up": _README, "hop": _README, "hard": _README, "around": _README},
    **{"tools/same.py": _RUN, "hard.py": _RUN, "deep/er/link": _RUN},
}


def _out(tmp_path: Path, ctx: JobContext, links: Style, *extra: tarfile.TarInfo) -> Path:
    unpack(ctx, write_tar(tmp_path / "a", HONEST, *(extra or _LINKS)), tmp_path / "out", links=links)
    return tmp_path / "out"


def test_links_inside_become_copies(tmp_path: Path, ctx: JobContext) -> None:
    out = _out(tmp_path, ctx, "copy")
    assert contents(out) == {**honest(), **_FILES}
    assert links_in(out) == {}
    assert {path.stat().st_nlink for path in out.rglob("*") if path.is_file()} == {1}
    assert os.access(out / "tools/same.py", os.X_OK)


@posix
def test_links_inside_can_be_kept(tmp_path: Path, ctx: JobContext) -> None:
    out = _out(tmp_path, ctx, "keep")
    assert links_in(out) == {
        "tools/same.py": "run.py",
        "up": "README.md",
        "hop": "README.md",
        "deep/er/link": "../../tools/run.py",
        "folder": "tools",
        "around": "README.md",
        "self": ".",
        "bare": "hollow",
    }
    assert contents(out) == {**honest(), **_FILES}
    assert (out / "hard").samefile(out / "README.md")
    assert (out / "hard.py").samefile(out / "tools/run.py")
    assert not (out / "hard").is_symlink()


@posix
def test_the_links_of_a_zip_are_kept(tmp_path: Path, ctx: JobContext) -> None:
    modes = {"top/link": stat.S_IFLNK | 0o777}
    packed = write_zip(tmp_path / "a.zip", {**HONEST, "top/link": b"tools/run.py"}, modes)
    unpack(ctx, packed, tmp_path / "out", links="keep")
    assert links_in(tmp_path / "out") == {"link": "tools/run.py"}


def test_on_windows_links_are_the_same_file_or_a_copy(tmp_path: Path, ctx: JobContext) -> None:
    ctx.host = Host("windows", "x86_64", ctx.host.environ)
    out = _out(tmp_path, ctx, "keep")
    assert links_in(out) == {}
    assert contents(out) == {**honest(), **_FILES}
    assert (out / "hop").samefile(out / "README.md")


@pytest.mark.parametrize("number", [errno.EPERM, errno.EOPNOTSUPP, errno.EMLINK])
def test_a_disk_without_links_gets_copies(
    tmp_path: Path, ctx: JobContext, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    def no(*_words: object, **_more: object) -> None:
        raise OSError(number, "no links here")

    monkeypatch.setattr(os, "link", no)
    monkeypatch.setattr(os, "symlink", no)
    out = _out(tmp_path, ctx, "keep")
    assert links_in(out) == {}
    assert contents(out) == {**honest(), **_FILES}


def test_another_fault_of_the_disk_is_said(tmp_path: Path, ctx: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_words: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "link", full)
    with pytest.raises(DiskError, match="no space left"):
        _out(tmp_path, ctx, "keep", member("top/hard", tarfile.LNKTYPE, link="top/README.md"))
    assert not (tmp_path / "out").exists()


_OUT = {
    "up": [_soft("link", "../../escape")],
    "absolute": [_soft("link", "/etc/passwd")],
    "by a drive": [_soft("link", "C:\\Windows")],
    "a hard link": [member("top/link", tarfile.LNKTYPE, link="../escape")],
    # As text both stay inside; the system would follow the first one before it goes up.
    "through another link": [_soft("a/b/c/up", "../../.."), _soft("a/b/c/x", "up/../../escape")],
    "through another link, the other way round": [_soft("a/b/c/x", "up/../../escape"), _soft("a/b/c/up", "../../..")],
    "a hard link through a link": [_soft("d/up", "../.."), member("top/x", tarfile.LNKTYPE, link="top/d/up/../x")],
    "through a link to a folder": [_soft("d/folder", "../tools"), _soft("d/x", "folder/../../../escape")],
    "a file through a link": [_soft("link", "tools"), member("top/link/x")],
    "a file through a link that comes later": [member("top/link/x"), _soft("link", "tools")],
    "a link through a link": [_soft("link", "tools"), _soft("link/x", "run.py")],
    "a folder in the place of a link": [_soft("link", "tools"), member("top/link", tarfile.DIRTYPE)],
    "a link in the place of another": [_soft("link", "tools"), _soft("LINK", "py")],
    "endless": [_soft("link", "x/" * 3000)],
}


@pytest.mark.parametrize("links", ["copy", "keep"])
@pytest.mark.parametrize("what", _OUT)
def test_links_that_leave_are_refused(tmp_path: Path, ctx: JobContext, what: str, links: Style) -> None:
    (tmp_path / "escape").write_text("mine")
    with pytest.raises(ArchiveUnsafe):
        _out(tmp_path, ctx, links, *_OUT[what])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a", "escape"]
    assert (tmp_path / "escape").read_text() == "mine"


def test_many_copies_of_a_big_file_are_a_bomb(tmp_path: Path, ctx: JobContext) -> None:
    links = [_soft(f"link{number}", "py/big.bin") for number in range(50)]
    packed = write_tar(tmp_path / "a", HONEST, *links)
    with pytest.raises(ArchiveUnsafe, match=r"more than 2\.0 MB"):
        unpack(ctx, packed, tmp_path / "out", max_bytes=2 << 20)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("links", ["copy", "keep"])
@pytest.mark.parametrize("strip", [True, False])
def test_the_seal_knows_every_file(tmp_path: Path, ctx: JobContext, links: Style, strip: bool) -> None:
    seal, out = Seal(), tmp_path / "out"
    unpack(ctx, write_tar(tmp_path / "a", HONEST, *_LINKS), out, links=links, seal=seal, strip=strip)
    files = [path for path in out.rglob("*") if path.is_file() and not path.is_symlink()]
    assert {path: seal.of(path, path.lstat()) for path in files} == {
        path: hashlib.sha256(path.read_bytes()).hexdigest() for path in files
    }
    assert len(files) >= len(HONEST)
