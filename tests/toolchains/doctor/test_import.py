"""What boards refuse, or do wrong: answers of an ESP32, an ESP32-C3 and an ESP32-P4 as they were recorded.

Those that the simulated board gives are provoked there: tests/ide/board/test_doctor.py.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.natmods import module, write_project
from toolchains import mpy_loads, project
from toolchains.doctor import Finding, diagnose, examine_module
from toolchains.errors import BoardError
from toolchains.mpy_loads import Loader, NotLoadable
from toolchains.mpyfile import Function, MpyFile
from toolchains.project import Project
from toolchains.text import _

#: ``sys.implementation._mpy``: 6.3 for xtensawin, for rv32imc, and for a firmware that loads no machine code.
ESP32 = Loader(0x2B06, "1.26.1", "esp32")
C3 = Loader(0x2F06, "1.26.1", "esp32c3")
C3_SPLIT = Loader(0x0306, "1.26.1", "esp32c3")
C3_OLD = Loader(0x0206, "1.22.2", "esp32c3")
P4 = Loader(0x2F06, "1.27.0", "esp32p4")


@pytest.fixture
def proj(tmp_path: Path) -> Project:
    text = module("    return mp_obj_new_float(mp_obj_get_float(x) / 3);")
    folder = write_project(tmp_path / "p", {"small.c": text, "main.py": "import gc\nimport small\nprint(1)\n"})
    return project.load(folder)


def native(arch_number: int = 11, **more: object) -> MpyFile:
    values = {"version": 6, "sub_version": 3, "arch_number": arch_number, "arch_flags": None, "small_int_bits": 31}
    part = Function("small", "linked", 1200, 0)
    return MpyFile(**{**values, "functions": (part,), "text": 1200, **more})  # type: ignore[arg-type]


def said(proj: Project, file: MpyFile, board: Loader) -> Finding:
    with pytest.raises(NotLoadable) as caught:
        mpy_loads.check_loads(file, board)
    (found,) = diagnose(caught.value, proj, None, board)
    return found


class _OnBoard(BoardError):
    """As ``BoardExecError`` of the layer above."""

    code = "board.exec"

    def __init__(self, last: str, line: int = 2, file: str = "main.py") -> None:
        text = f'Traceback (most recent call last):\n  File "<stdin>", line 1\n  File "{file}", line {line}\n{last}\n'
        super().__init__(_("The code on the board stopped with an error."), traceback=text)


def test_flags(proj: Project) -> None:
    found = said(proj, native(arch_flags=1), C3)
    assert (found.cause_id, found.fix) == ("mpy-flags", None)


def test_no_native(proj: Project) -> None:
    found = said(proj, native(sub_version=2), C3_OLD)
    assert found.cause_id == "no-native"
    assert "1.25" in str(found.explanation)
    (found,) = diagnose(_OnBoard("ValueError: native code in .mpy unsupported"), proj, None, C3_OLD)
    assert found.cause_id == "no-native"


def test_pmp_split(proj: Project) -> None:
    """The firmware is new enough, and loads none all the same."""
    found = said(proj, native(), C3_SPLIT)
    assert found.cause_id == "pmp-split"
    assert "PMP" in str(found.explanation)
    (found,) = diagnose(mpy_loads.no_native(C3_SPLIT), proj, None, C3_SPLIT)
    assert found.cause_id == "pmp-split"


@pytest.mark.parametrize("last", ["MemoryError: memory allocation failed, allocating 65536 bytes", "MemoryError: "])
def test_exec_memory(proj: Project, last: str) -> None:
    (found,) = diagnose(_OnBoard(last), proj, None, ESP32)
    assert found.cause_id == "exec-memory"
    assert "reset" in str(found.explanation)
    # In the middle of the program it is the heap.
    assert diagnose(_OnBoard(last, line=3), proj, None, ESP32) == ()


class _Full(BoardError):
    code = "board.exec-full"


def test_exec_memory_is_known_before_anything_is_sent(proj: Project) -> None:
    (found,) = diagnose(_Full(_("full"), needed=40_000, free=20_000), proj, None, ESP32)
    assert found.cause_id == "exec-memory"
    assert "20" in str(found.title)


def test_old_collector(proj: Project) -> None:
    board = Loader(0x2A06, "1.23.0", "esp32")
    (found,) = examine_module(native(10, bss=4, functions=()), proj, board)
    assert found.cause_id == "old-collector"
    assert examine_module(native(10, bss=4), proj, ESP32) == ()


def test_floats_of_the_p4(proj: Project) -> None:
    (found,) = examine_module(native(), proj, P4)
    assert found.cause_id == "p4-floats"
    assert found.place is not None
    assert (found.place.path.name, found.place.line) == ("small.c", 3)
    (proj.root / "small.c").write_text(module())
    assert examine_module(native(), proj, P4) == ()


def test_board_without_floats(proj: Project) -> None:
    (found,) = examine_module(native(), proj, C3, floats="none")
    assert found.cause_id == "board-floats"
    assert examine_module(native(), proj, C3, floats="single") == ()


@pytest.mark.parametrize(
    "traceback", ["", "x", "ValueError: incompatible", "MemoryError", "MemoryError: \0" * 1000, '  File "", line 99']
)
def test_words_of_a_board_that_mean_nothing_are_no_trouble(proj: Project, traceback: str) -> None:
    error = BoardError(_("x"), traceback=traceback)
    assert diagnose(error, proj, None, None) == ()
