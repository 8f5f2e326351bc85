"""C beside assembly: each instruction knows its line, with every compiler, and any text can be read."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toolchains.natmods import Builder, module, write_project
from toolchains import project, size_map
from toolchains.assembly import Listing, Listings, NoAssembly, read
from toolchains.build_records import BuildRequest
from toolchains.chips import arch

_BEFORE = """
static int weight(int a) {
    int sum = 0;
    for (int i = 0; i < a; i++) {
        sum = sum * 31 + a / (i + 1);
    }
    return sum;
}
"""
_BODY = """    int n = weight(mp_obj_get_int(x));
    if (n == 7) {
        mp_raise_ValueError("a text to be found");
    }
    return mp_obj_new_int(n);"""


@pytest.fixture
def heavy(tmp_path: Path) -> Path:
    return write_project(tmp_path / "hé avy", {"small.c": module(_BODY, _BEFORE)})


def request(build: Builder, folder: Path, arch_name: str, pin: str | None) -> BuildRequest:
    return BuildRequest(project.load(folder), arch(arch_name), build.sdk, build.compiler(arch_name, pin))


def line_of(folder: Path, words: str) -> int:
    text = (folder / "small.c").read_text("utf-8")
    return text[: text.index(words)].count("\n") + 1


@pytest.mark.parametrize(
    ("arch_name", "pin"),
    [("rv32imc", "zig"), ("rv32imc", "gcc"), ("x64", "zig"), ("x64", "gcc"), ("armv7m", "zig"), ("xtensawin", None)],
)
def test_each_compiler_tells_which_line_became_what(build: Builder, heavy: Path, arch_name: str, pin: str) -> None:
    found = Listings().of(build.ctx, request(build, heavy, arch_name, pin), build.linkers, "small.c")
    assert isinstance(found, Listing)
    assert found.count(line_of(heavy, "return mp_obj_new_int(n)")) > 0
    assert found.count(line_of(heavy, "sum = sum")) > 0
    assert not found.of_line(1_000_000)
    assert any(one.text == "mpy_init:" for one in found.lines)
    assert '"a text to be found' in found.text()
    assert ".loc" not in found.text()
    assert ".cfi" not in found.text()
    assert {one.function for one in found.lines if one.code} >= {"mpy_init", "answer"}


def test_what_did_not_change_is_not_compiled_again(build: Builder, heavy: Path) -> None:
    build(heavy)
    listings, wanted = Listings(), request(build, heavy, "rv32imc", "zig")
    first = listings.of(build.ctx, wanted, build.linkers, "small.c")
    assert listings.of(build.ctx, wanted, build.linkers, "small.c") is first
    source = heavy / "small.c"
    source.write_text(source.read_text("utf-8").replace("sum * 31", "sum * 37"), "utf-8")
    assert listings.of(build.ctx, wanted, build.linkers, "small.c").text() != first.text()
    assert listings.sources(build.ctx, wanted, build.linkers) == ("small.c",)


def test_a_source_that_does_not_compile_is_said(build: Builder, heavy: Path) -> None:
    (heavy / "small.c").write_text("int broken(", "utf-8")
    with pytest.raises(NoAssembly, match=r"small\.c"):
        Listings().of(build.ctx, request(build, heavy, "rv32imc", "zig"), build.linkers, "small.c")


@given(st.text(alphabet='.:\t \n"\\#@Lloc section file text123', max_size=300))
def test_any_text_is_read(text: str) -> None:
    assert isinstance(read(text), tuple)


def test_the_parts_of_a_module_are_its_bytes(build: Builder, heavy: Path) -> None:
    result = build(heavy)
    found = size_map.look(build.ctx, result.path.parent, result.name)
    assert found is not None
    assert found.file == result.file_size == sum(one.now for one in found.parts)
    assert found.file_before is None
    kinds = {(one.kind, one.name): one for one in found.parts}
    assert kinds["function", "mpy_init"].now > 0
    assert kinds["string", "a text to be found"].now == len("a text to be found") + 1
    assert ("name", "answer") in kinds


def test_the_next_build_is_compared_with_the_last(build: Builder, heavy: Path) -> None:
    first = build(heavy)
    folder = first.path.parent
    size_map.look(build.ctx, folder)
    source = heavy / "small.c"
    source.write_text(source.read_text("utf-8").replace("to be found", "to be found again, a longer one"), "utf-8")
    second = build(heavy)
    for _again in range(2):  # looking twice is not another build
        found = size_map.look(build.ctx, folder)
        assert found is not None
        assert (found.file, found.file_before) == (second.file_size, first.file_size)
        changed = {one.name: one.change for one in found.parts if one.kind == "string" and one.change}
        assert changed == {"a text to be found": -19, "a text to be found again, a longer one": 39}


@pytest.mark.parametrize("rubbish", [b"", b"\xff", b"[[[", b'{"schema":1,"made":"","now":[[1]],"before":null}'])
def test_a_kept_map_that_is_rubbish_is_made_again(build: Builder, heavy: Path, rubbish: bytes) -> None:
    result = build(heavy)
    (result.path.parent / "size_map.json").write_bytes(rubbish)
    found = size_map.look(build.ctx, result.path.parent)
    assert found is not None
    assert found.file == result.file_size
    assert size_map.look(build.ctx, heavy) is None
