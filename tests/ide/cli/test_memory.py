"""``natmod mem``, ``heap``, ``partitions``, ``df``, ``card`` and ``cost``, as a person types them."""

from __future__ import annotations

import json
import os
import signal
import threading
from pathlib import Path

import pytest

from ide.board.memory import vitals
from ide.board.storage import on_board
from tests.ide.board.storage.test_explain import mounted, storage
from tests.ide.board.storage.test_on_board import MB, template
from tests.ide.cli.said import Said

RV32 = ("--board", "sim:rv32")


pytestmark = pytest.mark.usefixtures("toolbox")


def test_mem_shows_what_there_is_and_leaves_out_what_there_is_not(natmod: Said) -> None:
    code, out, _err = natmod("mem", *RV32)
    assert code == 0
    assert {line.split()[0] for line in out.splitlines()} == {"memory", "heap", "stack", "files", "Asked"}
    assert "machine code" not in out
    code, (record,) = natmod.records("mem", *RV32)
    assert (code, record["kind"], record["exec_free"]) == (0, "mem", None)
    assert record["heap_used"] > 0


def test_mem_watch_ends_after_so_many_lines(natmod: Said) -> None:
    code, records = natmod.records("mem", "--watch", "--every", "0.2", "--count", "3", *RV32)
    assert code == 0
    assert [record["kind"] for record in records] == ["mem"] * 3
    assert "heap" in natmod("mem", "--watch", "--count", "1", *RV32)[1]


def test_mem_watch_ends_with_ctrl_c_and_that_is_no_error(natmod: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    real = vitals.ask

    def asked(*args: object, **more: object) -> vitals.Vitals:
        found = real(*args, **more)  # type: ignore[arg-type]
        threading.Timer(0.05, os.kill, (os.getpid(), signal.SIGINT)).start()
        return found

    monkeypatch.setattr(vitals, "ask", asked)
    code, out, err = natmod("mem", "--watch", "--every", "600", *RV32)
    assert (code, err) == (0, "")
    assert len(out.splitlines()) == 1


def test_mem_does_not_ask_without_a_pause(natmod: Said) -> None:
    code, _out, err = natmod("mem", "--watch", "--every", "0", *RV32)
    assert code == 2
    assert "--every wants at least" in err


def test_heap_in_letters_and_what_changed(natmod: Said, tmp_path: Path) -> None:
    kept = tmp_path / "before.json"
    code, out, _err = natmod("heap", "--save", kept, *RV32)
    assert code == 0
    assert "Area 1 of 1: 1000 kB from 0x" in out
    assert "blocks: . free … # full" in out
    assert "dictionaries" in out
    assert "fragmentation" in out
    code, out, _err = natmod("heap", "--compare", kept, "--full", *RV32)
    assert code == 0
    assert "00000000: " in out
    assert "Since then" in out
    code, (record,) = natmod.records("heap", "--compare", kept, *RV32)
    assert set(record["change"]) >= {"newly_used", "newly_free", "kinds"}
    assert sum(len(area["blocks"]) for area in record["areas"]) == record["blocks"]


def test_heap_before_and_after_a_script(natmod: Said, tmp_path: Path) -> None:
    script = tmp_path / "keeps é.py"
    script.write_text("kept = [bytearray(300) for n in range(60)]\nprint('kept', len(kept))\n")
    code, out, err = natmod("heap", "--script", script, "--compare", *RV32)
    assert code == 0, err
    assert "kept 60" in out
    assert "bytearrays and arrays" in out.partition("what changed")[2]
    code, out, err = natmod("heap", "--script", script, *RV32)
    assert (code, out) == (2, "")
    assert "--compare" in err


def test_heap_before_and_after_enter(natmod: Said, monkeypatch: pytest.MonkeyPatch) -> None:
    reading, writing = os.pipe()
    os.write(writing, b"\n")
    os.close(writing)
    with os.fdopen(reading) as stdin:
        monkeypatch.setattr("sys.stdin", stdin)
        code, (record,) = natmod.records("heap", "--compare", *RV32)
        assert (code, record["kind"]) == (0, "heap")
        assert record["change"]["newly_used"] >= 0
        code, _out, err = natmod("heap", "--compare", *RV32)  # nothing is left to be read
    assert code == 2
    assert "waits for Enter" in err
    assert "--script" in err


def test_heap_refuses_a_file_that_is_no_map_before_it_asks_the_board(natmod: Said, tmp_path: Path) -> None:
    (tmp_path / "x.json").write_text("{}")
    code, _out, err = natmod("heap", "--compare", tmp_path / "x.json", "--board", "/dev/no-such-port")
    assert code == 1
    assert "is no saved heap map" in err
    assert "natmod heap --save" in err


def test_df_and_partitions_of_a_board_without_a_table(natmod: Said) -> None:
    code, out, _err = natmod("df", "--why", *RV32)
    assert code == 0
    assert "littlefs" in out
    assert "1024 × 4.0 kB" in out
    assert "only boards with an ESP32" in out
    code, (record,) = natmod.records("df", *RV32)
    assert (code, record["mounts"][0]["total"]) == (0, 4 * MB)
    code, (record,) = natmod.records("partitions", *RV32)
    assert (code, record["partitions"]) == (0, [])
    assert record["why"]


def test_partitions_of_an_esp32_with_who_runs_and_why_it_is_so(
    natmod: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    table = template("ota-4M")
    found = storage(table, 4 * MB, "1.27.0", mounted(4 * MB - table.end))
    monkeypatch.setattr(on_board, "look", lambda ctx, board: found)
    code, out, _err = natmod("partitions", "--csv", tmp_path / "mine.csv", *RV32)
    assert code == 0
    assert "made by the firmware" in out
    assert "ota_0" in out
    assert "runs" in out
    assert "|boot" in out
    assert "kept for firmware that comes over the air (ota_1)" in out
    assert "# made by the firmware: vfs" in (tmp_path / "mine.csv").read_text()
    code, (record,) = natmod.records("partitions", *RV32)
    assert [part["label"] for part in record["partitions"]][-1] == "vfs"


def test_card(natmod: Said) -> None:
    code, out, _err = natmod("card", *RV32)
    assert code == 0
    assert "160 MHz" in out
    assert "Modules in C:" in out
    assert max(map(len, out.splitlines())) <= 80
    code, (record,) = natmod.records("card", *RV32)
    assert (code, record["address"]) == (0, "sim:rv32")


def test_cost_of_a_module_of_this_folder(natmod: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "blink.py").write_text("def blink():\n    return 1\n")
    code, out, _err = natmod("cost", "blink", "--runs", "1", *RV32)
    assert code == 0
    assert [line.split()[0] for line in out.splitlines()] == ["form", "source", "bytecode", "machine"]
    assert " ms" in out
    code, _out, err = natmod("cost", "blonk", *RV32)
    assert code == 2
    assert "It has: blink." in err
    assert natmod("cost", "blink", "--runs", "0", *RV32)[0] == 2
    code, (record,) = natmod.records("cost", "blink", "--runs", "1", *RV32)
    assert json.dumps(record["costs"])
