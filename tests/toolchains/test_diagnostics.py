"""What compilers say becomes records with a place; the words stay theirs."""

from __future__ import annotations

import pytest

from toolchains.diagnostics import Diagnostic, errors, parse_compiler, warnings

GCC = """\
In file included from small.c:1:
src/a b.c: In function 'f':
src/a b.c:5:10: error: expected ';' before 'return'
    5 |     int x
      |          ^
src/a b.c:6:3: warning: unused variable 'y' [-Wunused-variable]
src/a b.c:2:12: note: declared here
"""
CLANG = """\
unité.c:3:13: error: expected ';' after return statement
    return x
            ^
            ;
1 error generated.
"""


def test_gcc() -> None:
    found = parse_compiler(GCC)
    assert found == (
        Diagnostic("error", "src/a b.c", 5, 10, "expected ';' before 'return'"),
        Diagnostic("warning", "src/a b.c", 6, 3, "unused variable 'y' [-Wunused-variable]"),
        Diagnostic("note", "src/a b.c", 2, 12, "declared here"),
    )
    assert [one.severity for one in errors(found)] == ["error"]
    assert [one.line for one in warnings(found)] == [6]


def test_clang() -> None:
    assert parse_compiler(CLANG) == (Diagnostic("error", "unité.c", 3, 13, "expected ';' after return statement"),)


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        (r"C:\my files\x.c:7:1: error: no", Diagnostic("error", r"C:\my files\x.c", 7, 1, "no")),
        ("x.c:1:10: fatal error: nope.h: No such file", Diagnostic("error", "x.c", 1, 10, "nope.h: No such file")),
        (
            "boot.S:3: Error: unrecognized opcode `foo'",
            Diagnostic("error", "boot.S", 3, None, "unrecognized opcode `foo'"),
        ),
        ("gcc: fatal error: Killed signal", Diagnostic("error", None, None, None, "Killed signal")),
        ("clang: error: unknown argument: '-x9'", Diagnostic("error", None, None, None, "unknown argument: '-x9'")),
        ("error: unable to open output file", Diagnostic("error", None, None, None, "unable to open output file")),
    ],
)
def test_one_line(line: str, expected: Diagnostic) -> None:
    assert parse_compiler(line) == (expected,)


def test_a_record_reads_as_compilers_write_it_and_survives_json() -> None:
    one = Diagnostic("error", "x.c", 3, None, "no")
    assert str(one) == "x.c:3: error: no"
    assert str(Diagnostic("warning", None, None, None, "hm")) == "warning: hm"
    assert Diagnostic.from_json(one.to_json()) == one
