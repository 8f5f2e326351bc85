"""``natmod race``: its words, its record, its files, and what it refuses."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.ide.cli.said import Said
from toolchains import paths

SOURCE = "import micropython\n\n\ndef add(a: int, b: int) -> int:\n    return a + b\n"


@pytest.mark.usefixtures("warm_home", "sdk_tree", "rv32_firmware")
def test_mandelbrot_gives_four_rows_with_equal_results(natmod: Said, tmp_path: Path) -> None:
    shutil.copytree(paths.examples() / "mandelbrot", tmp_path / "m", ignore=shutil.ignore_patterns(".natmod"))
    files = ("--csv", tmp_path / "r.csv", "--png", tmp_path / "r.png")
    code, records = natmod.records("race", tmp_path / "m", "--board", "sim:rv32", "--runs", "2", *files)
    assert code == 0
    record = next(one for one in records if one.get("kind") == "race")
    assert [row["label"] for row in record["ways"]] == ["Python", "native", "viper", "C"]
    assert record["equal"]
    assert record["simulated"]
    assert record["overhead"] < 0.01
    assert all(len(row["laps"]) == 2 and row["code"] and row["load"] and not row["leaks"] for row in record["ways"])
    assert len((tmp_path / "r.csv").read_text().splitlines()) == 5
    assert (tmp_path / "r.png").read_bytes().startswith(b"\x89PNG")


@pytest.mark.usefixtures("warm_home", "sdk_tree", "rv32_firmware")
def test_a_function_races_and_a_chip_s_race_says_that_it_needs_one(natmod: Said, tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text(SOURCE)
    code, out, err = natmod("race", tmp_path, "--function", "add", "--call", "add(1, 2)", "--board", "sim:rv32")
    assert code == 0
    assert "It is called like this: add(1, 2)" in err
    assert "C: left out: the project has no C yet" in err
    assert "viper" in out
    assert "a simulator's times" in out
    shutil.copytree(paths.examples() / "pin_race", tmp_path / "pins", ignore=shutil.ignore_patterns(".natmod"))
    code, out, err = natmod("race", tmp_path / "pins", "--script", "race_irq.py", "--board", "sim:rv32")
    assert code == 1
    assert "viper: this race needs a real chip: a simulator has no pins" in err
    assert "Nobody finished this race." in out


def test_what_is_asked_for_wrongly_is_said(natmod: Said, tmp_path: Path) -> None:
    (tmp_path / "sums.py").write_text(SOURCE)
    code, out, _err = natmod("race", tmp_path, "--list")
    assert code == 0
    assert "add(100, 100)" in out
    code, out, _err = natmod("race", tmp_path, "--function", "add", "--write-c")
    assert code == 0
    assert "add_c.c" in out
    assert "MP_QSTR_add" in (tmp_path / "add_c.c").read_text()
    for words, said in (
        ((), "has no race.py, and no function was named"),
        (("--function", "nobody"), "Those that can race: add."),
        (("--function", "add", "--call", "print(1)"), "does not call add"),
        (("--call", "add(1)"), "The function's name is needed, too"),
        (("--runs", "-1"), "--runs wants a number"),
        (("--timeout", "0"), "A time-out is a number"),
    ):
        code, _out, err = natmod("race", tmp_path, "--board", "sim:rv32", *words)
        assert code in (1, 2), words
        assert said in err
