"""Images are read without esptool, and what must not be written says why."""

from __future__ import annotations

import hashlib
import struct
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from ide.board.flash import image, job
from ide.board.flash.errors import TooLarge, WrongImage
from ide.board.flash.table import TABLE_OFFSET
from tests.fakes import images
from toolchains.chips import chips

_MB = 1 << 20
_WHOLE = images.firmware("esp32", size=8 * 1024)
_S3 = images.firmware("esp32s3", size=8 * 1024)


def _why(source: bytes | Path) -> str:
    with pytest.raises(WrongImage) as raised:
        image.read(source)
    return str(raised.value.why)


@pytest.mark.parametrize("chip", chips())
def test_a_whole_firmware_of_each_chip(chip: str) -> None:
    data = images.firmware(chip)
    found = image.read(data)
    assert (found.kind, found.chip, found.address) == ("whole", chip, chips()[chip].flash_offset)
    assert found.table is not None
    assert [part.name for part in found.table.partitions] == ["nvs", "phy_init", "factory"]
    assert found.app is not None
    assert found.app.offset == 0x10000 - chips()[chip].flash_offset
    assert found.needs == 2 * _MB
    assert found.sha256 == hashlib.sha256(data).hexdigest()
    assert found.python is not None
    assert (found.python.kind, found.python.version, found.python.date) == ("MicroPython", "1.26.1", "2025-09-11")
    assert found.description is not None
    assert found.description.idf == "v5.4.2"
    image.check(found, chip, 4 * _MB, (1, 0))


@pytest.mark.parametrize("chip", chips())
def test_an_app_and_a_bootloader_alone_are_told_and_refused(chip: str) -> None:
    program = image.read(images.app(chip))
    assert (program.kind, program.chip, program.address) == ("app", chip, None)
    boot = image.read(images.bootloader(chip))
    assert (boot.kind, boot.chip, boot.address) == ("bootloader", chip, chips()[chip].flash_offset)
    for part, word in ((program, "program alone"), (boot, "bootloader alone")):
        with pytest.raises(WrongImage, match=word):
            image.check(part, chip)


@pytest.mark.parametrize("chip", ["esp32", "esp32s2", "esp32c5", "esp32p4"])
def test_what_was_merged_with_the_chips_offset_in_it_begins_at_zero(chip: str) -> None:
    found = image.read(b"\xff" * chips()[chip].flash_offset + images.firmware(chip))
    assert (found.kind, found.chip, found.address) == ("whole", chip, 0)


def test_a_firmware_goes_to_the_address_that_it_begins_at(tmp_path: Path) -> None:
    plain, merged = tmp_path / "plain.bin", tmp_path / "merged.bin"
    plain.write_bytes(_WHOLE)
    merged.write_bytes(b"\xff" * 0x1000 + _WHOLE)
    assert job.place("esp32", plain).address == 0x1000
    assert job.place("esp32", merged).address == 0


def test_a_copy_of_a_whole_flash_is_one_whose_second_program_may_be_the_only_one() -> None:
    rows = images.OTA_TABLE
    moved = images.joined("esp32s3", images.bootloader("esp32s3"), images.table(rows), images.app("esp32s3"), 0x190000)
    found = image.read(moved.ljust(4 * _MB, b"\xff"))
    assert found.app is not None
    assert found.app.offset == 0x190000


def test_for_another_chip() -> None:
    with pytest.raises(WrongImage, match="for the ESP32-S3, and the board has an ESP32-C3"):
        image.check(image.read(_S3), "esp32c3")


def test_larger_than_the_flash() -> None:
    whole = image.read(images.firmware("esp32", rows=images.TABLE_WITH_VFS))
    image.check(whole, "esp32", 4 * _MB)
    with pytest.raises(TooLarge):
        image.check(whole, "esp32", 2 * _MB)


def test_made_for_more_flash_than_there_is() -> None:
    with pytest.raises(WrongImage, match=r"for 8\.0 MB of flash, and the board has 4\.0 MB") as raised:
        image.check(image.read(images.firmware("esp32s3", flash_size=8 * _MB)), "esp32s3", 4 * _MB)
    assert raised.value.overridable


@pytest.mark.parametrize(
    ("span", "mine", "sentence"),
    [((300, 399), (1, 3), "needs revision v3.0 of the chip or a newer one, and this one is v1.3"),
     ((0, 199), (3, 1), "revisions of the chip up to v1.99, and this one is v3.1")],
)  # fmt: skip
def test_for_other_revisions(span: tuple[int, int], mine: tuple[int, int], sentence: str) -> None:
    whole = image.read(images.firmware("esp32p4", revisions=span))
    image.check(whole, "esp32p4", 16 * _MB, None)
    with pytest.raises(WrongImage, match=sentence) as raised:
        image.check(whole, "esp32p4", 16 * _MB, mine)
    assert raised.value.overridable


_NOT_IMAGES = [
    (b"", "empty"),
    (b"\xff" * 5000, "nothing but empty flash"),
    (bytes(5000), "nothing but zeros"),
    (b"import machine\nprint('hello')\n", "text file"),
    ("Grüße\n".encode("utf-16"), "text file"),
    ("# Grüße, 你好\n".encode(), "text file"),
    (b"<!DOCTYPE html>\n<html><title>Sign in</title>", "web page"),
    (b":020000040800F2\n", "Intel HEX"),
    (b"UF2\nWQ]\x9e" + bytes(504), ".uf2"),
    (b"\x7fELF\x01\x01" + bytes(60), ".elf"),
    (b"PK\x03\x04" + bytes(60), "archive"),
    (b"M\x06\x13\x1f" + bytes(60), ".mpy"),
    (images.table(), "partition table alone"),
    (b"\x00\x01\x02\x03" + bytes(range(200)), "begins with 00 01 02 03"),
]


@pytest.mark.parametrize(("data", "word"), _NOT_IMAGES)
def test_something_else(data: bytes, word: str) -> None:
    assert word in _why(data)


def test_a_file_is_named_and_one_that_no_flash_can_hold_is_not_read(tmp_path: Path) -> None:
    huge = tmp_path / "disk.img"
    with huge.open("wb") as stream:
        stream.truncate(129 << 20)
    assert "no flash is as large" in _why(huge)
    (tmp_path / "notes.bin").write_text("hello")
    with pytest.raises(WrongImage, match=r"notes\.bin is not written\. It is a text file"):
        image.read(tmp_path / "notes.bin")


def test_for_an_esp8266() -> None:
    segment = struct.pack("<BBBBIII", 0xE9, 1, 2, 0x40, 0x40100004, 0x40100000, 4096) + b"\x12\xff" * 2048
    assert "ESP8266" in _why(segment)


def test_for_a_chip_of_the_future() -> None:
    assert "does not know (number 777)" in _why(images.firmware("esp32", chip_id=777))


@pytest.mark.parametrize("length", [10, 100, 15_000, 0x7100, 0x7800, 0xF000, 0xF010, len(_WHOLE) - 1])
def test_cut_short(length: int) -> None:
    assert "cut short" in _why(_WHOLE[:length])


def _flipped(data: bytes, bit: int) -> bytes:
    changed = bytearray(data)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)


def _matters(data: bytes, base: int) -> list[range]:
    """The bytes of a whole firmware that mean something: all but what fills the gaps."""
    found = image.read(data)
    assert found.app is not None
    assert found.table is not None
    table = TABLE_OFFSET - base
    rows = 32 * (len(found.table.partitions) + 1)  # and that of the MD5
    app = found.app.offset
    return [range(found.first.size), range(table, table + rows), range(app, app + found.app.size)]


@settings(max_examples=300)
@given(st.data())
def test_a_flipped_bit_is_found_wherever_it_means_something(data: st.DataObject) -> None:
    whole, base = data.draw(st.sampled_from([(_WHOLE, 0x1000), (_S3, 0)]))
    byte = data.draw(st.sampled_from(_matters(whole, base)).flatmap(lambda part: st.sampled_from(part)))
    assert _why(_flipped(whole, byte * 8 + data.draw(st.integers(0, 7))))


@pytest.mark.parametrize("bit", range(24 * 8))
def test_each_bit_of_the_header_counts(bit: int) -> None:
    assert _why(_flipped(_WHOLE, bit))


def test_a_table_whose_partitions_overlap() -> None:
    rows = (*images.DEFAULT_TABLE, images.Row("vfs", 1, 0x81, 0x1F0000, 0x100000))
    assert _why(images.firmware("esp32", rows=rows)).startswith("factory and vfs overlap: factory ends at 0x200000")


def test_a_program_larger_than_its_partition() -> None:
    rows = (images.Row("factory", 0, 0, 0x10000, 0x10000),)
    assert "larger than its partition" in _why(images.firmware("esp32", rows=rows))


def test_a_table_without_a_program_or_an_empty_one() -> None:
    boot, program = images.bootloader("esp32"), images.app("esp32")
    rows = images.table(images.DEFAULT_TABLE[:2])
    assert "no place for a program" in _why(images.joined("esp32", boot, rows, program))
    assert "no partition table" in _why(images.joined("esp32", boot, b"\xff" * 0x1000, program))


def test_bootloader_and_program_of_different_chips() -> None:
    assert "different chips" in _why(
        images.joined("esp32s3", images.bootloader("esp32s3"), images.table(), images.app("esp32c3"))
    )


def test_an_image_without_a_hash_is_proved_by_its_check_sum() -> None:
    found = image.read(images.firmware("esp32c3", hashed=False))
    assert not found.first.hashed
    assert "check sum" in _why(_flipped(images.app("esp32c3", hashed=False), 40_000 * 8))


def test_circuitpython_is_told_apart() -> None:
    banner = images.app_description() + b"Adafruit CircuitPython 9.2.1 on 2024-11-20; Board with ESP32\0"
    found = image.read(images.image("esp32", [(0x3F400020, banner)])).python
    assert found is not None
    assert (found.kind, found.version) == ("CircuitPython", "9.2.1")


@settings(max_examples=300)
@given(st.one_of(st.binary(max_size=400), st.binary(max_size=400).map(lambda tail: b"\xe9" + tail)))
@example(b"\xe9\x01" + bytes(22))
@example(b"\xff" * 0x1000 + b"\xe9" + bytes(40))
def test_any_bytes_are_an_image_or_a_sentence(data: bytes) -> None:
    with suppress(WrongImage):
        image.read(data)


@settings(max_examples=300)
@given(st.data())
def test_a_broken_image_is_an_image_or_a_sentence(data: st.DataObject) -> None:
    changed = bytearray(data.draw(st.sampled_from([_WHOLE, _S3, images.app("esp32c6", size=8192)])))
    for _change in range(data.draw(st.integers(1, 4))):
        at = data.draw(st.one_of(st.integers(0, 64), st.integers(0x7000, 0x8100), st.integers(0, len(changed) - 8)))
        piece = data.draw(st.one_of(st.binary(min_size=1, max_size=8), st.just(b"\xff" * 8), st.just(bytes(8))))
        changed[at : at + len(piece)] = piece
    cut = data.draw(st.one_of(st.just(len(changed)), st.integers(0, len(changed))))
    with suppress(WrongImage, TooLarge):
        found = image.read(bytes(changed[:cut]))
        image.check(found, found.chip, 4 * _MB, (3, 0))
