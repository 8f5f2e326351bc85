"""What an import costs, measured on real MicroPython; and that nothing stays on the board."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ide.board.boards import Boards
from ide.board.memory import import_cost
from ide.board.memory.import_cost import Candidate, Cost, candidates, cost_of, measure, modules_of
from tests.conftest import RecordingContext
from tests.toolchains.natmods import module, write_project
from toolchains.errors import Cancelled, UsageError
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

RV32 = "sim:rv32"
TABLE = "TABLE = bytes(range(250)) * 20\n\n\ndef at(i):\n    return TABLE[i % 5000]\n"


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as made:
        yield made


def files_on(ctx: RecordingContext, boards: Boards, address: str = RV32) -> object:
    return boards.open(ctx, address).ask(ctx, "sorted(__import__('os').listdir())")


@pytest.mark.parametrize("address", [RV32, "sim:unix"])
def test_a_module_is_measured_in_three_forms(
    ctx: RecordingContext, boards: Boards, tmp_path: Path, address: str
) -> None:
    (tmp_path / "table.py").write_text("import small\n" + TABLE)
    (tmp_path / "small.py").write_text("X = 1\n")
    before = files_on(ctx, boards, address)
    told: list[Cost] = []
    report = cost_of(ctx, boards, address, tmp_path, "table", runs=2, on_cost=told.append)
    assert [cost.way for cost in report.costs] == ["py", "mpy", "native"]
    assert told == list(report.costs)
    for cost in report.costs:
        assert cost.why_not is None
        assert cost.runs == 2
        assert cost.ram is not None
        assert cost.peak is not None
        assert 5000 <= cost.ram <= cost.peak
        assert cost.flash is not None
        assert cost.file_size is not None
        assert cost.flash == 0 or cost.flash >= cost.file_size
        assert cost.seconds is not None
        assert cost.seconds > 0
        assert cost.exec_ram is None, "only an ESP32 tells"
    assert report.costs[0].file_size == len(TABLE) + len("import small\nX = 1\n")
    assert files_on(ctx, boards, address) == before
    assert boards.open(ctx, address).ask(ctx, "'table' in __import__('sys').modules") is False
    assert [row["way"] for row in json.loads(json.dumps(report.to_json()))["costs"]] == ["py", "mpy", "native"]


def test_a_module_that_is_frozen_is_measured_where_it_is(ctx: RecordingContext, boards: Boards) -> None:
    board = boards.open(ctx, "sim:unix")
    (cost,) = measure(ctx, board, "asyncio", [], runs=1).costs
    assert (cost.way, cost.file_size, cost.flash, cost.runs) == ("frozen", None, None, 1)
    assert cost.ram
    assert measure(ctx, board, "array", [], runs=1).costs == ()  # in C, not frozen
    assert board.ask(ctx, "'asyncio' in __import__('sys').modules") is False


def test_the_native_module_of_a_project_has_one_form(ctx: RecordingContext, boards: Boards, tmp_path: Path) -> None:
    write_project(tmp_path, {"small.c": module()}, 'sources = ["small.c"]')
    py, mpy, native = cost_of(ctx, boards, RV32, tmp_path, "small", runs=1).costs
    assert str(py.why_not) == str(mpy.why_not) == "The project has no small.py."
    assert native.why_not is None
    assert native.ram
    assert "small" in modules_of(tmp_path)


def test_a_module_that_fails_or_never_ends_is_told_and_the_board_is_clean(
    ctx: RecordingContext, boards: Boards, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(import_cost, "_SILENCE", 1.0)
    board = boards.open(ctx, RV32)
    before = files_on(ctx, boards)
    report = measure(
        ctx,
        board,
        "odd",
        [
            Candidate("py", {"odd.py": b"print('hello')\n1 // 0\n"}),
            Candidate("mpy", {"odd.py": b"while True: pass\n"}),
            Candidate("native", {"odd/__init__.py": b"print('(1, 2, 3, 4)')\n", "odd/deep/x.py": b"\n"}),
        ],
        runs=1,
    )
    assert "ZeroDivisionError" in str(report.costs[0].why_not)
    assert "does not end" in str(report.costs[1].why_not)
    assert report.costs[2].why_not is None
    assert files_on(ctx, boards) == before


def test_after_a_cancel_the_board_is_clean(ctx: RecordingContext, boards: Boards) -> None:
    board = boards.open(ctx, RV32)
    before = files_on(ctx, boards)
    real = board.exec

    def exec_and_cancel(job: JobContext, code: str | bytes, **more: Any) -> bytes:
        if b"__import__(name)" in (code if isinstance(code, bytes) else code.encode()) and job is inner:
            inner.cancel()
        return real(job, code, **more)

    with ctx.part() as inner:
        board.exec = exec_and_cancel  # type: ignore[method-assign]
        with pytest.raises(Cancelled):
            measure(inner, board, "slow", [Candidate("py", {"slow.py": b"x = 1\n"})], runs=1)
    assert files_on(ctx, boards) == before


def test_what_the_project_does_not_have_or_is_no_name_is_refused(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    (tmp_path / "there.py").write_text("")
    with pytest.raises(UsageError, match="no module called elsewhere"):
        candidates(ctx, boards, RV32, tmp_path, "elsewhere")
    with pytest.raises(UsageError, match="no name"):
        measure(ctx, boards.open(ctx, RV32), "os');import x#", [])


def test_python_that_does_not_compile_has_only_its_source(
    ctx: RecordingContext, boards: Boards, tmp_path: Path
) -> None:
    (tmp_path / "wrong.py").write_text("def f(:\n")
    py, mpy, native = candidates(ctx, boards, RV32, tmp_path, "wrong")
    assert py.files
    assert mpy.why_not is not None
    assert native.why_not is not None


def test_modules_are_found_in_the_project_its_lib_and_as_packages(tmp_path: Path) -> None:
    for path in ("a.py", "main.py", "boot.py", "lib/b.py", "pack/__init__.py", "pack/inner.py", "no-name.py"):
        (tmp_path / path).parent.mkdir(exist_ok=True)
        (tmp_path / path).write_text("")
    assert modules_of(tmp_path) == ("a", "b", "pack")
