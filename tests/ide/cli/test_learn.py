"""``natmod learn`` as a student and a teacher use it."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from ide.learn import lessons
from tests.ide.cli.said import Said

BOARD = ("--board", "sim:unix")


def test_the_list_and_a_page_speak_the_persons_language(natmod: Said) -> None:
    code, records = natmod.records("learn")
    assert (code, len(records[0]["lessons"]), records[0]["faults"]) == (0, 9, [])
    assert "執行程式碼" in natmod("--lang", "zh_TW", "learn")[1]
    code, out, _err = natmod("--lang", "fr", "learn", "show", "05")
    assert code == 0
    assert out.startswith("# Votre premier module natif")
    assert "mp_obj_get_int(n_in); // Python object to C number" in out


@pytest.mark.usefixtures("warm_home", "sdk_tree", "unix_firmware")
def test_from_the_code_to_the_teachers_table(natmod: Said, tmp_path: Path) -> None:
    assert natmod("learn", "try", "01", "hello.py", *BOARD)[:2][0] == 0
    assert natmod("learn", "open", "01", "--into", tmp_path)[0] == 0
    kept = tmp_path / "results"
    check = ("learn", "check", "01", "--into", tmp_path, "--person", "Ada", "--results", kept, *BOARD)
    code, out, _err = natmod(*check)
    assert (code, "not yet" in out, "1 time: on, off" in out) == (1, True, True)
    shutil.copytree(lessons.ours() / "01-running" / "solution", tmp_path / "01-running", dirs_exist_ok=True)
    assert natmod(*check)[0] == 0
    code, records = natmod.records("learn", "results", kept)
    assert code == 0
    assert [(row["person"], row["passed"]) for row in records[0]["people"]] == [("Ada", 1)]


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("show",), "Which lesson?"),
        (("show", "99"), "There is no lesson called"),
        (("try", "01"), "hello.py, blink.py"),
        (("try", "01", "../lesson.toml"), "no code called"),
        (("try", "08", "firmware/natmod.toml"), "cannot run by itself"),
        (("here", "01", "hello.py"), "does not run on this computer"),
        (("check", "01", "--into", "nowhere"), "natmod learn open 01-running"),
        (("results",), "Which folder?"),
        (("struct",), "Which format?"),
    ],
)
def test_what_cannot_be_done_is_said(natmod: Said, words: tuple[str, ...], says: str) -> None:
    code, _out, err = natmod("learn", *words)
    assert (code != 0, says in err) == (True, True), err
