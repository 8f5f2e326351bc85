"""``natmod flash all``: many boards at once, one that fails stops nobody, and a page to print."""

from __future__ import annotations

import os
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.fakes import images
from tests.fakes.official import downloaded
from tests.fakes.rom_chip import RomChip
from tests.ide.cli.said import Said
from toolchains.paths import Paths

pytestmark = pytest.mark.skipif(os.name != "posix", reason="pseudo-terminals")


def test_one_file_for_all_and_a_sheet(natmod: Said, tmp_path: Path, paths: Paths) -> None:
    image = tmp_path / "fw.bin"
    image.write_bytes(images.firmware("esp32c3"))
    with ExitStack() as stack:
        lab = [stack.enter_context(RomChip("esp32c3", mac=f"24:6f:28:00:00:0{n}")) for n in (1, 2)]
        lab.append(stack.enter_context(RomChip("esp32")))
        lab[0].program()
        lab[0].flash[0x200000:0x200004] = b"mine"
        assert natmod("flash", "label", lab[1].mac, "bench", "2")[0] == 0
        ports = [word for rom in lab for word in ("--port", rom.port)]
        code, out, err = natmod(
            "flash", "all", *ports, "--firmware", image, "--title", "Class 3 & 4", "--sheet", tmp_path
        )
        assert code == 1, err
        assert "2 of 3 boards passed" in out
        assert "bench 2" in out
        assert "It is for the ESP32-C3, and the board has an ESP32." in out
        assert [rom.mode for rom in lab] == ["micropython", "micropython", "loop"]
        assert lab[0].flash[0x200000:0x200004] == b"mine"  # MicroPython ran there: its files stay
        (page,) = tmp_path.glob("*.html")
        assert f"To print: {page}" in out
        assert "Class 3 &amp; 4" in page.read_text("utf-8")
        code, (record,) = natmod.records(
            "flash", "all", *ports[:4], "--firmware", image, "--erase", "all", "--sheet", tmp_path / "mine.html"
        )
        assert (code, record["passed"], record["sheet"]) == (0, 2, str(tmp_path / "mine.html"))
        assert all(row["flashed"]["verified"] and row["checks"] for row in record["rows"])
        (kept,) = (paths.data / "backups").iterdir()  # the other had no files
        assert [row["backups"] for row in record["rows"]] == [[str(kept)], []]


def test_each_gets_what_fits_it(natmod: Said, paths: Paths) -> None:
    other = "24:6f:28:00:00:02"
    official = downloaded(paths, "ESP32_GENERIC_H2", "1.29.0")
    with official as data, RomChip("esp32h2") as one, RomChip("esp32h2", mac=other) as two:
        code, out, err = natmod("flash", "all", one.port, two.port)
        assert code == 0, err
        assert "2 of 2 boards passed" in out
        assert "MicroPython 1.29.0, ESP32_GENERIC_H2" in out
        assert all(rom.flash[: len(data)] == data for rom in (one, two))
        assert list((paths.data / "sheets").glob("boards-*.html"))
