"""STM32 boards in DFU mode: what is written arrives at its address, and what goes wrong is said in words."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest
from intelhex import IntelHex

from tests.conftest import RecordingContext
from tests.fakes import dfu_util
from tests.fakes.dfu_util import START, calls, set_mode
from toolchains.errors import UsageError
from toolchains.firmware import dfu, dfu_image
from toolchains.firmware.dfu_errors import DfuError, explain
from toolchains.firmware.dfu_image import Part
from toolchains.host import Host
from toolchains.jobs import Progress

pytestmark = pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script")


@pytest.fixture
def bench(tmp_path: Path) -> Path:
    return dfu_util.install(tmp_path / "bench")


@pytest.fixture
def on_bench(bench: Path) -> RecordingContext:
    current = Host.current()
    environ = {**current.environ, "PATH": f"{bench}{os.pathsep}{current.environ.get('PATH', '')}"}
    return RecordingContext(Host(current.system, current.machine, environ))


def _flash(bench: Path, address: int, size: int) -> bytes:
    return (bench / "flash.bin").read_bytes()[address - START :][:size]


def test_files_of_all_kinds_are_written_where_they_belong(
    bench: Path, on_bench: RecordingContext, tmp_path: Path
) -> None:
    (board,) = dfu.listed(on_bench)
    assert (board.serial, board.name, board.flash_size) == ("387C36763137", "Internal Flash", 512 << 10)
    assert [one.size >> 10 for one in board.sectors] == [16, 16, 16, 16, 64, 128, 128, 128]
    vectors, text = bytes(range(200)) * 5, b"text" * 9000
    (tmp_path / "a.bin").write_bytes(vectors)
    hexed = IntelHex()
    hexed.puts(START, vectors)
    hexed.puts(0x08020000, text)
    hexed.write_hex_file(str(tmp_path / "b.hex"))
    (tmp_path / "c.dfu").write_bytes(dfu_image.dfuse((Part(0x08020000, text), Part(START, vectors))))
    for name, parts in {"a.bin": 1, "b.hex": 2, "c.dfu": 2}.items():
        (bench / "flash.bin").write_bytes(b"\x11" * (512 << 10))
        set_mode(bench, "ok")
        file = dfu_image.read(tmp_path / name)
        assert len(file.parts) == parts
        dfu.write(on_bench, board, file, leave=name != "a.bin")
        assert _flash(bench, START, len(vectors)) == vectors, name
        assert _flash(bench, START + 0x4000, 4) == b"\x11" * 4, "the files of the board are left alone"
        if parts == 2:
            assert _flash(bench, 0x08020000, len(text)) == text
        (words,) = calls(bench)
        assert words[:6] == ["-d", ",0483:df11", "-a", "0", "-S", board.serial]
        assert (":leave" in words) == (name != "a.bin")
    assert Progress(100, 100, "%") in on_bench.events


def test_erasing_a_region_erases_the_sectors_that_hold_it_and_no_other(bench: Path, on_bench: RecordingContext) -> None:
    board = dfu.chosen(on_bench)
    assert [one.address for one in dfu.erase(on_bench, board, 0x08005000, 0x4000)] == [0x08004000, 0x08008000]
    assert _flash(bench, 0x08004000, 0x8000) == b"\xff" * 0x8000
    assert _flash(bench, 0x08003FFF, 1) == _flash(bench, 0x0800C000, 1) == b"\x11"
    dfu.erase(on_bench, board)
    assert set((bench / "flash.bin").read_bytes()) == {0xFF}
    dfu.leave(on_bench, board)
    assert calls(bench)[-1][-2:] == ["-s", "0x08000000:leave"]
    with pytest.raises(DfuError, match="no flash that can be written"):
        dfu.erase(on_bench, board, 0x08070000, 0x20000)
    with pytest.raises(UsageError, match=r"512 kB from 0x08000000"):
        dfu.write(on_bench, board, dfu_image.DfuFile(Path("x.bin"), (Part(0x20000000, b"1"),)))


@pytest.mark.parametrize(
    ("mode", "reason"),
    [("none", "none"), ("two", "several"), ("access", "access"), ("protected", "protected"), ("gone", "gone")],
)
def test_what_goes_wrong_is_said_in_words(
    mode: str, reason: str, bench: Path, on_bench: RecordingContext, tmp_path: Path
) -> None:
    set_mode(bench, mode)
    (tmp_path / "a.bin").write_bytes(b"1234")
    with pytest.raises(DfuError) as caught:
        dfu.write(on_bench, dfu.chosen(on_bench), dfu_image.read(tmp_path / "a.bin"))
    assert caught.value.fields["reason"] == reason
    assert caught.value.next_step is not None
    if mode == "access":
        assert 'ATTR{idVendor}=="0483"' in str(caught.value.next_step)


def test_a_missing_driver_is_named_on_windows_only() -> None:
    said = "dfu-util: Cannot open DFU device 0483:df11 found on devnum 12 (LIBUSB_ERROR_NOT_SUPPORTED)"
    assert "WinUSB" in str(explain(said, Host("windows", "AMD64")).what)
    assert explain(said, Host("linux", "x86_64")).fields["reason"] == "gone"


def test_a_bad_file_is_refused_before_the_board_is_touched(tmp_path: Path) -> None:
    good = dfu_image.dfuse((Part(START, b"12345678"),))
    cases = {
        "cut.dfu": (good[:-20], "no DfuSe header"),
        "changed.dfu": (good[:300] + b"x" + good[301:], "checksum"),
        "empty.bin": (b"", "It has 0"),
        "text.hex": (b"hello\n", "no Intel HEX"),
        "twice.dfu": (dfu_image.dfuse((Part(START, b"12345678"), Part(START + 4, b"1234"))), "overlap"),
        "firmware.elf": (b"\x7fELF", "ends in none"),
    }
    for name, (data, why) in cases.items():
        (tmp_path / name).write_bytes(data)
        with pytest.raises(DfuError) as caught:
            dfu_image.read(tmp_path / name)
        assert re.search(why, str(caught.value.why)), name
