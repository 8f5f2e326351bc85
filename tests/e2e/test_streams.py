"""Where the output goes can close or be full, and a script that is asked for may not be there."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tests.e2e.command import copy_example, environment, natmod, start, start_argv

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware")

BOARD = ("--board", "sim:rv32")


@pytest.fixture
def project(tmp_path: Path) -> Path:
    return copy_example("factorial", tmp_path)


def test_a_script_that_is_not_there_is_named(project: Path):
    assert "nowhere.py" in natmod("run", project, "--script", "nowhere.py", *BOARD).assert_one_sentence()


def test_a_reader_that_leaves_early_gets_no_traceback(project: Path):
    (project / "main.py").write_text("for i in range(20000):\n    print('line', i)\n")
    process = start("run", project, *BOARD)
    assert process.stdout is not None
    assert process.stderr is not None
    assert process.stdin is not None
    assert process.stdout.readline() == b"line 0\n"
    process.stdout.close()
    assert process.wait(60) == 141
    assert process.stderr.read() == b""
    process.stdin.close()
    process.stderr.close()


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="no /dev/full on this system")
def test_output_that_cannot_be_written_is_a_sentence(project: Path):
    with Path("/dev/full").open("wb") as full:
        said = subprocess.run(
            start_argv("build", project),
            stdout=full,
            stderr=subprocess.PIPE,
            env=environment(),
            check=False,
            timeout=60,
        )
    assert said.returncode == 1
    assert b"Traceback" not in said.stderr
    assert b"write standard output" in said.stderr
