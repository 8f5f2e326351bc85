"""What a program prints becomes curves, and what is no number becomes nothing."""

from __future__ import annotations

import io
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ide.board.plot import LONGEST_LINE, MOST_CURVES, Header, LineReader, Point
from ide.board.plot_table import Table


def read(*pieces: bytes) -> list[tuple[str, ...] | tuple[float | None, ...]]:
    """Names and points; None for a gap."""
    reader, found = LineReader(), []
    for piece in pieces:
        for event in reader.feed(piece):
            if isinstance(event, Header):
                found.append(event.names)
            else:
                found.append(tuple(None if math.isnan(value) else value for value in event.values))
    return found


@pytest.mark.parametrize(
    ("line", "values"),
    [
        (b"5", (5.0,)),
        (b"1, 2,3", (1.0, 2.0, 3.0)),
        (b"1 2\t3", (1.0, 2.0, 3.0)),
        (b"1;2", (1.0, 2.0)),
        (b"  -1.5e-3 +2. .5 ", (-0.0015, 2.0, 0.5)),
        (b"(1, -2, 3.5)", (1.0, -2.0, 3.5)),
        (b"[7]", (7.0,)),
        (b"(7,)", (7.0,)),
        (b"nan, 2, -inf", (None, 2.0, None)),
    ],
)
def test_a_line_of_numbers_is_a_point(line: bytes, values: tuple[float | None, ...]) -> None:
    assert read(line + b"\r\n") == [values]


@pytest.mark.parametrize(
    "line",
    [b"hello", b">>> 5", b"5 apples", b"1,,2", b"1, 2,",
     b"0x10", b"1_000", b"12:30:05 ok", b"12:30", b"\xff\xfe", b"", b"()",
     b"temp = 5", b"http://x:80/", b"a:1 b", b":5"],
)  # fmt: skip
def test_what_is_no_number_is_left_out(line: bytes) -> None:
    assert read(line + b"\n", b"5\n")[-1] == (5.0,)
    assert len(read(line + b"\n", b"5\n")) == 1


def test_a_line_of_names_before_the_numbers_names_the_curves() -> None:
    assert read(b"temp, hum\n20, 40\n21, 41\n") == [("temp", "hum"), (20.0, 40.0), (21.0, 41.0)]


def test_names_that_fit_no_numbers_are_text() -> None:
    assert read(b"starting, please wait, thanks\n20, 40\n") == [(20.0, 40.0)]
    assert read(b"one, two\nready\n20, 40\n") == [(20.0, 40.0)]


def test_pairs_of_name_and_value_keep_their_curve() -> None:
    assert read(b"t:1.5 h:2\nh: 3\nx:1,t:2\n") == [
        ("t", "h"),
        (1.5, 2.0),
        (None, 3.0),
        ("t", "h", "x"),
        (2.0, None, 1.0),
    ]


def test_a_line_may_be_cut_anywhere() -> None:
    text = b"temp, hum\r\n20, 40\r\nnoise\r\n21, 41\r\n"
    assert read(*(text[i : i + 1] for i in range(len(text)))) == read(text)


def test_a_line_that_never_ends_is_held_no_longer_than_a_line() -> None:
    reader = LineReader()
    for _times in range(50):
        assert reader.feed(b"1," * 10_000) == []
    assert len(reader._rest) <= LONGEST_LINE
    assert reader.feed(b"2\n3\n") == [Point((3.0,))]


def test_a_table_with_more_columns_than_curves_is_left_out() -> None:
    assert read(b",".join([b"1"] * (MOST_CURVES + 1)) + b"\n") == []
    assert len(read(b" ".join(b"n%d:1" % n for n in range(MOST_CURVES + 1)) + b"\n5\n")) == 1


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"1, 2\n", b"a, b\n", b"x:1\n", b"\n", b","]), max_size=30))
def test_whatever_comes_the_curves_are_numbers(pieces: list[bytes]) -> None:
    table, reader = Table(), LineReader()
    for piece in pieces:
        table.take(reader.feed(piece))
    assert len(table.columns) <= MOST_CURVES
    assert all(len(column.values) == table.n_rows for column in table.columns)


def test_the_oldest_points_go_and_the_rest_stay_together() -> None:
    table = Table(room=1000)
    table.take(Point((float(n), float(-n))) for n in range(5000))
    assert 1000 <= table.n_rows < 1500
    assert list(table.columns[0].values)[-1] == 4999.0
    assert table.columns[0].values[0] == table.first
    assert [column.values[0] for column in table.columns] == [float(table.first), float(-table.first)]


@given(st.lists(st.floats(-100, 100) | st.just(math.nan), min_size=1, max_size=900), st.data())
def test_the_bounds_of_some_points_are_theirs(values: list[float], data: st.DataObject) -> None:
    table = Table()
    for value in values:
        table.take([Point((value,))])
    begin = data.draw(st.integers(0, len(values) - 1))
    end = data.draw(st.integers(begin + 1, len(values)))
    there = [value for value in values[begin:end] if not math.isnan(value)]
    spans = table.columns[0].spans(begin, end, min(7, end - begin))
    assert min(span.low for span in spans) == min(there, default=math.inf)
    assert max(span.high for span in spans) == max(there, default=-math.inf)


def test_however_many_points_no_peak_is_lost() -> None:
    table = Table(room=200_000)
    table.take(Point((1000.0 if n in (70_001, 99_999) else float(n % 10),)) for n in range(100_000))
    spans = table.columns[0].spans(0, 100_000, 10)
    assert [span.high for span in spans] == [9.0] * 7 + [1000.0, 9.0, 1000.0]
    assert {span.low for span in spans} == {0.0}


def test_a_curve_that_begins_later_has_a_gap_before_it() -> None:
    table = Table()
    table.take(LineReader().feed(b"a, b\n1, 2\n3, 4, 5\n6\n"))
    out = io.StringIO()
    table.write_csv(out)
    assert out.getvalue() == "a,b,3\n1,2,\n3,4,5\n6,,\n"
