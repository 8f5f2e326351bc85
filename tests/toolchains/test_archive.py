"""Archives: the honest ones come out whole, of the others nothing is kept and nothing outside is touched."""

from __future__ import annotations

import errno
import gzip
import lzma
import os
import stat
import tarfile
import tempfile
import zipfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.disks import small_disk
from tests.fakes.archives import HONEST, contents, honest, links_in, member, write_tar, write_zip
from toolchains import archive, archive_names
from toolchains.archive import ArchiveDamaged, ArchiveUnsafe, unpack
from toolchains.archive_links import Style
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
    "a device of Windows": [member("top/CON")],
    "a device of Windows with a suffix": [member("top/aux.tar.gz")],
    "a device of Windows with a space": [member("top/nul .txt")],
    "a folder that is a device of Windows": [member("top/lpt1/x")],
    "a device of Windows with a superscript": [member("top/COM¹")],
    "a dot at the end": [member("top/a.")],
    "a folder with a dot at the end": [member("top/a./x")],
    "a space at the end": [member("top/a ")],
    "a colon, another stream on Windows": [member("top/README.md:more")],
    "a question mark": [member("top/what?")],
    "an asterisk": [member("top/*")],
    "a quotation mark": [member('top/"a"')],
    "a bar": [member("top/a|b")],
    "angles": [member("top/<a>")],
    "a name of 300 letters": [member(f"top/{'x' * 300}")],
    "a name of 130 accents": [member(f"top/{'é' * 130}")],
    "a name that is no text": [member("top/\udcff")],
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


@pytest.mark.parametrize(
    "name", ["auxiliary.c", "console", "com", "com10", "nul_device.h", ".hidden", "a.b.c", "é" * 127]
)
def test_names_that_only_look_like_it(tmp_path: Path, ctx: JobContext, name: str) -> None:
    unpack(ctx, write_tar(tmp_path / "a", {f"top/{name}/{name}": b"1", "top/b": b"2"}), tmp_path / "out")
    assert contents(tmp_path / "out") == {f"{name}/{name}": b"1", "b": b"2"}


def test_a_sparse_file_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    """Its content is not what stands in the archive."""
    sparse = member("top/holes")
    sparse.pax_headers = {"GNU.sparse.major": "1", "GNU.sparse.minor": "0", "GNU.sparse.realsize": "1000000"}
    header = sparse.tobuf(tarfile.PAX_FORMAT)
    (tmp_path / "a").write_bytes(header + b"0\n".ljust(512, b"\0") + bytes(1024))
    with pytest.raises((ArchiveUnsafe, ArchiveDamaged)):
        unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_xz_that_asks_for_gigabytes_of_memory_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    greedy = {"id": lzma.FILTER_LZMA2, "preset": 0, "dict_size": 1 << 20}
    packed = bytearray(lzma.compress(write_tar(tmp_path / "a", HONEST, mode="w:").read_bytes(), filters=[greedy]))
    header = packed[12:24]
    assert header[3] == 1  # two bytes of properties follow: the size of the dictionary is one number
    header[4] = 39  # 3 GB
    packed[12:24] = header[:8] + zlib.crc32(header[:8]).to_bytes(4, "little")
    (tmp_path / "a").write_bytes(packed)
    with pytest.raises(ArchiveDamaged, match="limit"):
        unpack(ctx, tmp_path / "a", tmp_path / "out")


def test_an_xz_of_several_streams_with_padding_comes_out_whole(tmp_path: Path, ctx: JobContext) -> None:
    plain = write_tar(tmp_path / "a", HONEST, mode="w:").read_bytes()
    parts = [lzma.compress(plain[:1000]), bytes(8), lzma.compress(plain[1000:300_000]), lzma.compress(plain[300_000:])]
    (tmp_path / "a").write_bytes(b"".join(parts) + bytes(70_000))
    unpack(ctx, tmp_path / "a", tmp_path / "out")
    assert contents(tmp_path / "out") == honest()
    (tmp_path / "a").write_bytes(b"".join(parts) + b"rubbish")
    with pytest.raises(ArchiveDamaged):
        unpack(ctx, tmp_path / "a", tmp_path / "again")


def test_a_zip_with_a_compression_that_eats_memory_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    with zipfile.ZipFile(tmp_path / "a.zip", "w", zipfile.ZIP_LZMA) as bundle:
        bundle.writestr("a", b"1" * 1000)
    with pytest.raises(ArchiveDamaged, match="unknown way"):
        unpack(ctx, tmp_path / "a.zip", tmp_path / "out")


def test_a_bomb_in_a_zip_is_refused(tmp_path: Path, ctx: JobContext) -> None:
    packed = write_zip(tmp_path / "a.zip", {f"top/{n}": bytes(300_000) for n in range(5)})
    with pytest.raises(ArchiveUnsafe, match=r"more than 1\.0 MB"):
        unpack(ctx, packed, tmp_path / "out", max_bytes=1 << 20)
    assert not (tmp_path / "out").exists()


def test_the_top_folder_can_stay(tmp_path: Path, ctx: JobContext) -> None:
    unpack(ctx, write_tar(tmp_path / "a", HONEST), tmp_path / "out", strip=False)
    assert contents(tmp_path / "out") == HONEST


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
@given(st.lists(st.tuples(_NAME, _KIND, _NAME), max_size=6), st.sampled_from(["copy", "keep"]))
def test_whatever_a_tar_holds_nothing_outside_is_touched(members: list[tuple[str, bytes, str]], links: Style) -> None:
    with tempfile.TemporaryDirectory() as name:
        room = Path(name)
        (room / "keep").write_text("keep")
        (room / "in").mkdir()
        extra = [member(path, kind, link=link) for path, kind, link in members]
        packed = write_tar(room / "a", {"top/a": b"1"}, *extra, mode="w:")
        try:
            unpack(JobContext(), packed, room / "in/out", links=links)
        except StudioError:
            assert list((room / "in").iterdir()) == []
        assert sorted(path.name for path in room.iterdir()) == ["a", "in", "keep"]
        assert {path.name for path in (room / "in").iterdir()} <= {"out"}
        assert (room / "keep").read_text() == "keep"
        made = links_in(room / "in/out")
        assert links == "keep" or not made
