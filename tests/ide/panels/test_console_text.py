"""History and pasted code, without a window."""

from __future__ import annotations

from pathlib import Path

import pytest

from ide.panels.console import history
from ide.panels.console.history import KEPT, History
from ide.panels.console.pasted import code_to_run, without_prompts


def test_up_and_down_walk_through_the_lines_and_back_to_what_was_typed() -> None:
    past = History()
    for line in ("a = 1", "print(a)", "a = 1", "a = 1", "  "):
        past.add(line)
    assert past.lines == ["a = 1", "print(a)", "a = 1"]
    assert past.newer("x") is None
    assert past.older("x") == "a = 1"
    assert past.older("a = 1") == "print(a)"
    assert past.older("print(a)") == "a = 1"
    assert past.older("a = 1") is None
    assert past.newer("a = 1") == "print(a)"
    assert past.newer("print(a)") == "a = 1"
    assert past.newer("a = 1") == "x"


def test_up_keeps_to_lines_that_begin_with_what_is_there() -> None:
    past = History()
    for line in ("import os", "x = 1", "import sys"):
        past.add(line)
    assert past.older("imp", "imp") == "import sys"
    assert past.older("import sys", "imp") == "import os"
    assert past.older("import os", "imp") is None


def test_lines_are_kept_from_one_day_to_the_next(tmp_path: Path) -> None:
    path = tmp_path / "deep" / "history"
    assert history.read(path) == []
    history.append(path, "print('漢\\n')")
    history.append(path, "2")
    path.write_bytes(path.read_bytes() + b'\xff\n[1]\n"half')
    assert history.read(path) == ["print('漢\\n')", "2"]


def test_the_file_does_not_grow_for_ever(tmp_path: Path) -> None:
    path = tmp_path / "history"
    for number in range(2 * KEPT + 5):
        history.append(path, str(number))
    assert history.read(path)[-1] == str(2 * KEPT + 4)
    assert len(path.read_text().splitlines()) == KEPT


@pytest.mark.parametrize(
    ("text", "lines"),
    [
        ("a = 1\r\nb = 2\r\n", "a = 1\nb = 2\n"),
        (">>> a = 1\n>>> for i in x:\n...     i\n... \n1\n2\n>>> ", "a = 1\nfor i in x:\n    i\n\n\n"),
        (">>> 1 + 1", "1 + 1"),
    ],
)
def test_prompts_of_a_copied_session_are_taken_off(text: str, lines: str) -> None:
    assert without_prompts(text) == lines


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("x = 3\nx * 2\n", 6),
        ("x = 3; x * 2", 6),
        ("1, 2", (1, 2)),
        ("(1,\n 2)\n", (1, 2)),
        ("((\n 7))  # é", 7),
        ("'é' + '漢'", "é漢"),
        ("(3) + (4)", 7),
        ("(3).bit_length()", 2),
        ("x = 1", None),
        ("x = 5\n(\nx\n)\n\n", 5),
        ("for i in []: pass", None),
    ],
)
def test_the_value_of_the_last_expression_is_shown(text: str, shown: object, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[object] = []
    monkeypatch.setattr("builtins.__repl_print__", said.append, raising=False)
    exec(code_to_run(text), {})
    assert said == ([] if shown is None else [shown])


@pytest.mark.parametrize("text", ["x = = 1", "print 'old'", "", "\0", "(" * 500])
def test_what_is_no_python_goes_to_the_board_as_it_is(text: str) -> None:
    assert code_to_run(text) == text
