"""What a run says at the console besides the program's own output: why it did not start, and how it ended. No Qt.

Called in the board's worker; bytes go where the output of the program goes, with the line ends of a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from toolchains.diagnostics import Diagnostic, errors
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.board.deploy import RunOutcome

Printer = Callable[[bytes], object]

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"
#: Of more errors only so many are printed; all are among the problems.
_MOST = 20


@contextmanager
def errors_printed(printer: Printer) -> Iterator[None]:
    """An error of the body is printed, then goes on its way; what the person cancelled is not."""
    try:
        yield
    except Cancelled:
        raise
    except StudioError as error:
        _print(printer, _lines_of(error))
        raise


def print_end(printer: Printer, outcome: RunOutcome | None) -> None:
    """The board's traceback, or that the program ended itself with a fault; nothing after a good end."""
    if outcome is None or outcome.good:
        return
    if outcome.traceback:
        lines = outcome.traceback.strip("\r\n").splitlines()
    else:
        lines = [str(_("It ended with sys.exit({value}).", value=outcome.exit_value))]
    _print(printer, lines, new_line=bool(outcome.output) and not outcome.output.endswith(b"\n"))


def _lines_of(error: StudioError) -> list[str]:
    """A compiler's errors, one in a line; of any other error its sentence."""
    found = error.fields.get("diagnostics")
    every = [one for one in found if isinstance(one, Diagnostic)] if isinstance(found, tuple | list) else []
    words = [str(one) for one in errors(every)]
    if not words:
        return str(error).splitlines()
    left = len(words) - _MOST
    more: Text | None = _n("{n} more error", "{n} more errors", left) if left > 0 else None
    return [*words[:_MOST], *([str(more)] if more is not None else [])]


def _print(printer: Printer, lines: list[str], *, new_line: bool = False) -> None:
    before = "\r\n" if new_line else ""
    text = "\r\n".join(lines)
    printer(f"{before}{_RED}{text}{_PLAIN}\r\n".encode())
