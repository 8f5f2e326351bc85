"""Room for a panel with much in it: its dock is made higher while it is in front, and as it was afterwards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

#: Of the height of the window at most this part.
_SHARE = 0.58
#: Docks are not always as high as they were asked to be.
_NEARLY = 8


class Room:
    """Of the dock that ``panel`` is in; nothing where it is in none, or floats."""

    def __init__(self, panel: QWidget) -> None:
        self._panel = panel
        self._before: tuple[int, int] | None = None

    def _dock(self) -> tuple[QDockWidget, QMainWindow] | None:
        at: QWidget | None = self._panel
        while at is not None and not isinstance(at, QDockWidget):
            at = at.parentWidget()
        if at is None or at.isFloating() or not isinstance(at.parentWidget(), QMainWindow):
            return None
        return at, at.parentWidget()

    def take(self, pixels: int) -> None:
        """Be so high, if it is lower now, or as high as we made it."""
        found = self._dock()
        if found is None or not self._panel.isVisible():
            return
        dock, window = found
        wanted = min(pixels, int(window.height() * _SHARE))
        before, made = self._before or (dock.height(), dock.height())
        if dock.height() < wanted or (self._before is not None and abs(dock.height() - made) <= _NEARLY):
            self._before = (before, max(before, wanted))
            window.resizeDocks([dock], [max(before, wanted)], Qt.Orientation.Vertical)

    def give_back(self) -> None:
        """Be as high as before, unless the person made it another height meanwhile."""
        found, before, self._before = self._dock(), self._before, None
        if found is not None and before is not None and abs(found[0].height() - before[1]) <= _NEARLY:
            found[1].resizeDocks([found[0]], [before[0]], Qt.Orientation.Vertical)
