"""Why the place for files is as large as it is, in sentences that a person can act on."""

from __future__ import annotations

from dataclasses import replace

from ide.board.flash.table import Partition, Table, with_implicit_vfs
from ide.board.storage.explain import why
from ide.board.storage.on_board import Mount, Part, Storage
from tests.ide.board.storage.test_on_board import MB, recorded, template


def storage(table: Table, flash: int, version: str, *mounts: Mount) -> Storage:
    seen = with_implicit_vfs(table, flash, version)
    parts = tuple(Part(row, running=row.name in ("factory", "ota_0")) for row in seen.partitions)
    return Storage(parts, mounts, flash, version, "esp32s3", table)


def said(found: Storage, chip_flash: int | None = None) -> str:
    return "\n".join(map(str, why(found, chip_flash)))


def mounted(size: int) -> Mount:
    return Mount("/", "littlefs", "vfs", 4096, size // 4096, 1)


def test_recent_firmware_takes_what_is_left() -> None:
    text = said(storage(template("standard"), 16 * MB, "1.27.0", mounted(14 * MB)))
    assert "The place for files has 14 MB: all of the flash that is left behind factory." in text
    assert "not used" not in text
    assert "4.0 kB" in text


def test_older_firmware_for_a_smaller_flash_leaves_the_rest_unused() -> None:
    table = replace(template("standard"), partitions=(*template("standard").partitions, _vfs(2 * MB, 2 * MB)))
    text = said(storage(table, 4 * MB, "1.22.2"), chip_flash=16 * MB)
    assert "because the partition table says so (vfs, from 0x200000 to 0x400000)" in text
    assert "12 MB at the end of the flash are not used" in text
    assert "(MicroPython 1.22.2) was made for a flash of 4.0 MB; from 1.26 on it takes all" in text
    assert "The chip has 16 MB of flash, and the firmware takes it for 4.0 MB." in text


def test_older_firmware_does_not_know_how_large_the_flash_is() -> None:
    table = replace(template("standard"), partitions=(*template("standard").partitions, _vfs(2 * MB, 2 * MB)))
    text = said(storage(table, 4 * MB, "1.22.2"))
    assert "the ESP32-S3 may have more" in text
    assert "natmod flash detect --thorough" in text


def test_a_row_in_the_table_of_recent_firmware_holds_it_back() -> None:
    table = replace(template("standard"), partitions=(*template("standard").partitions, _vfs(2 * MB, 2 * MB)))
    assert "A table without a row for vfs lets the firmware take all that is left." in said(
        storage(table, 16 * MB, "1.28.0")
    )


def test_a_table_for_a_larger_flash_has_no_place_for_files() -> None:
    table = replace(template("standard"), partitions=(*template("standard").partitions, _vfs(2 * MB, 6 * MB)))
    parts = tuple(Part(row) for row in template("standard").partitions)  # ESP-IDF leaves out what lies beyond the end
    text = said(Storage(parts, (), 4 * MB, "1.21.0", "esp32s3", table))
    assert "the partition table has one that ends at 8.0 MB, and the flash has 4.0 MB" in text
    assert "natmod flash partitions" in text


def test_a_table_without_a_place_for_files() -> None:
    parts = (Part(Partition("factory", 0, 0, 0x10000, 4 * MB - 0x10000)),)
    text = said(Storage(parts, (), 4 * MB, "1.27.0", "esp32", Table((parts[0].partition,))))
    assert "no partition is called vfs or ffat" in text
    assert "take all of the flash" in text


def test_a_filesystem_that_is_older_than_its_partition() -> None:
    text = said(storage(template("standard"), 16 * MB, "1.27.0", mounted(2 * MB)))
    assert "has only 2.0 MB: it was made when its partition was smaller" in text


def test_a_place_for_files_without_a_filesystem() -> None:
    assert "No filesystem is mounted from it" in said(storage(template("standard"), 4 * MB, "1.27.0"))
    assert "No filesystem" not in said(storage(template("standard"), 4 * MB, "1.27.0", mounted(2 * MB)))


def test_firmware_over_the_air_takes_room_from_files() -> None:
    text = said(storage(template("ota-4M"), 4 * MB, "1.27.0"))
    assert "are kept for firmware that comes over the air (ota_1)" in text


def test_a_real_board_and_boards_without_partitions() -> None:
    assert "says so (vfs, from 0x200000 to 0x400000)" in said(recorded(0, running=65536, flash=8 * MB))
    assert "only boards with an ESP32" in said(Storage((), (), None, "1.26.1", None))
    assert "does not tell" in said(Storage((), (), None, "1.12.0", "esp32"))


def _vfs(offset: int, size: int) -> Partition:
    return Partition("vfs", 1, 0x81, offset, size)
