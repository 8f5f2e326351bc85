"""Modules for the ESP32 run on an emulated core of the same kind: loaded as a board does, with the right results."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from pathlib import Path

import pytest

from tests import xtensa
from tests.toolchains.natmods import Builder, module, write_project
from toolchains import natmod, project
from toolchains.chips import arch
from toolchains.compiler_probe import Compiler
from toolchains.natmod import BuildRequest

_ARGUMENTS = (1, 7, 40)
_BEFORE = """#include <math.h>
#include <stdint.h>
#include <string.h>
float weight(int n);
const char *word(int n);
int calls;
static const float table[] = {0.5f, 1.25f, -2.0f, 3.5f};
static const char *const letters[] = {"alpha", "beta", "gamma"};
"""
_BODY = """
    float f = mp_obj_get_float_to_f(x);
    double d = mp_obj_get_float_to_d(x);
    int n = mp_obj_get_int(x);
    char copy[24];
    calls += n;
    mp_obj_new_float_from_f(powf(f, 2.5f));
    mp_obj_new_float_from_f(sinf(f) / cosf(f) + tanf(f));
    mp_obj_new_float_from_f(logf(f) + expf(f / 8) + sqrtf(f));
    mp_obj_new_float_from_f(table[n & 3] * weight(n));
    mp_obj_new_float_from_d(pow(d, 1.5) + atan(d) + log(d));
    mp_obj_new_float_from_d(fmod(d * 100, 7.25) - floor(d));
    memset(copy, '-', sizeof copy);
    memcpy(copy, letters[n % 3], strlen(letters[n % 3]) + 1);
    mp_obj_new_int(copy[1] + 256 * word(n)[0] + 65536 * (int)strlen(copy));
    mp_obj_new_int((mp_int_t)((int64_t)n * 1000000007LL / 77 % 100003));
    mp_obj_new_int(calls);
    switch (n) {
        case 1: return mp_obj_new_int(11);
        case 7: return mp_obj_new_int(-77);
        case 40: return mp_obj_new_int(4040);
        default: return mp_obj_new_int(0);
    }
"""
_OTHER = """
static const float shares[] = {10.0f, 20.0f, 30.0f};
static const char *const names[] = {"one", "two", "six"};
float weight(int n) { return shares[n % 3]; }
const char *word(int n) { return names[n % 3]; }
"""


@pytest.mark.parametrize("files", [1, 2], ids=["one file", "two files"])
def test_a_module_computes_what_python_does(
    build: Builder, compiler_for: Callable[[str], Compiler], tmp_path: Path, files: int
) -> None:
    """Tables, strings, variables, jumps, floats of both sizes and long divisions, through libgcc and libm."""
    compiler = compiler_for("xtensawin")
    texts = {"small.c": module(_BODY, _BEFORE), "other.c": _OTHER}
    if files == 1:
        texts = {"small.c": module(_BODY, _BEFORE + _OTHER)}
    folder = write_project(tmp_path / "p", texts, f"sources = {list(texts)}".replace("'", '"'))
    request = BuildRequest(project.load(folder), arch("xtensawin"), build.sdk, compiler)
    mpy = natmod.build(build.ctx, request, build.linkers).path.read_bytes()
    said = xtensa.run_module(compiler, tmp_path, mpy)
    per_call = 10
    assert len(said) == per_call * len(_ARGUMENTS), [hex(n) for n in said]
    calls = 0
    for index, n in enumerate(_ARGUMENTS):
        lines = said[index * per_call : (index + 1) * per_call]
        calls += n
        floats, doubles, integers = _expected(n, calls)
        assert [struct.unpack("<f", struct.pack("<I", v))[0] for v in lines[:4]] == pytest.approx(floats, rel=1e-6)
        assert [struct.unpack("<d", struct.pack("<Q", v))[0] for v in lines[4:6]] == pytest.approx(doubles, rel=1e-14)
        assert [v - 2**64 if v >> 63 else v for v in lines[6:]] == integers


def _expected(n: int, calls: int) -> tuple[list[float], list[float], list[int]]:
    x = n / 16
    letters, names = ("alpha", "beta", "gamma")[n % 3], ("one", "two", "six")[n % 3]
    floats = [
        x**2.5,
        2 * math.tan(x),
        math.log(x) + math.exp(x / 8) + math.sqrt(x),
        (0.5, 1.25, -2.0, 3.5)[n & 3] * (10.0, 20.0, 30.0)[n % 3],
    ]
    doubles = [x**1.5 + math.atan(x) + math.log(x), math.fmod(x * 100, 7.25) - math.floor(x)]
    text = ord(letters[1]) + 256 * ord(names[0]) + 65536 * len(letters)
    return floats, doubles, [text, n * 1000000007 // 77 % 100003, calls, {1: 11, 7: -77, 40: 4040}[n]]
