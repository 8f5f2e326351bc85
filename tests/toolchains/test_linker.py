"""The warm child: it answers, it is replaced when it dies, and what tools print never meets its answers."""

from __future__ import annotations

import os
import signal
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import RecordingContext
from toolchains.errors import Cancelled, DiskError
from toolchains.host import Host
from toolchains.linker import Linker, LinkerBroken, LinkRefused
from toolchains.sdk_tree import SdkTree


@pytest.fixture
def linker(sdk_tree: SdkTree, host: Host) -> Iterator[Linker]:
    made = Linker(host, sdk_tree.path)
    yield made
    made.close()


def fake_tree(folder: Path, mpy_ld: str) -> Path:
    """A tree whose linker is the given text."""
    tools = folder / "tools"
    tools.mkdir(parents=True)
    (folder / "py").mkdir()
    lines = ("class CachedArFile:", "    def load_symbols(self): pass", "    load_symbols.__wrapped__ = None")
    ar_util = "\n".join((*lines, "load_archive = None", ""))
    (tools / "ar_util.py").write_text(ar_util)
    (tools / "mpy_ld.py").write_text(
        f"import sys, ar_util\nlink_objects = GOTEntry = None\nclass LinkError(Exception): pass\n{mpy_ld}"
    )
    return folder


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "é.c"
    path.write_bytes(b"MP_QSTR_one // \xff\n")
    return path


def test_one_child_answers_many_questions(linker: Linker, ctx: RecordingContext, source: Path, tmp_path: Path) -> None:
    linker.start()
    pid = linker.pid
    for number in range(3):
        output = tmp_path / f"{number}.h"
        linker.preprocess(ctx, arch="rv32imc", files=[source], output=output)
        assert "MP_QSTR_one" in output.read_text()
    assert linker.pid == pid


def test_libraries_that_are_expected_get_no_answer_even_if_they_are_not_there(
    linker: Linker, ctx: RecordingContext, source: Path, tmp_path: Path
) -> None:
    linker.expect([tmp_path / "early.a"])
    linker.start()
    pid = linker.pid
    linker.expect([source, tmp_path / "missing.a"])
    linker.preprocess(ctx, arch="rv32imc", files=[source], output=tmp_path / "x.h")
    assert "MP_QSTR_one" in (tmp_path / "x.h").read_text()
    assert linker.pid == pid


def test_a_child_that_was_killed_is_replaced(
    linker: Linker, ctx: RecordingContext, source: Path, tmp_path: Path
) -> None:
    linker.start()
    first = linker.pid
    assert first is not None
    os.kill(first, signal.SIGKILL)
    linker.preprocess(ctx, arch="rv32imc", files=[source], output=tmp_path / "x.h")
    assert linker.pid not in (None, first)


def test_a_missing_file_is_told_as_such(linker: Linker, ctx: RecordingContext, tmp_path: Path) -> None:
    with pytest.raises(DiskError) as caught:
        linker.preprocess(ctx, arch="rv32imc", files=[tmp_path / "no.c"], output=tmp_path / "x.h")
    assert "no.c" in str(caught.value)


def test_nothing_is_written_into_the_tree(
    linker: Linker, ctx: RecordingContext, source: Path, sdk_tree: SdkTree
) -> None:
    linker.preprocess(ctx, arch="rv32imc", files=[source], output=source.with_suffix(".h"))
    assert not list(sdk_tree.path.rglob("__pycache__"))


def test_what_a_tool_prints_is_no_answer(host: Host, ctx: RecordingContext, tmp_path: Path, source: Path) -> None:
    text = (
        "import os\nprint('loaded')\ndef main():\n    print('{\"ok\": false}')\n"
        "    os.write(1, b'raw\\n')\n    open(sys.argv[sys.argv.index('-o') + 1], 'w').write('done')\n"
    )
    linker = Linker(host, fake_tree(tmp_path / "tree", text))
    try:
        linker.preprocess(ctx, arch="x64", files=[source], output=tmp_path / "x.h")
        assert (tmp_path / "x.h").read_text() == "done"
    finally:
        linker.close()


def test_an_exception_of_the_tool_is_its_own_error_and_the_child_is_replaced(
    host: Host, ctx: RecordingContext, tmp_path: Path, source: Path
) -> None:
    linker = Linker(host, fake_tree(tmp_path / "tree", "def main():\n    assert 0, (62, 'relocation')\n"))
    try:
        linker.start()
        first = linker.pid
        with pytest.raises(LinkerBroken) as caught:
            linker.preprocess(ctx, arch="x64", files=[source], output=tmp_path / "x.h")
        assert "AssertionError: (62, 'relocation')" in caught.value.detail
        linker.start()
        assert linker.pid != first
    finally:
        linker.close()


def test_a_tree_that_cannot_be_imported(host: Host, ctx: RecordingContext, tmp_path: Path, source: Path) -> None:
    linker = Linker(host, fake_tree(tmp_path / "tree", "this is no Python\n"))
    try:
        with pytest.raises(LinkerBroken) as caught:
            linker.preprocess(ctx, arch="x64", files=[source], output=tmp_path / "x.h")
        assert "SyntaxError" in caught.value.detail
    finally:
        linker.close()


def test_a_link_error_is_an_answer(linker: Linker, ctx: RecordingContext, tmp_path: Path, source: Path) -> None:
    """An object of another machine: ELF, but for none that we know."""
    linker.preprocess(ctx, arch="x64", files=[source], output=tmp_path / "q.h")
    host_object = Path(os.path.realpath("/proc/self/exe"))
    outcome = linker.link(ctx, arch="rv32imc", qstrs="q.h", objects=[str(host_object)], output="x.mpy", cwd=tmp_path)
    assert isinstance(outcome, LinkRefused)
    assert outcome.lines == ("incompatible arch",)


def test_cancel_ends_a_linker_that_hangs(host: Host, ctx: RecordingContext, tmp_path: Path, source: Path) -> None:
    marker = tmp_path / "started"
    text = f"def main():\n    import time\n    open({str(marker)!r}, 'w').close()\n    time.sleep(100)\n"
    linker = Linker(host, fake_tree(tmp_path / "tree", text))

    def cancel() -> None:
        while not marker.exists():
            threading.Event().wait(0.01)
        ctx.cancel()

    thread = threading.Thread(target=cancel)
    thread.start()
    try:
        with pytest.raises(Cancelled):
            linker.preprocess(ctx, arch="x64", files=[source], output=tmp_path / "x.h")
        assert linker.pid is None
    finally:
        thread.join()
        linker.close()


def test_closing_ends_the_child(sdk_tree: SdkTree, host: Host) -> None:
    linker = Linker(host, sdk_tree.path)
    linker.start()
    linker.close()
    assert linker.pid is None
    linker.start()
    assert linker.pid is None
