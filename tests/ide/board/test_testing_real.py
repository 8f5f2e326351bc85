"""The tests of a project on the simulated boards."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.board.testing import BoardResult, NoTests, SuiteRequest, files_of, run_tests
from tests.conftest import RecordingContext
from tests.toolchains.natmods import module, write_project
from toolchains import project
from toolchains.errors import Cancelled
from toolchains.toolbox import Toolbox

UNITTEST = """
import small
import unittest


class TestSmall(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.log = []

    def setUp(self):
        self.log.append("up")

    def tearDown(self):
        self.log.append("down")

    def test_equal(self):
        self.assertEqual(small.answer(0), 42)
        self.addCleanup(print, "cleaned up")

    def test_wrong(self):
        self.assertEqual(small.answer(1), 42, "off by one")

    def test_error(self):
        {}["key"]

    def test_zz_after_others(self):
        self.assertIn("down", self.log)
        self.assertNotIn("sideways", self.log)
        self.assertIsInstance(self.log, (list, tuple))
        self.assertIsNone(None)
        self.assertIs(self.log, TestSmall.log)
        self.assertGreater(3, 2)
        self.assertLessEqual(2, 2)
        self.assertTrue(not self.assertFalse(0))
        self.assertAlmostEqual(0.1 + 0.2, 0.3, places=5)
        self.assertAlmostEqual(10, 11, delta=1)
        self.assertNotAlmostEqual(1, 2)
        self.assertCountEqual([1, 2, 2], (2, 1, 2))

    def test_raises(self):
        with self.assertRaises(TypeError) as caught:
            small.answer("text")
        self.assertIsInstance(caught.exception, TypeError)
        self.assertRaises((KeyError, TypeError), small.answer, None)
        with self.assertRaises(AssertionError):
            with self.assertRaises(OSError):
                pass
        with self.assertRaises(AssertionError):
            self.assertCountEqual([1], [1, 1])
        with self.assertRaises(AssertionError):
            self.assertIsNotNone(None)

    def test_sub(self):
        for n in range(3):
            with self.subTest(n=n):
                self.assertNotEqual(n, 1)

    @unittest.skip("not today")
    def test_skipped(self):
        raise OSError

    def test_skips_itself(self):
        self.skipTest("no sensor")

    @unittest.expectedFailure
    def test_known_fault(self):
        self.fail("known")

    @unittest.expectedFailure
    def test_no_fault(self):
        pass


class TestTidyingUp(unittest.TestCase):
    def tearDown(self):
        if self.id().endswith("test_both"):
            raise OSError("down")

    def test_both(self):
        self.assertEqual(small.answer(0), 0)

    def test_exits(self):
        raise SystemExit

    def test_not_raised(self):
        with self.assertRaises((ValueError, KeyError)):
            pass

    def test_sequences(self):
        self.assertSequenceEqual([1, 2], (1, 2))


@unittest.skipUnless(hasattr(small, "more"), "small has no more")
class TestMore(unittest.TestCase):
    def test_more(self):
        pass
"""

RESULTS = {
    "TestMore.test_more": "skipped",
    "TestSmall.test_equal": "passed",
    "TestSmall.test_error": "error",
    "TestSmall.test_known_fault": "passed",
    "TestSmall.test_no_fault": "failed",
    "TestSmall.test_raises": "passed",
    "TestSmall.test_skipped": "skipped",
    "TestSmall.test_skips_itself": "skipped",
    "TestSmall.test_sub [n=1]": "failed",
    "TestSmall.test_wrong": "failed",
    "TestSmall.test_zz_after_others": "passed",
    "TestTidyingUp.test_both": "error",
    "TestTidyingUp.test_exits": "error",
    "TestTidyingUp.test_not_raised": "failed",
    "TestTidyingUp.test_sequences": "passed",
}

FILES = {
    "small.c": module(),
    "tests/_helper.py": "raise RuntimeError\n",
    "tests/test_asserts.py": "import small\nassert small.answer(1) == 43\nprint('good')\n",
    "tests/test_wrong.py": "import small\ndef f(x):\n    assert small.answer(x) == 0\nf(5)\n",
    "tests/test_hangs.py": "print('on and on')\nwhile True:\n    pass\n",
    "tests/test_output.py": "print('one')\nprint('two')\n",
    "tests/test_output.py.exp": "one\r\n2\r\n",
    "tests/test_exact.py": "print('exact')\n",
    "tests/test_exact.exp": "exact\n",
    "tests/test_skip.py": "print('SKIP')\nraise SystemExit\n",
    "tests/test_methods.py": UNITTEST,
    "tests/test_own_main.py": (
        "from unittest import TestCase, main\nclass A(TestCase):\n    def test_it(self):\n        pass\n"
        "if __name__ == '__main__':\n    main()\n"
    ),
}


@pytest.fixture
def boards(toolbox: Toolbox, rv32_firmware: Path, unix_firmware: Path) -> Iterator[Boards]:
    with Boards(toolbox) as held:
        yield held


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_project(tmp_path / "small", FILES)


def run(ctx: RecordingContext, boards: Boards, request: SuiteRequest) -> tuple[list[BoardResult], dict[str, str]]:
    told: list[tuple[str, str]] = []
    results = run_tests(ctx, boards, request, lambda board, case: told.append((board, case.name)))
    cases = [(result.address, case.name) for result in results for case in result.cases]
    assert told == cases  # each result is told when it is known, once
    return results, {case.name: case.status for result in results for case in result.cases}


def test_every_kind_of_test_on_two_boards(ctx: RecordingContext, boards: Boards, small: Path) -> None:
    addresses = ("sim:rv32", "sim:unix")
    (small / "tests" / "test_hangs.py").unlink()
    results, _all = run(ctx, boards, SuiteRequest(small, addresses))
    assert [result.address for result in results] == list(addresses)
    for result in results:
        found = {case.name: case.status for case in result.cases}
        methods = {f"tests/test_methods.py::{name}": status for name, status in RESULTS.items()}
        assert found == {
            "tests/test_asserts.py": "passed",
            "tests/test_exact.py": "passed",
            **methods,
            "tests/test_output.py": "failed",
            "tests/test_own_main.py::A.test_it": "passed",
            "tests/test_skip.py": "skipped",
            "tests/test_wrong.py": "failed",
        }
        assert not result.ok
        by_name = {case.name: case for case in result.cases}
        wrong = by_name["tests/test_methods.py::TestSmall.test_wrong"]
        assert "43 is not 42 : off by one" in wrong.message
        assert "unittest.py" not in wrong.detail
        both = [case.status for case in result.cases if case.method == "TestTidyingUp.test_both"]
        assert both == ["failed", "error"]
        assert by_name["tests/test_wrong.py"].message.startswith("tests/test_wrong.py:3: assert small.answer(x) == 0")


def test_one_that_hangs_is_stopped_and_the_next_one_runs(ctx: RecordingContext, boards: Boards, small: Path) -> None:
    for path in (small / "tests").iterdir():
        if path.name not in ("test_hangs.py", "test_skip.py"):
            path.unlink()
    results, _all = run(ctx, boards, SuiteRequest(small, ("sim:rv32", "sim:unix"), timeout=4))
    for result in results:
        hangs, skips = result.cases
        assert (hangs.status, hangs.output) == ("timeout", "on and on\n")
        assert skips.status == "skipped"
        assert not result.ok


def test_a_pattern_picks_files_or_methods(ctx: RecordingContext, boards: Boards, small: Path) -> None:
    def picked(pattern: str) -> list[str]:
        _results, found = run(ctx, boards, SuiteRequest(small, ("sim:unix",), pattern))
        return list(found)

    assert picked("EXACT") == ["tests/test_exact.py"]
    assert picked("test_equal") == ["tests/test_methods.py::TestSmall.test_equal"]
    assert picked("test_methods.py::TestMore") == ["tests/test_methods.py::TestMore.test_more"]
    with pytest.raises(NoTests, match=r'called like "nothing"'):
        picked("nothing")


def test_python_alone_is_tested_without_a_build(ctx: RecordingContext, boards: Boards, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "main.py").write_text("def twice(x): return 2 * x\n")
    (tmp_path / "tests" / "test_it.py").write_text("import main\nassert main.twice(4) == 8\n")
    (result,), found = run(ctx, boards, SuiteRequest(tmp_path, ("sim:unix",)))
    assert (found, result.build, result.ok) == ({"tests/test_it.py": "passed"}, None, True)


def test_a_build_that_fails_is_the_board_s_error_and_others_are_tried(
    ctx: RecordingContext, boards: Boards, small: Path
) -> None:
    (small / "small.c").write_text("not C\n")
    results, found = run(ctx, boards, SuiteRequest(small, ("sim:unix", "no-such-port")))
    assert not found
    assert ["C code has" in str(results[0].error), "no-such-port" in str(results[1].error)] == [True, True]


def test_a_cancel_ends_all_of_them(ctx: RecordingContext, boards: Boards, small: Path) -> None:
    with pytest.raises(Cancelled):
        run_tests(ctx, boards, SuiteRequest(small, ("sim:unix",), "_o"), lambda board, case: ctx.cancel())


def test_what_is_a_test_file(small: Path, tmp_path: Path) -> None:
    assert "tests/_helper.py" not in files_of(project.load(small))
    (tmp_path / "none").mkdir()
    (tmp_path / "none" / "main.py").write_text("pass\n")
    with pytest.raises(NoTests, match="no Python file in its folder tests"):
        run_tests(RecordingContext(), Boards(None), SuiteRequest(tmp_path / "none"), lambda board, case: None)  # type: ignore[arg-type]
