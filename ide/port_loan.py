"""A port that the window's board lends to somebody else for a while: the flasher's child process needs it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

#: How long whoever has the port may take to let go of it, in seconds; then the flasher says who has it.
_LETS_GO_S = 5.0


class Loan:
    """``joins``: each waits, for so many seconds, until one who had the port is gone."""

    def __init__(self, joins: Sequence[Callable[[float], object]], back: Callable[[str | None, Any], None]) -> None:
        self._joins, self._back = list(joins), back

    def wait(self) -> None:
        """In the borrower's thread, before it opens the port."""
        for join in self._joins:
            join(_LETS_GO_S)
        self._joins.clear()

    def give_back(self, address: str | None = None) -> None:
        """In the window's thread: connect again, to where the board is now (None: where it was, if it was connected).

        Nothing happens if the person chose another board meanwhile, or the second time.
        """
        self._back(address, self)
