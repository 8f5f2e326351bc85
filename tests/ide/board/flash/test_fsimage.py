"""Filesystem images: made, listed, unpacked, changed inside; and hostile ones, which end a child process at most."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from littlefs import LittleFS

from ide.board.flash import fsimage
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.safe_names import safe_names
from toolchains.jobs import JobContext

_SIZE = 256 << 10
_KINDS: tuple[FsKind, ...] = ("littlefs", "fat")
_FILES = {
    "/boot.py": b"# boot\n",
    "/main.py": b"import crash\ncrash.now()\n",
    "/lib/deep/noise.bin": random.Random(1).randbytes(40_000),
    "/lib/été.py": b"print('accents')\n",
    "/empty": b"",
}  # fmt: skip


def _folder(tmp_path: Path) -> Path:
    folder = tmp_path / "files"
    for path, data in _FILES.items():
        place = folder / path[1:]
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(data)
    (folder / ".git").mkdir()
    (folder / ".git" / "config").write_text("not for boards")
    os.symlink("/etc/hostname", folder / "link")
    return folder


def _contents(ctx: JobContext, image: bytes) -> dict[str, bytes]:
    return {file.path: file.data for file in fsimage.read(ctx, image).files if file.data is not None}


@pytest.mark.parametrize("kind", _KINDS)
def test_a_folder_becomes_an_image_and_a_folder_again(kind: FsKind, tmp_path: Path) -> None:
    ctx = JobContext()
    image = fsimage.build(ctx, _folder(tmp_path), _SIZE, kind)
    assert len(image) == _SIZE
    assert fsimage.content_of(image) == kind
    assert {file.path for file in fsimage.files(ctx, image) if not file.folder} == set(_FILES)
    unpacked = fsimage.unpack(ctx, image, tmp_path / "out")
    assert unpacked.whole
    assert unpacked.broken == ()
    assert {
        f"/{path.relative_to(tmp_path / 'out').as_posix()}": path.read_bytes()
        for path in (tmp_path / "out").rglob("*")
        if path.is_file()
    } == _FILES


@pytest.mark.parametrize("kind", _KINDS)
def test_a_rename_inside_changes_one_block_and_no_file(kind: FsKind, tmp_path: Path) -> None:
    ctx = JobContext()
    image = fsimage.build(ctx, _folder(tmp_path), _SIZE, kind)
    after, blocks = fsimage.rename(ctx, image, ("/main.py", "/main.py.off"))
    assert _contents(ctx, after) == {
        path.replace("/main.py", "/main.py.off"): data for path, data in _FILES.items()
    }  # fmt: skip
    assert len(blocks) == 1
    patched = bytearray(image)
    for block in blocks:
        patched[block * 4096 : block * 4096 + 4096] = after[block * 4096 : block * 4096 + 4096]
    assert patched == after, "the changed blocks are all that changed"


@pytest.mark.parametrize("kind", _KINDS)
def test_a_rename_replaces_nothing(kind: FsKind, tmp_path: Path) -> None:
    ctx = JobContext()
    image = fsimage.build(ctx, _folder(tmp_path), _SIZE, kind)
    with pytest.raises(fsimage.BadFsRequest) as refused:
        fsimage.rename(ctx, image, ("/main.py", "/boot.py"))
    assert "/boot.py" in str(refused.value)
    with pytest.raises(fsimage.FilesystemDamaged):
        fsimage.rename(ctx, image, ("/nothing.py", "/other.py"))


@pytest.mark.parametrize("kind", _KINDS)
def test_too_many_files_are_refused(kind: FsKind) -> None:
    rows = [BoardFile("/big", False, 30_000, bytes(30_000)), BoardFile("/more", False, 10_000, bytes(10_000))]
    with pytest.raises(fsimage.FilesystemFull) as full:
        fsimage.build_of(JobContext(), rows, 40 << 10, kind)
    assert "do not fit" in str(full.value)
    with pytest.raises(fsimage.BadFsRequest):
        fsimage.build_of(JobContext(), [], 5000, kind)


def test_the_form_of_an_old_littlefs_is_kept() -> None:
    """MicroPython with littlefs before 2.6 does not read what is written in the later form (facts.md i)."""
    settings_of = {"block_size": 4096, "block_count": 64, "prog_size": 32, "read_size": 32, "cache_size": 128}
    old = LittleFS(disk_version=0x00020000, **settings_of)
    with old.open("/main.py", "w") as file:
        file.write("loop\n")
    old.unmount()
    ctx = JobContext()
    after, _blocks = fsimage.rename(ctx, bytes(old.context.buffer), ("/main.py", "/main.py.off"))
    again = LittleFS(mount=False, disk_version=0x00020000, **settings_of)
    again.context.buffer[:] = after
    again.mount()
    assert again.listdir("/") == ["main.py.off"]


def test_fat_with_sectors_of_4096_bytes() -> None:
    """MicroPython on a partition ``vfs`` that somebody formatted as FAT."""
    from ide.board.flash import fs_fat

    image = bytearray(b"\xff") * (1 << 20)
    flash = fs_fat._Flash(image, 4096)
    volume = fs_fat.wrapper.Partition(flash)
    assert fs_fat.wrapper.pyf_mkfs(volume.pname, workarea_size=4096) == 0
    volume.mount()
    volume.unmount()
    ctx = JobContext()
    assert fsimage.content_of(image) == "fat"
    assert fsimage.files(ctx, bytes(image)) == ()


def test_an_empty_or_strange_image() -> None:
    ctx = JobContext()
    empty = b"\xff" * _SIZE
    assert fsimage.content_of(empty) == "empty"
    assert fsimage.files(ctx, empty) == ()
    for image in (b"", bytes(_SIZE), b"PK\x03\x04" * 1000):
        if fsimage.content_of(image) == "unknown":
            with pytest.raises(fsimage.FilesystemDamaged) as damaged:
                fsimage.read(ctx, image)
            assert "erase it" in str(damaged.value)


@pytest.mark.parametrize("kind", _KINDS)
@pytest.mark.parametrize("seed", range(8))
def test_a_damaged_image_is_read_as_far_as_it_goes_or_refused(kind: FsKind, seed: int, tmp_path: Path) -> None:
    """Whatever is in it, this process lives, the answer is a sentence, and nothing lies outside of the folder."""
    ctx, chance = JobContext(), random.Random(seed)
    image = bytearray(fsimage.build(ctx, _folder(tmp_path), _SIZE, kind))
    used = [n for n in range(len(image) // 512) if image[n * 512 : n * 512 + 512].strip(b"\xff\0")]
    for _time in range(chance.choice([1, 3, 20, 200])):
        image[chance.choice(used[:40]) * 512 + chance.randrange(512)] = chance.randrange(256)
    try:
        unpacked = fsimage.unpack(ctx, bytes(image), tmp_path / "out")
    except fsimage.FilesystemDamaged:
        return
    assert sum(file.size for file in unpacked.files) <= len(image)
    assert not (tmp_path / "evil").exists()


@pytest.mark.parametrize("kind", _KINDS)
def test_an_image_made_to_end_the_reader_ends_the_child_only(kind: FsKind) -> None:
    """Random images that pass the first look, as an attacker would send them."""
    ctx, chance = JobContext(), random.Random(7)
    for _time in range(10):
        image = bytearray(chance.randbytes(64 << 10))
        if kind == "fat":
            image[:13] = b"\xeb\xfe\x90MSDOS5.0\x00\x02"
            image[510:512] = b"\x55\xaa"
            image[54:62] = b"FAT     "
        else:
            image[8:16] = b"littlefs"
        try:
            fsimage.read(ctx, bytes(image))
        except fsimage.FilesystemDamaged as error:
            said = str(error)
            assert "damaged" in said


def test_names_that_lead_out_are_put_inside(tmp_path: Path) -> None:
    """littlefs takes any name; a hostile image says ``..``."""
    names = safe_names(
        [("/..", "folder"), ("/../evil", "file"), ("/C:", "file"), ("/a\\b", "file"), ("/con.py", "file")]
    )
    assert names == ["..~1", "..~1/evil", "%C%3a", "%a%5cb", "%con%2epy"]


def test_names_that_one_system_takes_for_the_same_stay_apart() -> None:
    names = safe_names([("/Main.py", "file"), ("/main.py", "file"), ("/main.py", "file"), ("/main.py/x", "file")])
    assert names[:3] == ["Main.py", "main.py~1", "main.py~2"]
    assert len(set(names)) == 4


_NAMES = st.text(min_size=1, max_size=12) | st.sampled_from(["..", ".", "/", "con", "a", "A", "%2e", "x" * 300])


@settings(suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.tuples(st.lists(_NAMES, min_size=1, max_size=4), st.booleans()), max_size=12))
def test_any_names_become_safe_and_stay_apart(entries: list[tuple[list[str], bool]]) -> None:
    rows = [("/" + "/".join(parts), "folder" if folder else "file") for parts, folder in entries]
    names = safe_names(rows)  # type: ignore[arg-type]
    files = [name for name, (_path, kind) in zip(names, rows, strict=True) if kind == "file"]
    assert len({name.casefold() for name in files}) == len(files)
    for name in names:
        assert not name.startswith("/")
        assert not {"..", ".", ""} & set(name.split("/"))
        assert not set(name) & set('<>:"|?*\\\0')
