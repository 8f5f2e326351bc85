"""A module that was built, its functions and lines; on Xtensa chips with the backtrace that they print."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.compilers import Compilers
from tests.homes import CHECKOUT
from tests.toolchains.natmods import write_project
from toolchains import natmod, project
from toolchains.build_records import BuildRequest
from toolchains.chips import arch
from toolchains.crash import dumps
from toolchains.crash import module as crash_module
from toolchains.crash.calls import Located
from toolchains.crash.explain import explain
from toolchains.crash.module import ModuleMap, module_map
from toolchains.crash.records import Dump
from toolchains.jobs import JobContext
from toolchains.linker import LinkerPool
from toolchains.sdk_tree import SdkTree

_TEXT = (CHECKOUT / "tests" / "data" / "crashing" / "broken.c").read_text("utf-8")
_AT = 0x400A0000
_PANIC = """Guru Meditation Error: Core  1 panic'ed (StoreProhibited). Exception was unhandled.

Core  1 register dump:
PC      : 0x{pc:08x}  PS      : 0x00060830  A0      : 0x8201094a  A1      : 0x3fceaaa0
EXCVADDR: 0x00000000  LBEG    : 0x400570e8  LEND    : 0x400570f3  LCOUNT  : 0x00000000

Backtrace: 0x{before:08x}:0x3fceaaa0 0x{caller:08x}:0x3fceab40 0x400d96da:0x3ffcf0c0

Rebooting...
"""


@pytest.fixture
def linkers(ctx: JobContext, warm_home: Path) -> Iterator[LinkerPool]:
    pool = LinkerPool(ctx.host)
    yield pool
    pool.close()


def _line(mark: str) -> int:
    return next(n for n, line in enumerate(_TEXT.splitlines(), 1) if line.endswith(f"// {mark}"))


def _built(ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> ModuleMap:
    natmod.build(ctx, request, linkers)
    found = module_map(ctx, request, linkers)
    assert found is not None
    return found


def _offset(module: ModuleMap, function: str, line: int) -> int:
    return next(
        offset
        for offset in range(len(module.code))
        if any((spot.function, spot.line) == (function, line) for spot in module.lines.spots(offset))
    )


@pytest.mark.parametrize(("name", "pin"), [("xtensawin", None), ("rv32imc", "zig"), ("rv32imc", "gcc")])
def test_lines_of_two_sources(
    ctx: JobContext, linkers: LinkerPool, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path: Path, name: str,
    pin: str | None,
) -> None:  # fmt: skip
    """The linker puts them one behind the other; DWARF of each begins at 0."""
    other = "#include <stdint.h>\nint twice(volatile int *x);\n\nint twice(volatile int *x) {\n    return *x * 2;\n}\n"
    files = {"broken.c": _TEXT, "other.c": other}
    folder = write_project(tmp_path / "p", files, 'sources = ["broken.c", "other.c"]\n')
    request = BuildRequest(project.load(folder), arch(name), sdk_tree, compiler_for(name, pin))
    module = _built(ctx, request, linkers)
    assert module.current
    for function, mark in (("store", "null_write: here"), ("bad_call", "bad_call: here"), ("part", "inlined: here")):
        spot = module.lines.spots(_offset(module, function, _line(mark)))[0]
        assert module.path(spot.path) == "broken.c"
    spot = module.lines.spots(_offset(module, "twice", 5))[0]
    assert module.path(spot.path) == "other.c"
    natmod.build(ctx, request, linkers)
    (folder / "small.mpy").write_bytes(b"")
    (request.build_folder / "small.mpy").write_bytes(b"")
    assert module_map(ctx, request, linkers) is None, "of another file nothing is known"


def test_the_backtrace_of_an_esp32(
    ctx: JobContext, linkers: LinkerPool, sdk_tree: SdkTree, compiler_for: Compilers, tmp_path: Path
) -> None:
    folder = write_project(tmp_path / "p", {"broken.c": _TEXT}, 'sources = ["broken.c"]\n')
    request = BuildRequest(project.load(folder), arch("xtensawin"), sdk_tree, compiler_for("xtensawin"))
    module = _built(ctx, request, linkers)
    pc = _AT + _offset(module, "store", _line("null_write: here"))
    caller = _AT + _offset(module, "null_write", _line("null_write: called here"))
    (dump,) = dumps.dumps_in(_PANIC.format(pc=pc, before=pc - 3, caller=caller))
    crash = explain(dump, Located(module, _AT))
    assert (crash.function, crash.file, crash.line) == ("store", "broken.c", _line("null_write: here"))
    assert crash.known
    assert [frame.function for frame in crash.frames] == ["store", "null_write", ""]
    elsewhere = explain(dump, Located(module, _AT + 0x10000))
    assert elsewhere.at is None
    assert "None of the calls" in str(elsewhere.note)


def test_where_other_code_comes_with_lines_it_is_said(
    ctx: JobContext, linkers: LinkerPool, sdk_tree: SdkTree, compiler_for: Compilers, monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:  # fmt: skip
    """As GCC 13 for Xtensa does it: the same functions at the same places, a few instructions otherwise."""
    folder = write_project(tmp_path / "p", {"broken.c": _TEXT}, 'sources = ["broken.c"]\n')
    request = BuildRequest(project.load(folder), arch("rv32imc"), sdk_tree, compiler_for("rv32imc"))
    exact = _built(ctx, request, linkers)
    offset = _offset(exact, "store", _line("null_write: here"))
    kept = crash_module.compiled_again

    def other(*words: Any) -> bytes:
        data = kept(*words)
        start = data.index(exact.code[offset : offset + 2])
        return data[:start] + b"\x01\x00" + data[start + 2 :]

    monkeypatch.setattr(crash_module, "compiled_again", other)
    module = module_map(ctx, request, linkers)
    assert module is not None
    assert not module.lines.exact(offset)
    assert module.lines.exact(_offset(module, "null_write", _line("null_write: called here")))
    dump = Dump("sim", "write", "", "", _AT + offset, 0)
    crash = explain(dump, Located(module, _AT))
    assert crash.line == _line("null_write: here")
    assert "the line may be one beside it" in str(crash.note)
    monkeypatch.setattr(crash_module, "compiled_again", lambda *words: b"")
    module = module_map(ctx, request, linkers)
    assert module is not None
    crash = explain(dump, Located(module, _AT))
    assert (crash.line, str(crash.sentence).startswith("The board crashed in store:")) == (None, True)
