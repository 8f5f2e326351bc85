"""What a row of a table is (:mod:`ide.row_table`). No Qt."""

from __future__ import annotations

from typing import Literal, Protocol

Mood = Literal["", "heading", "good", "look", "muted"]


class TableRow(Protocol):
    """What a row has. ``key`` stays the same while what is known of it changes."""

    @property
    def key(self) -> str:
        """What it is called, whatever is known of it."""

    @property
    def cells(self) -> tuple[str, ...]:
        """Its words, one a column."""

    @property
    def mood(self) -> Mood:
        """How it looks."""
