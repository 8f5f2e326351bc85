"""``natmod flash``: what is on a port, firmware onto it, by any word for it; what is refused, with its sentence."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.image import read
from ide.cli.flash_tables import size_of
from tests.conftest import RecordingContext
from tests.fakes import images, packs
from tests.fakes.official import downloaded
from tests.fakes.rom_chip import RomChip
from tests.ide.cli.said import Said
from toolchains import transfer
from toolchains.errors import UsageError
from toolchains.paths import Paths

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


@pytest.fixture
def rom() -> Iterator[RomChip]:
    with RomChip("esp32c3") as chip:
        yield chip


@pytest.fixture
def image(tmp_path: Path) -> Path:
    path = tmp_path / "firmware.bin"
    path.write_bytes(images.firmware("esp32c3"))
    return path


def _holds(rom: RomChip, image: Path, at: int | None = None) -> bool:
    data, begin = image.read_bytes(), rom.row.boot if at is None else at
    return rom.flash[begin : begin + len(data)] == data


# --- writing ---------------------------------------------------------------------------------------------------------


def test_blank_to_micropython_and_again_only_what_differs(natmod: Said, rom: RomChip, image: Path) -> None:
    code, out, _err = natmod("flash", "write", "--port", rom.port, "--firmware", image)
    assert code == 0
    assert "It gets firmware.bin. You chose this file." in out
    assert "Everything on the board is erased: its firmware, its files and its settings." in out
    assert "Written and compared" in out
    assert f"{rom.port} answers: MicroPython 1.26.1; Generic ESP32-C3 module" in out
    assert f"esptool --chip esp32c3 --port {rom.port} --baud 460800 write-flash --erase-all" in out
    assert _holds(rom, image)
    code, (record,) = natmod.records("flash", "write", "--port", rom.port, "--firmware", image)
    assert record["erase"] == "keep"  # MicroPython runs now
    assert record["lost"].startswith("The files on the board stay.")
    assert (record["flashed"]["verified"], record["flashed"]["running"]["version"]) == (True, "1.26.1")
    assert record["flashed"]["skipped"] == image.stat().st_size
    assert natmod("flash", "verify", "--port", rom.port, "--firmware", image)[0] == 0


def test_the_firmware_of_a_project(natmod: Said, rom: RomChip, image: Path, tmp_path: Path) -> None:
    project = tmp_path / "lamp"
    project.mkdir()
    (project / "natmod.toml").write_text('schema = 1\n[firmware]\nport = "esp32"\nboard = "ESP32_GENERIC_C3"\n')
    flash = ("firmware", "flash", project, "--to", rom.port)
    code, _out, err = natmod(*flash)
    assert (code, "There is no firmware for esp32 ESP32_GENERIC_C3 yet." in err) == (1, True)
    for board, port in (("ESP32_GENERIC_C3", "esp32"), ("VIRT_RV32", "qemu")):
        folder = project / ".natmod" / "firmware" / f"{port}-{board}"
        folder.mkdir(parents=True)
        (folder / "firmware.bin").write_bytes(image.read_bytes())
        record = {"port": port, "board": board, "product": "firmware.bin", "modules": [], "files": {}}
        (folder / "build.json").write_text(json.dumps(record))
    code, out, err = natmod(*flash)
    assert (code, "It gets firmware.bin." in out, "Written and compared" in out) == (0, True, True), err
    assert _holds(rom, image)
    code, _out, err = natmod(*flash, "--port", "qemu", "--board", "VIRT_RV32")
    assert (code, "natmod run" in err) == (2, True)


def test_what_was_written_in_another_flash_mode_is_compared_with_what_was_really_written(
    natmod: Said, rom: RomChip, tmp_path: Path
) -> None:
    image = tmp_path / "quick.bin"
    image.write_bytes(images.firmware("esp32c3", mode="qio"))
    rom.program(images.firmware("esp32c3", mode="dio"))
    # the program has a header of its own, which nobody changes
    rom.flash[0x10000 : len(image.read_bytes())] = image.read_bytes()[0x10000:]
    code, out, err = natmod("flash", "verify", "--port", rom.port, "--firmware", image)
    assert code == 0, err
    assert "The firmware on the board says flash mode dio, 4.0 MB, frequency 0; the file says flash mode qio" in out
    assert "The board has quick.bin: 3 parts were compared." in out
    rom.flash[0x12000] ^= 1
    code, out, err = natmod("flash", "verify", "--port", rom.port, "--firmware", image)
    assert code != 0
    assert "What the flash holds at 0x10000 is not what was written." in err


@pytest.mark.parametrize(
    ("word", "why"),
    [
        ("1.27.0", "It runs on any board with an ESP32-C3."),
        ("v1.27", "It runs on any board with an ESP32-C3."),
        ("ESP32_GENERIC_C3@1.27", "You chose it."),
        ("ESP32_GENERIC_C3-{date}-v1.27.0.bin", "You chose it."),
    ],
)
def test_every_word_for_a_firmware(natmod: Said, rom: RomChip, paths: Paths, word: str, why: str) -> None:
    row = FirmwareCatalog.of(paths).find("ESP32_GENERIC_C3", "", "1.27.0")
    assert row is not None
    word = word.format(date=row.date.replace("-", ""))
    with downloaded(paths, "ESP32_GENERIC_C3", "1.27.0") as data:
        code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", word)
    assert code == 0, err
    assert f"It gets MicroPython 1.27.0, ESP32_GENERIC_C3. {why}" in out
    assert rom.flash[: len(data)] == data
    assert "answers: MicroPython 1.27.0;" in out


def test_without_a_word_the_newest_that_fits(natmod: Said, paths: Paths) -> None:
    with downloaded(paths, "ESP32_GENERIC_H2", "1.29.0") as data, RomChip("esp32h2") as rom:
        code, out, err = natmod("flash", "write", "--port", rom.port)
        assert code == 0, err
        assert "It gets MicroPython 1.29.0, ESP32_GENERIC_H2. It runs on any board with an ESP32-H2." in out
        assert rom.flash[: len(data)] == data


def test_firmware_out_of_a_pack_needs_no_network(
    natmod: Said, rom: RomChip, tmp_path: Path, ctx: RecordingContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = images.firmware("esp32c3", version="1.27.0", seed=9)
    where = packs.make(ctx, tmp_path / "lab.natmodpack", {"firmware/ESP32_GENERIC_C3-20251209-v1.27.0.bin": data})
    monkeypatch.setattr(transfer, "get", lambda *words, **more: pytest.fail("it asked a server"))
    words = ("--port", rom.port, "--from", where, "--firmware", "1.27.0")
    code, out, err = natmod("flash", "write", *words)
    assert code == 0, err
    assert "It gets MicroPython 1.27.0, ESP32_GENERIC_C3." in out
    assert rom.flash[: len(data)] == data
    assert natmod("flash", "verify", *words)[0] == 0
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--from", tmp_path / "no.natmodpack")
    assert code != 0
    assert "no.natmodpack" in err


def test_a_build_s_folder_and_its_several_files(natmod: Said, rom: RomChip, tmp_path: Path) -> None:
    whole = images.firmware("esp32c3")
    build = tmp_path / "build-ESP32_GENERIC_C3"
    (build / "partition_table").mkdir(parents=True)
    parts = {"bootloader.bin": (0, 0x8000), "partition_table/table.bin": (0x8000, 0x9000), "app.bin": (0x10000, None)}
    for name, (begin, end) in parts.items():
        data = whole[begin:end] if name != "bootloader.bin" else images.bootloader("esp32c3")
        (build / name).write_bytes(data)
    (build / "firmware.bin").write_bytes(whole)
    args = {
        "flash_files": {hex(begin): name for name, (begin, _end) in parts.items()},
        "flash_settings": {"flash_mode": "dio", "flash_freq": "80m", "flash_size": "4MB"},
        "extra_esptool_args": {"chip": "esp32c3", "stub": True},
    }
    (build / "flasher_args.json").write_text(json.dumps(args))
    code, out, err = natmod("flash", "write", "--port", rom.port, "--flasher-args", build / "flasher_args.json")
    assert code == 0, err
    assert "bootloader.bin at 0x0, table.bin at 0x8000, app.bin at 0x10000" in out
    assert rom.mode == "micropython"
    code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", build, "--erase", "all")
    assert code == 0, err
    assert _holds(rom, build / "firmware.bin")
    merged = tmp_path / "factory.bin"
    code, (record,) = natmod.records("flash", "write", "--flasher-args", build / "flasher_args.json", "--merge", merged)
    assert (code, record["address"], record["chip"]) == (0, 0, "esp32c3")
    assert read(merged).kind == "whole"


def test_an_esptool_line_of_another_age(natmod: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fw.bin").write_bytes(images.firmware("esp32"))
    monkeypatch.chdir(tmp_path)
    line = "python esptool.py --chip esp32 --port {} --baud 115200 write_flash -z --flash_mode dio 0x1000 fw.bin"
    with RomChip("esp32") as rom:
        code, out, err = natmod("flash", "write", "--line", line.format("COM7"), "--port", rom.port)
        assert code == 0, err
        assert "The line means: fw.bin at 0x1000 on an ESP32." in out
        assert f"The port is {rom.port}; the line had COM7." in out
        assert "Old words are as esptool 5 has them: write_flash → write-flash, --flash_mode → --flash-mode." in out
        assert "Left out, since it is decided here or goes without saying: -z." in out
        assert out.index("The port is") < out.index("Its firmware is replaced") < out.index("The command was")
        assert "--baud 115200 write-flash" in out
        assert _holds(rom, tmp_path / "fw.bin")
        rom.flash[:] = b"\xff" * len(rom.flash)
        rom.reset()
        code, (*_rest, record) = natmod.records(
            "flash", "write", "--line", line.format(rom.port)
        )  # a port that is there
        assert code == 0
        assert not any("The port is" in said for said in record["differs"])
        assert any("Old words" in said for said in record["differs"])
        assert record["lost"]
        assert rom.mode == "micropython"
    with RomChip("esp32c3") as other:
        code, _out, err = natmod("flash", "write", "--line", line.format("COM7"), "--port", other.port)
        assert code != 0
        assert "It is for the ESP32, and the board has an ESP32-C3." in err


def test_the_files_are_kept_before_an_erase(natmod: Said, rom: RomChip, image: Path, paths: Paths) -> None:
    rom.program()
    rom.flash[0x200000:0x200004] = b"abcd"  # something of somebody's
    code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--erase", "all")
    assert code == 0, err
    (kept,) = (paths.data / "backups").iterdir()
    assert f"The files that it had are kept in {kept}." in out
    assert (kept / "image.bin").read_bytes()[:4] == b"abcd"
    assert rom.flash[0x200000:0x200004] == b"\xff" * 4
    code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--erase", "all", "--no-backup")
    assert code == 0, err
    assert len(list((paths.data / "backups").iterdir())) == 1


@pytest.mark.parametrize("with_table", [False, True])
def test_a_foreign_flash_is_kept_whole_before_an_erase(
    natmod: Said, rom: RomChip, image: Path, paths: Paths, with_table: bool
) -> None:
    rom.flash[:4] = b"mine"
    if with_table:  # which leaves room for files of MicroPython, but has others
        parts = ("factory", 0, 0, 0x10000, 0x100000), ("storage", 1, 0x82, 0x110000, 0x10000)
        rows = images.table([images.Row(*part) for part in parts])
        rom.flash[0x8000 : 0x8000 + len(rows)] = rows
    before = bytes(rom.flash)
    code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image)
    assert code == 0, err
    (kept,) = (paths.data / "backups").iterdir()
    assert f"The whole flash is kept in {kept}." in out
    assert (kept / "flash.bin").read_bytes() == before


def test_it_waits_for_a_hand_at_the_buttons(natmod: Said, image: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from ide.board.flash import coach, reconnect

    with RomChip("esp32c3", wiring="button") as rom:
        code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image)
        assert code != 0
        assert "is not in download mode" in err
        assert "Hold BOOT, press" in err
        watch, prove = coach.wait_for_download, reconnect.prove

        def hold_boot(*args: object, **more: object) -> str:
            rom.press_boot()
            return watch(*args, **more)  # type: ignore[arg-type]

        def press_reset(*args: object, **more: object) -> object:
            rom.reset()
            return prove(*args, **more)  # type: ignore[arg-type]

        monkeypatch.setattr(coach, "wait_for_download", hold_boot)
        monkeypatch.setattr(reconnect, "prove", press_reset)
        code, out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--wait")
        assert code == 0, err
        assert "1. Press BOOT and keep it down." in err
        assert "The ESP32-C3 is in download mode." in err
        assert "It is written. Press RESET and let it go. Leave BOOT alone." in err
        assert "answers: MicroPython 1.26.1" in out
        assert _holds(rom, image)


# --- what is refused -------------------------------------------------------------------------------------------------


def _flipped(data: bytes) -> bytes:
    return data[:0x20000] + bytes([data[0x20000] ^ 1]) + data[0x20001:]


_BAD = {
    "another chip": (lambda: images.firmware("esp32s3"), "It is for the ESP32-S3, and the board has an ESP32-C3."),
    "truncated": (lambda: images.firmware("esp32c3")[:0x18000], "cut"),
    "a bit flipped": (lambda: _flipped(images.firmware("esp32c3")), "damaged"),
    "a text file": (lambda: b"print('hello')\n" * 99, "text"),
    "an app only": (lambda: images.app("esp32c3"), "It is a program alone"),
    "too large": (
        lambda: images.firmware("esp32c3", rows=images.TABLE_WITH_VFS, flash_size=16 << 20),
        "It is made for 16 MB of flash, and the board has 4.0 MB",
    ),
}


@pytest.mark.parametrize("name", _BAD)
def test_a_bad_image_is_refused_before_a_byte_is_written(natmod: Said, rom: RomChip, tmp_path: Path, name: str) -> None:
    make, sentence = _BAD[name]
    (tmp_path / "bad.bin").write_bytes(make())
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", tmp_path / "bad.bin")
    assert code != 0
    assert err.startswith("Error: bad.bin is not")
    assert sentence in err
    assert rom.flash == b"\xff" * len(rom.flash)


def test_who_knows_better_may_insist(natmod: Said, rom: RomChip, tmp_path: Path) -> None:
    image = tmp_path / "big.bin"
    image.write_bytes(images.firmware("esp32c3", flash_size=16 << 20))
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image)
    assert code != 0
    assert "--force" in err
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", image, "--force")
    assert code == 0, err
    assert _holds(rom, image)


def test_firmware_of_the_catalogue_that_does_not_fit(natmod: Said, rom: RomChip) -> None:
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", "ESP32_GENERIC_S3-SPIRAM_OCT")
    assert code != 0
    assert "It is for the ESP32-S3, and the board has an ESP32-C3." in err
    assert "--force" in err
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", "ESP32_GENERIC_X9")
    assert code != 0
    assert "There is no firmware called ESP32_GENERIC_X9." in err
    assert "ESP32_GENERIC_C3" in err
    code, _out, err = natmod("flash", "write", "--port", rom.port, "--firmware", "0.9")
    assert code != 0
    assert "There is no firmware for this ESP32-C3. There are the releases 1.29.0" in err


def test_a_locked_chip(natmod: Said, rom: RomChip, image: Path) -> None:
    rom.faults.secure_boot = True
    rom.reset()
    for words in (["write", "--firmware", image], ["erase"]):
        code, _out, err = natmod("flash", *words, "--port", rom.port)
        assert code != 0
        assert "Secure boot is on: the chip starts only firmware that its maker signed." in err
    assert rom.flash == b"\xff" * len(rom.flash)


def test_ports_that_are_no_board(natmod: Said, image: Path, tmp_path: Path) -> None:
    mouse = tmp_path / "mouse"
    mouse.write_bytes(b"")
    for port, sentence in ((mouse, "is not the port of an ESP board"), ("/dev/not-there", "There is no board at")):
        code, _out, err = natmod("flash", "write", "--port", port, "--firmware", image)
        assert code != 0
        assert sentence in err
        assert err.startswith("Error: ")
        assert "Traceback" not in err


def test_a_merge_says_what_it_needs(natmod: Said, tmp_path: Path) -> None:
    assert "--flasher-args" in natmod("flash", "write", "--merge", tmp_path / "out.bin")[2]
    line = "esptool write_flash 0x0 a.bin"
    code, _out, err = natmod("flash", "write", "--line", line, "--merge", tmp_path / "out.bin")
    assert code == 2
    assert "For which chip?" in err
    code, _out, err = natmod("flash", "write", "--line", line, "--merge", tmp_path / "out.bin", "--chip", "esp99")
    assert code == 2
    assert "There is no chip called esp99." in err


@pytest.mark.parametrize(
    ("text", "size"), [("2M", 2 << 20), ("1984k", 1984 << 10), ("0x1f0000", 0x1F0000), ("64KB", 65536)]
)
def test_sizes_as_people_write_them(text: str, size: int) -> None:
    assert size_of(text) == size
    with pytest.raises(UsageError):
        size_of(f"{text}x")
