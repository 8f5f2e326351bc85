"""``natmod dfu``, with a stand-in for dfu-util."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tests.fakes import dfu_util
from tests.ide.cli.said import Said
from toolchains.firmware import dfu_image

_TOML = 'schema = 1\n[firmware]\nport = "stm32"\nboard = "WEACT_F411_BLACKPILL"\n'

pytestmark = [
    pytest.mark.usefixtures("warm_home"),
    pytest.mark.skipif(os.name == "nt", reason="the stand-in is a script"),
]


@pytest.fixture
def bench(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = dfu_util.install(tmp_path / "bench")
    monkeypatch.setenv("PATH", f"{folder}{os.pathsep}{os.environ['PATH']}")
    return folder


def test_a_board_is_listed_written_erased_and_started(
    bench: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    natmod = Said(capsys)
    code, out, _err = natmod("dfu", "list")
    assert code == 0
    assert "387C36763137" in out
    assert "0x08000000" in out
    (tmp_path / "a.bin").write_bytes(b"1234" * 100)
    assert natmod.records("dfu", "write", tmp_path / "a.bin", "--at", "0x08020000")[1][-1]["bytes"] == 400
    assert (bench / "flash.bin").read_bytes()[0x20000:][:4] == b"1234"
    code, out, _err = natmod("dfu", "erase", "--at", "0x08020000", "--size", "400")
    assert (code, "128 kB" in out) == (0, True)
    made = tmp_path / "pill" / ".natmod" / "firmware" / "stm32-WEACT_F411_BLACKPILL"
    made.mkdir(parents=True)
    (tmp_path / "pill" / "natmod.toml").write_text(_TOML)
    (made / "firmware.dfu").write_bytes(dfu_image.dfuse((dfu_image.Part(dfu_image.FLASH, b"firmware"),)))
    (made / "build.json").write_text('{"port": "stm32", "product": "firmware.dfu"}')
    assert natmod("firmware", "flash", tmp_path / "pill")[0] == 0
    assert (bench / "flash.bin").read_bytes()[:8] == b"firmware"
    assert natmod("dfu", "erase", "--all")[0] == natmod("dfu", "leave")[0] == 0
    assert set((bench / "flash.bin").read_bytes()) == {0xFF}
    for words, said in {
        ("write",): "natmod dfu write firmware.dfu",
        ("erase",): "natmod dfu erase --all",
        ("write", tmp_path / "a.bin", "--at", "0x20000000"): "are not in the chip's flash",
        ("leave", "--serial", "X"): "No board in DFU mode",
    }.items():
        code, _out, err = natmod("dfu", *words)
        assert code != 0
        assert said in err
