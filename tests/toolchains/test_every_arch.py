"""A module for every architecture, with headers, floats and long divisions, by compilers that our own code got."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compilers import Compiler
from toolchains.natmod import BuildRequest

_ALL = ("x86", "x64", "armv6m", "armv7m", "armv7emsp", "armv7emdp", "xtensa", "xtensawin", "rv32imc")


@pytest.fixture
def every(build: Builder, compiler_for: Callable[[str], Compiler]) -> Callable[[str, Path], natmod.BuildResult]:
    def made(name: str, folder: Path) -> natmod.BuildResult:
        request = BuildRequest(project.load(folder), arch(name), build.sdk, compiler_for(name), None)
        return natmod.build(build.ctx, request, build.linkers)

    return made


@pytest.mark.parametrize("name", _ALL)
def test_a_module_builds_for_every_architecture(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path, name: str
) -> None:
    """With headers of the C library, which Debian's compilers for x86 and the ESP8266 do not have."""
    before = "#include <stdint.h>\n#include <string.h>\n#include <stdlib.h>\n"
    body = '    int64_t n = mp_obj_get_int(x);\n    return mp_obj_new_int((mp_int_t)(n + (int64_t)strlen("abc")));'
    folder = write_project(tmp_path / "small", {"small.c": module(body, before)}, 'runtime = "auto"')
    data = every(name, folder).path.read_bytes()
    assert data[2] >> 2 & 15 == arch(name).number


@pytest.mark.parametrize("name", _ALL)
def test_floats_and_long_divisions_find_their_library(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path, name: str
) -> None:
    """The maths of newlib for Arm cannot be linked, zig's stand in; no module can link the maths of glibc for x86."""
    maths = name not in ("x86", "xtensa")
    before = "#include <math.h>\n" if maths else "#define sinf(x) (x)\n#define powf(x, y) (y)\n"
    body = (
        "    double d = (double)mp_obj_get_int(x);\n    float f = (float)(d / 3.5);\n"
        "    long long n = (long long)f * 1000000007LL / (long long)(d * d);\n"
        "    return mp_obj_new_int((mp_int_t)(sinf(f) / powf(f, 3.0f) + (float)n));"
    )
    folder = write_project(tmp_path / "small", {"small.c": module(body, before)}, 'runtime = "auto"')
    assert every(name, folder).path.stat().st_size > 250


def test_no_constants_of_the_maths_for_the_esp32_are_mixed_up(
    every: Callable[[str, Path], natmod.BuildResult], tmp_path: Path
) -> None:
    """Members of one library whose constants lie at the same place; the linker would take one for the other."""
    names = ("pow", "sin", "exp", "log", "atan", "cos", "tan", "tanh", "asin", "cbrt", "exp2", "log10", "erf", "tgamma")
    sums = "".join(f" + {name}f(f) + (float){name}(d)" for name in names if name != "pow")
    body = (
        "    double d = (double)mp_obj_get_int(x);\n    float f = (float)d;\n"
        f"    return mp_obj_new_int((mp_int_t)(powf(f, f) + (float)pow(d, d){sums}));"
    )
    folder = write_project(tmp_path / "small", {"small.c": module(body, "#include <math.h>\n")}, 'runtime = "on"')
    assert every("xtensawin", folder).path.stat().st_size > 20_000
