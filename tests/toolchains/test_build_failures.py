"""What a person is told when a module cannot be built, and what is left behind: nothing."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import threading
from pathlib import Path

import pytest

from tests.disks import small_disk
from tests.toolchains.natmods import HEAD, Builder, finder, module, write_project
from toolchains.build_errors import (
    CompileFailed,
    InitialisedData,
    LinkFailed,
    MissingSource,
    NoEntry,
    NoExterns,
    StaticVariables,
    TooBig,
    UnknownSymbols,
)
from toolchains.build_folder import FolderElsewhere
from toolchains.bytecode import PythonFailed
from toolchains.errors import Cancelled, DiskError
from toolchains.host import Host
from toolchains.jobs import JobContext, Log
from toolchains.linker import LinkerPool
from toolchains.sdk_tree import SdkTree

ARCHES = ("rv32imc", "x64")


@pytest.mark.parametrize("pin", ["zig", "gcc"])
def test_an_error_has_its_line_in_every_file(build: Builder, tmp_path: Path, pin: str) -> None:
    files = {"small.c": module("    return x"), "other.c": "int other(int x) {\n    return y;\n}\n"}
    folder = write_project(tmp_path / "p", files)
    with pytest.raises(CompileFailed) as caught:
        build(folder, "x64", pin)
    found = {(one.path, one.line) for one in caught.value.diagnostics if one.severity == "error"}
    assert {("small.c", 3), ("other.c", 2)} <= found
    assert "return y" in caught.value.detail
    assert not (folder / ".natmod" / "x64" / "small.mpy").exists()


def test_an_error_in_python_has_the_projects_name_for_the_file(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(), "lib/extra.py": "def f():\n    return )\n"}
    folder = write_project(tmp_path / "p", files, 'python = ["lib/extra.py"]')
    with pytest.raises(PythonFailed) as caught:
        build(folder)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("lib/extra.py", 2)


@pytest.mark.parametrize("way", ["native", "viper"])
def test_machine_code_cannot_be_merged_and_its_line_is_named(build: Builder, tmp_path: Path, way: str) -> None:
    files = {"small.c": module(), "fast.py": f"x = 1\n\n@micropython.{way}\ndef f():\n    pass\n"}
    with pytest.raises(PythonFailed, match=r"only byte code can be merged .* Leave the file out") as caught:
        build(write_project(tmp_path / "p", files, 'python = ["fast.py"]'))
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("fast.py", 3)


def test_a_failed_build_keeps_the_module_of_the_last_good_one(build: Builder, small: Path) -> None:
    result = build(small)
    good = result.path.read_bytes()
    (small / "small.c").write_text("nonsense\n")
    with pytest.raises(CompileFailed):
        build(small)
    assert result.path.read_bytes() == good
    (small / "small.c").write_text(module())
    assert build(small).rebuilt == ()


def test_no_entry_function(build: Builder, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {"small.c": HEAD + "int nothing(void) { return 0; }\n"})
    with pytest.raises(NoEntry) as caught:
        build(folder)
    assert "mpy_init" in str(caught.value)


def test_an_unknown_function_is_named_with_its_line(build: Builder, tmp_path: Path) -> None:
    body = '    printf("hello");\n    return x;'
    folder = write_project(tmp_path / "p", {"small.c": module(body, "#include <stdio.h>\n")})
    with pytest.raises(UnknownSymbols) as caught:
        build(folder)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("small.c", 4)
    assert "printf" in str(caught.value)


@pytest.mark.parametrize("arch_name", ARCHES)
@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize("inside", [False, True], ids=["file", "function"])
def test_a_static_variable_that_would_overwrite_the_code_is_refused(
    build: Builder, tmp_path: Path, arch_name: str, pin: str, inside: bool
) -> None:
    count = "    hidden += mp_obj_get_int(x);\n    return mp_obj_new_int(hidden);"
    line = "static int hidden;\n"
    text = module(f"    {line}{count}") if inside else module(count, line)
    folder = write_project(tmp_path / "p", {"small.c": text})
    with pytest.raises(StaticVariables) as caught:
        build(folder, arch_name, pin)
    (one,) = caught.value.diagnostics
    assert (one.path, one.line) == ("small.c", 3 if inside else 2)
    assert "hidden" in str(caught.value)
    assert not (folder / ".natmod" / arch_name / "small.mpy").exists()


def test_a_variable_with_a_value_is_refused(build: Builder, tmp_path: Path) -> None:
    body = "    start += 1;\n    return mp_obj_new_int(start);"
    folder = write_project(tmp_path / "p", {"small.c": module(body, "int start = 5;\n")})
    with pytest.raises(InitialisedData):
        build(folder)


def test_the_same_function_twice(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(before="int f(void) { return 1; }\n"), "other.c": "int f(void) { return 2; }\n"}
    with pytest.raises(LinkFailed) as caught:
        build(write_project(tmp_path / "p", files))
    assert "duplicate symbol: f" in caught.value.detail


def test_a_source_that_disappears(build: Builder, small: Path) -> None:
    from toolchains import project
    from toolchains.chips import arch
    from toolchains.natmod import BuildRequest
    from toolchains.natmod import build as build_module

    loaded = project.load(small)
    (small / "small.c").unlink()
    request = BuildRequest(loaded, arch("rv32imc"), build.sdk, build.compiler("rv32imc"))
    with pytest.raises(MissingSource) as caught:
        build_module(build.ctx, request, build.linkers)
    assert "small.c" in str(caught.value)


def test_a_limit_of_the_project(build: Builder, small: Path) -> None:
    with (small / "natmod.toml").open("a") as file:
        file.write("[limits]\ntext = 16\n")
    with pytest.raises(TooBig):
        build(small)


def test_a_limit_counts_for_a_module_that_was_built_before_it(build: Builder, small: Path) -> None:
    build(small)
    with (small / "natmod.toml").open("a") as file:
        file.write("[limits]\nfile = 16\n")
    with pytest.raises(TooBig):
        build(small)


@pytest.mark.parametrize("tree", ["sdk_tree", "sdk_1250"])
@pytest.mark.parametrize("arch_name", ARCHES)
def test_functions_of_a_rom_where_the_linker_cannot_reach_them(
    build: Builder, small: Path, arch_name: str, tree: str, request: pytest.FixtureRequest
) -> None:
    write_project(small, {"rom.ld": "rom = 0x40001000;\n"}, 'externs = "rom.ld"')
    with pytest.raises(NoExterns):
        build(small, arch_name, sdk=request.getfixturevalue(tree))


def test_a_folder_that_cannot_be_made(build: Builder, small: Path) -> None:
    (small / ".natmod").write_text("a file is in the way")
    with pytest.raises(DiskError):
        build(small)


@pytest.mark.parametrize("link", [".natmod", ".natmod/rv32imc", ".natmod/rv32imc/build"])
def test_a_build_folder_that_leads_elsewhere_is_not_written_to(
    build: Builder, small: Path, tmp_path: Path, link: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    (small / link).parent.mkdir(parents=True, exist_ok=True)
    (small / link).symlink_to(elsewhere)
    with pytest.raises(FolderElsewhere):
        build(small)
    assert not list(elsewhere.iterdir())


def test_a_full_disk_is_told_in_one_sentence(build: Builder, small: Path, tmp_path: Path) -> None:
    with small_disk(tmp_path / "full", "16k") as full, pytest.raises(DiskError) as caught:
        build(small, out=full)
    assert caught.value.fields["errno"] == errno.ENOSPC


def test_cancel_ends_the_compiler(sdk_tree: SdkTree, linkers: LinkerPool, tmp_path: Path, warm_home: Path) -> None:
    """A source that takes long to compile; the job is cancelled as soon as its compiler runs."""
    macros = "#define A(x) x x x x x x x x x x\n#define B(x) A(A(A(x)))\n"
    slow = f"{macros}int f(int a) {{\nB(B(a = a * 31 + 7;))\nreturn a;\n}}\n"
    folder = write_project(tmp_path / "p", {"small.c": module(), "slow.c": slow})
    job = JobContext(Host.current())

    def cancel_later(event: object) -> None:
        if isinstance(event, Log) and "slow.c" in event.line:
            threading.Timer(0.1, job.cancel).start()

    job.sink = cancel_later
    with pytest.raises(Cancelled):
        Builder(job, sdk_tree, linkers, finder(job))(folder)
    assert not list((folder / ".natmod").rglob(".tmp-*"))


def test_a_linker_that_was_killed_is_replaced(build: Builder, small: Path, sdk_tree: SdkTree) -> None:
    good = build(small).path.read_bytes()
    pool = LinkerPool(build.ctx.host)
    try:
        linker = pool.get(sdk_tree)
        linker.start()
        assert linker.pid is not None
        os.kill(linker.pid, signal.SIGKILL)
        shutil.rmtree(small / ".natmod")
        assert Builder(build.ctx, sdk_tree, pool, build.finder)(small).path.read_bytes() == good
    finally:
        pool.close()
