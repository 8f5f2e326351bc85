"""Partition tables: read and written as ESP-IDF does, and refused with a sentence when they are hostile."""

from __future__ import annotations

import hashlib
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.flash import table as tables
from ide.board.flash.table import BadTable, Partition, Table, read_binary, with_implicit_vfs, write_binary
from ide.board.flash.table_check import check
from ide.board.flash.table_csv import read_csv, write_csv
from ide.board.flash.templates import templates, templates_for

_MB = 1 << 20
_KB = 1 << 10

#: ports/esp32/partitions-4MiBplus.csv
_STANDARD = """\
# This partition table is for devices with 4MiB or more of flash.
# Name,   Type, SubType, Offset,  Size, Flags
nvs,      data, nvs,     0x9000,  0x6000,
phy_init, data, phy,     0xf000,  0x1000,
factory,  app,  factory, 0x10000, 0x1F0000,
"""


def test_a_table_is_the_same_after_csv_and_binary() -> None:
    table = read_csv(_STANDARD)
    assert [(p.name, p.offset, p.size) for p in table.partitions] == [
        ("nvs", 0x9000, 0x6000), ("phy_init", 0xF000, 0x1000), ("factory", 0x10000, 0x1F0000),
    ]  # fmt: skip
    assert read_binary(write_binary(table)) == table
    assert read_csv(write_csv(table)) == table


def test_the_binary_form_is_that_of_esp_idf() -> None:
    """Rows, MD5 row, and nothing but 0xFF after it (facts.md g.1)."""
    data = write_binary(read_csv("nvs, data, nvs, 0x9000, 24K"))
    row = struct.pack("<2sBBLL16sL", b"\xaa\x50", 1, 2, 0x9000, 0x6000, b"nvs" + 13 * b"\0", 0)
    assert data[:32] == row
    assert data[32:64] == b"\xeb\xeb" + 14 * b"\xff" + hashlib.md5(row).digest()
    assert data[64:] == (0x1000 - 64) * b"\xff"


def test_csv_as_esp_idf_takes_it() -> None:
    """Offsets that are left out, K and M, an end instead of a size, numbers for names, flags."""
    table = read_csv(
        "nvs,data,nvs,,24k\nphy,data,phy,,4K\nfactory,app,factory,,1M\nown,0x40,0x07,,0x1000,encrypted:readonly\n"
        "vfs,data,fat,,-4M\n"
    )
    assert [(p.name, p.offset, p.size) for p in table.partitions] == [
        ("nvs", 0x9000, 24 * _KB), ("phy", 0xF000, 4 * _KB), ("factory", 0x10000, _MB),
        ("own", 0x110000, 4 * _KB), ("vfs", 0x111000, 4 * _MB - 0x111000),
    ]  # fmt: skip
    own = table.partitions[3]
    assert (own.type, own.subtype, own.encrypted, own.readonly) == (0x40, 7, True, True)
    assert read_csv(write_csv(table)) == table


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no rows"),
        ("nvs,data,nvs", "Line 1: a row has a name"),
        ("# a comment\nnvs,data,nvs,0x9000,plenty", "Line 2: 'plenty' is no size"),
        ("nvs,data,coffee,0x9000,0x1000", "no type or subtype 'coffee'"),
        ("nvs,data,nvs,0x9000,0x1000,golden", "no flag 'golden'"),
        ("a_name_that_is_too_long,data,nvs,0x9000,0x1000", "no name of 1 to 16"),
        ("nvs,data,nvs,0x9000,-0x1000", "ends before it begins"),
        ("nvs,data,nvs,0x9000,99999M", "no size or address"),
        ("x" * 70_000, "too long"),
        ("".join(f"p{n},data,nvs,,4K\n" for n in range(97)), "more rows"),
    ],
)  # fmt: skip
def test_broken_csv_is_refused_with_its_line(text: str, said: str) -> None:
    with pytest.raises(BadTable) as refused:
        read_csv(text)
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda data: b"\xff" * 0x1000, "empty"),
        (lambda data: data[:40], "cut off in row 2"),
        (lambda data: b"", "empty"),
        (lambda data: b"hello" + data[5:], "Row 1"),
        (lambda data: data[:8] + b"\x01" + data[9:], "checksum"),
        (lambda data: b"\xff" * 32 + data[32:], "no rows"),
        (lambda data: data[:32] * 200, "does not end"),
        (lambda data: data[:12] + b"\xc3\x28" + data[14:], "nobody can read"),
    ],
)  # fmt: skip
def test_a_broken_table_is_refused(damage: object, said: str) -> None:
    data = write_binary(read_csv(_STANDARD))
    with pytest.raises(BadTable) as refused:
        read_binary(damage(data))
    assert said in str(refused.value)


@given(st.binary(max_size=0x1000))
def test_any_bytes_are_a_table_or_refused(data: bytes) -> None:
    try:
        table = read_binary(data)
    except BadTable:
        pass
    else:
        check(table, 4 * _MB)


@given(st.integers(0, 4 * 32 * 8 - 1))
def test_a_flipped_bit_is_seen(bit: int) -> None:
    data = bytearray(write_binary(read_csv(_STANDARD)))
    data[bit // 8] ^= 1 << bit % 8
    try:
        read_binary(bytes(data))
    except BadTable:
        return
    raise AssertionError(bit)


@given(st.text(alphabet="nvsdata,0x9KM- #\n\t:ofct1_", max_size=200))
def test_any_text_is_a_table_or_refused(text: str) -> None:
    try:
        table = read_csv(text)
    except BadTable:
        pass
    else:
        assert read_csv(write_csv(table)) == table
        check(table, 4 * _MB)


_LABELS = st.text(alphabet="abcdefgh_0123456789", min_size=1, max_size=16)
_PARTS = st.builds(
    Partition, _LABELS, st.integers(0, 254), st.integers(0, 254), st.integers(0, (1 << 32) - 1),
    st.integers(0, (1 << 32) - 1), st.booleans(), st.booleans(),
)  # fmt: skip


@given(st.lists(_PARTS, min_size=1, max_size=94).map(lambda rows: Table(tuple(rows))), st.booleans())
def test_every_table_survives_both_forms(table: Table, md5: bool) -> None:
    table = Table(table.partitions, md5)
    assert read_binary(write_binary(table)) == table
    assert read_csv(write_csv(table)).partitions == table.partitions


def _complaints(rows: str, flash: int = 4 * _MB, app: int | None = None) -> list[str]:
    return [str(complaint.text) for complaint in check(read_csv(rows), flash, app)]


def test_the_standard_table_has_nothing_wrong() -> None:
    assert _complaints(_STANDARD) == []
    assert _complaints(_STANDARD, app=0x1F0000) == []


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (_STANDARD + "vfs,data,fat,0x1F0000,64K", "factory and vfs overlap: factory ends at 0x200000"),
        (_STANDARD + "vfs,data,fat,0x200000,3M", "vfs ends at 5.0 MB, and the flash has 4.0 MB"),
        (_STANDARD + "second,app,test,0x201000,64K", "second must begin at a multiple of"),
        (_STANDARD + "odd,data,nvs,0x200000,0x3100", "multiple of 4 kB"),
        (_STANDARD + "nvs,data,nvs,0x200000,0x3000", "2 partitions are called nvs"),
        ("boot,data,nvs,0x1000,0x3000\nfactory,app,factory,0x10000,1M", "lies on the bootloader"),
        ("nvs,data,nvs,0x9000,0x6000", "no partition for firmware"),
        ("ota_0,app,ota_0,0x10000,1M\nota_1,app,ota_1,0x110000,1M", "needs a partition of the type data, ota"),
        ("otadata,data,ota,0x9000,0x1000\nota_0,app,ota_0,0x10000,1M", "must have 8 kB"),
        ("o,data,ota,0x9000,8K\na,app,ota_0,0x10000,1M\nb,app,ota_2,0x110000,1M", "numbered ota_0, ota_1"),
        ("nvs,data,nvs,0x9000,0x2000\nfactory,app,factory,0x10000,1M", "at least 12 kB"),
        ("factory,app,factory,0x10000,0x3F0000", "no room for files"),
        ("factory,app,factory,0x10000,0x3EF000", "left for files"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said(rows: str, said: str) -> None:
    assert any(said in complaint for complaint in _complaints(rows)), _complaints(rows)


def test_firmware_that_does_not_fit_is_said() -> None:
    assert "has room for" in _complaints(_STANDARD, app=0x1F0001)[0]


def test_new_firmware_makes_the_place_for_files_itself() -> None:
    table = read_csv(_STANDARD)
    assert table.vfs is None
    seen = with_implicit_vfs(table, 16 * _MB, "1.29.0-preview")
    assert seen.vfs == Partition("vfs", 1, 0x81, 0x200000, 0xE00000, implicit=True)
    assert write_binary(seen) == write_binary(table), "it is in no table"
    assert read_csv(write_csv(seen)) == table
    assert with_implicit_vfs(table, 4 * _MB, "1.25.0").vfs is None
    assert with_implicit_vfs(table, 4 * _MB).vfs is not None, "nobody knows the version"
    full = read_csv("factory,app,factory,0x10000,0x3F0000")
    assert with_implicit_vfs(full, 4 * _MB, "1.29.0") == full
    fat = read_csv(_STANDARD + "ffat,data,fat,0x200000,1M")
    assert with_implicit_vfs(fat, 4 * _MB, "1.29.0").vfs == fat.find("ffat")


@pytest.mark.parametrize("template", templates(), ids=lambda template: template.name)
def test_every_template_is_right(template: object) -> None:
    found = next(one for one in templates() if one is template)
    assert check(found.table, found.flash) == []
    assert read_binary(write_binary(found.table)) == found.table
    assert str(found.title)


def test_templates_for_each_size_of_flash() -> None:
    for megabytes in (4, 8, 16):
        names = {template.name for template in templates_for(megabytes * _MB)}
        assert {"standard", "ota-4M", "romfs-4M", f"explicit-{megabytes}M"} <= names
    assert [template.name for template in templates_for(2 * _MB)] == ["standard-2M"]


def test_places_of_files_are_those_of_micropython() -> None:
    """facts.md b.4: where the filesystem begins, and that it stays when a board goes from 1.25 to 1.26."""
    by_name = {template.name: template for template in templates()}
    ends = {name: with_implicit_vfs(by_name[name].table, by_name[name].flash).vfs for name in by_name}
    assert {name: vfs.offset for name, vfs in ends.items() if vfs} == {
        "standard-2M": 0x170000, "standard": 0x200000, "ota-4M": 0x310000, "ota-8M": 0x4F0000,
        "romfs-4M": 0x200000, "romfs-8M": 0x400000, "explicit-4M": 0x200000, "explicit-8M": 0x200000,
        "explicit-16M": 0x200000, "explicit-ota-4M": 0x310000, "explicit-ota-16M": 0x4F0000, "fat-16M": 0x610000,
    }  # fmt: skip


def test_names_of_types_and_subtypes() -> None:
    assert tables.subtype_name(0, 0x11) == "ota_1"
    assert tables.subtype_name(1, 0x8F) == "romfs"
    assert tables.subtype_name(1, 0xFE) == "0xfe"
