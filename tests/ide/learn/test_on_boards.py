"""Every snippet of every page runs; every exercise fails as it is given, and passes when it is solved."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from ide.board.boards import Boards
from ide.learn import doing, lessons, reference, regex_bench, struct_bench
from ide.learn.lessons import Lesson, LessonError
from tests.conftest import RecordingContext
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.toolbox import Toolbox

UNIX, RV32 = "sim:unix", "sim:rv32"


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as made:
        yield made


def tried(lesson: Lesson) -> list[str]:
    """Of a project one file is enough: any of them stands for it."""
    names = [name for name in lessons.snippets(lesson.page("en")) if lesson.tried(name)]
    return [name for name in names if lesson.project(name) is None or name.endswith("/main.py")]


def test_every_snippet_runs(ctx: RecordingContext, boards: Boards, unix_firmware: Path, rv32_firmware: Path) -> None:
    said: dict[tuple[str, str], str] = {}
    for address in (UNIX, RV32):
        for lesson in lessons.shelf().lessons:
            for name in tried(lesson) if address == UNIX or not lesson.needs else ():
                if name == "server.py":  # it waits for the other end
                    continue
                out: list[bytes] = []
                good = doing.try_snippet(ctx, boards, address, lesson, name, boards.toolbox.paths, out.append)
                shown = b"".join(out).decode().replace("\r\n", "\n")
                assert good, f"{lesson.name} {name} on {address}: {shown}"
                assert shown.strip(), f"{lesson.name} {name} prints nothing"
                said[address, name] = shown
    assert "MicroPython" in said[UNIX, "hello.py"]
    assert said[RV32, "blink.py"].split() == ["on", "off"] * 3
    assert said[RV32, "floats.py"].startswith("0.3 True")  # 32 bits: not what the page says of a PC
    assert said[UNIX, "floats.py"].startswith("0.30000000000000004 False")
    assert said[RV32, "square/main.py"].startswith("144\nTypeError")
    assert len({line.split()[0] for line in said[RV32, "three_ways.py"].splitlines()}) == 1
    assert not list(boards.toolbox.paths.cache.glob("learn-*"))
    network = lessons.shelf().named("09")
    with pytest.raises(LessonError, match="does not have socket"):
        doing.try_snippet(ctx, boards, RV32, network, "poll.py", boards.toolbox.paths, lambda data: None)


def test_both_ends_of_a_connection(ctx: RecordingContext, boards: Boards, unix_firmware: Path) -> None:
    lesson = lessons.shelf().named("09")
    out: list[bytes] = []
    heard: list[str] = []
    others: list[threading.Thread] = []

    def listen(data: bytes) -> None:
        out.append(data)
        if b"waiting on port" in b"".join(out) and not others:
            others.append(
                threading.Thread(target=lambda: doing.run_here(JobContext(ctx.host), lesson, "client.py", heard.append))
            )
            others[0].start()

    assert doing.try_snippet(ctx, boards, UNIX, lesson, "server.py", boards.toolbox.paths, listen)
    others[0].join()
    assert heard == ["the board answers b'HELLO BOARD\\n'"]
    assert b"heard b'hello board" in b"".join(out)
    theirs = replace(lesson, folder=unix_firmware.parent / lesson.name)
    with pytest.raises(LessonError, match="does not run on this computer"):
        doing.run_here(ctx, theirs, "client.py", heard.append)


def test_every_exercise_fails_until_it_is_solved(
    ctx: RecordingContext, boards: Boards, unix_firmware: Path, tmp_path: Path
) -> None:
    for lesson in lessons.shelf().lessons:
        folder = doing.take_exercise(lesson, tmp_path)
        given, said = doing.check(ctx, boards, UNIX, lesson, folder, "Ada")
        assert (given.passed, said.error) == (False, None), lesson.name
        assert said.cases[0].status == "failed"  # an assertion that says what is missing
        shutil.copytree(lesson.folder / lessons.SOLUTION, folder, dirs_exist_ok=True)
        # Who empties the tests has not passed for that: the lesson's own are run.
        (folder / "tests" / "test_lesson.py").write_text("raise SystemExit")
        solved, said = doing.check(ctx, boards, UNIX, lesson, folder, "Ada")
        assert solved.passed, f"{lesson.name}: {said.error} {[case.message for case in said.cases]}"
        assert (solved.lesson, solved.person) == (lesson.name, "Ada")


def test_the_benches_tell_what_the_board_says(
    ctx: RecordingContext, boards: Boards, toolbox: Toolbox, rv32_firmware: Path, unix_firmware: Path
) -> None:
    chip, computer = boards.open(ctx, RV32), boards.open(ctx, UNIX)
    layout = struct_bench.ask(ctx, chip, "BHlB", "1, 2, -1, 4")
    assert [(item.offset, item.size, item.padding) for item in layout.items] == [
        (0, 1, 0), (2, 2, 1), (4, 4, 0), (8, 1, 0),
    ]  # fmt: skip
    assert (layout.size, layout.c_size, layout.data) == (9, 12, b"\x01\0\x02\0\xff\xff\xff\xff\x04")
    assert "long f2;  // 4" in layout.c_struct
    assert struct_bench.ask(ctx, computer, "BHlB").c_size == 24  # a long is larger there
    assert struct_bench.drawn(layout)[1].split() == ["B", ".", "H", "H", *"llll", "B"]
    big = struct_bench.ask(ctx, chip, ">H3s", "258, b'abc'")
    assert (big.data, big.c_size) == (b"\x01\x02abc", 5)
    assert "TypeError" in struct_bench.ask(ctx, chip, "<B", "'no'").trouble
    for wrong in ("", "<", "Z", "<B%", "9999s9999s"):
        with pytest.raises(UsageError):
            struct_bench.ask(ctx, chip, wrong)
    with pytest.raises(UsageError, match="cannot be read"):
        struct_bench.ask(ctx, chip, "B", "__import__('os')")
    rows, functions = regex_bench.supported(ctx, chip)
    verdicts = {row.pattern: row.verdict for row in rows}
    assert (verdicts[r"\d+"], verdicts["a(?=b)"], verdicts["a{2,3}"]) == ("yes", "no", "differs")
    assert functions["search"]
    assert not functions["findall"]
    assert regex_bench.search(ctx, chip, "(a+)(b)?", "xaac").groups == ("aa", "aa", None)
    assert regex_bench.search(ctx, chip, "b", "a").groups is None
    assert regex_bench.search(ctx, chip, "(", "a").trouble
    modules = {one.name: one.on_board for one in reference.modules(ctx, chip, toolbox)}
    assert (modules["gc"], modules["asyncio"], modules["bluetooth"]) == (True, True, False)
    names = {one.name: one for one in reference.names(ctx, chip, "errno")}
    assert names["EACCES"].value == "13"
    documented = {one.name: one for one in reference.contents(ctx, chip, toolbox, "struct").names}
    assert (documented["pack"].on_board, documented["pack"].signature) == (True, "(fmt, v1, v2, ...)")
    absent = reference.contents(ctx, chip, toolbox, "bluetooth")
    assert not absent.on_board
    assert {one.on_board for one in absent.names} == {False}
    with pytest.raises(UsageError, match="cannot import"):
        reference.contents(ctx, chip, toolbox, "nowhere")
    with pytest.raises(UsageError):
        reference.names(ctx, chip, "os\nprint(1)")
    disk = reference.disk(ctx, chip)
    assert disk.total >= disk.free > 0
    with pytest.raises(UsageError, match="no filesystem"):
        reference.disk(ctx, computer, "/nowhere/at/all")
