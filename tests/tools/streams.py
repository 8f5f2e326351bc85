"""Lines of these commands, written at once: children write to the same pipe, and the order must stay."""

from __future__ import annotations

import sys


def show(line: str) -> None:
    """Write a line to standard output."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()
