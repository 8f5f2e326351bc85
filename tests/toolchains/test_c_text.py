"""C as text: what is found in code as people write it, and that nothing they write is a trouble."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from toolchains.c_text import (
    blanked,
    calls,
    code_only,
    function_at,
    functions,
    line_at,
    line_start,
    statement,
    words,
)

_TEXT = """#include "x.h"
#define CALL(x) do { f(x); } while (0)
struct point { int x, y; };
static const struct point at = {1, 2};
int prototype(int a, void (*then)(int));

// what it does: f(1) {
/* and more */
static inline int f(int a, void (*then)(int)) {
    if (a) { then(a); }
    return p.f + q->f + f(a, then);  // f(2)
}
mp_obj_t g(void)
{
    const char *s = "f(3) }";
    return f(g(), '}');
}
"""


def test_functions_with_their_comments() -> None:
    found = {one.name: one for one in functions(_TEXT)}
    assert set(found) == {"f", "g"}
    assert _TEXT[found["f"].start :].startswith("// what it does")
    assert _TEXT[found["g"].start :].startswith("mp_obj_t g")
    assert _TEXT[found["g"].end - 1] == "}"
    inside = function_at(_TEXT, _TEXT.index("then(a)"))
    assert inside is not None
    assert inside.name == "f"
    assert function_at(_TEXT, 0) is None


def test_words_are_code_and_no_members() -> None:
    places = [line_at(_TEXT, at) for at in words(blanked(_TEXT), "f")]
    assert places == [2, 9, 11, 16]
    assert [line_at(_TEXT, at) for at in words(code_only(_TEXT), "f")] == [9, 11, 16]


def test_calls_with_their_arguments() -> None:
    found = [one.arguments for one in calls(_TEXT, "f")]
    assert found[-2:] == [("a", "then"), ("g()", "'}'")]
    (one,) = calls('printf("a, (b", x[1, 2], (c, d))', "printf")
    assert one.arguments == ('"a, (b"', "x[1, 2]", "(c, d)")
    assert list(calls("f(", "f")) == []


def test_a_statement_is_found_whole() -> None:
    code = code_only(_TEXT)
    span = statement(code, _TEXT.index("at = {1"))
    assert span is not None
    assert _TEXT[slice(*span)] == "static const struct point at = {1, 2};"
    assert statement("int x", 4) is None


def test_lines() -> None:
    assert [line_start("a\nb\nc", n) for n in (1, 2, 3, 4)] == [0, 2, 4, None]


@given(st.text("(){}[];,\"'/*\\\n #abf=\u00e9 ", max_size=120))
def test_any_text_is_taken(text: str) -> None:
    assert len(blanked(text)) == len(text) == len(code_only(text))
    assert blanked(text).count("\n") == text.count("\n")
    for one in functions(text):
        assert 0 <= one.start < one.body <= one.end <= len(text)
    list(calls(text, "f"))
    for place in range(0, len(text), 7):
        statement(code_only(text), place)


@pytest.mark.parametrize("piece", ["{", "(", "/*", '"', " ", "\n", "f(", "a ", "#define x \\\n", "};{"])
def test_a_long_one_takes_no_time(piece: str) -> None:
    """What takes quadratic time would take hours, and ends at pytest's limit."""
    text = piece * (400_000 // len(piece))
    list(functions(text))
    blanked(text)
    assert list(calls(text, "g")) == []
