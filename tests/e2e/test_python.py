"""Python without C: run as it is, put on a board so that it starts by itself, and taken back."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
import serial

from ide.board import simulator
from ide.board.link import open_link
from tests.e2e.command import copy_example, natmod, start
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.usefixtures("rv32_firmware", "unix_firmware")


_WALK = """
import os
def walk(folder, found):
    for name in os.listdir(folder):
        if os.stat(folder + name)[0] & 0x4000:
            walk(folder + name + "/", found)
        else:
            found[(folder + name)[1:]] = open(folder + name, "rb").read()
    return found
"""


class Held:
    """A simulated board that stays on between the calls of the command, as one on a desk does."""

    def __init__(self, address: str, lease: simulator.Lease) -> None:
        self.address, self._lease = address, lease

    def ask(self, expression: str, setup: str = "import os") -> object:
        """A value from the board, which leaves it at its prompt."""
        board = open_link(JobContext(), self._lease.port, hard_reset=self._lease.hard_reset)
        try:
            return board.ask(JobContext(), expression, setup)
        finally:
            board.close()

    def files(self) -> dict[str, bytes]:
        """All files of the board, by their path without the first slash."""
        found = self.ask("walk('/', {})", _WALK)
        assert isinstance(found, dict)
        return found

    def hear(self, n_lines: int) -> bytes:
        """What it says of itself, so many lines; fewer if none comes for five seconds."""
        with serial.serial_for_url(self._lease.port, timeout=5) as port:
            return b"".join(port.read_until(b"\n") for _line in range(n_lines))

    def power_cycle(self) -> None:
        """Off and on again."""
        self._lease.hard_reset()


@pytest.fixture(params=["sim:rv32", "sim:unix"])
def board(request: pytest.FixtureRequest, toolbox: Toolbox) -> Iterator[Held]:
    ctx = JobContext(toolbox.host)
    with simulator.lease(ctx, toolbox, request.param, toolbox.sdks.ensure(ctx, "1.26.1")) as lease:
        yield Held(request.param, lease)


@pytest.fixture
def program(tmp_path: Path) -> Path:
    """A program with a module, a package and data, and not one C file."""
    folder = tmp_path / "program"
    (folder / "pkg").mkdir(parents=True)
    (folder / "pkg" / "__init__.py").write_text("from .part import value\n")
    (folder / "pkg" / "part.py").write_text("import micropython\n@micropython.native\ndef value():\n    return 7\n")
    (folder / "helper.py").write_text("def shout(x):\n    return str(x) + '!'\n")
    (folder / "table.txt").write_text("one\n")
    (folder / "main.py").write_text(
        "import helper, pkg\nprint(helper.shout(pkg.value()), open('table.txt').read().strip(), __name__)\n"
    )
    return folder


def test_python_runs_without_compiler_sdk_or_build(
    program: Path, board: Held, toolbox: Toolbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record = natmod("run", program, "--board", board.address, "--json").record
    assert record["run"]["output"] == "7! one __main__\r\n"
    assert (record["build"], record["ok"]) == (None, True)
    assert natmod("run", program / "helper.py", "--board", board.address).code == 0
    assert not (program / ".natmod").exists()
    (tmp_path / "lone.py").write_text("print('alone', 6 * 7)\n")
    assert natmod("run", "lone.py", "--board", board.address, cwd=tmp_path).out.startswith("alone 42\n")
    assert "7! one" in natmod("run", program, "--board", board.address, "--install").out
    assert "helper.mpy" in str(board.ask("os.listdir('/lib')"))
    said = natmod("deploy", program, "--board", board.address)
    assert said.out.startswith(f"/lib on {board.address} has: helper.mpy, pkg/__init__.mpy, pkg/part.mpy.")
    (program / "lib").mkdir()
    (program / "lib" / "driver.py").write_text("import pkg\nprint('driven', pkg.value())\n")
    (program / "user.py").write_text("import driver\n")
    assert natmod("run", program / "user.py", "--board", board.address).out.startswith("driven 7\n")
    said = natmod("deploy", program / "user.py", "--board", board.address)  # one file, and what it needs
    assert said.out.startswith(f"/lib on {board.address} has: user.mpy, driver.mpy, pkg/__init__.mpy, pkg/part.mpy.")


def test_what_cannot_be_done_with_python_is_said(tmp_path: Path) -> None:
    (tmp_path / "a.py").write_text("")
    (tmp_path / "b.py").write_text("")
    for args, words in (
        (("run", tmp_path), "no main.py, and several Python files: a.py, b.py"),
        (("build", tmp_path), "no C code to build"),
        (("deploy", tmp_path, "--autostart"), "no main.py"),
        (("deploy", tmp_path, "--script", "a.py"), "without --autostart nothing does"),
    ):
        said = natmod(*args)
        assert said.code == 2
        assert words in said.assert_one_sentence()


def test_a_new_python_project_runs_and_its_test_passes(tmp_path: Path, warm_home: Path) -> None:
    assert natmod("new", tmp_path / "blinker", "--template", "python").code == 0
    assert "hello number 3" in natmod("run", tmp_path / "blinker").out
    assert "greeting is right" in natmod("run", tmp_path / "blinker" / "tests" / "test_blinker.py").out


def test_a_program_starts_by_itself_and_can_be_taken_back(program: Path, board: Held) -> None:
    for name, text in (("main.py", "print(1)"), ("helper.py", "# an older one")):
        board.ask(f"[(f.write({text!r}), f.close()) for f in [open('/{name}', 'w')]]")
    before = board.files()
    said = natmod("deploy", program, "--board", board.address, "--autostart")
    assert said.code == 0, said.err
    assert said.out.startswith("7! one __main__\n")
    assert f"natmod deploy --undo --board {board.address}" in said.out
    assert "Kept on this computer, to be put back: " in said.out
    assert set(board.files()) - {".natmod-start.json"} == {
        "main.py", "helper.mpy", "table.txt", "pkg/__init__.mpy", "pkg/part.mpy"
    }  # fmt: skip
    (program / "helper.py").write_text("def shout(x):\n    return str(x) + '?'\n")
    record = natmod("deploy", program, "--board", board.address, "--autostart", "--json").record
    assert record["start"]["output"] == "7? one __main__\r\n"
    assert [file["path"] for file in record["files"] if not file["skipped"]] == ["/helper.mpy"]
    said = natmod("deploy", "--undo", "--board", board.address)
    assert f"{board.address} is as it was before program." in said.out
    assert said.out.startswith("1\n")  # what was there starts again
    assert board.files() == before
    assert "nothing to take back" in natmod("deploy", "--undo", "--board", board.address).out


def test_a_program_that_hangs_or_fails_can_be_replaced_and_taken_back(program: Path, board: Held) -> None:
    (program / "main.py").write_text("print('begun')\nwhile True:\n    pass\n")
    before = board.files()
    said = natmod("deploy", program, "--board", board.address, "--autostart")
    assert "begun\nThe program goes on running on the board.\n" in said.out
    (program / "main.py").write_text("import absent_one\n")
    said = natmod("deploy", program, "--board", board.address, "--autostart")
    assert said.code == 1
    assert "imports absent_one, which is neither in the project nor on the board" in said.err
    assert "ImportError: no module named 'absent_one'" in said.out
    board.power_cycle()
    assert natmod("deploy", "--undo", "--board", board.address).code == 0
    assert board.files() == before


def test_ctrl_c_ends_the_watching_and_the_program_runs_on(program: Path, board: Held) -> None:
    (program / "main.py").write_text(
        "import time\nn = 0\nwhile True:\n    n += 1\n    print('tick', n)\n    time.sleep(0.05)\n"
    )
    process = start("deploy", program, "--board", board.address, "--autostart", "--verbose")
    assert process.stdout is not None
    for line in process.stdout:
        if b"tick 3" in line:
            break
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 0, err
    assert b"goes on running" in out
    assert board.hear(20).count(b"tick") == 20  # more than the line could have held


def test_a_native_project_starts_by_itself_with_its_module(tmp_path: Path, board: Held) -> None:
    project = copy_example("factorial", tmp_path)
    said = natmod("deploy", project, "--board", board.address, "--autostart")
    assert said.code == 0, said.err
    assert said.out.startswith("factorial(10) = 3628800\n")
    assert {"main.py", "factorial.mpy"} <= set(board.files())
    assert natmod("deploy", project, "--board", board.address, "--undo").code == 0
    assert board.files() == {}


def test_a_killed_deploy_is_completed_or_taken_back(program: Path, board: Held) -> None:
    (program / "big.bin").write_bytes(bytes(range(256)) * 600)
    (program / "main.py").write_text("import helper\nprint(helper.shout(1), len(open('big.bin', 'rb').read()))\n")
    before = board.files()
    process = start("deploy", program, "--board", board.address, "--autostart", "--json")
    assert process.stderr is not None
    for line in process.stderr:
        if b'"progress"' in line:
            break
    process.kill()
    process.communicate()
    if board.address == "sim:rv32":
        board.power_cycle()
    assert natmod("deploy", program, "--board", board.address, "--autostart").out.startswith("1! 153600\n")
    assert natmod("deploy", "--undo", "--board", board.address).code == 0
    assert board.files() == before
