"""Native modules: what comes out of a build."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains import mpyfile
from toolchains.build_errors import UnknownSymbols

ARCHES = ("rv32imc", "x64")


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_a_module_is_built_for_its_architecture(build: Builder, small: Path, arch_name: str, pin: str) -> None:
    result = build(small, arch_name, pin)
    read = mpyfile.read(result.path.read_bytes())
    assert result.path == small / ".natmod" / arch_name / "small.mpy"
    assert (read.version, read.sub_version) == (6, 3)
    assert read.arch_number == {"rv32imc": 11, "x64": 2}[arch_name]
    assert result.sizes.text > 0
    assert result.file_size == len(result.path.read_bytes())
    assert result.compiler.kind == pin
    assert result.rebuilt == ("small.c", "small.mpy")
    assert result.change is None
    assert result.warnings == ()
    assert result.to_json()["schema"] == 1
    assert (small / ".natmod" / ".gitignore").read_text() == "*\n"


def test_c_and_python_become_one_module(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(), "extra.py": "def double(x):\n    return 2 * answer(x)\n"}
    result = build(write_project(tmp_path / "p", files, 'python = ["extra.py"]'))
    data = result.path.read_bytes()
    assert mpyfile.read(data).arch_number == 11
    assert b"double" in data
    assert b"answer" in data
    assert result.rebuilt == ("small.c", "extra.py", "small.mpy")


def test_folders_with_spaces_accents_and_chinese(build: Builder, tmp_path: Path) -> None:
    files = {"src/unité 一.c": module(before='#include "tête 头.h"\n'), "src/tête 头.h": "// MP_QSTR_from_header\n"}
    folder = write_project(tmp_path / "mon  projet é 開發 (1)", files, 'sources = ["src/unité 一.c"]')
    for pin in ("zig", "gcc"):
        assert build(folder, "x64", pin).rebuilt == ("src/unité 一.c", "small.mpy")
        assert build(folder, "x64", pin).rebuilt == ()
    assert b"from_header" in build(folder, "x64").path.read_bytes()


def test_strings_named_in_a_header_of_the_project_are_known(build: Builder, tmp_path: Path) -> None:
    before = '#include "names.h"\n'
    body = "    return MP_OBJ_NEW_QSTR(NAME);"
    files = {"small.c": module(body, before), "inc/names.h": "#define NAME MP_QSTR_only_in_header\n"}
    result = build(write_project(tmp_path / "p", files, 'include = ["inc"]'))
    assert b"only_in_header" in result.path.read_bytes()


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_a_define_keeps_its_quotes_and_spaces(build: Builder, tmp_path: Path, pin: str) -> None:
    body = "    return mp_obj_new_str(GREETING, sizeof(GREETING) - 1);"
    toml = """defines = { GREETING = '"hello  \\"world\\" $HOME `x` %PATH%"' }"""
    folder = write_project(tmp_path / "p", {"small.c": module(body)}, toml)
    assert b'hello  "world" $HOME `x` %PATH%' in build(folder, "x64", pin).path.read_bytes()


def test_an_unused_variable_is_a_warning_and_stays_one_when_nothing_is_rebuilt(build: Builder, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"small.c": module("    int unused = 1;\n    return x;")})
    for _time in range(2):
        (warning,) = build(folder).warnings
        assert (warning.severity, warning.path, warning.line) == ("warning", "small.c", 3)
        assert "unused" in warning.message


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize("tree", ["sdk_tree", "sdk_1250"])
def test_struct_copies_and_cleared_arrays_link_on_older_trees(
    build: Builder, tmp_path: Path, arch_name: str, pin: str, tree: str, request: pytest.FixtureRequest
) -> None:
    before = "#include <string.h>\ntypedef struct { char a[3000]; } big;\nbig one, two, three;\n"
    body = (
        "    memset(&two, mp_obj_get_int(x), sizeof two);\n    one = three;\n    return mp_obj_new_int(strlen(one.a));"
    )
    folder = write_project(tmp_path / "p", {"small.c": module(body, before)})
    result = build(folder, arch_name, pin, sdk=request.getfixturevalue(tree))
    # GCC writes the copy out on x64.
    assert set(result.helped) >= ({"memset", "memcpy", "strlen"} if arch_name == "rv32imc" else {"strlen"})
    assert 9000 <= result.sizes.bss < 9100


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_float_arithmetic_is_served_on_a_chip_without_a_float_unit(build: Builder, tmp_path: Path, pin: str) -> None:
    body = "    return mp_obj_new_float(mp_obj_get_float(x) * 1.5f + 2.0f);"
    folder = write_project(tmp_path / "p", {"small.c": module(body)})
    result = build(folder, "rv32imc", pin)
    assert 500 < result.sizes.text < 8000
    assert build(folder, "rv32imc", pin).rebuilt == ()


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_maths_functions_are_served(build: Builder, tmp_path: Path, pin: str) -> None:
    """Debian's GCC for RISC-V has no libm: zig's library takes its place."""
    body = "    return mp_obj_new_float(roundf(sqrtf(mp_obj_get_float(x))));"
    folder = write_project(tmp_path / "p", {"small.c": module(body, "#include <math.h>\n")})
    assert build(folder, "rv32imc", pin).sizes.text > 300


def test_runtime_off_serves_nothing(build: Builder, tmp_path: Path) -> None:
    body = "    return mp_obj_new_float(mp_obj_get_float(x) * 1.5f);"
    folder = write_project(tmp_path / "p", {"small.c": module(body)}, 'runtime = "off"')
    with pytest.raises(UnknownSymbols) as caught:
        build(folder)
    assert "__mulsf3" in str(caught.value)


def test_a_module_without_needs_has_the_same_bytes_whatever_runtime_says(build: Builder, small: Path) -> None:
    plain = build(small).path.read_bytes()
    write_project(small, {}, 'runtime = "off"')
    assert build(small).path.read_bytes() == plain
