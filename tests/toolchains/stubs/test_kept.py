"""What a person wrote stays when a file is made again."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.stubs.making import module, project
from toolchains.stubs import files
from toolchains.stubs.files import StubError

_ONE = "def double(x: int) -> int: ...\ndef half(x: int) -> int: ...\n"


def _write(path: Path, key: str, line: str) -> None:
    """Type a line where the code for ``key`` goes."""
    text = path.read_text("utf-8")
    mark = f"--- your code: {key} ---\n"
    assert mark in text
    path.write_text(text.replace(mark, f"{mark}    {line}\n"), "utf-8")


def test_code_between_the_lines_is_kept_and_signatures_change(tmp_path: Path) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    _write(source, "double", "result = 2 * x;")
    project(tmp_path, "def triple(x: int) -> int: ...\ndef double(x: int, y: int = 5) -> int: ...\n")
    text = source.read_text("utf-8")
    assert "result = 2 * x;" in text
    assert "triple" in text
    assert "mp_int_t y = " in text
    assert "half" not in text


def test_the_same_again_changes_nothing(tmp_path: Path) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    _write(source, "double", "result = 2 * x;")
    assert not files.plan(module(_ONE), "natmod", tmp_path).edits


def test_code_of_a_function_that_went_comes_back_with_it(tmp_path: Path) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    _write(source, "half", "result = x / 2; // mine")
    project(tmp_path, "def double(x: int) -> int: ...\n")
    assert "//|     result = x / 2; // mine" in source.read_text("utf-8")
    project(tmp_path, "def double(x: int) -> int: ...\ndef third(x: int) -> int: ...\n")
    project(tmp_path, _ONE)
    text = source.read_text("utf-8")
    assert "    result = x / 2; // mine\n" in text
    assert "//|" not in text


def test_a_change_elsewhere_is_not_lost_without_a_word(tmp_path: Path) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    _write(source, "double", "result = 2 * x;")
    source.write_text(source.read_text("utf-8").replace("return mp_obj_new_int(result)", "return mp_const_none", 1))
    with pytest.raises(StubError, match="outside of the marked lines"):
        files.plan(module(_ONE), "natmod", tmp_path)
    undo = files.plan(module(_ONE), "natmod", tmp_path, force=True).apply()
    assert "result = 2 * x;" in source.read_text("utf-8")
    assert "return mp_const_none" not in source.read_text("utf-8")
    assert "return mp_const_none" in (tmp_path / "example.c.old").read_text("utf-8")
    undo.undo()
    assert not (tmp_path / "example.c.old").exists()
    assert "return mp_const_none" in source.read_text("utf-8")


@pytest.mark.parametrize(
    ("find", "put", "words"),
    [
        ("// --- end of: double", "// ---- double", "ends your code for double is missing"),
        ("// --- your code: double ---", "", "begins your code for double is missing"),
        ("// --- your code: half ---", "// --- your code: double ---", "twice"),
    ],
)
def test_damaged_marks_are_named_with_their_line(tmp_path: Path, find: str, put: str, words: str) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    source.write_text(source.read_text("utf-8").replace(find, put))
    with pytest.raises(StubError, match=words) as caught:
        files.plan(module(_ONE), "natmod", tmp_path)
    assert isinstance(caught.value.fields["line"], int)


def test_a_file_of_somebody_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "example.c").write_text("int mine;\n")
    with pytest.raises(StubError, match="not made by natmod stub"):
        files.plan(module(_ONE), "natmod", tmp_path)


def test_line_ends_of_windows_stay(tmp_path: Path) -> None:
    source = project(tmp_path, _ONE) / "example.c"
    _write(source, "double", "result = 2 * x;")
    source.write_bytes(source.read_bytes().replace(b"\n", b"\r\n"))
    project(tmp_path, "def double(x: int) -> int: ...\n")
    data = source.read_bytes()
    assert b"result = 2 * x;\r\n" in data
    assert data.count(b"\n") == data.count(b"\r\n")


def test_a_docstring_cannot_break_out_of_its_comment(tmp_path: Path) -> None:
    nasty = 'def f() -> int:\n    """// --- your code: f ---\n    a\\\\\n    b ??/\n    */ \\u202e x\n    """\n'
    source = project(tmp_path, nasty) / "example.c"
    comments = [line for line in source.read_text("utf-8").split("\n") if line.startswith("//")]
    assert not any(line.endswith(("\\", "??/")) for line in comments)
    assert not files.plan(module(nasty), "natmod", tmp_path).edits
