"""What MicroPython's linker would turn into wrong code, or stumble over: told with names and lines, or got round."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.compilers import Compilers
from tests.conftest import RecordingContext
from tests.toolchains.natmods import Builder, finder, module, write_project
from toolchains import natmod, project
from toolchains.build_errors import (
    HiddenVariables,
    InitialisedData,
    MixedConstants,
    StaticVariables,
    ThreadVariables,
    UnknownSymbols,
)
from toolchains.chips import arch
from toolchains.link_stopped import LinkerStopped, stopped
from toolchains.linker import LinkerPool, LinkStopped
from toolchains.natmod import BuildRequest, BuildResult
from toolchains.paths import examples
from toolchains.sdk_tree import SdkTree

#: Where mpy_ld.py refuses a static variable or puts it on top of the code; Xtensa reaches it through a literal.
REACHED_DIRECTLY = ("x64", "x86", "armv6m", "armv7m", "armv7emsp", "rv32imc")


@pytest.fixture
def make(build: Builder, compiler_for: Compilers, tmp_path: Path) -> Make:
    return Make(build, compiler_for, tmp_path / "p")


class Make:
    """Builds a project of these files with GCC."""

    def __init__(self, build: Builder, compilers: Compilers, folder: Path) -> None:
        self.build, self.compilers, self.folder = build, compilers, folder

    def __call__(self, arch_name: str, files: dict[str, str], toml: str = "", pin: str | None = "gcc") -> BuildResult:
        write_project(self.folder, files, toml)
        compiler = self.compilers(arch_name, pin)
        request = BuildRequest(project.load(self.folder), arch(arch_name), self.build.sdk, compiler)
        try:
            return natmod.build(self.build.ctx, request, self.build.linkers)
        except LinkerStopped:
            self.build.linkers.start(self.build.sdk)  # here, so that no other test is blamed for having started it
            raise


# --- variables ------------------------------------------------------------------------------------------------------

STATICS = {
    "counts.h": "// one\nstatic int in_header;\n",
    "small.c": module(
        "    static int count;\n    count += 1; hidden += count; in_header += hidden;\n"
        "    return mp_obj_new_int(count + hidden + in_header + other(count));",
        '#include "counts.h"\nint other(int);\n#define NAME hidden\nstatic int NAME;\n',
    ),
    "sub/other.c": "int other(int x) {\n    static int\n        count;\n    return count += x;\n}\n",
}
SOURCES = 'sources = ["small.c", "sub/other.c"]'


@pytest.mark.parametrize(
    ("arch_name", "pin"), [*((name, "gcc") for name in REACHED_DIRECTLY), ("rv32imc", "zig"), ("x64", "zig")]
)
def test_static_variables_are_named_with_the_lines_of_their_declarations(make: Make, arch_name: str, pin: str) -> None:
    """In a header, behind a macro, in functions, in a folder below: no text search would find these lines."""
    with pytest.raises(StaticVariables) as caught:
        make(arch_name, STATICS, SOURCES, pin)
    found = {(one.path, one.line) for one in caught.value.diagnostics}
    assert found == {("counts.h", 2), ("small.c", 5), ("small.c", 7), ("sub/other.c", 3)}
    for name in ("count", "hidden", "in_header"):
        assert name in str(caught.value)
    assert not list(make.folder.rglob("*.mpy"))
    assert not list(make.folder.rglob(".tmp-*"))


@pytest.mark.parametrize("pin", ["gcc", "zig"])
def test_an_array_that_is_used_in_part_has_its_line(make: Make, pin: str) -> None:
    """Clang keeps the elements that are used, as variables of their own; 16 of them make a long entry in DWARF."""
    uses = "".join(f"    many[{number}] += n;\n    n += many[{number}];\n" for number in range(16))
    body = f"    int n = mp_obj_get_int(x);\n    few[1] += n;\n{uses}    return mp_obj_new_int(n + few[1]);"
    with pytest.raises(StaticVariables) as caught:
        make("rv32imc", {"small.c": module(body, "static int few[4];\nstatic int\nmany[16];\n")}, "", pin)
    assert {(one.path, one.line) for one in caught.value.diagnostics} == {("small.c", 2), ("small.c", 4)}


def test_static_variables_work_on_xtensawin(make: Make) -> None:
    text = module("    static int count;\n    return mp_obj_new_int(count += mp_obj_get_int(x));")
    assert make("xtensawin", {"small.c": text}).sizes.bss == 4


ASSEMBLER = """    .section .bss
    .balign 4
cell:
    .zero 4
    .text
    .globl bump
bump:
1:  auipc a1, %pcrel_hi(cell)
    lw a0, %pcrel_lo(1b)(a1)
    ret
"""


@pytest.mark.parametrize("pin", ["gcc", "zig"])
def test_a_static_variable_of_assembler_has_the_line_of_its_label(make: Make, pin: str) -> None:
    text = module("    return mp_obj_new_int(bump());", "int bump(void);\n")
    with pytest.raises(StaticVariables) as caught:
        make("rv32imc", {"small.c": text, "bump.S": ASSEMBLER}, 'sources = ["small.c", "bump.S"]', pin)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("bump.S", 3)
    assert "cell" in str(caught.value)


@pytest.mark.parametrize("arch_name", ["rv32imc", "x64"])
def test_a_variable_of_hidden_visibility_is_refused_as_well(make: Make, arch_name: str) -> None:
    """mpy_ld.py lets it overwrite the code on RISC-V, although it is not static."""
    body = "    total += mp_obj_get_int(x);\n    return mp_obj_new_int(total);"
    with pytest.raises(HiddenVariables) as caught:
        make(arch_name, {"small.c": module(body, "int total;\n")}, 'cflags = ["-fvisibility=hidden"]')
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("small.c", 2)
    assert "-fvisibility=hidden" in str(caught.value)


STARTED = {
    "small.c": module(
        "    static int step = 3;\n    start += step * mp_obj_get_int(x); step++;\n"
        "    names[0] = names[mp_obj_get_int(x)];\n    return mp_obj_new_int(start + other(*names[0]));",
        'int other(int);\nint start = 5;\nstatic const char *names[] = {"a", "b"};\n',
    ),
    "sub/other.c": "int table[] = {1, 2};\nint other(int x) {\n    return table[x & 1]++;\n}\n",
}


@pytest.mark.parametrize(
    ("arch_name", "pin"),
    [("rv32imc", "gcc"), ("rv32imc", "zig"), ("x64", "gcc"), ("armv7m", "gcc"), ("xtensawin", "gcc")],
)
def test_all_variables_with_a_value_are_named_with_their_lines(make: Make, arch_name: str, pin: str) -> None:
    with pytest.raises(InitialisedData) as caught:
        make(arch_name, STARTED, SOURCES, pin)
    found = {(one.path, one.line) for one in caught.value.diagnostics}
    assert found == {("small.c", 3), ("small.c", 4), ("small.c", 6), ("sub/other.c", 1)}
    for name in ("start", "names", "step", "table"):
        assert name in str(caught.value)


# --- constants of xtensawin -----------------------------------------------------------------------------------------

TEXTS = {
    "small.c": module(
        "    const char *s = other(mp_obj_get_int(x)) ? other(1) : mine(mp_obj_get_int(x));\n"
        "    return mp_obj_new_str(s, 3);",
        'const char *other(int);\nstatic const char *mine(int x) {\n    return x ? "one of small" : "two";\n}\n',
    ),
    "sub/other.c": 'const char *other(int x) {\n    return x ? "one of other" : "six";\n}\n',
}


def test_files_whose_constants_would_be_mixed_up_are_compiled_as_one(make: Make) -> None:
    result = make("xtensawin", TEXTS, SOURCES)
    assert result.together == ("small.c", "sub/other.c")
    whole = result.path.read_bytes()
    assert b"one of small" in whole
    assert b"one of other" in whole
    again = make("xtensawin", TEXTS, SOURCES)
    assert (again.rebuilt, again.together, again.path.read_bytes()) == ((), result.together, whole)
    apart = {**TEXTS, "sub/other.c": "const char *other(int x) {\n    return 0;\n}\n"}
    assert make("xtensawin", apart, SOURCES).together == ()


def test_one_file_alone_is_never_compiled_in_another_way(make: Make) -> None:
    assert make("xtensawin", {"small.c": module('    return mp_obj_new_str("one", 3);')}).together == ()


@pytest.mark.parametrize("change", ["clash", "assembler"])
def test_files_that_cannot_be_compiled_as_one_are_both_named(make: Make, change: str) -> None:
    files, toml, names = dict(TEXTS), SOURCES, ("small.c", "sub/other.c")
    if change == "clash":
        files["sub/other.c"] += "static int mine(void) {\n    return 1;\n}\nint unused(void) {\n    return mine();\n}\n"
    else:
        toml, names = 'sources = ["small.c", "other.S"]', ("small.c", "other.S")
        files["other.S"] = (
            '    .section .rodata.str1.1,"aMS",@progbits,1\n.L1: .string "six"\n    .text\n    .literal_position\n'
            "    .literal .L2, .L1\n    .align 4\n    .global other\n"
            "other:\n    entry sp, 32\n    l32r a2, .L2\n    retw\n"
        )
    with pytest.raises(MixedConstants) as caught:
        make("xtensawin", files, toml)
    assert all(name in str(caught.value) for name in names)
    if change == "clash":
        assert {("sub/other.c", 4)} <= {(one.path, one.line) for one in caught.value.diagnostics}
        assert "unity" not in str(caught.value)


MIDDLE = module(
    "    int *last = &counts[7];\n    const int *half = &table[5];\n"
    "    last[mp_obj_get_int(x)] += half[mp_obj_get_int(x)];\n    return mp_obj_new_int(*last);",
    "STATIC int counts[10];\nSTATIC const int table[10] = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9};\n",
)


def test_a_pointer_into_the_middle_of_an_array_points_there_also_when_the_array_is_not_static(make: Make) -> None:
    """mpy_ld.py makes it a pointer to the beginning, without a word; of a static array it is right."""
    static = make("xtensawin", {"small.c": MIDDLE}, 'defines = ["STATIC=static"]')
    shared = make("xtensawin", {"small.c": MIDDLE}, 'defines = ["STATIC="]')
    assert shared.path.read_bytes() == static.path.read_bytes()
    assert (static.moved, shared.moved) == ((), ("counts", "table"))


@pytest.mark.parametrize("name", ["factorial", "ring_class", "signal_filter", "fast_gpio"])
def test_examples_are_built_for_the_esp8266(name: str, make: Make, tmp_path: Path) -> None:
    """Its divisions and floats are in its ROM; its compiler makes pointers into the middle of MicroPython's table."""
    folder = shutil.copytree(examples() / name, tmp_path / name)
    request = BuildRequest(project.load(folder), arch("xtensa"), make.build.sdk, make.compilers("xtensa"))
    assert natmod.build(make.build.ctx, request, make.build.linkers).path.is_file()


def test_a_function_of_the_module_is_not_replaced_by_that_of_the_rom(make: Make) -> None:
    divide, unsigned = (0x4000DC88).to_bytes(4, "little"), (0x4000E21C).to_bytes(4, "little")
    body = "    int n = mp_obj_get_int(x);\n    return mp_obj_new_int(__divsi3(7, n) + 7u / n);"
    own = "int __attribute__((noinline)) __divsi3(int a, int b) {\n    return a - b;\n}\n"
    found = make("xtensa", {"small.c": module(body, own)}).path.read_bytes()
    assert (divide in found, unsigned in found) == (False, True)
    found = make("xtensa", {"small.c": module(body, "int __divsi3(int, int);\n")}).path.read_bytes()
    assert (divide in found, unsigned in found) == (True, True)


# --- what the linker stumbles over ----------------------------------------------------------------------------------


def test_a_relocation_that_this_linker_does_not_know_is_named_with_the_release_that_does(sdk_tree: SdkTree) -> None:
    """GCC 14 and newer make it for Xtensa; no such compiler is needed to know what the linker says then."""
    at = LinkStopped("AssertionError: (62, …)", "Traceback …", "EM_XTENSA", 62, "f", "build/a.c.o", "STB_LOCAL", "1")
    error = stopped(sdk_tree, at, "a.c")
    assert "R_XTENSA_NDIFF32" in str(error)
    assert "--sdk 1.29" in str(error)
    assert (error.diagnostics[0].path, error.detail) == ("a.c", "Traceback …")


def test_a_relocation_is_found_in_the_frames_of_a_real_linker(make: Make, tmp_path: Path) -> None:
    """Thread-local variables: the x64 linker has no word about them, only ``assert 0``."""
    text = module("    count += 1;\n    return mp_obj_new_int(count);", "static __thread int count;\n")
    with pytest.raises(LinkerStopped) as caught:
        make("x64", {"small.c": text}, 'cflags = ["-ftls-model=initial-exec"]')
    assert caught.value.fields["symbol"] == "count"
    assert caught.value.diagnostics[0].path == "small.c"
    assert "does not know" in str(caught.value)
    assert "Traceback" in caught.value.detail
    assert make("x64", {"small.c": module()}).path.is_file()


@pytest.mark.parametrize("arch_name", ["x64", "rv32imc", "xtensawin"])
def test_a_thread_local_variable_is_told_with_its_line(make: Make, arch_name: str) -> None:
    text = module("    count += 1;\n    return mp_obj_new_int(count);", "static __thread int count;\n")
    with pytest.raises(ThreadVariables) as caught:
        make(arch_name, {"small.c": text})
    assert [(one.path, one.line) for one in caught.value.diagnostics] == [("small.c", 2)]


def test_a_weak_symbol_that_nothing_defines_is_named(make: Make) -> None:
    """As in picolibc (micropython issue #19364): mpy_ld.py ends in an AttributeError."""
    text = module("    return mp_obj_new_int(maybe ? maybe() : 0);", "int maybe(void) __attribute__((weak));\n")
    with pytest.raises(LinkerStopped) as caught:
        make("rv32imc", {"small.c": text})
    assert "maybe, which is weak" in str(caught.value)
    assert caught.value.diagnostics[0].path == "small.c"


def test_a_common_variable_is_named(make: Make) -> None:
    text = module("    total += 1;\n    return mp_obj_new_int(total);", "int total;\n")
    with pytest.raises(LinkerStopped) as caught:
        make("rv32imc", {"small.c": text}, 'cflags = ["-fcommon"]')
    assert "total" in str(caught.value)
    assert "-fcommon" in str(caught.value)


def test_debug_information_changes_no_module(make: Make) -> None:
    for arch_name in ("x64", "armv7m", "rv32imc"):
        plain = make(arch_name, {"small.c": module()}).path.read_bytes()
        assert make(arch_name, {"small.c": module()}, 'cflags = ["-g"]').path.read_bytes() == plain


# --- what nobody offers ---------------------------------------------------------------------------------------------


def test_for_a_function_that_nothing_offers_no_library_is_built_first(
    home: Path, sdk_tree: SdkTree, linkers: LinkerPool, ctx: RecordingContext, tmp_path: Path
) -> None:
    """Only what is missing for good is named, not the float functions that would have been added."""
    body = "    scale = scale * 1.5f;\n    return mp_obj_new_int(nowhere((int)scale));"
    text = module(body, "int nowhere(int);\nfloat scale;\n")
    folder = write_project(tmp_path / "p", {"small.c": text}, 'float = "single"')
    with pytest.raises(UnknownSymbols) as caught:
        Builder(ctx, sdk_tree, linkers, finder(ctx))(folder)
    assert [one.path for one in caught.value.diagnostics] == ["small.c"]
    assert "nowhere" in str(caught.value)
    assert "__mulsf3" not in str(caught.value)
    assert not list(home.rglob("*.a"))
