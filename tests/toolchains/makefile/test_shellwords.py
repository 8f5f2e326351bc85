"""Command lines fall into the words that a shell would see."""

from __future__ import annotations

import random
import shlex

import pytest

from toolchains.makefile.shellwords import shell_words


def test_words_are_those_of_shlex() -> None:
    dice = random.Random(1)
    pieces = ["a", "-I", " ", "  ", "\t", "'", '"', "\\", "$", "é", "b c", "''", '"x y"', "\\ ", "\n", "=", "`"]
    n_open = 0
    for _time in range(5000):
        text = "".join(dice.choice(pieces) for _piece in range(dice.randint(0, 8)))
        if "\\\n" in text or '\\$"' in text:  # a shell's own, which shlex leaves as they are
            continue
        try:
            wanted: list[str] | None = shlex.split(text.replace("\\$", "$").replace("\\`", "`"))
        except ValueError:
            wanted = None
            n_open += 1
        assert shell_words(text.replace("\\$", "$").replace("\\`", "`")) == wanted, text
    assert n_open > 100


@pytest.mark.parametrize(
    ("text", "words"), [('"a\\$b" \\$c', ["a$b", "$c"]), ("a\\\nb", ["ab"]), ('"a\\\nb"', ["ab"]), ('"\\x"', ["\\x"])]
)
def test_what_a_shell_does_with_a_backslash(text: str, words: list[str]) -> None:
    assert shell_words(text) == words
