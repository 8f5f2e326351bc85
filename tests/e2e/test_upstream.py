"""MicroPython's own tests of its native modules pass on a board, with modules that we built with zig and with GCC.

Each module takes the place of the one that is built into the firmware, as upstream's run-natmodtests.py does it.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import deploy
from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.sims import SimBoard, sim_board
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compilers import NoCompiler
from toolchains.jobs import JobContext
from toolchains.natmod import BuildRequest
from toolchains.recipe import Wishes
from toolchains.sdk_tree import SdkTree

pytestmark = pytest.mark.usefixtures("warm_home")

#: Which of upstream's tests look at the module, and those that say SKIP because it lacks what they test.
TESTS = {
    "deflate": ("deflate*.py", set()),
    "framebuf": ("framebuf*.py", set()),
    "heapq": ("heapq*.py", set()),
    "random": ("random*.py", {"random_extra_float.py", "random_seed_default.py"}),
    "re": ("re*.py", {"re_debug.py", "re_sub.py", "re_sub_unmatched.py"}),
}
#: The board's first lines: our module answers to the name of the built-in one.
IN_PLACE = """import sys, ours
sys.modules["{name}"] = ours
import {name}
assert {name} is ours
with open("{test}") as source:
    source = source.read()
exec(source)
"""


@pytest.fixture(scope="module")
def board(
    rv32_firmware: Path, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SimBoard]:
    compiler_for.make_ready("rv32imc")
    with sim_board("sim:rv32", tmp_path_factory.mktemp("b")) as board:
        board.toolbox.linkers.start(sdk_tree)  # here, so that no test is blamed for having started it
        yield board


def build(board: SimBoard, ctx: JobContext, sdk: SdkTree, name: str, pin: str, into: Path, **variables: str) -> bytes:
    """The tree's ``examples/natmod/NAME`` for the board, from a copy of its folder and by its own Makefile."""
    folder = shutil.copytree(sdk.path / "examples" / "natmod" / name, into / name)
    try:
        compiler = board.toolbox.compilers.choose(ctx, arch("rv32imc"), pin).compiler
    except NoCompiler as error:
        pytest.skip(str(error))
    wishes = Wishes(variables)
    request = BuildRequest(project.load(folder), arch("rv32imc"), sdk, compiler, wishes=wishes)
    return natmod.build(ctx, request, board.toolbox.linkers).path.read_bytes()


def expected(test: Path) -> bytes:
    """What a test must print: its .exp file, else what Python itself prints."""
    exp = test.with_name(test.name + ".exp")
    if exp.is_file():
        return exp.read_bytes()
    return subprocess.run([sys.executable, test], capture_output=True, check=True, timeout=60).stdout


def run(board: SimBoard, ctx: JobContext, files: deploy.Served) -> bytes:
    """What the script ``here.py`` prints on the board, and its traceback."""
    output = bytearray()
    outcome = deploy.try_run(ctx, board.link, files, "here.py", on_output=output.extend)
    return bytes(output).replace(b"\r\n", b"\n") + (outcome.traceback or "").encode()


@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize("name", TESTS)
def test_a_module_passes_upstream_s_own_tests(
    name: str, pin: str, board: SimBoard, ctx: RecordingContext, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    module = build(board, ctx, sdk_tree, name, pin, tmp_path)
    pattern, skipped = TESTS[name]
    folder = sdk_tree.path / "tests" / "extmod"
    failed, skips, tests = {}, set(), sorted(folder.glob(pattern))
    for test in tests:
        here = IN_PLACE.format(name=name, test=test.name).encode()
        said = run(board, ctx, deploy.Served(folder, {"ours.mpy": module, "here.py": here}))
        if said == b"SKIP\n":
            skips.add(test.name)
        elif said != expected(test):
            failed[test.name] = said
    assert tests
    assert failed == {}
    assert skips == skipped


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_floats_in_c_run_on_a_chip_without_hardware_for_them(
    pin: str, board: SimBoard, ctx: RecordingContext, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    module = build(board, ctx, sdk_tree, "features2", pin, tmp_path, MICROPY_FLOAT_IMPL="float")
    files = deploy.Served(tmp_path, {"features2.mpy": module, "here.py": b"import features2\n"})
    assert run(board, ctx, files) == b"[True, True, True]\n"
