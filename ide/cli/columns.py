"""Text in a terminal's columns: Chinese characters fill two of them."""

from __future__ import annotations

import argparse
import re

#: The first character that may fill two columns; below it, len() is right and rich need not be loaded (10 ms).
_FIRST_WIDE = "\u1100"
_IDEOGRAPHS = "\u2e80-\uffef"
#: What a line may be broken between: words, and single ideographs with the punctuation that clings to them.
_PIECES = re.compile(rf"\s+|[（「『《]*(?:[^\s{_IDEOGRAPHS}]+|[{_IDEOGRAPHS}])[，。、；：？！）」』》]*")


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
    for piece in _PIECES.findall(" ".join(text.split())):
        if lines[-1] and width(lines[-1]) + width(piece.rstrip()) > columns:
            lines.append("")
        lines[-1] += piece.lstrip() if not lines[-1] else piece
    return [line.rstrip() for line in lines]


class HelpFormatter(argparse.RawDescriptionHelpFormatter):
    """argparse's, which breaks lines by the number of characters, with help texts that may be Chinese."""

    def _split_lines(self, text: str, width: int) -> list[str]:
        return super()._split_lines(text, width) if _is_narrow(text) else wrapped(text, width)
