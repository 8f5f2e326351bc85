"""The simulated Arm boards: native modules of Cortex-M3, M4 and M7 really run there, and a crash is survived."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board import deploy
from ide.board.served import Served
from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.homes import CHECKOUT
from tests.sims import SimBoard, sim_board
from tests.toolchains.natmods import Builder, module, write_project
from toolchains.errors import BoardError
from toolchains.mpy_loads import check_loads, remarks
from toolchains.mpyfile import read as read_mpy

_POWER = "    return mp_obj_new_float(powf(mp_obj_get_float(x), 0.3f));"
_NULL = "    return mp_obj_new_int(*(volatile int *)(mp_obj_get_int(x)));"
_CHECK = "import small; x = small.answer(0.75); print('%.4f' % x)"


def _run(ctx: RecordingContext, board: SimBoard, files: dict[str, bytes], folder: Path, main: str) -> str:
    (folder / "main.py").write_text(main)
    shown = bytearray()
    deploy.try_run(ctx, board.link, Served(folder, files), "main.py", on_output=shown.extend)
    return shown.decode().replace("\r\n", "\n")


@pytest.fixture
def power(tmp_path: Path) -> Path:
    return write_project(tmp_path / "power", {"small.c": module(_POWER, "#include <math.h>\n")})


def test_a_cortex_m3_runs_the_example_and_floats_keeps_files_and_survives_a_crash(
    build: Builder, compiler_for: Compilers, power: Path, tmp_path: Path, ctx: RecordingContext
) -> None:
    compiler_for("armv7m", "gcc")
    factorial = build(CHECKOUT / "examples/factorial", "armv7m", "gcc", out=tmp_path / "f").path.read_bytes()
    small = build(power, "armv7m", "gcc").path.read_bytes()
    null = write_project(tmp_path / "null", {"small.c": module(_NULL)})
    bad = build(null, "armv7m", "gcc").path.read_bytes()
    with sim_board("sim:arm", tmp_path / "b") as board:
        info = board.link.identity()
        assert (info.arch.name if info.arch else None, info.floats) == ("armv7m", "single")
        main = (CHECKOUT / "examples/factorial/main.py").read_text()
        assert "factorial(10) = 3628800" in _run(ctx, board, {"factorial.mpy": factorial}, power, main)
        assert _run(ctx, board, {"small.mpy": small}, power, _CHECK) == "0.9173\n"
        keep = "with open('/kept.txt', 'w') as file: file.write('here')"
        _run(ctx, board, {}, power, keep)
        with pytest.raises(BoardError):
            _run(ctx, board, {"small.mpy": bad}, null, "import small; print(small.answer(0))")
        board.reopen()
        assert _run(ctx, board, {}, power, "print(open('/kept.txt').read())") == "here\n"


def test_a_cortex_m7_runs_single_and_double_precision(
    build: Builder, compiler_for: Compilers, power: Path, tmp_path: Path, ctx: RecordingContext
) -> None:
    compiler_for("armv7emsp", "gcc")
    with sim_board("sim:arm-m7", tmp_path / "b") as board:
        info = board.link.identity()
        assert (info.arch.name if info.arch else None, info.floats) == ("armv7emdp", "double")
        for name in ("armv7emsp", "armv7emdp"):
            small = build(power, name, "gcc").path
            assert _run(ctx, board, {"small.mpy": small.read_bytes()}, power, _CHECK) == "0.9173\n", name
            assert not remarks(read_mpy(small.read_bytes()), info.loader)
        soft = read_mpy(build(power, "armv7m", "gcc").path.read_bytes())
        check_loads(soft, info.loader)
        assert "floating-point ones are wrong. Build it for armv7emdp" in str(remarks(soft, info.loader)[0])
