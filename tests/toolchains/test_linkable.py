"""Which names a module can reach, in the words of one release; proved against its own linker."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains.build_errors import UnknownSymbols
from toolchains.linkable import Linkable, linkable
from toolchains.sdk_tree import SdkTree

_REACHED = (
    *("mp_obj_new_int", "mp_obj_get_array", "mp_printf", "m_new", "m_malloc", "mp_obj_is_int", "mp_obj_is_str"),
    *("mp_obj_is_type", "mp_obj_malloc", "mp_type_list", "mp_type_dict", "mp_const_none", "MP_OBJ_FROM_PTR"),
    *("MP_DEFINE_CONST_FUN_OBJ_1", "MP_OBJ_NEW_SMALL_INT", "mp_raise_ValueError", "mp_raise_type", "MP_ERROR_TEXT"),
    *("mp_obj_new_float", "mp_fun_table", "mp_obj_dict_get_map", "utf8_get_char"),
)
_OUT_OF_REACH = (
    *("mp_obj_is_integer", "m_malloc0", "m_new0", "mp_obj_equal", "mp_getiter", "mp_obj_new_set"),
    *("mp_print_str", "mp_type_float", "mp_obj_get_int_maybe", "mp_obj_print", "nlr_push", "mp_call_function_1"),
    *("mp_map_lookup", "vstr_init", "mp_builtin_abs_obj", "mp_raise_msg_varg", "mp_obj_is_float", "MP_STATE_VM"),
)


@pytest.fixture(scope="module", params=["sdk_newest", "sdk_1250"])
def names(request: pytest.FixtureRequest) -> Linkable:
    return linkable(request.getfixturevalue(request.param))


def test_names_are_told_apart(names: Linkable) -> None:
    assert [name for name in _REACHED if not names.is_linkable(name) or names.is_declared_only(name)] == []
    for name in ("mp_obj_list_get", "mp_obj_tuple_get"):  # 1.29's headers have them whole
        assert names.is_linkable(name) == (names.version.startswith("1.29"))
    assert [name for name in _OUT_OF_REACH if names.is_linkable(name) or not names.is_declared_only(name)] == []
    assert not names.is_linkable("printf")
    assert not names.is_declared_only("my_function")
    assert set(_REACHED) <= set(names.names)
    assert not set(_OUT_OF_REACH) & set(names.names)


def test_the_nearest_name_does_what_is_meant(names: Linkable) -> None:
    found = {name: names.nearest(name) for name in ("mp_obj_list_get", "printf", "mp_obj_new_imt", "mp_obj_get_ints")}
    assert found == {
        "mp_obj_list_get": "mp_obj_get_array",
        "printf": "mp_printf",
        "mp_obj_new_imt": "mp_obj_new_int",
        "mp_obj_get_ints": "mp_obj_get_int",
    }
    assert names.nearest("completely_of_my_own") is None
    for name in _OUT_OF_REACH:
        near = names.nearest(name)
        assert near is None or near.startswith("mp_fun_table.") or names.is_linkable(near)


def test_only_uses_of_names_out_of_reach_are_marked(names: Linkable) -> None:
    text = (
        '#include "py/dynruntime.h"\n// mp_obj_equal\nconst char *s = "mp_obj_equal";\n'
        "static int mp_obj_print(int x) { return x; }\nint f(mp_obj_t a) {\n"
        "    table.mp_obj_equal = table->mp_obj_equal;\n    return mp_obj_equal(a, a) + mp_obj_print(1);\n}\n"
    )
    found = list(names.unlinkable_in(text))
    assert [(text.count("\n", 0, place) + 1, name) for place, name in found] == [(7, "mp_obj_equal")]


def test_the_linker_agrees(build: Builder, sdk_tree: SdkTree, tmp_path: Path) -> None:
    """Every function that is called out of reach, and that the compiler takes, is undefined at the link."""
    calls = [name for name in _OUT_OF_REACH if name.startswith(("mp_obj_new_set", "mp_obj_eq", "mp_getiter", "vstr"))]
    assert calls
    uses = "".join(f"    keep((void *)&{name});\n" for name in calls)
    text = module(f"{uses}    return x;", '#include "py/runtime.h"\nvoid *kept;\nvoid keep(void *p) { kept = p; }\n')
    with pytest.raises(UnknownSymbols) as caught:
        build(write_project(tmp_path / "p", {"small.c": text}), "rv32imc", "gcc")
    assert set(calls) == {one.message.rpartition(" ")[2] for one in caught.value.diagnostics}


def test_what_headers_define_for_modules_links(build: Builder, tmp_path: Path) -> None:
    body = '    const byte *s = (const byte *)"ab";\n    return mp_obj_new_int(utf8_get_char(utf8_next_char(s)));'
    assert build(write_project(tmp_path / "p", {"small.c": module(body)})).path.is_file()


def test_a_tree_that_changed_is_read_again(sdk_tree: SdkTree, tmp_path: Path) -> None:
    import shutil

    for name in ("py", "tools"):
        shutil.copytree(sdk_tree.path / name, tmp_path / name, ignore=shutil.ignore_patterns("mpremote", "*.c"))
    tree = SdkTree.open(tmp_path)
    assert not linkable(tree).is_linkable("mp_new_thing")
    header = tmp_path / "py/dynruntime.h"
    header.write_text(header.read_text("utf-8") + "\n#define mp_new_thing(x) (mp_fun_table.new_thing(x))\n", "utf-8")
    assert linkable(SdkTree.open(tmp_path)).is_linkable("mp_new_thing")
    (tmp_path / "tools/mpy_ld.py").write_text("# another linker, without a table that we can read\n")
    known = linkable(SdkTree.open(tmp_path))
    assert list(known.unlinkable_in("int f(void) { return mp_obj_print(&mp_type_list); }")) == []


def test_a_header_of_a_megabyte_is_read_in_no_time(sdk_tree: SdkTree, tmp_path: Path) -> None:
    import shutil

    for name in ("py", "tools"):
        shutil.copytree(sdk_tree.path / name, tmp_path / name, ignore=shutil.ignore_patterns("mpremote", "*.c"))
    (tmp_path / "py/zz_long.h").write_text("int f(" + " " * 400_000 + "(" * 1000 + "{" * 1000 + " x\n" * 100_000)
    assert linkable(SdkTree.open(tmp_path)).is_linkable("mp_obj_new_int")
