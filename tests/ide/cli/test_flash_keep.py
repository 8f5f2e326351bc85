"""``natmod flash`` backup, restore, erase, partitions and rescue: what is kept, what comes back, what is said."""

from __future__ import annotations

import functools
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash import fsimage
from ide.board.flash.fsimage import BoardFile
from ide.board.flash.rescue import rescue
from ide.board.flash.table import read_binary
from ide.board.flash.table_csv import read_csv
from ide.cli import flash_rescue
from tests.conftest import RecordingContext
from tests.fakes import images
from tests.fakes.rom_chip import RomChip
from tests.ide.board.flash.test_rescue import StuckChip
from tests.ide.cli.said import Said
from toolchains.paths import Paths

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")

_MB = 1 << 20
_VFS, _VFS_SIZE = 0xA0000, 0x40000
_ROWS = (
    images.Row("nvs", 1, 2, 0x9000, 0x6000),
    images.Row("factory", 0, 0, 0x10000, 0x90000),
    images.Row("vfs", 1, 0x81, _VFS, _VFS_SIZE),
)


def _give_files(rom: RomChip, **files: bytes) -> None:
    rows = [BoardFile(f"/{name}.py", False, len(data), data) for name, data in files.items()]
    rom.flash[_VFS : _VFS + _VFS_SIZE] = fsimage.build_of(RecordingContext(), rows, _VFS_SIZE)


def _files(rom: RomChip) -> dict[str, bytes | None]:
    part = bytes(rom.flash[_VFS : _VFS + _VFS_SIZE])
    return {file.path: file.data for file in fsimage.read(RecordingContext(), part).files}


@pytest.fixture
def rom() -> Iterator[RomChip]:
    """An ESP32-C3 with 1 MB of flash, MicroPython and a program."""
    with RomChip("esp32c3", flash_size=_MB) as chip:
        chip.program(images.firmware("esp32c3", rows=_ROWS, flash_size=_MB))
        _give_files(chip, main=b"print('mine')")
        yield chip


# --- kept, erased, put back ------------------------------------------------------------------------------------------


def test_files_are_kept_lost_and_back_again(natmod: Said, rom: RomChip, paths: Paths) -> None:
    before = bytes(rom.flash)
    code, (record,) = natmod.records("flash", "backup", "--port", rom.port)
    assert (code, record["what"], record["files"]) == (0, "files", ["/main.py"])
    name = Path(record["place"]).name
    assert (paths.data / "backups" / name / "files").is_dir()
    code, out, err = natmod("flash", "erase", "vfs", "--port", rom.port, "--no-backup")
    assert code == 0, err
    assert "What is in vfs is erased; everything else on the board stays." in out
    assert rom.flash[_VFS : _VFS + _VFS_SIZE] == b"\xff" * _VFS_SIZE
    assert f"{name}: files of {rom.mac}, 256 kB" in natmod("flash", "restore")[1]
    code, out, err = natmod("flash", "restore", name, "--port", rom.port)
    assert code == 0, err
    assert "answers: MicroPython 1.26.1" in out
    assert bytes(rom.flash) == before


def test_the_whole_flash_in_one_file(natmod: Said, rom: RomChip, tmp_path: Path, paths: Paths) -> None:
    before, place = bytes(rom.flash), tmp_path / "board.zip"
    code, out, err = natmod("flash", "backup", "flash", "--port", rom.port, "--out", place)
    assert code == 0, err
    assert f"Kept in {place}: the whole flash of {rom.mac}, 1.0 MB." in out
    assert "is there already" in natmod("flash", "backup", "flash", "--port", rom.port, "--out", place)[2]
    code, out, err = natmod("flash", "erase", "--port", rom.port)
    assert code == 0, err
    assert "Everything on the board is erased" in out
    (kept,) = (paths.data / "backups").iterdir()  # its files, of themselves
    assert f"The files that it had are kept in {kept}." in out
    assert rom.mode == "loop"
    code, out, err = natmod("flash", "restore", place, "--port", rom.port)
    assert code == 0, err
    assert bytes(rom.flash) == before
    assert rom.mode == "micropython"


def test_what_the_board_has_now_is_saved_before_a_backup_goes_over_it(
    natmod: Said, rom: RomChip, paths: Paths, tmp_path: Path
) -> None:
    code, (record,) = natmod.records("flash", "backup", "--port", rom.port, "--out", tmp_path)
    assert code == 0
    _give_files(rom, main=b"print('newer')")
    rom.reset()
    code, out, err = natmod("flash", "restore", record["place"], "--port", rom.port)
    assert code == 0, err
    (saved,) = (paths.data / "backups").iterdir()
    assert f"The files that it had are kept in {saved}." in out
    assert (saved / "files" / "main.py").read_bytes() == b"print('newer')"
    assert _files(rom) == {"/main.py": b"print('mine')"}
    code, _out, err = natmod("flash", "restore", record["place"], "--port", rom.port, "--no-backup")
    assert code == 0, err
    assert [saved] == list((paths.data / "backups").iterdir())


def test_one_partition_and_what_is_no_backup(natmod: Said, rom: RomChip, tmp_path: Path) -> None:
    code, (record,) = natmod.records("flash", "backup", "nvs", "--port", rom.port, "--out", tmp_path)
    assert (code, record["partition"], record["size"]) == (0, "nvs", 0x6000)
    code, _out, err = natmod("flash", "backup", "nowhere", "--port", rom.port)
    assert code != 0
    assert "The board has no partition nowhere. It has: nvs, factory, vfs." in err
    (tmp_path / "holiday.zip").write_bytes(b"no zip at all")
    code, _out, err = natmod("flash", "restore", tmp_path / "holiday.zip", "--port", rom.port)
    assert code != 0
    assert "The backup holiday.zip cannot be used." in err
    with RomChip("esp32c6", flash_size=_MB) as other:
        other.program(images.firmware("esp32c6", rows=_ROWS, flash_size=_MB))
        code, _out, err = natmod("flash", "restore", record["place"], "--port", other.port)
        assert code != 0
        assert "is an ESP32-C6, and this is for an ESP32-C3" in err


# --- partitions ------------------------------------------------------------------------------------------------------


def test_templates_without_a_board(natmod: Said, tmp_path: Path) -> None:
    assert "ota-4M" in natmod("flash", "partitions", "--template", "list")[1]
    code, out, _err = natmod("flash", "partitions", "--template", "ota-4M", "--save", tmp_path / "ota.csv")
    assert code == 0
    assert "ota_1" in out
    assert read_csv((tmp_path / "ota.csv").read_text()).find("ota_0") is not None
    code, _out, err = natmod("flash", "partitions", "--template", "best", "--save", tmp_path / "x.csv")
    assert code == 2
    assert "There is no table called best." in err


def test_the_table_is_shown_changed_and_written(natmod: Said, rom: RomChip, tmp_path: Path, paths: Paths) -> None:
    code, out, err = natmod("flash", "partitions", "--port", rom.port, "--save", tmp_path / "mine.csv")
    assert code == 0, err
    assert "factory    app   factory  0x10000  576 kB" in out
    assert "|boot |nvs" in out
    words = ("--remove", "vfs", "--add", "log,data,nvs,,64k", "--add", "vfs,data,fat,,192k")
    code, out, err = natmod("flash", "partitions", "--port", rom.port, *words)
    assert code == 0, err
    assert "before: |boot |nvs" in out
    assert "log is new, and empty." in out
    assert "vfs begins elsewhere: what was in it is lost." in out
    assert "The whole flash is kept in" in out
    assert "answers: MicroPython 1.26.1" in out
    table = read_binary(bytes(rom.flash[0x8000:0x9000]))
    assert [(part.name, part.offset, part.size) for part in table.partitions[2:]] == [
        ("log", 0xA0000, 0x10000), ("vfs", 0xB0000, 0x30000),
    ]  # fmt: skip
    code, out, err = natmod("flash", "partitions", "--port", rom.port, "--csv", tmp_path / "mine.csv", "--no-backup")
    assert code == 0, err
    assert len(list((paths.data / "backups").iterdir())) == 1
    assert read_binary(bytes(rom.flash[0x8000:0x9000])).find("log") is None


def test_a_table_that_overlaps_is_not_written(natmod: Said, rom: RomChip, tmp_path: Path) -> None:
    before = bytes(rom.flash)
    bad = tmp_path / "bad.csv"
    bad.write_text("nvs,data,nvs,0x9000,0x6000\nfactory,app,factory,0x10000,0x90000\nvfs,data,fat,0x90000,0x20000\n")
    code, out, err = natmod("flash", "partitions", "--port", rom.port, "--csv", bad)
    assert code != 0
    assert "factory and vfs overlap: factory ends at 0xa0000, and vfs begins at 0x90000." in out + err
    assert bytes(rom.flash) == before
    code, _out, err = natmod("flash", "partitions", "--port", rom.port, "--resize", "factory=9M")
    assert code != 0
    assert err.startswith("Error: ")
    assert bytes(rom.flash) == before


def test_a_folder_becomes_the_files_of_the_board(natmod: Said, rom: RomChip, tmp_path: Path) -> None:
    (tmp_path / "files" / "lib").mkdir(parents=True)
    (tmp_path / "files" / "main.py").write_text("print('new')")
    (tmp_path / "files" / "lib" / "tool.py").write_text("x = 1")
    code, out, err = natmod("flash", "partitions", "--port", rom.port, "--folder", tmp_path / "files")
    assert code == 0, err
    assert "The files that it had are kept in" in out
    assert {path: data for path, data in _files(rom).items() if data is not None} == {
        "/main.py": b"print('new')", "/lib/tool.py": b"x = 1",
    }  # fmt: skip


def test_firmware_with_another_table(natmod: Said, tmp_path: Path) -> None:
    image = tmp_path / "fw.bin"
    image.write_bytes(images.firmware("esp32s3"))
    with RomChip("esp32s3", flash_size=8 * _MB) as rom:
        code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--template", "ota-8M")
        assert code == 0, err
        assert "answers: MicroPython" in out
        assert read_binary(bytes(rom.flash[0x8000:0x9000])).find("ota_1") is not None
        words = ("--firmware", image, "--template", "ota-8M")
        assert natmod("flash", "verify", "--port", rom.port, *words)[0] == 0
        code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--resize", "factory=64k")
        assert code != 0
        assert "and factory has room for 64 kB." in err


# --- a board that loops ----------------------------------------------------------------------------------------------


@pytest.fixture
def quickly(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(flash_rescue, "rescue", functools.partial(rescue, seconds=0.5, patience=3))


@pytest.fixture
def stuck() -> Iterator[StuckChip]:
    with StuckChip("esp32", flash_size=_MB) as chip:
        _give_files(chip, main=b"import crash\n")
        chip.program(images.firmware("esp32", rows=_ROWS, flash_size=_MB))
        yield chip


@pytest.mark.usefixtures("quickly")
def test_a_board_that_loops_is_rescued_step_by_step(natmod: Said, stuck: StuckChip) -> None:
    code, out, err = natmod("flash", "rescue", "--port", stuck.port)
    assert code == 0, err
    assert "1. Reset the board and interrupt its program" in err
    assert "Nothing is changed on the board." in err
    assert "2. Rename main.py inside the filesystem" in err
    assert "/main.py is called /main.py.off now." in out
    assert "The files as they were are kept in" in out
    assert _files(stuck) == {"/main.py.off": b"import crash\n"}


@pytest.mark.usefixtures("quickly")
def test_the_last_step_needs_a_word(natmod: Said, stuck: StuckChip) -> None:
    stuck.stubborn = True
    stuck.reset()
    code, out, err = natmod("flash", "rescue", "--port", stuck.port)
    assert code != 0
    assert "What could be kept is in" in out
    assert "natmod flash rescue --allow-erase" in err
