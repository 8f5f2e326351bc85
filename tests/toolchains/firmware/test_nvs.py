"""An NVS image from a table: made by Espressif's program, read back here; a table with a mistake is told its line."""

from __future__ import annotations

import struct
import zlib
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.ide.cli.said import Said
from toolchains.firmware import nvs
from toolchains.firmware.nvs import BadNvs

_ENTRY = struct.Struct("<BBBBI16s8s")


def _entries(image: bytes) -> dict[str, tuple[int, bytes]]:
    """Of the first page: key, type and the eight bytes of its value or its length, each with its sum proved."""
    found = {}
    for at in range(64, 4096, 32):
        raw = image[at : at + 32]
        space, _kind, span, _chunk, crc, key, value = _ENTRY.unpack(raw)
        if span == 0xFF or not key[0] or not key.split(b"\0")[0].isascii():
            continue
        if zlib.crc32(raw[:4] + raw[8:], 0xFFFFFFFF) == crc:
            found[key.split(b"\0")[0].decode()] = (space, value)
    return found


def test_a_products_numbers_become_an_image(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """As a spreadsheet saves it: byte order mark, semicolons, Windows' line ends."""
    table = tmp_path / "mes réglages.csv"
    table.write_bytes(
        "\ufeffkey;type;encoding;value\r\n# what each board is told\r\nproduct;namespace;;\r\nserial;data;i32;-1234\r\n"
        "key;file;binary;key file.bin\r\nname;data;string;Caf\u00e9, 2\r\n".encode()
    )
    (tmp_path / "key file.bin").write_bytes(b"\x01\x02\x03")
    code, records = Said(capsys).records("firmware", "nvs", table, "-o", tmp_path / "nvs.bin", "--size", "0x4000")
    assert code == 0
    assert (records[-1]["namespaces"], records[-1]["keys"], records[-1]["not_for_python"]) == (["product"], 3, ["name"])
    image = (tmp_path / "nvs.bin").read_bytes()
    assert len(image) == 0x4000
    assert image[:4] == b"\xfe\xff\xff\xff"  # the page is in use
    found = _entries(image)
    assert found["product"][1][0] == 1  # the namespace's number, which its keys carry
    assert struct.unpack("<i", found["serial"][1][:4]) == (-1234,)
    assert {found[key][0] for key in ("serial", "key", "name")} == {1}
    assert b"Caf\xc3\xa9, 2\0" in image
    assert b"\x01\x02\x03" in image
    assert sorted(path.name for path in tmp_path.iterdir()) == ["key file.bin", "mes réglages.csv", "nvs.bin"]


def test_a_mistake_in_the_table_is_named_with_its_line(ctx: RecordingContext, tmp_path: Path) -> None:
    table = tmp_path / "t.csv"

    def refused(rows: str, size: int = nvs.USUAL_SIZE) -> str:
        table.write_text(rows)
        with pytest.raises(BadNvs) as caught:
            nvs.write(ctx, table, tmp_path / "nvs.bin", size)
        return str(caught.value)

    head = "key,type,encoding,value\nproduct,namespace,,\n"
    assert "300 does not fit u8: 0 to 255." in refused(f"{head}big,data,u8,300\n")
    assert "line 3" in refused(f"{head}big,data,u8,300\n")
    assert '"u9" is no encoding' in refused(f"{head}x,data,u9,3\n")
    assert "1 to 15 letters" in refused(f"{head}a-key-that-is-long,data,u8,3\n")
    assert "there twice" in refused(f"{head}x,data,u8,3\nx,data,u8,4\n")
    assert "key.bin does not exist" in refused(f"{head}x,file,binary,key.bin\n")
    assert "names a namespace" in refused("key,type,encoding,value\nx,data,u8,3\n")
    assert "The first line must be" in refused("name,value\nx,3\n")
    assert "hexadecimal" in refused(f"{head}x,data,hex2bin,0g\n")
    assert "multiple of 4096" in refused(head, 1000)
    assert "need more room than 0x3000" in refused(
        head + "".join(f"k{number},data,string,{'x' * 3000}\n" for number in range(4)), 0x3000
    )
    assert not (tmp_path / "nvs.bin").exists()
