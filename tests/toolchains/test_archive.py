"""Archives: the honest ones come out whole, of the others nothing is kept and nothing outside is touched."""

from __future__ import annotations

import errno
import gzip
import os
import stat
import tarfile
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.disks import small_disk
from tests.fakes.archives import HONEST, contents, honest, member, write_tar, write_zip
from toolchains import archive, archive_names
from toolchains.archive import ArchiveDamaged, ArchiveUnsafe, unpack
from toolchains.errors import Cancelled, DiskError, StudioError
from toolchains.jobs import Event, JobContext, Progress

_COMPRESSIONS = ("w:", "w:gz", "w:bz2", "w:xz")


@pytest.mark.parametrize("mode", _COMPRESSIONS)
@pytest.mark.parametrize("form", [tarfile.USTAR_FORMAT, tarfile.GNU_FORMAT, tarfile.PAX_FORMAT])
def test_a_tar_comes_out_whole_without_its_top_folder(
    tmp_path: Path, ctx: JobContext, mode: str, form: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tarfile.TarFile, "format", form)
    unpack(ctx, write_tar(tmp_path / "a", HONEST, mode=mode), tmp_path / "out")
    assert contents(tmp_path / "out") == honest()
    assert os.access(tmp_path / "out/tools/run.py", os.X_OK)
    assert not os.access(tmp_path / "out/README.md", os.X_OK)


def test_a_zip_comes_out_whole(tmp_path: Path, ctx: JobContext) -> None:
    modes = {"top/tools/run.py": 0o100755}
    unpack(ctx, write_zip(tmp_path / "a.zip", {"top/": b"", **HONEST}, modes), tmp_path / "out")
    assert contents(tmp_path / "out") == honest()
    assert os.access(tmp_path / "out/tools/run.py", os.X_OK)


def test_several_top_folders_stay(tmp_path: Path, ctx: JobContext) -> None:
    unpack(ctx, write_tar(tmp_path / "a", {"one/a": b"1", "two/a": b"2"}), tmp_path / "out")
    assert contents(tmp_path / "out") == {"one/a": b"1", "two/a": b"2"}


def test_progress_reaches_the_end(tmp_path: Path, ctx: JobContext) -> None:
    events: list[Event] = []
    ctx.sink = events.append
    packed = write_tar(tmp_path / "a", HONEST)
    unpack(ctx, packed, tmp_path / "out")
    shares = [event.done for event in events if isinstance(event, Progress)]
    assert shares == sorted(shares)
    assert shares[-1] == packed.stat().st_size


def test_links_inside_become_copies(tmp_path: Path, ctx: JobContext) -> None:
    extra = [
        member("top/tools/same.py", tarfile.SYMTYPE, link="run.py"),
        member("top/up", tarfile.SYMTYPE, link="tools/../README.md"),
        member("top/hop", tarfile.SYMTYPE, link="up"),
        member("top/hard", tarfile.LNKTYPE, link="top/README.md"),
        member("top/dangling", tarfile.SYMTYPE, link="nowhere"),
        member("top/loop", tarfile.SYMTYPE, link="loop"),
        member("top/folder", tarfile.SYMTYPE, link="tools"),
    ]
    unpack(ctx, write_tar(tmp_path / "a", HONEST, *extra), tmp_path / "out")
    readme = HONEST["top/README.md"]
    copies = {"tools/same.py": HONEST["top/tools/run.py"], "up": readme, "hop": readme, "hard": readme}
    assert contents(tmp_path / "out") == {**honest(), **copies}
    assert not [path for path in (tmp_path / "out").rglob("*") if path.is_symlink()]


_HOSTILE = {
    "a path with ..": [member("top/../../escape")],
    "an absolute path": [member("/tmp/natmod-escape")],
    "a backslash": [member("top\\..\\escape")],
    "a drive letter": [member("C:escape")],
    "a control character": [member("top/a\nb")],
    "a link out": [member("top/link", tarfile.SYMTYPE, link="../../escape")],
    "an absolute link": [member("top/link", tarfile.SYMTYPE, link="/etc")],
    "a link to nothing": [member("top/link", tarfile.SYMTYPE, link="")],
    "a hard link out": [member("top/link", tarfile.LNKTYPE, link="../escape")],
    "a file through a link": [member("top/link", tarfile.SYMTYPE, link="tools"), member("top/link/x")],
    "a device": [member("top/zero", tarfile.CHRTYPE)],
    "a block device": [member("top/disk", tarfile.BLKTYPE)],
    "a pipe": [member("top/fifo", tarfile.FIFOTYPE)],
    "the same file twice": [member("top/README.md")],
    "the same name in capitals": [member("top/readme.MD")],
    "the same name in another normal form": [member("top/\u00e9"), member("top/e\u0301")],
    "a file that is also a folder": [member("top/README.md/x")],
    "a folder that is also a file": [member("top/tools")],
    "a folder in capitals": [member("top/Tools/x")],
    "no name": [member("./")],
}


@pytest.mark.parametrize("what", _HOSTILE)
def test_a_hostile_tar_is_refused_and_nothing_kept(tmp_path: Path, ctx: JobContext, what: str) -> None:
    packed = write_tar(tmp_path / "a", HONEST, *_HOSTILE[what])
    with pytest.raises(ArchiveUnsafe) as refused:
        unpack(ctx, packed, tmp_path / "out")
    assert "Get it from its official address" in str(refused.value)
    assert sorted(tmp_path.iterdir()) == [packed]
    assert not Path("/tmp/natmod-escape").exists()


def test_a_hostile_zip_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    link = {"top/link": stat.S_IFLNK | 0o777, "top/fifo": stat.S_IFIFO | 0o644}
    for name, content in {
        "../x": b"",
        "/x": b"",
        "top/link": b"../../x",
        "top/fifo": b"",
        "TOP/readme.md": b"",
    }.items():
        packed = write_zip(tmp_path / "a.zip", {**HONEST, name: content}, link)
        with pytest.raises(ArchiveUnsafe):
            unpack(ctx, packed, tmp_path / "out")
        assert sorted(tmp_path.iterdir()) == [packed]


@pytest.mark.parametrize("mode", _COMPRESSIONS)
def test_a_truncated_tar_is_never_half_a_tree(tmp_path: Path, ctx: JobContext, mode: str) -> None:
    whole = write_tar(tmp_path / "a", HONEST, mode=mode).read_bytes()
    # A plain tar ends with blocks of nothing, two of which belong to the format.
    last = len(whole.rstrip(b"\0")) if mode == "w:" else len(whole) - 1
    for length in {0, 1, 100, 512, 1024, len(whole) // 2, last}:
        (tmp_path / "b").write_bytes(whole[:length])
        with pytest.raises(ArchiveDamaged) as damaged:
            unpack(ctx, tmp_path / "b", tmp_path / "out")
        assert "damaged" in str(damaged.value)
        assert not (tmp_path / "out").exists()


def test_a_broken_header_in_the_middle_is_not_taken_for_the_end(tmp_path: Path, ctx: JobContext) -> None:
    data = bytearray(write_tar(tmp_path / "a", HONEST, mode="w:").read_bytes())
    at = data.index(b"top/tools/run.py")
    data[at + 1] ^= 1
    (tmp_path / "a").write_bytes(data)
    with pytest.raises(ArchiveDamaged, match="its end is missing"):
        unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "content", [b"<html>please log in</html>", b"PK\x03\x04 not really", b"\xfd7zXZ\0rubbish", b"BZh9x"]
)
def test_what_is_no_archive(tmp_path: Path, ctx: JobContext, content: bytes) -> None:
    (tmp_path / "a").write_bytes(content)
    with pytest.raises(ArchiveDamaged):
        unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_wrong_suffix_does_not_matter(tmp_path: Path, ctx: JobContext) -> None:
    unpack(ctx, write_tar(tmp_path / "a.tar.gz", HONEST, mode="w:xz"), tmp_path / "out")
    assert contents(tmp_path / "out") == honest()


def test_a_bomb_of_content_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    packed = write_tar(tmp_path / "a", {"top/zeros": bytes(5_000_000)})
    with pytest.raises(ArchiveUnsafe, match=r"more than 1\.0 MB"):
        unpack(ctx, packed, tmp_path / "out", max_bytes=1 << 20)
    assert not (tmp_path / "out").exists()


def test_a_header_that_claims_to_be_huge_takes_no_memory(tmp_path: Path, ctx: JobContext) -> None:
    header = member("././@PaxHeader", tarfile.XHDTYPE, size=8 << 30).tobuf(tarfile.GNU_FORMAT)
    with gzip.open(tmp_path / "a", "wb", compresslevel=1) as out:
        out.write(header)
        for _mb in range(20):
            out.write(bytes(1 << 20))
    with pytest.raises(ArchiveUnsafe, match="far more"):
        unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_that_claims_to_be_huge_does_not_fill_the_disk(tmp_path: Path, ctx: JobContext) -> None:
    (tmp_path / "a").write_bytes(member("top/huge", size=5 << 30).tobuf(tarfile.GNU_FORMAT) + bytes(4096))
    with pytest.raises((ArchiveDamaged, DiskError)):
        unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_too_many_files_are_refused(tmp_path: Path, ctx: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive_names, "MAX_FILES", 20)
    packed = write_tar(tmp_path / "a", {f"top/{n}": b"" for n in range(30)})
    with pytest.raises(ArchiveUnsafe, match="too many files"):
        unpack(ctx, packed, tmp_path / "out")


def test_no_room_is_known_before_the_disk_is_full(
    tmp_path: Path, ctx: JobContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "_room", lambda folder: 1000)
    with pytest.raises(DiskError, match="no space left"):
        unpack(ctx, write_tar(tmp_path / "a", HONEST), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_full_disk_leaves_nothing(tmp_path: Path, ctx: JobContext, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_room", lambda folder: 1 << 40)  # someone else fills the disk meanwhile
    with small_disk(tmp_path / "small", "256k") as disk:
        with pytest.raises(DiskError, match="no space left") as full:
            unpack(ctx, write_tar(tmp_path / "a", HONEST), disk / "out")
        assert list(disk.iterdir()) == []
    assert full.value.fields["errno"] == errno.ENOSPC


def test_an_occupied_folder_is_left_alone(tmp_path: Path, ctx: JobContext) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out/mine").write_text("keep")
    with pytest.raises(DiskError, match="not empty"):
        unpack(ctx, write_tar(tmp_path / "a", HONEST), tmp_path / "out")
    assert (tmp_path / "out/mine").read_text() == "keep"


def test_a_missing_archive(tmp_path: Path, ctx: JobContext) -> None:
    with pytest.raises(DiskError, match=r"nothing\.tar"):
        unpack(ctx, tmp_path / "nothing.tar", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_cancel_in_the_middle_leaves_nothing(tmp_path: Path, ctx: JobContext) -> None:
    ctx.sink = lambda event: ctx.cancel()
    with pytest.raises(Cancelled):
        unpack(ctx, write_tar(tmp_path / "a", HONEST), tmp_path / "out")
    assert not (tmp_path / "out").exists()


_PART = st.sampled_from(["..", ".", "", "a", "A", "b", "top", "é", "e\u0301", "x" * 300, "C:", "\\", "nul\0", "~"])
_NAME = st.lists(_PART, min_size=1, max_size=4).map("/".join)
_KIND = st.sampled_from([tarfile.REGTYPE, tarfile.DIRTYPE, tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.FIFOTYPE])


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(_NAME, _KIND, _NAME), max_size=6))
def test_whatever_a_tar_holds_nothing_outside_is_touched(members: list[tuple[str, bytes, str]]) -> None:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "keep").write_text("keep")
        (room / "in").mkdir()
        extra = [member(path, kind, link=link) for path, kind, link in members]
        packed = write_tar(room / "a", {"top/a": b"1"}, *extra, mode="w:")
        try:
            unpack(JobContext(), packed, room / "in/out")
        except StudioError:
            assert list((room / "in").iterdir()) == []
        assert sorted(path.name for path in room.iterdir()) == ["a", "in", "keep"]
        assert {path.name for path in (room / "in").iterdir()} <= {"out"}
        assert not [path for path in (room / "in").rglob("*") if path.is_symlink()]
