"""Old native modules that were mended, and viper versions of functions, do on the simulated board what they did."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import deploy
from ide.board.deploy import Served
from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.homes import CHECKOUT
from tests.sims import SimBoard, sim_board
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.code_actions import python_actions_at
from toolchains.edits import edited
from toolchains.mend import Sources, mend_all
from toolchains.natmod import BuildRequest
from toolchains.sdk_tree import SdkTree

_TALLY = """\
from tally import Tally
t = Tally(3)
t.add(2)
print(t, len(t), list(t))
try:
    Tally("x")
except TypeError as e:
    print(e)
"""
_MIXER = "from mixer import Mixer\nprint(Mixer(7).level())\n"
_PYTHON = """\
def total(n: int) -> int:
    s = 0
    for i in range(n):
        s += i * i
    return s


def more(n: int) -> bool:
    return n > 3


def at(d: bytearray, n: int) -> int:
    return d[n] + len(d)


def text(s: str) -> str:
    return s + "!"
"""
_CALLS = """
print(total(10), more(4), more(3), at(bytearray(b"abc"), 1), text("a"))
print(total_viper(10), more_viper(4), more_viper(3), at_viper(bytearray(b"abc"), 1), text_viper("a"))
"""


@pytest.fixture(scope="module")
def sim(tmp_path_factory: pytest.TempPathFactory, sdk_tree: SdkTree) -> Iterator[SimBoard]:
    with sim_board("sim:rv32", tmp_path_factory.mktemp("b")) as board:
        board.toolbox.linkers.start(sdk_tree)  # here, so that no test is blamed for having started it
        yield board


def _run(sim: SimBoard, folder: Path, files: dict[str, bytes], program: str) -> tuple[str, str | None]:
    folder.mkdir(exist_ok=True)
    (folder / "main.py").write_text(program)
    ctx, printed = RecordingContext(sim.toolbox.host), bytearray()
    sim.link.soft_reset(ctx)
    outcome = deploy.try_run(ctx, sim.link, Served(folder, files), "main.py", on_output=printed.extend)
    return printed.decode().replace("\r\n", "\n"), outcome.traceback


@pytest.mark.parametrize(
    ("name", "module", "program", "wanted"),
    [
        ("v1_12", "tally", _TALLY, "tally(5) 5 [4, 3, 2, 1, 0]\ntally: wants a number\n"),
        ("v1_22", "mixer", _MIXER, "7\n"),
    ],
)
def test_mended_modules_run(
    sim: SimBoard, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path: Path,
    name: str, module: str, program: str, wanted: str,
) -> None:  # fmt: skip
    folder = Path(shutil.copytree(CHECKOUT / "tests" / "data" / "old_modules" / name, tmp_path / name))
    fix = mend_all(Sources(folder))
    assert fix is not None
    fix.apply()
    request = BuildRequest(project.load(folder), arch("rv32imc"), sdk_tree, compiler_for("rv32imc"))
    built = natmod.build(RecordingContext(sim.toolbox.host), request, sim.toolbox.linkers)
    files = {f"{module}.mpy": built.path.read_bytes()}
    assert _run(sim, tmp_path / "run", files, program) == (wanted, None)


def test_viper_versions_give_the_same(sim: SimBoard, tmp_path: Path) -> None:
    text = _PYTHON
    for name in ("total", "more", "at", "text"):
        (fix,) = python_actions_at(tmp_path / "main.py", text, text.index(f"def {name}("))
        text = edited(text, fix.edits)
    printed, traceback = _run(sim, tmp_path / "run", {}, text + _CALLS)
    assert traceback is None
    plain, viper = printed.splitlines()
    assert plain == viper == "285 True False 101 a!"
