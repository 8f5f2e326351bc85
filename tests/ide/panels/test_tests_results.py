"""Which tests there are, how they stand, and where to look. Nothing here needs a window or a board."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.board.verdicts import Case, Status
from ide.panels.tests.found import Method, TestFile, find_tests, methods_in
from ide.panels.tests.results import Results, place_of
from toolchains.paths import examples

RING = """import unittest

class Helper:
    def test_not_me(self): ...

class TestRing(unittest.TestCase):
    def setUp(self): ...

    def test_push(self):
        assert 1

    async def test_pop(self):
# a comment at the margin ends nothing
        assert 1

class Other(  unittest.TestCase  ):
\tdef test_tab(self): ...

def test_alone(): ...
"""


def test_methods_are_found_by_their_looks() -> None:
    assert methods_in(RING) == (
        Method("TestRing.test_push", 9),
        Method("TestRing.test_pop", 12),
        Method("Other.test_tab", 17),
    )
    assert methods_in("class Broken(unittest.TestCase):\n    def test_a(self:\n\0\xff") == (Method("Broken.test_a", 2),)


def test_the_tests_of_an_example_are_found() -> None:
    assert [one.path for one in find_tests(examples() / "ring_class")] == ["tests/test_ring_class.py"]


def test_a_folder_that_is_no_project_has_no_tests(tmp_path: Path) -> None:
    assert find_tests(tmp_path) == ()


def case(name: str, status: Status, detail: str = "", message: str = "") -> Case:
    file, _colons, method = name.partition("::")
    return Case(file, method, status, 0.5, message, detail)


@pytest.fixture
def results() -> Results:
    made = Results()
    made.set_found((TestFile("tests/a.py"), TestFile("tests/r.py", (Method("R.one", 3), Method("R.two", 9)))))
    return made


def states(results: Results) -> dict[str, str]:
    return {row.name: row.state for row in results.all()}


def test_a_run_from_waiting_to_the_end(results: Results) -> None:
    results.begin(())
    assert set(states(results).values()) == {"waiting"}
    results.running("tests/r.py")
    assert results.files[1].state == "running"
    results.take(case("tests/r.py::R.one", "passed"))
    results.take(case("tests/r.py::R.two", "failed"))
    results.end()
    assert states(results) == {
        "tests/a.py": "new", "tests/r.py": "new", "tests/r.py::R.one": "passed", "tests/r.py::R.two": "failed",
    }  # fmt: skip
    assert results.files[1].state == "failed"
    assert results.files[1].seconds == 1.0
    assert results.failed() == ["tests/r.py::R.two"]
    assert (results.count("passed"), results.count("failed", "error")) == (1, 1)


def test_only_what_runs_again_is_forgotten(results: Results) -> None:
    results.take(case("tests/a.py", "error"))
    results.take(case("tests/r.py::R.one", "failed"))
    results.begin(["tests/r.py::R.one"])
    assert states(results)["tests/a.py"] == "error"
    assert states(results)["tests/r.py::R.one"] == "waiting"
    assert states(results)["tests/r.py::R.two"] == "new"
    results.begin(["tests/r.py"])
    assert states(results)["tests/r.py::R.two"] == "waiting"


def test_a_file_that_failed_as_a_whole_runs_again_as_a_whole(results: Results) -> None:
    results.take(case("tests/r.py::R.one", "failed"))
    results.take(case("tests/r.py", "timeout"))
    assert results.failed() == ["tests/r.py"]


def test_a_test_that_nobody_knew_of_gets_a_row(results: Results) -> None:
    results.take(case("tests/r.py::R.made_by_a_loop", "passed"))
    results.take(case("tests/new.py", "passed"))
    assert [row.name for row in results.files[1].rows][-1] == "tests/r.py::R.made_by_a_loop"
    assert results.files[2].own.name == "tests/new.py"


def test_what_is_known_stays_when_the_files_are_looked_at_again(results: Results) -> None:
    results.take(case("tests/a.py", "passed"))
    results.set_found((TestFile("tests/a.py"), TestFile("tests/z.py")))
    assert states(results) == {"tests/a.py": "passed", "tests/z.py": "new"}


def test_the_place_is_the_project_s_innermost_line(results: Results, tmp_path: Path) -> None:
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "r.py").touch()
    trace = (
        'Traceback (most recent call last):\n  File "tests/r.py", line 5, in one\n  File "lib.py", line 1, in f\nX: y'
    )
    results.take(case("tests/r.py::R.one", "error", trace, "tests/r.py:5: X: y"))
    results.take(case("tests/r.py::R.two", "failed", "", "Its output is not the expected one."))
    one, two = results.files[1].methods
    assert place_of(one, tmp_path) == (tmp_path / "tests" / "r.py", 5)
    assert place_of(two, tmp_path) == (tmp_path / "tests" / "r.py", 9)
    problems = results.problems(tmp_path)
    assert [(problem.line, problem.detail) for problem in problems] == [(5, trace), (9, "")]
    assert problems[0].message == "tests/r.py::R.one: tests/r.py:5: X: y"
