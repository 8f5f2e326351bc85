"""What is said of a text before anything is built: what does not link, what the board cannot do, what costs RAM."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains.build_errors import LinkFailed
from toolchains.edits import edited
from toolchains.linkable import linkable
from toolchains.live_remarks import LONGEST, Around, BoardLimits, of_c, of_python
from toolchains.mpy_loads import Loader
from toolchains.sdk_tree import SdkTree

C = """\
#include "py/dynruntime.h"

static mp_obj_t first(mp_obj_t é, mp_obj_t list) {
    // mp_obj_list_get is only a word here
    mp_obj_list_get(list, 0, 0);
    return mp_obj_new_float(1.5f);
}
"""
#: MicroPython 1.26, .mpy 6.3, no native architecture; and one for rv32imc (11).
_NONE, _RV32 = 0x0306, 0x2F06


def said(text: str, remarks: list) -> list[tuple[str, str]]:  # type: ignore[type-arg]
    """What is marked, and why."""
    return [(text[one.start : one.end], one.code) for one in remarks]


def test_a_name_that_compiles_and_does_not_link_is_marked_with_what_does(sdk_tree: SdkTree) -> None:
    known, path = linkable(sdk_tree), Path("/p/first.c")
    found = of_c(path, C, known)
    assert said(C, found) == [("mp_obj_list_get", "not-linkable")]
    assert sdk_tree.version in str(found[0].message)
    assert found[0].fix is not None
    [edit] = found[0].fix.edits
    assert edit.new == "mp_obj_get_array(list, 0, 0)"
    assert of_c(path, C + " " * LONGEST, known) == []


def test_the_boards_limits_are_said(sdk_tree: SdkTree) -> None:
    known, path = linkable(sdk_tree), Path("/p/first.c")
    no_floats = of_c(path, C, known, BoardLimits(Loader(_RV32, "1.26.1", "esp32c3"), "none"))
    assert ("mp_obj_new_float", "no-floats") in said(C, no_floats)
    split = of_c(path, C, known, BoardLimits(Loader(_NONE, "1.26.1", "esp32c6"), "single"))
    assert said(C, split)[0] == ('#include "py/dynruntime.h"', "no-native")
    assert "PMP_IDRAM_SPLIT" in str(split[0].message)
    old = of_c(path, C, known, BoardLimits(Loader(_NONE, "1.23.0", "esp32c3"), "single"))
    assert "1.25 or newer" in str(old[0].message)
    assert len(of_c(path, C, known, BoardLimits(Loader(_RV32, "1.26.1", "esp32c3"), "single"))) == 1
    p4 = of_c(path, C, known, BoardLimits(Loader(_RV32, "1.28.0", "esp32p4"), "single"))
    assert ("mp_obj_new_float", "p4-floats") in said(C, p4)
    none = of_c(path, C, known, BoardLimits(Loader(0, "1.26.1"), "single"))
    assert "without support for .mpy files" in str(none[0].message)
    # Firmware older than the sources that a project insists on: .mpy 6.2, of MicroPython 1.22.
    older = BoardLimits(Loader(_RV32 - 0x100, "1.22.2"), "single")
    assert len(of_c(path, C, known, older, Around(abi=(6, 2)))) == 1
    found = of_c(path, C, known, older, Around(abi=(6, 3)))
    assert said(C, found)[0] == ('#include "py/dynruntime.h"', "mpy-version")
    assert "6.2 (MicroPython 1.22)" in str(found[0].message)


_BROKEN = module(
    """\
    static int calls;
    static int limit = 3;
    calls++;
    limit += factor + (int)table[0];
    printf("%d", calls);
    char *room = malloc(4);
    free(room);
    mp_obj_t pair[2];
    size_t n;
    mp_obj_t *items;
    mp_obj_list_get(mp_obj_new_list(0, NULL), &n, &items);
    pair[0] = mp_obj_equal(x, x) ? mp_obj_new_str_from_cstr("a (b") : mp_getiter(x, NULL);
    return mp_call_function_1(x, pair[0]);""",
    "#include <stdio.h>\n#include <stdlib.h>\nint factor = 2;\nstatic int table[] = {1, 2};\nint zero = 0;\n"
    "static const int fixed[] = {1};\n",
)


def test_all_that_is_marked_is_mended_and_the_module_builds(build: Builder, sdk_tree: SdkTree, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"small.c": _BROKEN})
    path, text, known = folder / "small.c", _BROKEN, linkable(sdk_tree)
    found = of_c(path, text, known, None, Around(arch="rv32imc"))
    assert {name for name, _code in said(text, found)} == {
        *("calls", "limit", "factor", "printf", "malloc", "free", "mp_obj_list_get", "mp_obj_equal"),
        *("mp_obj_new_str_from_cstr", "mp_getiter", "mp_call_function_1"),
    }
    with pytest.raises(LinkFailed):
        build(folder)
    for _round in range(len(found)):  # one click after the other
        fix = next((one.fix for one in of_c(path, text, known, None, Around(arch="rv32imc")) if one.fix), None)
        if fix is None:
            break
        text = edited(text, fix.edits)
    assert of_c(path, text, known, None, Around(arch="rv32imc")) == []
    path.write_text(text, "utf-8")
    assert build(folder).path.is_file()
    assert build(folder, "xtensawin", None).path.is_file()


def test_what_a_project_makes_itself_is_its_own(sdk_tree: SdkTree) -> None:
    text = (
        '#include "py/dynruntime.h"\n#define malloc(n) m_malloc(n)\nMP_DEFINE_CONST_FUN_OBJ_1(mp_identity_obj, own);\n'
        "mp_obj_t mp_builtin_abs_obj;\nvoid f(table_t *t) {\n    malloc(1);\n    free(0);\n    t->free(0);\n"
        "    keep(&mp_identity_obj, &mp_builtin_abs_obj, mp_obj_print);\n    printf;\n}\n"
    )
    known, path = linkable(sdk_tree), Path("/p/a.c")
    assert said(text, of_c(path, text, known)) == [("free", "not-linkable"), ("mp_obj_print", "not-linkable")]
    assert of_c(path, text, known, None, Around(defined=frozenset({"free", "mp_obj_print"}))) == []
    assert said(text, of_c(path, text, known, None, Around(libraries=True))) == [("mp_obj_print", "not-linkable")]
    for source in sorted(sdk_tree.path.glob("examples/natmod/*/*.c")):
        assert of_c(source, source.read_text("utf-8"), known, None, Around(arch="rv32imc")) == [], source


def test_a_table_with_a_namesake_is_marked_for_the_esp32(sdk_tree: SdkTree) -> None:
    known, path = linkable(sdk_tree), Path("/p/lib-a.c")
    text = "static const uint8_t table[] = {1, 2};\nstatic const char *const own[2] = {0};\n"
    text += "int f(int i) { return table[i]; }\n"
    others = frozenset({"table", "f", "g"})
    [found] = of_c(path, text, known, None, Around(others, arch="xtensawin"))
    assert said(text, [found]) == [("table", "mixed-constants")]
    assert found.fix is not None
    mended = edited(text, found.fix.edits)
    assert mended == text.replace("table", "lib_a_table")
    assert of_c(path, mended, known, None, Around(others, arch="xtensawin")) == []
    assert of_c(path, text, known, None, Around(others, arch="rv32imc")) == []


def test_a_constant_in_ram_and_an_old_name_are_noted() -> None:
    text = "import ujson\nfrom micropython import const\n\n  # é\nLIMIT = const(10)\nprint(LIMIT, ujson)\n"
    found = of_python(Path("/p/main.py"), text)
    assert said(text, found) == [("import ujson", "hint"), ("LIMIT = const(10)", "hint")]
    assert all(one.fix is not None and one.severity == "note" for one in found)
    assert of_python(Path("/p/main.py"), "def broken(:\n") == []
