"""Room for a panel with much in it: its dock is made higher while it is in front, and as it was afterwards."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

#: Of the height of the window at most this part, and what twelve boards need, in pixels.
_SHARE, _WANTED = 0.58, 420


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

    def take(self) -> None:
        """Be as high as is needed, if it is lower now."""
        found = self._dock()
        if found is None or not self._panel.isVisible() or self._before is not None:
            return
        dock, window = found
        wanted = min(_WANTED, int(window.height() * _SHARE))
        if dock.height() < wanted:
            self._before = (dock.height(), wanted)
            window.resizeDocks([dock], [wanted], Qt.Orientation.Vertical)

    def give_back(self) -> None:
        """Be as high as before, unless the person made it another height meanwhile."""
        found, before, self._before = self._dock(), self._before, None
        if found is not None and before is not None and found[0].height() == before[1]:
            found[1].resizeDocks([found[0]], [before[0]], Qt.Orientation.Vertical)
