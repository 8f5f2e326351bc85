"""Signatures back from C: ours are the same again, other people's are understood as far as their text says."""

from __future__ import annotations

import ast
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from tests.homes import CHECKOUT
from tests.toolchains.stubs.making import EVERYTHING, module
from toolchains.stubs.c_module import Target, c_source
from toolchains.stubs.pyi_from_c import pyi_from_c
from toolchains.stubs.signature_text import signature


def _back(target: Target) -> ast.Module:
    return ast.parse(pyi_from_c(c_source(module(EVERYTHING), target), "example"))


def test_what_we_made_comes_back() -> None:
    for target in ("natmod", "usermod"):
        text = pyi_from_c(c_source(module(EVERYTHING), target), "example")
        for one in module(EVERYTHING).functions:
            assert f"def {signature(one)}:" in text
        tree = _back(target)
        names = {one.name: one for one in tree.body if isinstance(one, ast.ClassDef)}
        assert list(names) == ["SensorError", "Deeper", "Vector", "Counter", "Empty"]
        members = ast.unparse(names["Vector"])
        assert "def __init__(self, x: float, y: float=0.0) -> None" in members
        assert "length: float" in members
        assert "@staticmethod\n    def zero() -> Vector" in members
        assert "    DIMENSIONS: int" in members
        assert [line for line in text.split("\n") if line.startswith(("ANSWER", "RATIO", "POINT", "RAW"))] == [
            "ANSWER: int",
            "RATIO: float",
            "RAW: bytes",
            "POINT: tuple",
        ]


def test_a_class_of_an_example() -> None:
    text = pyi_from_c((CHECKOUT / "examples/ring_class/ring_class.c").read_text("utf-8"), "ring_class")
    ring = next(one for one in ast.parse(text).body if isinstance(one, ast.ClassDef))
    names = [one.name for one in ring.body if isinstance(one, ast.FunctionDef)]
    assert names == ["__init__", "__iter__", "__getitem__", "push", "pop", "clear"]
    assert "def push(self, value):" in text
    assert "full: bool" in text


def test_every_example_has_something_to_complete() -> None:
    for path in sorted(Path(CHECKOUT / "examples").glob("*/*.c")):
        text = pyi_from_c(path.read_text("utf-8"), path.stem)
        assert any(isinstance(one, (ast.FunctionDef, ast.ClassDef)) for one in ast.parse(text).body), path


def test_old_ways_to_name_things() -> None:
    text = """
static mp_obj_t f(size_t n_args, const mp_obj_t *args) { return mp_const_none; }
STATIC MP_DEFINE_CONST_FUN_OBJ_VAR_BETWEEN(f_obj, 1, 3, f);
/* g(text: str) -> bytes
 * Pack it. */
STATIC mp_obj_t g(mp_obj_t text_in) { return text_in; }
STATIC MP_DEFINE_CONST_FUN_OBJ_1(g_obj, g);
STATIC const mp_rom_map_elem_t old_globals_table[] = {
    { MP_ROM_QSTR(MP_QSTR___name__), MP_ROM_QSTR(MP_QSTR_old) },
    { MP_ROM_QSTR(MP_QSTR_f), MP_ROM_PTR(&f_obj) },
    { MP_ROM_QSTR(MP_QSTR_g), MP_ROM_PTR(&g_obj) },
    { MP_ROM_QSTR(MP_QSTR_SIZE), MP_ROM_INT(4) },
};
STATIC MP_DEFINE_CONST_DICT(old_globals, old_globals_table);
const mp_obj_module_t old_module = { .base = {&mp_type_module}, .globals = (mp_obj_dict_t *)&old_globals };
"""
    said = pyi_from_c(text, "old")
    assert "def f(arg1, arg2=..., arg3=...): ..." in said
    assert 'def g(text: str) -> bytes:\n    """Pack it."""' in said
    assert "SIZE: int" in said


_PIECES = st.sampled_from(
    [
        *(
            "mp_store_global(MP_QSTR_",
            "a",
            ", MP_OBJ_FROM_PTR(&",
            "b",
            "));",
            "{",
            "}",
            "//",
            "/*",
            "*/",
            '"',
            "\n",
            "(",
        ),
        *(
            "MP_DEFINE_CONST_FUN_OBJ_2(b_obj, ",
            "static mp_obj_t ",
            "mp_map_elem_t t[] = {",
            "MP_ROM_QSTR(MP_QSTR_x)",
            ")",
        ),
    ]
)


@settings(max_examples=300, deadline=None)
@given(st.lists(_PIECES, max_size=40).map("".join) | st.text(max_size=100))
def test_half_typed_c_gives_python_all_the_same(text: str) -> None:
    ast.parse(pyi_from_c(text, "example"))
