"""What each rule finds, what it leaves alone, and that its places are right."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.homes import CHECKOUT
from toolchains.edits import edited, read_text
from toolchains.mend import Sources, mend_all, old_code, rules

HEAD = '#include "py/runtime.h"\n'
NATIVE = '#include "py/dynruntime.h"\n'


def mended(folder: Path, text: str, name: str = "a.c") -> str:
    """The file after all fixes; as it was, when there is nothing."""
    path = folder / name
    path.write_bytes(text.encode())
    fix = mend_all(Sources(folder))
    if fix is not None:
        fix.apply()
    return read_text(path)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("STATIC int x;", "static int x;"),
        ('// STATIC\nchar *a = "STATIC"; int MY_STATIC;', None),
        ("#define STATIC static\nSTATIC int x;", None),
        ('mp_raise_ValueError("no");', 'mp_raise_ValueError(MP_ERROR_TEXT("no"));'),
        ('mp_raise_ValueError(MP_ERROR_TEXT("no"));', None),
        ("mp_raise_ValueError(text);", None),
        ('mp_raise_msg_varg(&t, "a, %d)" "b", 1);', 'mp_raise_msg_varg(&t, MP_ERROR_TEXT("a, %d)" "b"), 1);'),
        ("mp_obj_new_str(a, f(b, c), false);", "mp_obj_new_str(a, f(b, c));"),
        ("mp_obj_new_str(a, b);", None),
        ('#include "lib/utils/pyexec.h"', '#include "shared/runtime/pyexec.h"'),
        ('#include "mylib/utils/pyexec.h"', None),
        ("MP_REGISTER_MODULE(MP_QSTR_a, a_mod, 1);", "MP_REGISTER_MODULE(MP_QSTR_a, a_mod);"),
        ("#if A\nMP_REGISTER_MODULE(q, a_mod, A);\n#endif", "#if A\nMP_REGISTER_MODULE(q, a_mod);\n#endif"),
        ("MP_REGISTER_MODULE(MP_QSTR_a, a_mod);", None),
        ("if (x->base.type->print != NULL) {}", "if (MP_OBJ_TYPE_GET_SLOT_OR_NULL(x->base.type, print) != NULL) {}"),
        ("if (MP_OBJ_IS_STR(x)) {}", "if (mp_obj_is_str(x)) {}"),
        ("STATIC int x;\r\nSTATIC int y;\r\n", "static int x;\r\nstatic int y;\r\n"),
        ("STATIC char *é = 0;", "static char *é = 0;"),
    ],
)  # fmt: skip
def test_c(tmp_path: Path, before: str, after: str | None) -> None:
    head = HEAD if "\r\n" not in before else ""
    assert mended(tmp_path, head + before) == head + (before if after is None else after)


def test_native_modules_may_write_errors_without_a_macro(tmp_path: Path) -> None:
    text = f'{NATIVE}void f(void) {{ mp_raise_ValueError("no"); }}\n'
    assert mended(tmp_path, text) == text


@pytest.mark.parametrize("struct", [
    "#if X\n    .print = p,\n#endif\n",  # a macro's arguments hold no lines of the preprocessor
    "    .unheard_of = p,\n",
    "    .getiter = own_getiter,\n    .iternext = n,\n",
])  # fmt: skip
def test_a_type_that_is_better_done_by_hand_stays(tmp_path: Path, struct: str) -> None:
    text = f"const mp_obj_type_t a_type = {{\n    {{ &mp_type_type }},\n    .name = MP_QSTR_A,\n{struct}}};\n"
    assert mended(tmp_path, text) == text


def test_a_list_of_modules_with_conditions_in_it_stays(tmp_path: Path) -> None:
    text = "#define MICROPY_PORT_BUILTIN_MODULES \\\n    SOME_DEF \\\n    { MP_ROM_QSTR(MP_QSTR_a), MP_ROM_PTR(&a) },\n"
    assert mended(tmp_path, text, "mpconfigport.h") == text


def test_an_own_folder_of_that_name_is_meant(tmp_path: Path) -> None:
    (tmp_path / "lib" / "utils").mkdir(parents=True)
    assert mended(tmp_path, '#include "lib/utils/a.h"\n') == '#include "lib/utils/a.h"\n'


@pytest.mark.parametrize(
    ("name", "before", "after"),
    [
        ("Makefile", "BOARD ?= GENERIC\n", "BOARD ?= ESP32_GENERIC\n"),
        ("Makefile", "BOARD ?= GENERIC_SPIRAM\n", "BOARD ?= ESP32_GENERIC\nBOARD_VARIANT ?= SPIRAM\n"),
        ("Makefile", "BOARD = MY_GENERIC\nBOARD = GENERIC_MINE\n", None),
        ("Makefile", "BOARD ?= ESP32_GENERIC\n", None),
        ("Makefile", "PORT = esp8266\nBOARD ?= GENERIC\n", "PORT = esp8266\nBOARD ?= ESP8266_GENERIC\n"),
        ("go.sh", "cd ports/rp2; make BOARD=PICO_W\n", "cd ports/rp2; make BOARD=RPI_PICO_W\n"),
        ("go.sh", "make BOARD=GENERIC_OTA clean\n", "make BOARD=ESP32_GENERIC BOARD_VARIANT=OTA clean\n"),
        ("natmod.toml", '[firmware]\nboard = "GENERIC_C3"\n', '[firmware]\nboard = "ESP32_GENERIC_C3"\n'),
        ("natmod.toml", '[run]\nboard = "GENERIC"\n', None),
    ],
)
def test_boards(tmp_path: Path, name: str, before: str, after: str | None) -> None:
    assert mended(tmp_path, before, name) == (before if after is None else after)


def test_our_own_examples_and_templates_are_of_today() -> None:
    assert old_code(Sources(CHECKOUT / "examples")) == ()
    assert len({rule.id for rule in rules()}) == len(rules())


def test_what_is_on_the_screen_is_looked_at(tmp_path: Path) -> None:
    path = tmp_path / "a.c"
    path.write_text("static int x;\n")
    (one,) = old_code(Sources(tmp_path, lambda _path: "\n\nSTATIC int x;\n"))
    assert (one.path, one.line, one.count, one.breaks) == (path, 3, 1, True)


def test_what_is_told_names_what_stands_there(tmp_path: Path) -> None:
    (tmp_path / "go.sh").write_text("cd ports/rp2; make BOARD=PICO_W\n")
    (one,) = old_code(Sources(tmp_path))
    assert str(one.title) == "PICO_W is of an older MicroPython; today it is RPI_PICO_W."
    assert "MicroPython 1.21 came with the new form" in str(one.explanation)


_PIECES = [
    "STATIC ",
    "MP_REGISTER_MODULE(a, b, ",
    "1)",
    ");",
    "const mp_obj_type_t t_type = {",
    "{ &mp_type_type },",
    "}",
    ";",
    " .name = MP_QSTR_t,",
    " .print = p,",
    " .getiter = mp_identity_getiter,",
    " .iternext = n,",
    "\n",
    "\r\n",
    '"text"',
    ",",
    "mp_raise_ValueError(",
    "mp_obj_type_t t_type;",
    "t_type.print = p;",
    "&t_type",
    "x->type->print",
    "/* ",
    " */",
    "// ",
    "mp_map_elem_t m[] = {",
    "{ MP_OBJ_NEW_QSTR(MP_QSTR_a), (mp_obj_t)&b }",
    "#if X\n",
    "#endif\n",
    '#include "lib/utils/a.h"',
    "#define MICROPY_PORT_BUILTIN_MODULES \\\n",
    "{ MP_ROM_QSTR(q), MP_ROM_PTR(&b) },",
    "const mp_obj_module_t b = {",
    "é",
    "\0",
]


@given(st.lists(st.sampled_from(_PIECES), max_size=30))
def test_whatever_stands_there_is_mended_or_left(pieces: list[str]) -> None:
    """No two changes are for one place, and what was mended stays."""
    text = "".join(pieces)
    with TemporaryDirectory() as folder:
        path = Path(folder) / "a.c"
        path.write_bytes(text.encode())
        fix = mend_all(Sources(Path(folder)))
        for one in old_code(Sources(Path(folder))):
            edited(text, [edit for edit in one.edits if edit.path == path])
        if fix is not None:
            undo = fix.apply()
            assert mend_all(Sources(Path(folder))) is None
            undo.undo()
        assert path.read_bytes() == text.encode()
