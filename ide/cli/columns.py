"""Text in a terminal's columns: Chinese characters fill two of them."""

from __future__ import annotations

import argparse
import gettext
import re
from collections.abc import Iterable

#: The first character that may fill two columns; below it, len() is right and rich need not be loaded (10 ms).
_FIRST_WIDE = "\u1100"
_IDEOGRAPHS = "\u2e80-\uffef"
#: What a line may be broken between: words, and single ideographs with the punctuation that clings to them.
#: Compiled by who needs it (2 ms).
_PIECES = rf"\s+|[（「『《]*(?:[^\s{_IDEOGRAPHS}]+|[{_IDEOGRAPHS}])[，。、；：？！）」』》]*"


def width(text: str) -> int:
    """The columns that a text fills."""
    if _is_narrow(text):
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def fitted(text: str, columns: int) -> str:
    """The text cut, or filled up with spaces, to so many columns."""
    if _is_narrow(text):
        return text[:columns].ljust(columns)
    from rich.cells import set_cell_size

    return set_cell_size(text, columns)


def _is_narrow(text: str) -> bool:
    return max(text.replace("…", ""), default="") < _FIRST_WIDE


def wrapped(text: str, columns: int) -> list[str]:
    """The text in lines of at most so many columns, where its pieces allow it."""
    lines = [""]
    for piece in re.findall(_PIECES, " ".join(text.split())):
        if lines[-1] and width(lines[-1]) + width(piece.rstrip()) > columns:
            lines.append("")
        lines[-1] += piece.lstrip() if not lines[-1] else piece
    return [line.rstrip() for line in lines]


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """argparse's, which breaks lines by the number of characters, with words that may be Chinese."""

    def add_usage(
        self,
        usage: str | None,
        actions: Iterable[argparse.Action],
        groups: Iterable[argparse._MutuallyExclusiveGroup],
        prefix: str | None = None,
    ) -> None:
        """A usage line that is still to be made (:func:`fix_usage`) leaves room for the columns of its first word."""
        if usage is None and prefix is None:
            prefix = _roomy_prefix()
        super().add_usage(usage, actions, groups, prefix)

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if _is_narrow(text) else wrapped(text, width)


def _roomy_prefix() -> str:
    word = gettext.gettext("usage: ")
    return word.ljust(width(word))


def fix_usage(parser: argparse.ArgumentParser) -> None:
    """Make the usage line now: ``parse_intermixed_args`` of Python 3.11 cuts off seven letters, for "usage: "."""
    parser.usage = parser.format_usage().removeprefix(_roomy_prefix()).replace("%", "%%")
