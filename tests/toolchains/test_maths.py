"""Maths that a compiler lacks, from the MicroPython tree: it links, and real boards compute the right values."""

from __future__ import annotations

import math
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ide.board import deploy
from ide.board.served import Served
from tests.conftest import RecordingContext
from tests.sims import sim_board
from tests.toolchains.natmods import Builder, module, write_project
from toolchains.build_errors import UnknownSymbols
from toolchains.linker import LinkerPool
from toolchains.maths import FOLDERS
from toolchains.sdk_tree import SdkTree

_MATHS = "#include <math.h>\n"
#: What zig's own library lacks, and some that it has, beside them: call in C, and the value that Python gives.
_CALLS = {
    "pow{f}(a, 2.5{f})": math.pow(0.75, 2.5),
    "atan2{f}(a, -2)": math.atan2(0.75, -2),
    "ldexp{f}(a, 5)": 24.0,
    "frexp{f}(a * 12, &k) + k": 0.5625 + 4,
    "modf{f}(a + 3, &whole) + 10 * whole": 30.75,
    "sinh{f}(a)": math.sinh(0.75),
    "cosh{f}(a)": math.cosh(0.75),
    "tanh{f}(a)": math.tanh(0.75),
    "asin{f}(a)": math.asin(0.75),
    "acos{f}(a)": math.acos(0.75),
    "log10{f}(a)": math.log10(0.75),
    "log1p{f}(a)": math.log1p(0.75),
    "lgamma{f}(a)": math.lgamma(0.75),
    "tgamma{f}(a)": math.gamma(0.75),
    "erf{f}(a)": math.erf(0.75),
    "exp{f}(a)": math.exp(0.75),
    "sin{f}(a * 1000)": math.sin(750),
    "sqrt{f}(a)": math.sqrt(0.75),
    "fpclassify(a) == FP_NORMAL": 1.0,
}
_LACKING = {"pow", "atan2", "ldexp", "frexp", "modf", "sinh", "cosh", "tanh", "asin", "acos", "log1p", "erf"}


def calculator(folder: Path, c_type: str) -> Path:
    """A project whose ``answer(x)`` is the list of all :data:`_CALLS` with a = x."""
    suffix = "f" if c_type == "float" else ""
    values = ", ".join(f"mp_obj_new_float({call.format(f=suffix)})" for call in _CALLS)
    body = f"""    {c_type} a = mp_obj_get_float(x), whole;
    int k;
    mp_obj_t all[] = {{ {values} }};
    return mp_obj_new_list({len(_CALLS)}, all);"""
    toml = f'float = "{"single" if c_type == "float" else "double"}"'
    return write_project(folder, {"small.c": module(body, _MATHS)}, toml)


@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize(
    ("address", "arch", "c_type"),
    [("sim:rv32", "rv32imc", "float"), ("sim:unix", "x64", "double")],
    ids=["rv32", "unix"],
)
def test_a_board_computes_what_python_does(
    address: str, arch: str, c_type: str, pin: str, build: Builder, tmp_path: Path, ctx: RecordingContext
) -> None:
    folder = calculator(tmp_path / "p", c_type)
    result = build(folder, arch, pin)
    suffix = "f" if c_type == "float" else ""
    assert {f"{name}{suffix}" for name in _LACKING} <= set(result.helped)
    # In single precision, 750 rad is known to 1 in 10^5 only.
    digits = 5 if c_type == "float" else 13
    (folder / "main.py").write_text(
        f"import small\nfor want, got in zip({list(_CALLS.values())}, small.answer(0.75)):\n"
        f"    print('%.{digits}g' % want, '%.{digits}g' % got, abs(want - got) <= 1e-{digits} * (1 + abs(want)))\n"
    )
    with sim_board(address, tmp_path / "b") as board:
        shown = bytearray()
        served = Served(folder, {"small.mpy": result.path.read_bytes()})
        deploy.try_run(ctx, board.link, served, "main.py", on_output=shown.extend)
    lines = shown.decode().split("\r\n")
    assert [line.rpartition(" ")[2] for line in lines if line] == ["True"] * len(_CALLS), lines


def powers(folder: Path) -> Path:
    body = "    return mp_obj_new_float(powf(mp_obj_get_float(x), 0.3f));"
    return write_project(folder, {"small.c": module(body, _MATHS)})


@pytest.fixture
def on_copy(build: Builder, tmp_path: Path) -> Iterator[Builder]:
    """A builder with a tree of its own, of the parts that a build of a module reads."""
    tree = tmp_path / "tree"
    for name in ("py", "tools", *FOLDERS):
        shutil.copytree(build.sdk.path / name, tree / name)
    pool = LinkerPool(build.ctx.host)
    yield replace(build, sdk=SdkTree.open(tree), linkers=pool)
    pool.close()


def test_every_tree_serves(build: Builder, tmp_path: Path, sdk_1250: SdkTree) -> None:
    assert build(powers(tmp_path / "p"), sdk=sdk_1250).helped == ("powf",)


def test_the_functions_are_built_once_and_again_when_the_tree_changes(
    on_copy: Builder, tmp_path: Path, ctx: RecordingContext
) -> None:
    folder = powers(tmp_path / "p")
    before = on_copy(folder).path.read_bytes()
    assert on_copy(folder).rebuilt == ()
    ctx.events.clear()
    on_copy(powers(tmp_path / "other"))
    assert not any("maths functions" in line for line in ctx.said())
    source = on_copy.sdk.path / "lib/libm/math.c"
    source.write_text(re.sub(r"(float powf\(float x, float y\)\s*\{)", r"\1 x += y;", source.read_text()))
    after = on_copy(folder)
    assert after.rebuilt == ("small.mpy",)
    assert after.path.read_bytes() != before


def test_a_tree_without_maths_leaves_the_error_as_it_was(on_copy: Builder, tmp_path: Path) -> None:
    shutil.rmtree(on_copy.sdk.path / "lib")
    with pytest.raises(UnknownSymbols, match="Nothing defines powf,"):
        on_copy(powers(tmp_path / "p"))


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_what_links_without_the_tree_has_the_same_bytes_with_it(
    build: Builder, on_copy: Builder, tmp_path: Path, pin: str
) -> None:
    body = "    return mp_obj_new_float(sinf(sqrtf(mp_obj_get_float(x))) * expf(1.5f));"
    folder = write_project(tmp_path / "p", {"small.c": module(body, _MATHS)})
    shutil.rmtree(on_copy.sdk.path / "lib")
    result = build(folder, "rv32imc", pin)
    assert result.helped == ()
    assert on_copy(folder, "rv32imc", pin, out=tmp_path / "out").path.read_bytes() == result.path.read_bytes()


@pytest.mark.parametrize(
    ("body", "head", "name"),
    [
        ("mp_obj_new_float(powf(a, 2.5f) + hypotf(a, 2))", "math.h", "hypotf"),
        ("mp_obj_new_float(cbrt(a))", "tgmath.h", "cbrt"),
        ('mp_obj_new_int((printf("hello\\n"), 1))', "stdio.h", "printf"),
    ],
)
def test_what_nobody_serves_is_named_as_it_is_written(
    body: str, head: str, name: str, build: Builder, tmp_path: Path
) -> None:
    text = module(f"    float a = mp_obj_get_float(x);\n    (void)a;\n    return {body};", f"#include <{head}>\n")
    with pytest.raises(UnknownSymbols) as caught:
        build(write_project(tmp_path / "p", {"small.c": text}))
    assert f"Nothing defines {name}," in str(caught.value)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("small.c", 6)
