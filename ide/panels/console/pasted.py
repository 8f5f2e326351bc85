"""Pasted text on its way to the board: prompts taken off, the value of its last expression shown. No Qt."""

from __future__ import annotations

import ast

_PROMPTS = (">>> ", "... ")
_SHOW = "__import__('builtins').__repl_print__("


def without_prompts(text: str) -> str:
    """``text`` with line feeds; copied from a console, the lines of code without their prompts, and nothing else."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if not lines[0].startswith(_PROMPTS[0]):
        return text
    code = [line[4:] for line in lines if line.startswith(_PROMPTS) or line in (">>>", "...")]
    return "\n".join(code) + ("\n" if len(code) > 1 else "")


def code_to_run(text: str) -> str:
    """Code that does what typing ``text`` line by line would do: the value of the last expression is shown.

    Text that this computer's Python does not understand is sent as it is: the board says what is wrong with it.
    """
    try:
        body = ast.parse(text).body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return text
    if not body or not isinstance(body[-1], ast.Expr):
        return text
    last = body[-1].value
    lines = text.split("\n")
    start, end = (
        _index(lines, last.lineno, last.col_offset),
        _index(lines, last.end_lineno or 0, last.end_col_offset or 0),
    )
    outer, close = _with_brackets(text, start, end)
    return f"{text[:outer]}{_SHOW}({text[outer:close]})){text[close:]}"


def _index(lines: list[str], line: int, column: int) -> int:
    """The place in the text of a line from 1 and a column in UTF-8 bytes."""
    before = sum(len(text) + 1 for text in lines[: line - 1])
    return before + len(lines[line - 1].encode()[:column].decode())


def _with_brackets(text: str, start: int, end: int) -> tuple[int, int]:
    """Python's own places leave out brackets around an expression; take them in: they must stay balanced."""
    while True:
        left = text[:start].rstrip(" \t\\\n")
        right = len(text) - len(text[end:].lstrip(" \t\\\n"))
        if not left.endswith("(") or text[right : right + 1] != ")":
            return start, end
        start, end = len(left) - 1, right + 1
