"""What is sent to boards is Python that old MicroPython reads, too, and short."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ide.board import card, inspect
from ide.board.flash import fuses
from ide.board.memory import heap_map, vitals
from ide.board.mount import board_source
from toolchains.bytecode import compile_py
from toolchains.jobs import JobContext
from toolchains.paths import resources

#: The .mpy version of MicroPython 1.19, the oldest that we speak to.
_OLDEST = (6, 0)
_PARTS = sorted(path.stem for path in (resources() / "board").glob("*.py"))
_TEXTS = {
    "identity": inspect.IDENTITY_SETUP,
    "chip": fuses.SETUP,
    "card": card._SETUP + f"r={card._QUESTION.format(registers=[1])}\n",
    "vitals": vitals._HEAP + vitals._MACHINE_CODE + vitals._FILES,
    "vitals, timed": vitals._TIMED.format(look=vitals._HEAP) + f"r={vitals._ANSWER}\n",
    "heap map": heap_map._CODE.format(collect="gc.collect()"),
}


@pytest.mark.parametrize("part", _PARTS)
def test_files_for_boards_are_python_of_the_oldest_release(ctx: JobContext, tmp_path: Path, part: str) -> None:
    _compiles(ctx, tmp_path, board_source((part,)))


@pytest.mark.parametrize("part", _PARTS)
def test_what_is_left_out_of_them_is_what_python_does_not_need(part: str) -> None:
    whole = (resources() / "board" / f"{part}.py").read_text("utf-8")
    assert ast.dump(ast.parse(board_source((part,)))) == ast.dump(ast.parse(whole))
    assert "#" not in re.sub(r'"[^"]*"', "", board_source((part,)))
    inside = board_source((part,), depth=1)
    assert ast.dump(ast.parse("def f():\n" + inside).body[0].body[-1]) == ast.dump(ast.parse(whole).body[-1])


@pytest.mark.parametrize("name", _TEXTS)
def test_questions_are_python_of_the_oldest_release(ctx: JobContext, tmp_path: Path, name: str) -> None:
    _compiles(ctx, tmp_path, _TEXTS[name])


def test_what_is_asked_every_few_seconds_is_short() -> None:
    assert len(_TEXTS["vitals"]) < 350


def _compiles(ctx: JobContext, folder: Path, text: str) -> None:
    assert text.isascii()
    source = folder / "part.py"
    source.write_text(text)
    compile_py(ctx, source, folder / "part.mpy", embedded_name="part.py", mpy=_OLDEST, arch="xtensawin")
