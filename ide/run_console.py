"""What a run says at the console besides the program's own output: why it did not start, and how it ended. No Qt.

Called in the board's worker; bytes go where the output of the program goes, with the line ends of a terminal.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from ide.places import PLACE
from ide.run_words import CRASHED
from toolchains.diagnostics import Diagnostic, errors
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.board.deploy import RunOutcome

Printer = Callable[[bytes], object]

_RED, _PLAIN = "\x1b[31m", "\x1b[0m"
_LINK, _NO_LINK = "\x1b[4m", "\x1b[24m"
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
        if error.code == CRASHED:
            print_crash(printer, error)
        else:
            _print(printer, _lines_of(error))
        raise


def print_crash(printer: Printer, error: StudioError) -> None:
    """One sentence in red, then the calls that led there: their places are links."""
    why = [str(error.why)] if error.why is not None else []
    calls = error.detail.splitlines() if error.fields.get("diagnostics") else []
    lines = [f"{_RED}{line_of_text(str(error.what))}{_PLAIN}", *map(line_of_text, calls), *why]
    printer("".join(f"{line}\r\n" for line in ["", *lines]).encode())


def line_of_text(text: str) -> str:
    """A line with its places underlined, which the console takes for links (:mod:`ide.places`)."""
    return PLACE.sub(lambda found: f"{_LINK}{found[0]}{_NO_LINK}", text)


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
