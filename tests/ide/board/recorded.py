"""What real firmware said, out of public issues: ``tests/data/boards``, each piece with its source."""

from __future__ import annotations

import json
from functools import cache
from typing import Any

from tests.homes import CHECKOUT

_FOLDER = CHECKOUT / "tests" / "data" / "boards"


def said(name: str) -> bytes:
    """A text as a board's line brings it; the lines with the source are not the board's."""
    lines = (_FOLDER / f"{name}.txt").read_text("utf-8").splitlines()
    return "".join(f"{line}\r\n" for line in lines if not line.startswith("#")).encode()


@cache
def flash_of_boards() -> dict[str, Any]:
    """Partitions, heaps and filesystems."""
    loaded: dict[str, Any] = json.loads((_FOLDER / "flash_of_boards.json").read_text("utf-8"))
    return loaded
