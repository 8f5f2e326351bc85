"""What Tab offers at the console."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from ide.board.completion import complete, question
from ide.board.link import Board
from tests.sims import sim_board
from toolchains.jobs import JobContext


@pytest.mark.parametrize(
    ("line", "asked"),
    [
        ("mach", ("", "mach")),
        ("machine.Pi", ("machine", "Pi")),
        ("x = machine.Pin.", ("machine.Pin", "")),
        ("print(a.b_c.d", ("a.b_c", "d")),
        ("naïve.x", ("naïve", "x")),
        ("'a' + os.", ("os", "")),
        ("", None),
        ("1", None),
        ("x = 3.", None),
        ("f().", None),
        ("f().x", None),
        ("a[0].x", None),
        ("'text'.", None),
        ("'unfinished os.", None),
        ("x # os.", None),
        ("import.x", None),
    ],
)
def test_what_is_asked_of_the_board(line: str, asked: tuple[str, str] | None) -> None:
    assert question(line) == asked


@pytest.fixture(scope="module", params=["sim:rv32", "sim:unix"])
def board(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Board]:
    with sim_board(request.param, tmp_path_factory.mktemp("c")) as sim:
        yield sim.link


def test_names_of_a_module(ctx: JobContext, board: Board) -> None:
    board.exec(ctx, "import sys")
    start, names = complete(ctx, board, "x = sys.im")
    assert start == len("x = sys.")
    assert names == ["implementation"]


def test_names_of_the_person_of_python_and_keywords(ctx: JobContext, board: Board) -> None:
    board.exec(ctx, "printed_pages = 3\n_printed = 1")
    assert complete(ctx, board, "print") == (0, ["print", "printed_pages"])
    assert complete(ctx, board, "f(whi") == (2, ["while"])


def test_private_names_come_last(ctx: JobContext, board: Board) -> None:
    names = complete(ctx, board, "sys.")[1]
    assert names.index("path") < names.index("__name__")


def test_unknown_names_are_no_error_and_nothing_is_called_or_left(ctx: JobContext, board: Board) -> None:
    board.exec(ctx, "calls = []\ndef f(): calls.append(1)\n")
    before = board.ask(ctx, "sorted(globals())")
    assert complete(ctx, board, "nothing.there") == (8, [])
    assert complete(ctx, board, "f().x") == (5, [])
    assert complete(ctx, board, "f.") is not None
    assert board.ask(ctx, "calls") == []
    assert board.ask(ctx, "sorted(globals())") == before


def test_main_py_may_have_taken_every_builtin_name(ctx: JobContext, board: Board) -> None:
    board.exec(ctx, "import sys\ndir = list = print = globals = repr = None")
    assert complete(ctx, board, "sys.im")[1] == ["implementation"]
    assert "sys" in complete(ctx, board, "sy")[1]
    board.exec(ctx, "del dir, list, print, globals, repr")
