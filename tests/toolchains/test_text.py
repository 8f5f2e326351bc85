"""Sentences: lazy, with named fields, translated where they are shown."""

from pathlib import Path

import pytest

from toolchains.text import _, _n, use_language


def test_a_sentence_shows_its_fields():
    assert str(_("built {name} in {time}", name="factorial", time="0.04 s")) == "built factorial in 0.04 s"


def test_doubled_braces_are_braces_with_and_without_fields():
    assert str(_("pin = {{ }}")) == "pin = { }"
    assert str(_("pin = {{ }} {x}", x=1)) == "pin = { } 1"


def test_a_sentence_inside_a_sentence_is_rendered_too():
    assert str(_("why: {reason}", reason=_("no {thing}", thing="compiler"))) == "why: no compiler"


@pytest.mark.parametrize(("n", "expected"), [(1, "1 file"), (2, "2 files")])
def test_a_count_chooses_the_form(n, expected):
    assert str(_n("{n} file", "{n} files", n)) == expected


def test_an_unknown_language_is_english(tmp_path: Path):
    use_language(tmp_path, "tlh")
    try:
        assert str(_("hello")) == "hello"
    finally:
        use_language(tmp_path, None)
