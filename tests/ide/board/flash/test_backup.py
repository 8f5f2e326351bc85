"""Backup and restore against the emulated chip, with the real esptool; and backups that somebody made up."""

from __future__ import annotations

import contextlib
import json
import random
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ide.board.errors import BoardNotFound
from ide.board.flash import backup, backup_place, fsimage, on_chip, restore
from ide.board.flash import table_edit as edit
from ide.board.flash.backup_manifest import BadBackup, read_manifest
from ide.board.flash.errors import SecureBoot, WrongChip
from ide.board.flash.fsimage import BoardFile, FsKind
from ide.board.flash.last_image import LastImages
from ide.board.flash.on_chip import NoSuchPartition
from ide.board.flash.records import ChipFacts, FlashFile, FlashJob, Security
from ide.board.flash.restore import WrongBackup
from ide.board.flash.table import BadTable, read_binary, with_implicit_vfs
from ide.board.flash.table_csv import read_csv
from ide.board.flash.templates import templates
from ide.board.flash.write import write
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from toolchains.host import Host
from toolchains.jobs import Progress
from toolchains.toolbox import Toolbox

_MB = 1 << 20
_VFS, _VFS_SIZE = 0xA0000, 0x40000
_NVS = images.Row("nvs", 1, 2, 0x9000, 0x6000)
_APP = images.Row("factory", 0, 0, 0x10000, 0x90000)
_FILES = [
    BoardFile("/boot.py", False, 7, b"# boot\n"),
    BoardFile("/lib", True, 0),
    BoardFile("/lib/tool.py", False, 6, b"x = 1\n"),
    BoardFile("/main.py", False, 11, b"print('hi')"),
]


@pytest.fixture
def tools(host: Host) -> Iterator[Toolbox]:
    """The parts that a flashing needs: no SDK, no compilers."""
    with Toolbox.of(host) as toolbox:
        yield toolbox


def _facts(chip: RomChip) -> ChipFacts:
    size = len(chip.flash)
    return ChipFacts(chip.chip, chip.chip, None, size, None, "", chip.mac, None, Security(known=True), ())


@pytest.fixture
def board(ctx: RecordingContext) -> Iterator[RomChip]:
    """An ESP32-C3 with MicroPython and some files, 1 MB of flash."""
    with RomChip("esp32c3", flash_size=_MB) as chip:
        chip.program(images.firmware("esp32c3", rows=(_NVS, _APP, images.Row("vfs", 1, 0x81, _VFS, _VFS_SIZE))))
        chip.flash[_VFS : _VFS + _VFS_SIZE] = fsimage.build_of(ctx, _FILES, _VFS_SIZE)
        chip.flash[0x9000:0x9100] = random.Random(1).randbytes(256)  # settings
        yield chip


def _give_table(board: RomChip, *rows: images.Row) -> None:
    board.flash[0x8000:0x9000] = images.table(rows)


def test_the_whole_flash_and_back(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    before = bytes(board.flash)
    kept = backup.flash(ctx, tools, board.port, as_file=True)
    assert kept.place.suffix == ".zip"
    assert kept.image() == before
    assert (kept.manifest.kind, kept.manifest.chip, kept.manifest.mac) == ("flash", "esp32c3", board.mac)
    assert kept.manifest.flash_size == _MB
    with zipfile.ZipFile(kept.place) as archive:
        assert b"factory, app, factory, 0x10000, 0x90000" in archive.read("partitions.csv")
    board.flash[:] = b"\xff" * len(board.flash)
    board.reset()
    done = restore.restore(ctx, tools, board.port, kept.place)
    assert bytes(board.flash) == before
    assert done.verified


def test_only_what_differs_from_the_board_is_put_back(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    """The board is compared, not what anybody remembers of it."""
    kept = backup.flash(ctx, tools, board.port, facts=_facts(board))
    before = bytes(board.flash)
    first = restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))
    assert (first.written, first.skipped, first.verified) == (0, _MB, True)
    assert first.running is not None
    board.flash[0x9010] ^= 0xFF
    board.flash[_VFS + 0x5000 : _VFS + 0x6000] = bytes(0x1000)
    done = restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))
    assert bytes(board.flash) == before
    assert done.verified
    assert (done.written, done.skipped) == (2 * 64 << 10, _MB - (2 * 64 << 10)), "two blocks of 64 kB"
    assert [event.done for event in ctx.events if isinstance(event, Progress)][-1] == _MB
    assert done.command == "", "the files that it was written from are gone"


def test_blocks_end_where_flash_is_erased_and_are_few_enough_for_a_command_line() -> None:
    data = random.Random(2).randbytes(200_000)
    made = list(on_chip.in_blocks([(0x9000, data)]))
    assert [address for address, _bytes in made] == [0x9000, 0x10000, 0x20000, 0x30000]
    assert b"".join(piece for _address, piece in made) == data
    large = list(on_chip.in_blocks([(0, bytes(32 << 20))]))
    assert len(large) == 128
    assert {len(piece) for _address, piece in large} == {256 << 10}


def test_what_was_written_last_is_not_believed_after_a_restore(
    ctx: RecordingContext, tools: Toolbox, board: RomChip, tmp_path: Path
) -> None:
    firmware = tmp_path / "firmware.bin"
    firmware.write_bytes(images.firmware("esp32c3", rows=(_NVS, _APP)))
    job = FlashJob(board.port, "esp32c3", (FlashFile(0, firmware),))
    kept = backup.flash(ctx, tools, board.port, facts=_facts(board))
    write(ctx, tools, job, reconnect=False)
    restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))
    assert LastImages.of(tools.paths).before(board.mac, job) == []


def test_one_partition_and_back(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    kept = backup.partition(ctx, tools, board.port, "nvs", facts=_facts(board))
    assert kept.place.is_dir()
    assert kept.image() == board.flash[0x9000:0xF000]
    before = bytes(board.flash)
    board.flash[0x9000:0xF000] = bytes(0x6000)
    restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))
    assert bytes(board.flash) == before


def test_files_of_a_board_that_makes_its_vfs_itself(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    """MicroPython 1.26 and later: no row in the table."""
    _give_table(board, _NVS, _APP)
    size = _MB - _VFS
    image = fsimage.build_of(ctx, _FILES, size)
    board.flash[_VFS:] = image
    kept = backup.files(ctx, tools, board.port, facts=_facts(board))
    assert kept.manifest.partition == "vfs"
    assert kept.manifest.filesystem == "littlefs"
    files = {
        path.relative_to(kept.place).as_posix(): path.read_bytes() for path in (kept.place / "files").rglob("*.py")
    }
    assert files == {f"files{row.path}": row.data for row in _FILES if row.data is not None}
    assert "made by the firmware: vfs" in (kept.place / "partitions.csv").read_text("utf-8")
    board.flash[_VFS:] = b"\xff" * size
    restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))
    assert bytes(board.flash[_VFS:]) == image


def test_files_go_onto_another_board_with_another_filesystem(
    ctx: RecordingContext, tools: Toolbox, board: RomChip
) -> None:
    kept = backup.files(ctx, tools, board.port, facts=_facts(board))
    with RomChip("esp32s3", flash_size=_MB, mac="24:6f:28:00:00:99") as other:
        other.program(images.firmware("esp32s3", rows=(_APP, images.Row("ffat", 1, 0x81, _VFS, 0x50000))))
        restore.restore(ctx, tools, other.port, kept.place, facts=_facts(other))
        image = bytes(other.flash[_VFS : _VFS + 0x50000])
    assert fsimage.content_of(image) == "fat"
    assert {f.path: f.data for f in fsimage.read(ctx, image).files} == {row.path: row.data for row in _FILES}
    assert any("of another board" in said for said in ctx.said())


def test_a_damaged_filesystem_is_kept_as_it_is(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    board.flash[_VFS : _VFS + 0x2000] = bytes(0x2000)
    kept = backup.files(ctx, tools, board.port, facts=_facts(board))
    assert kept.image() == board.flash[_VFS : _VFS + _VFS_SIZE]
    assert not kept.manifest.whole
    assert any("could not be read" in said for said in ctx.said())
    restore.restore(ctx, tools, board.port, kept.place, facts=_facts(board))


def test_what_does_not_fit_is_refused(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    nvs = backup.partition(ctx, tools, board.port, "nvs", facts=_facts(board))
    whole = backup.flash(ctx, tools, board.port, facts=_facts(board))
    with RomChip("esp32s3", flash_size=_MB) as other:
        before = bytes(other.flash)
        for kept in (nvs, whole):
            with pytest.raises(WrongChip):
                restore.restore(ctx, tools, other.port, kept.place, facts=_facts(other))
        assert bytes(other.flash) == before
    with RomChip("esp32c3", flash_size=2 * _MB) as larger:
        larger.program()
        with pytest.raises(WrongBackup) as refused:
            restore.restore(ctx, tools, larger.port, whole.place, facts=_facts(larger))
        assert "1.0 MB, and this one has 2.0 MB" in str(refused.value)
    _give_table(board, _NVS._replace(size=0x4000), _APP)
    with pytest.raises(WrongBackup) as smaller:
        restore.restore(ctx, tools, board.port, nvs.place, facts=_facts(board))
    assert "nvs had 24 kB, and on this board it has 16 kB" in str(smaller.value)
    with pytest.raises(NoSuchPartition) as none:
        backup.partition(ctx, tools, board.port, "coffee", facts=_facts(board))
    assert "It has: nvs, factory, vfs" in str(none.value)


def test_a_locked_chip_is_not_read(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    facts = _facts(board)
    locked = ChipFacts(**{**vars(facts), "security": Security(flash_encryption=True, known=True)})
    with pytest.raises(SecureBoot):
        backup.flash(ctx, tools, board.port, facts=locked)


def test_a_backup_that_fails_leaves_nothing(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    board.flash[0x8000:0x9000] = bytes(0x1000)
    with pytest.raises(BadTable):
        backup.files(ctx, tools, board.port, facts=_facts(board))
    board.unplug()
    with pytest.raises(BoardNotFound):
        backup.flash(ctx, tools, board.port, facts=_facts(board))
    folder = backup_place.folder_of(tools.paths)
    assert not folder.exists() or list(folder.iterdir()) == []


def test_a_folder_and_a_table_are_written(
    ctx: RecordingContext, tools: Toolbox, board: RomChip, tmp_path: Path
) -> None:
    table = edit.remove(read_binary(bytes(board.flash[0x8000:0x9000])), "vfs")
    restore.write_table(ctx, tools, board.port, table, facts=_facts(board))
    assert read_binary(bytes(board.flash[0x8000:0x9000])) == table
    (tmp_path / "main.py").write_text("print('new')")
    restore.write_folder(ctx, tools, board.port, tmp_path, facts=_facts(board), reconnect=False)
    image = bytes(board.flash[_VFS:])
    assert [(f.path, f.data) for f in fsimage.read(ctx, image).files] == [("/main.py", b"print('new')")]


def test_a_table_that_overlaps_is_not_written(ctx: RecordingContext, tools: Toolbox, board: RomChip) -> None:
    before = bytes(board.flash)
    bad = read_csv("a,app,factory,0x10000,0x20000\nb,data,nvs,0x20000,0x10000")
    with pytest.raises(BadTable) as refused:
        restore.write_table(ctx, tools, board.port, bad, facts=_facts(board))
    assert "overlap" in str(refused.value)
    assert bytes(board.flash) == before


# --- backups that somebody made up -----------------------------------------------------------------------------------


@pytest.fixture
def kept(ctx: RecordingContext, tools: Toolbox, tmp_path: Path) -> backup.Backup:
    """A backup of files, made without a board."""
    facts = ChipFacts("esp32c3", "ESP32-C3", None, 4 * _MB, None, "", "24:6f:28:00:00:01", None, Security(), ())
    table = with_implicit_vfs(next(one.table for one in templates() if one.name == "standard"), 4 * _MB)
    image = fsimage.build_of(ctx, _FILES, 64 << 10)
    return backup.files_of(ctx, tools, facts, table, table.partitions[-1], image, into=tmp_path / "backups")


def test_a_changed_byte_is_seen(ctx: RecordingContext, kept: backup.Backup) -> None:
    backup_place.prove(ctx, kept)
    (kept.place / "files" / "main.py").write_bytes(b"print('ho')")
    with pytest.raises(BadBackup) as bad:
        backup_place.prove(ctx, backup_place.open_backup(kept.place))
    assert "files/main.py in it is not as it was" in str(bad.value)
    (kept.place / "files" / "main.py").unlink()
    with pytest.raises(BadBackup) as missing:
        backup_place.prove(ctx, kept)
    assert "is missing" in str(missing.value)


def test_backups_are_listed_the_newest_first_and_others_passed_over(
    ctx: RecordingContext, kept: backup.Backup, tools: Toolbox
) -> None:
    folder = kept.place.parent
    second = backup_place.zipped(ctx, shutil.copytree(kept.place, folder / "copy"))
    (folder / "holiday").mkdir()
    (folder / "broken.zip").write_bytes(b"PK\x03\x04 no zip")
    assert {one.place for one in backup_place.backups(folder)} == {kept.place, second}
    assert backup_place.backups(folder / "none") == []


@pytest.mark.parametrize(
    "change",
    [
        {"schema": 2},
        {"kind": "soul"},
        {"members": None},
        {"members": [{"name": "../../etc/passwd", "size": 10, "sha256": "0" * 64}], "image": "../../etc/passwd"},
        {"members": [{"name": "C:\\evil", "size": 10, "sha256": "0" * 64}], "image": "C:\\evil"},
        {"members": [{"name": "image.bin", "size": 1 << 60, "sha256": "0" * 64}]},
        {"image": "another.bin"},
        {"files": [{"path": "/main.py", "folder": False, "member": "nowhere"}]},
        {"chip": "esp32\x1b[2J"},
        {"flash_size": -1},
        {"flash_size": True},
    ],
)
def test_a_manifest_that_makes_no_sense_is_refused(kept: backup.Backup, change: dict[str, object]) -> None:
    data = json.loads((kept.place / "manifest.json").read_text("utf-8"))
    with pytest.raises(BadBackup):
        read_manifest("backup", json.dumps({**data, **change}).encode())


def test_a_member_that_is_a_link_to_elsewhere_is_not_read(
    ctx: RecordingContext, kept: backup.Backup, tmp_path: Path
) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes((kept.place / "files" / "main.py").read_bytes())
    (kept.place / "files" / "main.py").unlink()
    (kept.place / "files" / "main.py").symlink_to(secret)
    with pytest.raises(BadBackup):
        backup_place.prove(ctx, kept)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 10_000), byte=st.integers(0, 255))
def test_any_manifest_is_read_or_refused(kept: backup.Backup, at: int, byte: int) -> None:
    data = bytearray((kept.place / "manifest.json").read_bytes())
    data[at % len(data)] = byte
    with contextlib.suppress(BadBackup):
        read_manifest("backup", bytes(data))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.binary(max_size=300))
def test_any_file_is_a_backup_or_refused(tmp_path: Path, data: bytes) -> None:
    path = tmp_path / "backup.zip"
    path.write_bytes(data)
    with pytest.raises(BadBackup):
        backup_place.open_backup(path)


def test_kinds_of_filesystems_by_label() -> None:
    table = read_csv("ffat,data,fat,0x200000,512K")
    kind: FsKind = restore.fs_kind_for(table.partitions[0])
    assert kind == "fat"
