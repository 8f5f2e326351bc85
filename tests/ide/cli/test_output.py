"""What a person sees on a terminal, and what a pipe that closes does."""

from __future__ import annotations

import io
from contextlib import redirect_stderr
from types import SimpleNamespace

import pytest

from ide.cli.output import Output, ReaderGone
from toolchains.build_errors import StaticVariables
from toolchains.diagnostics import Diagnostic
from toolchains.errors import Cancelled, DiskError, UsageError
from toolchains.jobs import JobContext, Progress
from toolchains.text import _

COLUMNS = 60


class Terminal(io.StringIO):
    """Standard error that says it is a terminal, and shows what stays on its screen."""

    def isatty(self) -> bool:
        return True

    def screen(self) -> list[str]:
        """The lines as they stand after each carriage return has done its work."""
        lines = []
        for line in self.getvalue().split("\n"):
            cells: list[str] = []
            for part in line.split("\r"):
                cells[: len(part)] = part
            lines.append("".join(cells).rstrip())
        return [line for line in lines if line]


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    screen = Terminal()
    monkeypatch.setenv("COLUMNS", str(COLUMNS))
    monkeypatch.setenv("LINES", "24")
    monkeypatch.setenv("TERM", "xterm")
    return screen


def test_a_step_at_work_is_named_before_it_ends(terminal: Terminal):
    out = Output(steps=True)
    ctx = JobContext(sink=out.event)
    with redirect_stderr(terminal), ctx.step(_("Build the float library for rv32imc, once")):
        assert terminal.screen() == ["  Build the float library for rv32imc, once …"]
    assert len(terminal.screen()) == 1
    assert "…" not in terminal.screen()[0]


@pytest.mark.parametrize("title", ["long " * 30, "建置模擬開發板的韌體" * 10])
def test_the_line_of_a_step_at_work_is_never_wrapped(terminal: Terminal, title: str):
    with redirect_stderr(terminal):
        Output(steps=True).event(next(iter(_started(title))))
    shown = terminal.getvalue()
    assert shown.startswith(f"  {title[:10]}")
    assert sum(1 if c.isascii() else 2 for c in shown) <= COLUMNS


def _started(title: str):
    events = []
    ctx = JobContext(sink=events.append)
    with ctx.step(_("{title}", title=title)):
        yield from events


def test_a_narrow_terminal_shows_whole_numbers_and_a_bar(terminal: Terminal):
    out = Output(steps=True)
    ctx = JobContext(sink=out.event)
    with redirect_stderr(terminal), ctx.step(_("Build the simulated board, MicroPython 1.26.1, once")):
        out.event(Progress(done=123, total=456, unit="files"))
        assert out._bar is not None
        out._bar.refresh()
        assert "123/456" in terminal.getvalue()
        assert "━" in terminal.getvalue()


def test_a_download_shows_its_size_speed_and_time_left(terminal: Terminal, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("COLUMNS", "100")
    clock = iter(range(100))
    monkeypatch.setattr("toolchains.rates.time", SimpleNamespace(monotonic=lambda: float(next(clock))))
    out = Output(steps=True)
    ctx = JobContext(sink=out.event)
    with redirect_stderr(terminal), ctx.step(_("Download x.tar.xz")):
        for megabytes in range(3):
            out.event(Progress(done=megabytes << 20, total=10 << 20, unit="B"))
        assert out._bar is not None
        out._bar.refresh()
        assert "2.0 MB / 10 MB 1.0 MB/s, 8.0 s left" in terminal.getvalue()


def test_ctrl_c_is_no_error_and_an_error_is_one(terminal: Terminal):
    with redirect_stderr(terminal):
        Output().error(Cancelled())
        Output().error(UsageError(_("No.")))
    assert terminal.screen() == [str(Cancelled()), "Error: No."]


class Closed(io.StringIO):
    """A pipe whose reader left, or a full disk."""

    def __init__(self, error: type[OSError] | OSError) -> None:
        super().__init__()
        self.fault = error

    def write(self, text: str) -> int:
        raise self.fault


def test_a_reader_that_left_ends_the_command_without_a_word(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdout", Closed(BrokenPipeError()))
    with pytest.raises(ReaderGone):
        Output().text("more")


def test_a_full_disk_behind_the_output_is_a_sentence(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("sys.stdout", Closed(OSError(28, "No space left on device")))
    with pytest.raises(DiskError, match="standard output"):
        Output().text("more")


def test_board_output_that_comes_in_pieces_has_plain_line_ends(capfdbinary: pytest.CaptureFixture[bytes]):
    out = Output()
    for piece in (b"one\r", b"\ntwo\r\n", b"no end"):
        out.board_output(piece)
    out.text("ours")
    assert capfdbinary.readouterr().out == b"one\ntwo\nno end\nours\n"


def test_a_character_in_two_pieces_is_one_character_in_json(capsys: pytest.CaptureFixture[str]):
    out = Output(as_json=True)
    for piece in ("é".encode()[:1], "é".encode()[1:]):
        out.board_output(piece)
    assert '"text": "é"' in capsys.readouterr().err


def test_an_error_without_words_of_a_tool_shows_the_places_that_it_knows(terminal: Terminal) -> None:
    place = Diagnostic("error", "src/a.c", 7, None, "variable 'n' in .bss")
    with redirect_stderr(terminal):
        Output().error(StaticVariables(["n"], [place]))
    assert terminal.screen()[-1] == "src/a.c:7: error: variable 'n' in .bss"
