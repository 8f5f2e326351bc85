"""What mpy-cross has against a source file, with the line, also where it names none."""

from __future__ import annotations

import ast
import re
import warnings
from collections.abc import Callable

from toolchains.diagnostics import Diagnostic
from toolchains.errors import BuildError
from toolchains.text import Text, _

_PLACE = re.compile(r'^ +File ".*", line (\d+)')
_MACHINE_CODE = re.compile(rb"^[ \t]*(@micropython\.(?:native|viper|asm_))", re.MULTILINE)


class PythonFailed(BuildError):
    """A .py file does not compile. ``diagnostics`` says where; ``detail`` is what mpy-cross printed."""

    code = "build.python"

    def __init__(self, diagnostic: Diagnostic, output: str = "", next_step: Text | None = None) -> None:
        place = _("{path} line {line}", path=diagnostic.path, line=diagnostic.line)
        super().__init__(
            _(
                "{place} cannot be compiled: {message}.",
                place=place if diagnostic.line else diagnostic.path,
                message=diagnostic.message.rstrip("."),
            ),
            next_step=next_step or _("Correct the file, then build again."),
            detail=output,
            path=diagnostic.path,
            line=diagnostic.line,
        )
        self.diagnostics = (diagnostic,)


def check_utf8(text: bytes, name: str) -> None:
    """Raise :class:`PythonFailed` for bytes that are no text: mpy-cross would put them into the file as they are."""
    try:
        text.decode("utf-8")
    except UnicodeDecodeError as error:
        line = text.count(b"\n", 0, error.start) + 1
        words = _("UnicodeError: the byte {byte} is not UTF-8 text", byte=f"0x{text[error.start]:02x}")
        complaint = Diagnostic("error", name, line, None, str(words))
        raise PythonFailed(complaint, next_step=_("Save the file as UTF-8, then build again.")) from None


def check_mergeable(made: bytes, text: bytes, name: str) -> None:
    """Raise :class:`PythonFailed` if ``made``, the .mpy of ``text``, holds machine code, which only C may add."""
    if not made[2] >> 2 & 0x0F:  # the architecture; 0 is byte code alone (facts.md c.7)
        return
    found = _MACHINE_CODE.search(text)
    line = text.count(b"\n", 0, found.start(1)) + 1 if found else None
    words = _("only byte code can be merged with C, and this becomes machine code")
    step = _("Leave the file out of the module, and import it as a file of its own.")
    raise PythonFailed(Diagnostic("error", name, line, None, str(words)), next_step=step)


def said(output: str) -> tuple[str, int | None]:
    """The last line of a traceback, and the line of its innermost place."""
    lines = output.strip().splitlines()
    places = [found[1] for line in lines if (found := _PLACE.match(line))]
    message: str | Text = lines[-1] if lines else _("mpy-cross failed and said nothing.")
    return str(message), int(places[-1]) if places else None


def line_by_halves(text: bytes, fails: Callable[[bytes], bool]) -> int | None:
    """Where the first top-level statement begins that makes ``fails`` true of the file's beginning; None if unknown.

    Some errors come without a place (a name that is too long, a yield in viper code). The file is cut behind whole
    statements, which CPython's parser finds, so that nothing else goes wrong.
    """
    statements = _statements(text)
    lines = text.splitlines(keepends=True)
    first, last = 0, len(statements) - 1
    while first < last:
        middle = (first + last) // 2
        if fails(b"".join(lines[: statements[middle][1]])):
            last = middle
        else:
            first = middle + 1
    return statements[first][0] if statements else None


def _statements(text: bytes) -> list[tuple[int, int]]:
    """First and last line of each top-level statement; none if CPython reads the file differently."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            body = ast.parse(text).body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return []
    return [(_first_line(statement), statement.end_lineno or statement.lineno) for statement in body]


def _first_line(statement: ast.stmt) -> int:
    decorators: list[ast.expr] = getattr(statement, "decorator_list", [])
    return min([statement.lineno, *(decorator.lineno for decorator in decorators)])
