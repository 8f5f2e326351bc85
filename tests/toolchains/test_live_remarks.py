"""What is said of a text before anything is built: what does not link, what the board cannot do, what costs RAM."""

from __future__ import annotations

from pathlib import Path

from toolchains.linkable import linkable
from toolchains.live_remarks import LONGEST, BoardLimits, of_c, of_python
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
    assert known.is_linkable(edit.new)
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


def test_a_constant_in_ram_and_an_old_name_are_noted() -> None:
    text = "import ujson\nfrom micropython import const\n\n  # é\nLIMIT = const(10)\nprint(LIMIT, ujson)\n"
    found = of_python(Path("/p/main.py"), text)
    assert said(text, found) == [("import ujson", "hint"), ("LIMIT = const(10)", "hint")]
    assert all(one.fix is not None and one.severity == "note" for one in found)
    assert of_python(Path("/p/main.py"), "def broken(:\n") == []
