"""Numbers with units read the same everywhere."""

import pytest

from toolchains.units import percent_text, short_time_text, signed_size_text, size_text, time_text


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, "0 B"),
        (148, "148 B"),
        (1126, "1.1 kB"),
        (10188, "9.9 kB"),
        (10240, "10 kB"),
        (100352, "98 kB"),
        (2 << 20, "2.0 MB"),
        (46 << 20, "46 MB"),
    ],
)
def test_sizes(n, expected):
    assert size_text(n) == expected


@pytest.mark.parametrize(("n", "expected"), [(12, "+12 B"), (-1126, "-1.1 kB"), (0, "±0 B")])
def test_differences(n, expected):
    assert signed_size_text(n) == expected


@pytest.mark.parametrize(("s", "expected"), [(0.0412, "0.04 s"), (7.24, "7.2 s"), (42.3, "42 s"), (200, "3 min 20 s")])
def test_times(s, expected):
    assert time_text(s) == expected


def test_shares():
    assert percent_text(41, 100) == "41 %"
    assert percent_text(1, 0) == "0 %"


@pytest.mark.parametrize(
    ("s", "expected"),
    [
        (0.00024, "0.24 ms"),
        (0.0019, "1.9 ms"),
        (0.0996, "100 ms"),
        (0.00997, "10 ms"),
        (0.000997, "1.0 ms"),
        (0.1, "0.10 s"),
        (7.2, "7.2 s"),
        (0, "0.00 ms"),
    ],
)
def test_very_short_times(s, expected):
    assert short_time_text(s) == expected
