"""What a board prints becomes text with colours, whatever it prints and however it is split."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from ide.panels.console.ansi import LONGEST, PLAIN, Look, Tape


class Page:
    """What a person would see."""

    def __init__(self) -> None:
        self.tape = Tape()
        self.shown = b""
        self.looks: list[tuple[str, Look]] = []

    def feed(self, *pieces: bytes) -> str:
        for piece in pieces:
            self.take(self.tape.feed(piece))
        return self.shown.decode()

    def take(self, patch) -> None:
        assert patch.remove <= len(self.shown)
        assert b"\n" not in self.shown[len(self.shown) - patch.remove :]
        self.shown = self.shown[: len(self.shown) - patch.remove]
        self.looks += patch.pieces
        self.shown += "".join(text for text, _look in patch.pieces).encode()
        last = self.shown.rpartition(b"\n")[2].decode()
        assert self.tape.last_line == last


def test_lines_of_a_board() -> None:
    assert Page().feed(b"one\r\ntwo\r\n>>> ") == "one\ntwo\n>>> "


def test_characters_and_line_ends_may_be_split_anywhere() -> None:
    data = "漢字 é 🙂\r\n>>> \x1b[31mred\x1b[0m\r\n".encode()
    assert Page().feed(*[data[at : at + 1] for at in range(len(data))]) == "漢字 é 🙂\n>>> red\n"


def test_colours_are_looks() -> None:
    page = Page()
    page.feed(b"a\x1b[1;31mb\x1b[mc\x1b[38;5;12md\x1b[48;2;0;200;0me\x1b[0;4;7mf")
    assert page.looks == [
        ("a", PLAIN), ("b", Look(1, bold=True)), ("c", PLAIN), ("d", Look(12)), ("e", Look(12, 10)),
        ("f", Look(underline=True, inverse=True)),
    ]  # fmt: skip


def test_a_bar_that_is_drawn_over_itself() -> None:
    assert Page().feed(b" 10 %\r", b" 20 %\r", b"100 %\r\n") == "100 %\n"


def test_backspace_and_erase_as_the_boards_line_editor_does_it() -> None:
    assert Page().feed(b"...     ", b"\x08\x08\x08\x08\x1b[K") == "... "
    assert Page().feed(b">>> prinx\x08\x1b[Kt(1)") == ">>> print(1)"
    assert Page().feed(b">>> abc\x1b[3DX\x1b[K") == ">>> X"
    assert Page().feed("é漢x\x08\x08y".encode()) == "éyx"


def test_what_means_nothing_here_is_harmless() -> None:
    assert Page().feed(b"a\x1b[2Jb\x1b]0;title\x07c\x1b(Bd\x1b=e\x07f") == "abcdef"
    assert Page().feed(b"\x00\x1a\x7f") == "␀␚␡"
    assert Page().feed(b"\xff\xfe ok") == "�� ok"
    assert Page().feed(b"\x1b[999999999999999999D\x1b[99999999999C\x1b[;;;;m.") == "."


def test_a_line_without_end_is_broken() -> None:
    page = Page()
    shown = page.feed(*[b"x" * 700 for _again in range(100)])
    assert max(map(len, shown.split("\n"))) == LONGEST
    assert shown.replace("\n", "") == "x" * 70_000
    assert max(map(len, Page().feed(b"\rab\r" + b"y" * 50_000).split("\n"))) == LONGEST


def test_what_we_say_ourselves_comes_at_the_end() -> None:
    page = Page()
    page.feed(b"100 %\r")
    page.feed(b"50")
    page.take(page.tape.say("\nstopped\n", Look(role="note")))
    assert page.shown == b"500 %\nstopped\n"
    assert page.tape.at_start


_MARKS = ["\r", "\r\n", "\n", "\b", "\x1b[K", "\x1b[1K", "\x1b[2K", "\x1b[3D", "\x1b[2C", "\x1b[5G", "\x1b[31m", "漢"]


@settings(max_examples=100, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=20), st.sampled_from(_MARKS).map(str.encode)), max_size=30))
def test_random_bytes_never_break_it(pieces: list[bytes]) -> None:
    page = Page()
    page.feed(*pieces)
    whole = Page()
    whole.feed(b"".join(pieces))
    page.feed(b"\n.")
    whole.feed(b"\n.")
    assert page.shown == whole.shown
