"""Places that were left by a jump, to go back to them and forward again. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

Place = tuple[Path, int]
_MOST = 100


@dataclass
class Visited:
    """Files and lines (from 1), as a browser has its pages."""

    _places: list[Place] = field(default_factory=list)
    _at: int = -1

    def leave(self, place: Place) -> None:
        """A jump begins here: what was ahead is forgotten."""
        del self._places[self._at + 1 :]
        if not self._places or self._places[-1] != place:
            self._places.append(place)
        del self._places[:-_MOST]
        self._at = len(self._places) - 1

    def arrived(self, place: Place) -> None:
        """It ended here."""
        self._places.append(place)
        self._at = len(self._places) - 1

    def can(self, step: int) -> bool:
        """Whether there is something behind (-1) or ahead (1)."""
        return 0 <= self._at + step < len(self._places)

    def step(self, step: int) -> Place | None:
        """Go there."""
        if not self.can(step):
            return None
        self._at += step
        return self._places[self._at]
