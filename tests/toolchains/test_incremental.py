"""Only what changed is made again, and what changed always is."""

from __future__ import annotations

import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.toolchains.natmods import Builder, module, write_project
from toolchains import bytecode
from toolchains.build_errors import CompileFailed
from toolchains.linker import LinkerBroken, LinkerPool
from toolchains.sdk_tree import REQUIRED, SdkTree


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


def test_a_new_header_in_a_deeper_folder_is_seen(build: Builder, tmp_path: Path) -> None:
    body = "    return mp_obj_new_int(N);"
    files = {"small.c": module(body, '#include "deep/n.h"\n'), "inc/deep/n.h": "#define N 100\n"}
    folder = write_project(tmp_path / "p", files, 'include = ["inc"]')
    old = build(folder).path.read_bytes()
    write_project(folder, {"deep/n.h": "#define N 200\n"}, 'include = ["inc"]')
    new = build(folder).path.read_bytes()
    assert new != old
    (folder / "deep" / "n.h").unlink()
    assert build(folder).path.read_bytes() == old


@pytest.mark.parametrize("pin", ["zig", "gcc"])
@pytest.mark.parametrize("suffix", [".s", ".S"])
def test_what_an_assembler_file_embeds_is_an_input(build: Builder, tmp_path: Path, pin: str, suffix: str) -> None:
    text = '.section .rodata\n.globl table\ntable:\n.incbin "data/table.bin"\n.text\n'
    before = "extern const unsigned char table[];\n"
    files = {"small.c": module("    return mp_obj_new_int(table[0]);", before), f"table{suffix}": text}
    folder = write_project(tmp_path / "p", files, f'sources = ["small.c", "table{suffix}"]')
    write_project(folder, {"data/table.bin": "first"}, f'sources = ["small.c", "table{suffix}"]')
    assert b"first" in build(folder, "rv32imc", pin).path.read_bytes()
    assert build(folder, "rv32imc", pin).rebuilt == ()
    (folder / "data" / "table.bin").write_bytes(b"other")
    assert b"other" in build(folder, "rv32imc", pin).path.read_bytes()


def test_sources_that_did_compile_are_kept_when_another_does_not(build: Builder, tmp_path: Path) -> None:
    files = {"small.c": module(), "other.c": "int other(void) { return 1 }\n"}
    folder = write_project(tmp_path / "p", files)
    with pytest.raises(CompileFailed):
        build(folder)
    (folder / "other.c").write_text("int other(void) { return 1; }\n")
    assert build(folder).rebuilt == ("other.c", "small.mpy")


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


def test_a_tree_that_is_changed_in_place_links_again(
    build: Builder, small: Path, sdk_tree: SdkTree, tmp_path: Path
) -> None:
    """In one process, with a warm linker that has the older files in memory."""
    for name in REQUIRED:
        (tmp_path / "tree" / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(sdk_tree.path / name, tmp_path / "tree" / name)
    sdk, pool = SdkTree.open(tmp_path / "tree"), LinkerPool(build.ctx.host)
    builder = Builder(build.ctx, sdk, pool, build.finder)
    try:
        builder(small)
        tool = sdk.path / "tools" / "mpy_ld.py"
        tool.write_text(
            tool.read_text("utf-8").replace("def main():", "def main():\n    assert 0, 'edited'\n"), "utf-8"
        )
        with pytest.raises(LinkerBroken) as caught:
            builder(small)
        assert "edited" in caught.value.detail
    finally:
        pool.close()


def test_another_mpy_cross_compiles_again(build: Builder, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = write_project(tmp_path / "p", {"small.c": module(), "extra.py": "x = 1\n"}, 'python = ["extra.py"]')
    build(folder)
    other = Path(shutil.copy(bytecode.program(build.ctx.host), tmp_path / "mpy-cross"))
    with other.open("ab") as file:
        file.write(b"another one")
    monkeypatch.setattr(bytecode, "program", lambda *_words: other)
    assert build(folder).rebuilt == ("extra.py",)


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


@pytest.mark.parametrize("content", ["{}", '{"version":1,"objects":{"small.c":{}},"steps":{"qstrs":{},"link":[]}}'])
def test_a_state_that_is_not_ours_is_ignored(build: Builder, small: Path, content: str) -> None:
    result = build(small)
    (result.path.parent / "state.json").write_text(content)
    assert build(small).rebuilt == ("small.c", "small.mpy")


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
