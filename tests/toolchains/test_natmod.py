"""Building native modules: what comes out, what is made again, and what a person is told when it fails."""

from __future__ import annotations

import errno
import os
import shutil
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from tests.toolchains.natmods import HEAD, INIT, Builder, finder, module, write_project
from toolchains import mpyfile
from toolchains.build_errors import (
    CompileFailed,
    InitialisedData,
    LinkFailed,
    MissingSource,
    NoEntry,
    StaticVariables,
    TooBig,
    UnknownSymbols,
)
from toolchains.errors import Cancelled, DiskError
from toolchains.host import Host
from toolchains.jobs import JobContext, Log
from toolchains.linker import LinkerPool
from toolchains.sdk_tree import SdkTree

ARCHES = ("rv32imc", "x64")


@pytest.fixture(scope="module")
def linkers(sdk_tree: SdkTree, sdk_1250: SdkTree) -> Iterator[LinkerPool]:
    pool = LinkerPool(Host.current())
    # Here, so that no test is blamed for having started them.
    pool.start(sdk_tree)
    pool.start(sdk_1250)
    yield pool
    pool.close()


@pytest.fixture
def build(warm_home: Path, sdk_tree: SdkTree, linkers: LinkerPool, ctx: RecordingContext) -> Builder:
    return Builder(ctx, sdk_tree, linkers, finder(ctx))


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return write_project(tmp_path / "small", {"small.c": module()})


# --- what comes out -------------------------------------------------------------------------------------------------


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


def test_maths_functions_are_served_by_zig(build: Builder, tmp_path: Path) -> None:
    body = "    return mp_obj_new_float(roundf(sqrtf(mp_obj_get_float(x))));"
    folder = write_project(tmp_path / "p", {"small.c": module(body, "#include <math.h>\n")})
    assert build(folder).sizes.text > 300


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


# --- the same bytes as make -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["features0", "features1", "features3", "features4", "heapq", "random"])
@pytest.mark.parametrize("tree", ["sdk_tree", "sdk_1250"])
def test_upstream_examples_have_the_bytes_of_make(
    build: Builder, tmp_path: Path, name: str, tree: str, request: pytest.FixtureRequest
) -> None:
    if shutil.which("make") is None:
        pytest.skip("make is not installed")
    sdk: SdkTree = request.getfixturevalue(tree)
    source = sdk.path / "examples" / "natmod" / name
    if not source.is_dir():
        pytest.skip(f"the tree has no examples/natmod/{name}")
    theirs, ours = tmp_path / "theirs", tmp_path / "ours"
    shutil.copytree(source, theirs)
    shutil.copytree(source, ours)
    compiler = build.compiler("x64", "gcc")
    command = [
        "make",
        f"MPY_DIR={sdk.path}",
        "ARCH=x64",
        f"PYTHON={sys.executable}",
        f"CROSS={compiler.command[0][:-3]}",
    ]
    env = {**os.environ, "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1"}
    made = subprocess.run(command, cwd=theirs, env=env, capture_output=True, text=True, check=False)
    assert made.returncode == 0, made.stdout + made.stderr
    (mpy,) = theirs.glob("*.mpy")
    sources = [path.name for path in sorted(ours.glob("*.c"))]
    sources.sort(key=lambda path: made.stdout.index(f"CC {path}"))
    write_project(ours, {}, f'sources = {sources}\nfloat = "double"'.replace("'", '"'))
    toml = (ours / "natmod.toml").read_text().replace('"small"', f'"{mpy.stem}"')
    (ours / "natmod.toml").write_text(toml)
    for path in ours.glob("*.py"):
        path.unlink()
    if list(theirs.glob("*.py")):
        native = next((theirs / "build").glob("*.native.mpy")).read_bytes()
        built = build(ours, "x64", "gcc", sdk=sdk)
        assert (built.path.parent / "build" / f"{mpy.stem}.native.mpy").read_bytes() == native
    else:
        assert build(ours, "x64", "gcc", sdk=sdk).path.read_bytes() == mpy.read_bytes()


# --- only what changed ----------------------------------------------------------------------------------------------


def test_nothing_is_made_again_when_only_times_change(build: Builder, small: Path) -> None:
    first = build(small)
    os.utime(small / "small.c", (1_000_000_000, 1_000_000_000))
    second = build(small)
    assert second.rebuilt == ()
    assert second.sizes == first.sizes
    assert second.change is not None
    assert second.change.text == 0


def test_an_edit_is_seen_even_when_time_and_size_stay(build: Builder, small: Path) -> None:
    source = small / "small.c"
    old = build(small).path.read_bytes()
    times = source.stat()
    source.write_text(source.read_text().replace("+ 42", "+ 43"))
    os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))
    result = build(small)
    assert result.rebuilt == ("small.c", "small.mpy")
    assert result.path.read_bytes() != old


def test_only_the_edited_source_is_compiled(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(before="int other(int x);\n"), "other.c": "int other(int x) { return x; }\n", "h.h": ""}
    folder = write_project(tmp_path / "p", files)
    build(folder)
    (folder / "other.c").write_text("int other(int x) { return x + 1; }\n")
    assert build(folder).rebuilt == ("other.c", "small.mpy")


def test_an_edited_header_compiles_those_that_include_it(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(before='#include "n.h"\n'), "other.c": "int other(int x) { return x; }\n", "n.h": ""}
    folder = write_project(tmp_path / "p", files)
    build(folder)
    (folder / "n.h").write_text("#define N 1\n")
    assert build(folder).rebuilt == ("small.c",)


def test_a_new_header_that_hides_another_is_seen(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module("    return mp_obj_new_int(N);", '#include "n.h"\n'), "inc/n.h": "#define N 100\n"}
    folder = write_project(tmp_path / "p", files, 'include = ["inc"]')
    old = build(folder).path.read_bytes()
    (folder / "n.h").write_text("#define N 200\n")
    assert build(folder).path.read_bytes() != old


def test_a_comment_changes_no_byte_and_makes_no_new_module(build: Builder, small: Path) -> None:
    build(small)
    (small / "small.c").write_text(module() + "// a remark\n")
    assert build(small).rebuilt == ("small.c",)


@pytest.mark.parametrize(
    "toml", ['defines = ["EXTRA=1"]', 'cflags = ["-O1"]', 'float = "double"', 'include = ["inc"]'], ids=str.split
)
def test_changed_flags_compile_again(build: Builder, small: Path, toml: str) -> None:
    (small / "inc").mkdir()
    build(small)
    write_project(small, {}, toml)
    assert "small.c" in build(small).rebuilt


def test_another_compiler_or_tree_compiles_again(build: Builder, small: Path, sdk_1250: SdkTree) -> None:
    build(small, "x64", "zig")
    assert "small.c" in build(small, "x64", "gcc").rebuilt
    assert "small.c" in build(small, "x64", "gcc", sdk=sdk_1250).rebuilt


def test_the_difference_to_the_last_build_is_told(build: Builder, small: Path) -> None:
    first = build(small)
    (small / "small.c").write_text(module("    return mp_obj_new_int(mp_obj_get_int(x) / 7 * 1000003);"))
    second = build(small)
    assert second.change is not None
    assert second.change.text == second.sizes.text - first.sizes.text != 0


@pytest.mark.parametrize("victim", ["small.mpy", "build/small.c.o", "build/natmod_config.h", "state.json"])
@pytest.mark.parametrize("damage", ["delete", "truncate", "overwrite"])
def test_damaged_results_are_made_again(build: Builder, small: Path, victim: str, damage: str) -> None:
    result = build(small)
    good = result.path.read_bytes()
    path = result.path.parent / victim
    if damage == "delete":
        path.unlink()
    else:
        path.write_bytes(path.read_bytes()[:20] if damage == "truncate" else b"\0" * path.stat().st_size)
    assert build(small).path.read_bytes() == good
    assert build(small).rebuilt == ()


def test_two_builds_at_once_both_end_well(build: Builder, tmp_path: Path) -> None:
    folder = write_project(tmp_path / "p", {f"f{n}.c": f"int f{n}(void) {{ return {n}; }}\n" for n in range(3)})
    (folder / "small.c").write_text(module())
    with ThreadPoolExecutor(4) as pool:
        results = list(pool.map(lambda _n: build(folder).path.read_bytes(), range(4)))
    assert len(set(results)) == 1


def test_a_project_that_is_not_to_be_written_builds_elsewhere(build: Builder, small: Path, tmp_path: Path) -> None:
    result = build(small, out=tmp_path / "elsewhere")
    assert result.path == tmp_path / "elsewhere" / "rv32imc" / "small.mpy"
    assert not (small / ".natmod").exists()


def test_leftovers_of_a_killed_build_are_swept(build: Builder, small: Path) -> None:
    folder = build(small).path.parent
    leftover = folder / "build" / ".tmp-1-abc-small.c.o"
    leftover.write_bytes(b"half")
    build(small)
    assert not leftover.exists()


# --- what fails -----------------------------------------------------------------------------------------------------


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


def test_a_folder_that_cannot_be_made(build: Builder, small: Path) -> None:
    (small / ".natmod").write_text("a file is in the way")
    with pytest.raises(DiskError):
        build(small)


def test_a_full_disk_is_told_in_one_sentence(build: Builder, small: Path, tmp_path: Path) -> None:
    full = tmp_path / "full"
    full.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=16k", "tmpfs", str(full)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("a small file system cannot be mounted here")
    try:
        with pytest.raises(DiskError) as caught:
            build(small, out=full)
        assert caught.value.fields["errno"] == errno.ENOSPC
    finally:
        subprocess.run(["umount", str(full)], check=True)


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


def test_the_text_of_init_is_what_the_tests_think() -> None:
    assert "mpy_init" in INIT
