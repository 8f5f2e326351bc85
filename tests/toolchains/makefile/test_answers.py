"""Commands whose answer is known: no shell is started for them."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.makefile.makefiles import made_up, written
from tests.toolchains.natmods import finder
from toolchains.chips import arch
from toolchains.compilers import NoCompiler
from toolchains.host import Host
from toolchains.makefile.answers import Answers
from toolchains.makefile.world import Names, World

CFLAGS = "-I. -I/sdk -Os -DMP_CONFIGFILE='<natmod_config.h>' -DX=\\\"a/b.h\\\" -fno-stack-protector"


def _answers(ctx: RecordingContext, folder: Path, kind: str = "gcc") -> Answers:
    world = World(folder, Names(folder, folder / "sdk"))
    return Answers(ctx, made_up("x64", kind), arch("x64"), world)


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (f"gcc {CFLAGS} -print-libgcc-file-name", "/no/libgcc.a"),
        (f"x86_64-linux-gnu-gcc-12 {CFLAGS} --print-file-name=libm.a 2>/dev/null", "/no/libm.a"),
        ("echo rv32imc | tr '[:lower:]' '[:upper:]'", "RV32IMC"),
        ("echo Ab | tr A-Z a-z", "ab"),
        ("echo riscv64-unknown-elf- | sed -e 's/-$//'", "riscv64-unknown-elf"),
        ("echo 'a  b'  c", "a  b c"),
        ("basename /a/b.c .c", "b"),
        ("dirname a/b/c", "a/b"),
        ('grep -q "riscv" "picolibc.specs"; echo $?', "2"),
        ('grep -q "two words" "there.txt"; echo $?', "0"),
        ('grep -q "other" "there.txt"; echo $?', "1"),
        ("gcc --version 2>&1 | grep -q clang && echo clang", ""),
        ("echo Apple clang | grep -qi CLANG && echo yes", "yes"),
        ("find src -name '*.c'", "src/a/y.c\nsrc/x.c"),
        ("find ./src/ -type f -name 'x.*'", "./src/x.c"),
        ("find nowhere -name x", ""),
        ("uname", "Linux"),
        ("uname -s", "Linux"),
    ],
)
def test_known(tmp_path: Path, command: str, answer: str) -> None:
    ctx = RecordingContext(Host("linux", "x86_64", {}))
    written(tmp_path, {"there.txt": "a line of two words\n", "src/x.c": "", "src/a/y.c": "", "src/a/z.h": ""})
    assert _answers(ctx, tmp_path)(command) == answer


def test_the_folder(ctx: RecordingContext, tmp_path: Path) -> None:
    written(tmp_path, {"sub/x": ""})
    known = _answers(ctx, tmp_path)
    assert known("pwd") == str(tmp_path)
    assert known("cd sub && pwd") == str(tmp_path / "sub")


@pytest.mark.parametrize(
    "command",
    [
        "gcc -print-libgcc-file-name; rm -rf x",
        "gcc -print-libgcc-file-name > out",
        "gcc -print-libgcc-file-name $(touch x)",
        "gcc -print-libgcc-file-name `touch x`",
        "gcc -c x.c",
        "gcc -print-libgcc-file-name -dumpmachine",
        "gcc",
        "echo $HOME",
        "echo *",
        "echo a | sh",
        "echo -n a",
        'echo "$(id)"',
        "echo 'open",
        "| tr a b",
        "cd 'x' && pwd",
        "cd $(id) && pwd",
        'grep -q "a.*" "x"; echo $?',
        "python3 -c 'print(1)'",
        "xgccx -dumpmachine",
        "find . -name '*.c' -delete",
        "find . -exec rm {} +",
        "env gcc -dumpmachine",
    ],
)
def test_unknown(ctx: RecordingContext, tmp_path: Path, command: str) -> None:
    assert _answers(ctx, tmp_path)(command) is None


def test_zig_says_what_leads_dynruntime_mk_into_no_branch_of_gcc(ctx: RecordingContext, tmp_path: Path) -> None:
    known = _answers(ctx, tmp_path, "zig")
    assert known("riscv64-unknown-elf-gcc --print-file-name=picolibc.specs") == "picolibc.specs"
    assert known("gcc --print-libgcc-file-name") == known("gcc -dumpmachine") == known("gcc --version") == ""


def test_a_real_compiler_is_asked_with_the_flags_that_matter(
    ctx: RecordingContext, warm_home: Path, tmp_path: Path
) -> None:
    try:
        compiler = finder(ctx).choose(ctx, arch("rv32imc"), "gcc").compiler
    except NoCompiler as error:
        pytest.skip(str(error))
    world = World(tmp_path, Names(tmp_path, tmp_path / "sdk"))
    known = Answers(ctx, compiler, arch("rv32imc"), world)
    assert "riscv" in (known("riscv64-unknown-elf-gcc -dumpmachine") or "")
    assert known("riscv64-unknown-elf-gcc -dumpversion")
    own = " ".join(arch("rv32imc").cflags)
    assert known(f"x-gcc {own} -wrapper /bin/false -print-libgcc-file-name") == str(compiler.libgcc)
    other = known("x-gcc -march=rv64imac -mabi=lp64 -print-libgcc-file-name")
    assert other
    assert other != str(compiler.libgcc)
