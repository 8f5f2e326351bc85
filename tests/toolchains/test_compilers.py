"""Compilers are found, tried by running them, chosen with a reason, and not tried twice."""

from __future__ import annotations

import json
import os
import shutil
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains.chips import arch, arches
from toolchains.compilers import CompilerFinder, NoCompiler
from toolchains.host import Host
from toolchains.paths import Paths, resources
from toolchains.sdk_tree import SdkTree

RV32, X64 = arch("rv32imc"), arch("x64")


def program(folder: Path, name: str, text: str) -> Path:
    """A program for PATH."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def on_path(host: Host, *folders: Path, keep: bool = False) -> Host:
    """The host with another PATH."""
    words = [*map(str, folders), *([host.environ["PATH"]] if keep else [])]
    return replace(host, environ={**host.environ, "PATH": os.pathsep.join(words)})


def need(name: str) -> str:
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


def test_zig_comes_with_us(paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path) -> None:
    finder = CompilerFinder(paths, on_path(host, tmp_path))
    choice = finder.choose(ctx, RV32)
    assert (choice.compiler.kind, choice.compiler.origin) == ("zig", "ziglang")
    assert choice.compiler.version.count(".") == 2
    assert "comes with Natmod Studio" in str(choice.reason)


def test_the_systems_gcc_goes_before_zig_on_x64(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    need("gcc")
    choice = CompilerFinder(paths, host).choose(ctx, X64)
    assert (choice.compiler.kind, choice.compiler.origin) == ("gcc", "PATH")
    assert choice.compiler.libgcc is not None
    assert choice.compiler.libgcc.name == "libgcc.a"


def test_a_bare_gcc_gets_headers_and_the_right_libgcc(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    need("riscv64-unknown-elf-gcc")
    compiler = CompilerFinder(paths, host).choose(ctx, RV32, "riscv64-unknown-elf-gcc").compiler
    assert compiler.libgcc is not None
    assert "rv32" in str(compiler.libgcc)


def test_espressifs_compiler_is_preferred_wherever_it_is(
    paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path
) -> None:
    """A wrapper under Espressif's name around a real compiler for the same processor."""
    real = need("riscv64-unknown-elf-gcc")
    text = f'exec {real} "$@"'
    wrapper = program(tmp_path / "bin", "riscv32-esp-elf-gcc", text)
    choice = CompilerFinder(paths, on_path(host, wrapper.parent, keep=True)).choose(ctx, RV32)
    assert choice.compiler.command == (str(wrapper),)
    assert "first choice" in str(choice.reason)
    installed = program(paths.data / "toolchains" / "esp-14" / "bin", "riscv32-esp-elf-gcc", text)
    choice = CompilerFinder(paths, on_path(host, wrapper.parent, keep=True)).choose(ctx, RV32)
    assert (choice.compiler.command, choice.compiler.origin) == ((str(installed),), "store")


@pytest.mark.parametrize(
    "text",
    [
        "exit 1",
        "echo gcc 99",
        "kill -9 $$",
        'for last; do :; done; case "$*" in *--version*) echo "gcc 1";; *" -o "*) echo text > "$last";; esac',
    ],
    ids=["fails", "only talks", "dies", "makes no object"],
)
def test_a_program_with_the_right_name_that_does_not_serve(
    paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path, text: str
) -> None:
    program(tmp_path, "riscv32-esp-elf-gcc", text)
    finder = CompilerFinder(paths, on_path(host, tmp_path, keep=True))
    first = finder.candidates(ctx, RV32)[0]
    assert first.compiler is None
    assert str(first.problem)
    assert finder.choose(ctx, RV32).compiler.kind == "zig"


def test_a_compiler_for_another_processor_is_not_taken(
    paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path
) -> None:
    text = f'set -- $(echo "$@" | sed "s/-march=[^ ]*//; s/-mabi=[^ ]*//; s/-mno-relax//"); exec {need("gcc")} "$@"'
    program(tmp_path, "riscv32-esp-elf-gcc", text)
    (first, *_rest) = CompilerFinder(paths, on_path(host, tmp_path, keep=True)).candidates(ctx, RV32)
    assert "another processor" in str(first.problem)


@pytest.mark.parametrize("pin", ["zig", "zig-0.17"])
def test_a_pin_is_obeyed(paths: Paths, host: Host, ctx: RecordingContext, pin: str) -> None:
    choice = CompilerFinder(paths, host).choose(ctx, X64, pin)
    assert choice.compiler.kind == "zig"
    assert pin in str(choice.reason)


@pytest.mark.parametrize("pin", ["zig-0.1", "clang", "gcc-1"])
def test_a_pin_that_nothing_fits(paths: Paths, host: Host, ctx: RecordingContext, pin: str) -> None:
    with pytest.raises(NoCompiler) as caught:
        CompilerFinder(paths, host).choose(ctx, X64, pin)
    assert pin in str(caught.value)


def test_no_compiler_says_what_to_install(paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path) -> None:
    with pytest.raises(NoCompiler) as caught:
        CompilerFinder(paths, on_path(host, tmp_path)).choose(ctx, arch("xtensawin"))
    assert str(caught.value).endswith("Install one with: natmod toolchain install xtensawin")


def test_what_was_learnt_is_not_asked_again(paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path) -> None:
    asked = tmp_path / "asked"
    wrapper = program(tmp_path / "bin", "gcc", f'echo x >> {asked}; exec {need("gcc")} "$@"')
    named = on_path(host, wrapper.parent, keep=True)
    first = CompilerFinder(paths, named).choose(ctx, X64).compiler
    times = len(asked.read_text().split())
    assert CompilerFinder(paths, named).choose(ctx, X64).compiler == first
    assert len(asked.read_text().split()) == times
    wrapper.write_text(wrapper.read_text() + "# another one\n")
    CompilerFinder(paths, named).choose(ctx, X64)
    assert len(asked.read_text().split()) > times


def test_a_compiler_that_was_exchanged_under_the_same_version_is_another_one(
    paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path
) -> None:
    """The driver stays the same; cc1 does the work."""
    inner = tmp_path / "cc1"
    inner.write_text("one")
    text = f'case "$*" in *-print-prog-name=cc1*) echo {inner};; *) exec {need("gcc")} "$@";; esac'
    named = on_path(host, program(tmp_path / "bin", "gcc", text).parent, keep=True)
    first = CompilerFinder(paths, named).choose(ctx, X64).compiler
    assert CompilerFinder(paths, named).choose(ctx, X64).compiler == first
    inner.write_text("two")
    os.utime(inner, (2_000_000_000, 2_000_000_000))
    assert CompilerFinder(paths, named).choose(ctx, X64).compiler.identity != first.identity


def test_a_record_of_another_release_is_asked_again(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    first = CompilerFinder(paths, host).choose(ctx, RV32).compiler
    cache = paths.cache / "compilers.json"
    for spoil in ({"watch": []}, {"compiler": {"arch": "rv32imc"}}):
        records = json.loads(cache.read_text("utf-8"))
        cache.write_text(json.dumps({key: {**record, **spoil} for key, record in records.items()}), "utf-8")
        assert CompilerFinder(paths, host).choose(ctx, RV32).compiler == first


def test_an_installed_program_that_is_a_dead_link_is_passed_over(
    paths: Paths, host: Host, ctx: RecordingContext
) -> None:
    folder = paths.data / "toolchains" / "esp-14" / "bin"
    folder.mkdir(parents=True)
    (folder / "riscv32-esp-elf-gcc").symlink_to(folder / "gone")
    assert CompilerFinder(paths, host).choose(ctx, RV32).compiler.origin != "store"


def test_a_damaged_cache_is_ignored(paths: Paths, host: Host, ctx: RecordingContext) -> None:
    paths.cache.mkdir(parents=True)
    for text in ("", "[]", '{"x": 1}', "{"):
        (paths.cache / "compilers.json").write_text(text)
        assert CompilerFinder(paths, host).choose(ctx, RV32).compiler.kind


def test_every_architecture_is_in_the_table() -> None:
    table = json.loads((resources() / "compilers.json").read_text("utf-8"))
    assert table["arches"].keys() == arches().keys()
    for name, row in table["arches"].items():
        assert set(arches()[name].gcc) <= set(row["order"]), name
        assert ("zig" in row["order"]) == ("zig" in row) == bool(arches()[name].zig_target), name


def test_zig_is_passed_over_where_the_trees_linker_cannot_read_its_objects(
    paths: Paths, host: Host, ctx: RecordingContext, tmp_path: Path, sdk_tree: SdkTree
) -> None:
    finder, armv7m = CompilerFinder(paths, on_path(host, tmp_path)), arch("armv7m")
    with pytest.raises(NoCompiler) as caught:
        finder.choose(ctx, armv7m, sdk=sdk_tree)
    assert "that of 1.29 can" in str(caught.value)
    assert "arm-none-eabi" in str(caught.value)
    with pytest.raises(NoCompiler):
        finder.choose(ctx, armv7m, "zig", sdk_tree)
    assert finder.choose(ctx, RV32, sdk=sdk_tree).compiler.kind == "zig"
    assert finder.choose(ctx, armv7m, sdk=replace(sdk_tree, version="1.29.0")).compiler.kind == "zig"


def test_who_has_a_compiler_loads_neither_the_catalogue_nor_what_gets_one(
    paths: Paths, host: Host, ctx: RecordingContext
) -> None:
    """They cost a command 30 ms."""
    CompilerFinder(paths, host).choose(ctx, RV32)
    code = (
        "import sys; from toolchains.toolbox import Toolbox; from toolchains.jobs import JobContext;"
        "from toolchains.chips import arch; t = Toolbox.current(); t.compilers.choose(JobContext(), arch('rv32imc'));"
        "t.close(); print(*(name for name in sys.modules if name.startswith(('toolchains.', 'urllib.request'))))"
    )
    loaded = set(ctx.run((sys.executable, "-c", code), env={"NATMOD_HOME": str(paths.data.parent)}).text.split())
    dear = {"toolchains.manager", "toolchains.providers", "toolchains.catalog", "toolchains.fetch", "urllib.request"}
    assert "toolchains.compilers" in loaded
    assert not loaded & dear
