"""``natmod test`` and ``natmod run`` of a test: what a person reads, and the exit code that scripts read."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.e2e import command
from tests.ide.cli.said import Said

pytestmark = pytest.mark.usefixtures("warm_home", "unix_firmware")

METHODS = """import unittest
class T(unittest.TestCase):
    def test_one(self):
        self.assertEqual(1, {one})
if __name__ == "__main__":
    unittest.main()
"""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "tests").mkdir()
    (tmp_path / "main.py").write_text("value = 7\n")
    (tmp_path / "tests" / "test_value.py").write_text(
        "import main\nprint('seen', main.value)\nassert main.value == 8\n"
    )
    (tmp_path / "tests" / "test_skip.py").write_text("print('SKIP: no sensor')\n")
    return tmp_path


def test_a_failure_shows_its_line_and_what_it_printed(natmod: Said, project: Path) -> None:
    xml = project / "out" / "results.xml"
    code, out, err = natmod("test", project, "--board", "sim:unix", "--junit", xml)
    assert (code, err) == (1, "")
    lines = [line.split() for line in out.splitlines()]
    assert "FAILED  sim:unix  tests/test_value.py  tests/test_value.py:3: assert main.value == 8: AssertionError" in out
    assert ["seen", "7"] in lines
    assert ["sim:unix", "tests/test_skip.py", "skipped", "no", "sensor"] in [line[:3] + line[5:] for line in lines]
    assert lines[-1][:7] == ["0", "tests", "passed,", "1", "failed,", "1", "skipped"]
    assert 'skipped="1"' in xml.read_text("utf-8")
    (project / "main.py").write_text("value = 8\n")
    assert natmod("test", project, "--board", "sim:unix")[0] == 0
    code, out, _err = natmod("test", project / "tests" / "test_value.py", "--board", "sim:unix")
    assert (code, "1 test passed in" in out, "test_skip" in out) == (0, True, False)


def test_an_output_folder_that_cannot_be_is_a_sentence(natmod: Said, project: Path) -> None:
    code, out, err = natmod("test", project, "--board", "sim:unix", "--junit", project / "main.py" / "x.xml")
    assert code == 1
    assert err.count("Error: ") == 1
    assert "1 failed, 1 skipped in" in out


@pytest.mark.parametrize(("words", "said"), [(("--timeout", "0"), "above zero"), (("-k", "zzz"), "test_value.py")])
def test_what_cannot_be_is_said(natmod: Said, project: Path, words: tuple[str, ...], said: str) -> None:
    code, _out, err = natmod("test", project, "--board", "sim:unix", *words)
    assert code in (1, 2)
    assert said in err


@pytest.mark.parametrize(("one", "code", "said"), [(1, 0, "passed  T.test_one"), (2, 1, "1 is not 2")])
def test_a_unittest_file_can_be_run_alone(project: Path, one: int, code: int, said: str) -> None:
    (project / "tests" / "test_it.py").write_text(METHODS.format(one=one))
    got = command.natmod("run", project, "--script", "tests/test_it.py", "--board", "sim:unix")
    assert (got.code, said in got.out, "It ended with sys.exit(1)." in got.out) == (code, True, bool(code))
