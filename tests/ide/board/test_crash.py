"""Native code that crashes a real (simulated) board: the cause, the function and the line; then the board goes on."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from ide.board import race
from ide.board.boards import Boards
from ide.board.crash_watch import BoardCrashed
from ide.board.pipeline import RunRequest, build_put_run
from tests.conftest import RecordingContext
from tests.e2e import command
from tests.homes import CHECKOUT
from tests.ide.cli.said import Said
from toolchains.crash.explain import path_lines
from toolchains.crash.records import Crash
from toolchains.host import Host
from toolchains.toolbox import Toolbox

pytestmark = pytest.mark.usefixtures("warm_home", "rv32_firmware")

_SOURCE = CHECKOUT / "tests" / "data" / "crashing" / "broken.c"
_TOML = 'schema = 1\n[module]\nname = "broken"\nsources = ["broken.c"]\n'


def _line(mark: str) -> int:
    lines = _SOURCE.read_text("utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if line.endswith(f"// {mark}"))


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "élève 课程"
    folder.mkdir()
    (folder / "natmod.toml").write_text(_TOML, "utf-8")
    shutil.copyfile(_SOURCE, folder / "broken.c")
    return folder


@pytest.fixture
def natmod(capsys: pytest.CaptureFixture[str]) -> Said:
    """The command line, in this process."""
    return Said(capsys)


@pytest.fixture
def boards(toolbox: Toolbox) -> Iterator[Boards]:
    with Boards(toolbox) as found:
        yield found


def _crash(boards: Boards, project: Path, code: str) -> tuple[Crash, str]:
    """Run Python that crashes the board; what was said of it, and what the person saw."""
    (project / "main.py").write_text(code, "utf-8")
    seen = bytearray()
    ctx = RecordingContext(Host.current())
    with pytest.raises(BoardCrashed) as caught:
        build_put_run(ctx, boards, RunRequest(project, "sim:rv32"), on_output=seen.extend)
    board = boards.open(ctx, "sim:rv32")
    assert board.ask(ctx, "6*7") == 42, "it is back at its prompt by itself"
    return caught.value.crash, seen.decode()


def _call(name: str, argument: str = "3") -> str:
    return f"import broken\nprint('before')\nbroken.{name}({argument})\nprint('never')\n"


def test_what_goes_wrong_in_c_is_told_with_function_and_line(boards: Boards, project: Path) -> None:
    expected = {
        "null_write": ("write", "store", "null_write: here", "it wrote through a null pointer"),
        "bad_call": ("call", "bad_call", "bad_call: here", "it called a function through a null pointer"),
        "endless": ("stack", "deeper", "endless: here", "deeper calls itself without end"),
        "misaligned": ("misaligned", "misaligned", "misaligned: here", "no multiple of the number's size"),
        "in_firmware": ("read", "in_firmware", "in_firmware: called here", "mp_obj_get_int_truncated of MicroPython"),
        "inlined": ("read", "part", "inlined: here", "it read through a null pointer"),
    }
    for name, (cause, function, mark, words) in expected.items():
        crash, seen = _crash(boards, project, _call(name, "bytearray(16)" if name == "misaligned" else "3"))
        assert (crash.cause, crash.function, crash.file) == (cause, function, "broken.c"), name
        assert crash.line == _line(mark), (name, crash.frames)
        assert (crash.known, crash.note) == (True, None), name
        assert words in str(crash.sentence)
        assert f"broken.c:{crash.line}" in str(crash.sentence)
        assert seen.startswith("before\r\n")
        assert "never" not in seen
        assert "Stack memory" not in seen, "nobody reads numbers"


def test_who_called_whom(boards: Boards, project: Path) -> None:
    crash, _seen = _crash(boards, project, _call("null_write"))
    assert path_lines(crash)[:2] == [
        f"store  broken.c:{_line('null_write: here')}",
        f"null_write  broken.c:{_line('null_write: called here')}",
    ]
    crash, _seen = _crash(boards, project, _call("endless"))
    again = next(line for line in path_lines(crash) if "×" in line)
    assert again.startswith(f"deeper  broken.c:{_line('endless: called here')}  × ")
    crash, _seen = _crash(boards, project, _call("inlined"))
    assert path_lines(crash)[1] == f"inlined  broken.c:{_line('inlined: called here')}"


def test_a_crash_while_the_module_is_imported(boards: Boards, project: Path) -> None:
    """The board tells where the module is before its first instruction runs."""
    (project / "natmod.toml").write_text(_TOML + 'defines = ["IN_INIT"]\n', "utf-8")
    crash, seen = _crash(boards, project, "print('before')\nimport broken\n")
    assert seen.startswith("before")
    assert (crash.function, crash.known) == ("store", True)
    assert path_lines(crash)[1] == f"mpy_init  broken.c:{_line('in_init: called here')}"


def test_of_an_installed_module_it_is_said_that_the_place_is_not_known(boards: Boards, project: Path) -> None:
    (project / "main.py").write_text(_call("null_write"), "utf-8")
    request = RunRequest(project, "sim:rv32", mode="install")
    with pytest.raises(BoardCrashed) as caught:
        build_put_run(RecordingContext(Host.current()), boards, request, on_output=lambda data: None)
    crash = caught.value.crash
    assert (crash.known, crash.line, crash.cause) == (False, None, "write")
    assert "is not known" in str(crash.note)
    assert "MEPC" in caught.value.detail, "the board's own words are all that there is"


def test_the_last_crash_can_be_looked_at_again(natmod: Said, boards: Boards, project: Path) -> None:
    crash, _seen = _crash(boards, project, _call("null_write"))
    code, out, err = natmod("crash", "--project", project)
    assert (code, err) == (0, "")
    assert out.splitlines()[0] == str(crash.sentence)
    log = project / "log.txt"
    log.write_text(f"noise\n{crash.dump.text}\n", "utf-8")
    code, records = natmod.records("crash", log, "--project", project)
    assert (code, records[0]["line"], records[0]["known"]) == (0, crash.line, False)
    (project / "broken.c").write_text("// a new first line\n" + _SOURCE.read_text("utf-8"), "utf-8")
    code, out, _err = natmod("crash", "--project", project)
    assert "The sources were changed" in out


def test_natmod_run_says_it(project: Path) -> None:
    (project / "main.py").write_text(_call("bad_call"), "utf-8")
    got = command.natmod("run", project, "--board", "sim:rv32")
    assert got.code == 1
    assert f"The board crashed in bad_call (broken.c:{_line('bad_call: here')})" in got.err
    assert "Stack memory" not in got.out + got.err


def test_a_test_that_crashes_the_board_says_where(natmod: Said, project: Path) -> None:
    (project / "tests").mkdir()
    (project / "tests" / "test_a.py").write_text("import broken\nbroken.bad_call(1)\n", "utf-8")
    (project / "tests" / "test_b.py").write_text("import broken\n", "utf-8")
    code, out, _err = natmod("test", project, "--board", "sim:rv32")
    assert code == 1
    assert f"The board crashed in bad_call (broken.c:{_line('bad_call: here')})" in out
    assert "1 test passed" in out or "1 passed" in out, "the next file runs on the board that came back"


def test_a_race_that_crashes_the_board_says_where(boards: Boards, project: Path) -> None:
    (project / "fine.py").write_text("def value():\n    return 1\n")
    (project / "wild.py").write_text("import broken\ndef value():\n    return broken.bad_call(1)\n")
    race_py = "import natmod_race\nnatmod_race.run(lambda way: way.value(), 'fine', 'wild')\n"
    (project / "race.py").write_text(race_py)
    printed = bytearray()
    with pytest.raises(BoardCrashed) as caught:
        race.race(
            RecordingContext(Host.current()), boards, "sim:rv32", race.Race(project), race.Heard(output=printed.extend)
        )
    crash = caught.value.crash
    assert (crash.function, crash.line, crash.known) == ("bad_call", _line("bad_call: here"), True)
    assert b"race: fine lap 1 of" in printed
    assert b"Stack memory" not in printed


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("none.txt",), "none.txt"),
        (("empty.txt",), "There is no crash"),
        ((), "No crash is known"),
        (("empty.txt", "--project", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_looked_at_is_said(
    natmod: Said, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...], said: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "empty.txt").write_text("all is well\n")
    code, _out, err = natmod("crash", *words)
    assert code in (1, 2)
    assert said in err
