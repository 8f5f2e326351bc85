"""Who passed what: result files written, read as hostile, and made into a table."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from ide.learn import results
from ide.learn.results import Result
from toolchains.errors import StudioError, UsageError


def result(
    lesson: str = "01-a", person: str = "Ada", passed: bool = True, when: str = "2026-11-01T10:00:00Z"
) -> Result:
    return Result(lesson, person, passed, when, (("tests/test_lesson.py", "passed"),))


def test_what_counts_is_the_first_time_it_was_passed(tmp_path: Path) -> None:
    results.write(tmp_path / "one", result(when="2026-11-02T10:00:00Z"))
    results.write(tmp_path / "two", result(when="2026-11-01T10:00:00Z"))
    results.write(tmp_path / "two", result("02-b", passed=False))
    results.write(tmp_path, result(person="陳 小明/..", passed=False))
    table = results.table(tmp_path, ["01-a", "02-b", "03-c"])
    assert table.lessons == ("01-a", "02-b", "03-c")
    ada, chen = table.rows
    assert [one and (one.passed, one.when[:10]) for one in ada.results] == [
        (True, "2026-11-01"), (False, "2026-11-01"), None,
    ]  # fmt: skip
    assert (ada.passed, chen.person, chen.passed) == (1, "陳 小明/..", 0)
    assert all(path.is_relative_to(tmp_path) for path in tmp_path.rglob("*"))
    assert results.passed_by(tmp_path, "Ada") == {"01-a"}
    assert results.passed_by(tmp_path / "gone", "Ada") == set()


def test_who_passed_once_has_passed(tmp_path: Path) -> None:
    path = results.write(tmp_path, result())
    assert results.write(tmp_path, result(passed=False)) == path
    assert results.read(path).passed
    with pytest.raises(UsageError, match="needs a name"):
        results.write(tmp_path, result(person=" "))
    for name in ("a" * 81, "a\nb"):
        with pytest.raises(UsageError, match="This name"):
            results.write(tmp_path, result(person=name))


@pytest.mark.parametrize(
    "data",
    [
        b"", b"\xff\xfe", b"[]", b"{}", b"[" * 50_000, b'"' + b"a" * 70_000 + b'"',
        json.dumps({**result().to_json(), "person": 7}).encode(),
        json.dumps({**result().to_json(), "person": "a\nb"}).encode(),
        json.dumps({**result().to_json(), "passed": "yes"}).encode(),
        json.dumps({**result().to_json(), "schema": 2}).encode(),
    ],
    ids=range(10),
)  # fmt: skip
def test_a_file_of_garbage_is_named_and_the_others_count(tmp_path: Path, data: bytes) -> None:
    results.write(tmp_path, result())
    (tmp_path / f"bad{results.SUFFIX}").write_bytes(data)
    table = results.table(tmp_path)
    assert [row.person for row in table.rows] == ["Ada"]
    assert [f"bad{results.SUFFIX}" in str(fault) for fault in table.faults] == [True]


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="is no folder"):
        results.table(tmp_path / "gone")
    assert results.table(tmp_path).rows == ()
