"""Code actions in C: the changed module builds, and the simulated board sees what was added."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.homes import CHECKOUT
from tests.toolchains.natmods import Builder, module, write_project
from toolchains.code_actions import CodeActionError, add_function, c_actions_at, to_c
from toolchains.edits import Fix, read_text

BEFORE = """
#define LIMIT 12
#define NAME "text"
enum { RED, GREEN = 4, BLUE };
static const int32_t BIG = 100000;
static mp_obj_t small_half(mp_obj_t n) {
    return mp_obj_new_int(mp_obj_get_int(n) / 2);
}
"""


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return write_project(tmp_path / "small one", {"small.c": module(before=BEFORE)}) / "small.c"


def _at(path: Path, what: str) -> tuple[Fix, ...]:
    text = read_text(path)
    return c_actions_at(path, text, text.index(what))


@pytest.mark.parametrize(
    ("what", "title"),
    [
        ("LIMIT 12", "Let Python see LIMIT"),
        ("BIG", "Let Python see BIG"),
        ("mp_obj_get_int(n) / 2", "Let Python call half"),
    ],
)
def test_names_for_python(build: Builder, source: Path, what: str, title: str) -> None:
    (fix,) = _at(source, what)
    assert str(fix.title) == title
    fix.apply()
    assert build(source.parent).path.exists()
    assert _at(source, what) == ()  # there already


@pytest.mark.parametrize(
    "what", ['NAME "text"', "MP_DYNRUNTIME_INIT_ENTRY", "mp_obj_get_int(x) + 42", "py/dynruntime.h"]
)
def test_nothing_is_offered_where_nothing_can_be_done(source: Path, what: str) -> None:
    assert _at(source, what) == ()


@pytest.mark.parametrize(
    "signature", ["def add(a: int, b: int) -> int", "add(a: int, b: float = 1.5)", "def none() -> None: ...",
                  "def fill(data: bytearray, *, value: int = 0) -> int:"],
)  # fmt: skip
def test_a_function_from_a_signature_builds(build: Builder, source: Path, signature: str) -> None:
    undo = add_function(source, read_text(source), "small", signature).apply()
    assert "--- your code" not in read_text(source)
    assert build(source.parent).path.exists()
    undo.undo()
    assert read_text(source) == module(before=BEFORE)


@pytest.mark.parametrize(
    "signature", ["def answer(x)", "def 1()", "def a(x: Nonsense) -> int", "x = 1", "", "def a(): pass\ndef b(): pass"]
)
def test_what_cannot_be_added_is_said(source: Path, signature: str) -> None:
    with pytest.raises(CodeActionError):
        add_function(source, read_text(source), "small", signature)


def test_a_file_that_is_no_module(tmp_path: Path) -> None:
    with pytest.raises(CodeActionError, match="not the C file of a module"):
        add_function(tmp_path / "a.c", "int x;\n", "a", "def f()")
    assert c_actions_at(tmp_path / "a.c", "#define A 1\n", 3) == ()


def test_modules_of_a_firmware_have_tables(tmp_path: Path) -> None:
    folder = Path(shutil.copytree(CHECKOUT / "tests" / "data" / "old_modules" / "v1_19", tmp_path / "walker"))
    source = folder / "walker.c"
    add_function(source, read_text(source), "walker", "def step(n: int) -> int").apply()
    text = read_text(source)
    assert "    { MP_ROM_QSTR(MP_QSTR_step), MP_ROM_PTR(&walker_step_obj) },\n};" in text
    assert text.index("static mp_obj_t walker_step(") < text.index("walker_globals_table[] = {")


def test_a_python_function_in_c_keeps_its_lines_as_a_comment(build: Builder, source: Path) -> None:
    python = "def mean(a: int, b: int) -> int:\n    # the middle\n    return (a + b) // 2\n"
    fix = to_c(source.parent / "main.py", python, 10, source, read_text(source), "small")
    assert str(fix.title) == "Write mean in C, in small.c"
    fix.apply()
    assert "    // # the middle\n    // return (a + b) // 2\n" in read_text(source)
    assert build(source.parent).path.exists()
