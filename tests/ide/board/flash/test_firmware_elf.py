"""MicroPython's own functions in a panic: from the .elf file beside the official .bin, if it is really that one."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path

import pytest

from ide.board.flash import firmware_elf
from ide.board.flash.firmware_elf import NoElf, OtherElf
from tests.fakes import http_folder
from tests.homes import CHECKOUT
from tests.ide.cli.said import Said
from tests.toolchains.crash.elves import firmware
from toolchains.crash import dumps
from toolchains.crash.firmware import NotAnElf, firmware_map
from toolchains.fetch import Download
from toolchains.jobs import JobContext
from toolchains.paths import Paths

_PANIC = (CHECKOUT / "tests" / "data" / "crashes" / "esp32s3_load_prohibited.txt").read_text("utf-8")
_NAME = "ESP32_GENERIC_S3-20241129-v1.24.1.elf"
#: The functions around the addresses of the panic; which ones they really were is not known.
_ELF = firmware({"first_function": (0x40379100, 0x40), "second_function": (0x42010900, 0x60)})


def _panic(elf: bytes = _ELF) -> str:
    return _PANIC.replace("bd97f3b4e", hashlib.sha256(elf).hexdigest()[:9])


@pytest.fixture
def natmod(capsys: pytest.CaptureFixture[str]) -> Said:
    """The command line, in this process."""
    return Said(capsys)


def test_functions_of_a_firmware_have_names(tmp_path: Path) -> None:
    path = tmp_path / "a.elf"
    path.write_bytes(_ELF)
    found = firmware_map(path)
    spot = found.spot(0x40379122)
    assert spot is not None
    assert (spot.function, spot.line) == ("first_function", None)
    assert found.spot(0x40379140) is None
    for rubbish in (b"", b"\x7fELF", _ELF[:60], bytes(200)):
        path.write_bytes(rubbish)
        with pytest.raises(NotAnElf):
            firmware_map(path)


def test_the_file_is_fetched_once(
    ctx: JobContext, paths: Paths, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / _NAME).write_bytes(_ELF)
    kept = firmware_elf._download
    (dump,) = dumps.dumps_in(_panic())
    assert firmware_elf.elf_here(paths, dump) is None
    with http_folder.serve(tmp_path) as (address, requests):

        def near(row: object) -> Download:
            asked = kept(row)  # type: ignore[arg-type]
            assert asked.url == f"https://micropython.org/resources/firmware/{_NAME}"
            return replace(asked, url=f"{address}/{asked.filename}")

        monkeypatch.setattr(firmware_elf, "_download", near)
        path = firmware_elf.fetch_elf(ctx, paths, dump)
        assert path.read_bytes() == _ELF
        assert firmware_elf.fetch_elf(ctx, paths, dump) == path
        assert [one for one in requests if one.endswith(".elf")] == [f"/{_NAME}"]
        assert firmware_elf.elf_here(paths, dump) == path
        (other,) = dumps.dumps_in(_PANIC)
        assert firmware_elf.elf_here(paths, other) is None, "a panic of another build"
        with pytest.raises(OtherElf):
            firmware_elf.fetch_elf(ctx, paths, other)


def test_of_an_unknown_firmware_nothing_is_fetched(ctx: JobContext, paths: Paths) -> None:
    for text in (_PANIC.replace("v1.24.1", "v1.24.1-dirty"), _PANIC.replace("Generic ESP32S3", "My own")):
        (dump,) = dumps.dumps_in(text)
        with pytest.raises(NoElf):
            firmware_elf.fetch_elf(ctx, paths, dump)


def test_names_on_the_command_line(natmod: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.elf").write_bytes(_ELF)
    (tmp_path / "log.txt").write_text(_panic(), "utf-8")
    code, out, err = natmod("crash", "log.txt", "--elf", "a.elf")
    assert (code, err) == (0, "")
    assert out.splitlines()[:3] == [
        "The board crashed in first_function of MicroPython: it read through a null pointer (address 0x00000000).",
        "  first_function",
        "  second_function",
    ]
    (tmp_path / "log.txt").write_text(_PANIC, "utf-8")
    code, _out, err = natmod("crash", "log.txt", "--elf", "a.elf")
    assert code == 1
    assert "belongs to another firmware" in err
    code, _out, err = natmod("crash", "log.txt", "--elf", "none.elf")
    assert code == 1
    assert "none.elf" in err
