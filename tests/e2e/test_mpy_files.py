"""An .mpy file and a board: told beforehand what the board then does."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e.command import natmod

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware")

BOARD = ("--board", "sim:rv32")


def test_a_compiled_file_is_inspected_for_a_board(tmp_path: Path):
    source = tmp_path / "double.py"
    source.write_text("@micropython.viper\ndef double(x: int) -> int:\n    return 2 * x\n")
    assert natmod("compile", source, "--arch", "rv32imc").code == 0
    said = natmod("inspect", source.with_suffix(".mpy"), *BOARD)
    assert (said.code, said.out.splitlines()[-1]) == (0, "sim:rv32 can load it.")
    for options, words in (
        (("--arch", "xtensawin"), "was built for xtensawin (ESP32, ESP32-S2, ESP32-S3); the board is rv32imc"),
        (("--arch", "x64", "--abi", "5"), "has the .mpy version 5 (MicroPython 1.12 to 1.18); the board reads 6.3"),
    ):
        assert natmod("compile", source, *options).code == 0
        said = natmod("inspect", source.with_suffix(".mpy"), *BOARD, "--json")
        assert said.code == 1
        assert (said.record["loads"], said.record["board"]["arch"]) == (False, "rv32imc")
        assert words in said.record["reason"]
        assert '"code": "mpy.not-loadable"' in said.err
