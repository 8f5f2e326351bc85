"""The main window: what is around the editor. It knows commands and docks, and no panel by name."""

from __future__ import annotations

import base64
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from ide.notify import NoticeBar, Notices

_SIZE = (1280, 720)
#: What the window manager draws around it, in pixels: title bar and borders.
_FRAME = (4, 40)
#: Where the window is new: widths of the docks at the sides, height of those below. In a smaller one, the same share.
_SIDES, _BELOW = {Qt.DockWidgetArea.LeftDockWidgetArea: 240, Qt.DockWidgetArea.RightDockWidgetArea: 310}, 210
#: Raised when docks or toolbars change so that an old layout would not fit.
_LAYOUT = 1


class Window(QMainWindow):
    """Editor in the middle, a notice under it, docks around, toolbar above, status below."""

    def __init__(self, notices: Notices) -> None:
        super().__init__()
        self.setObjectName("window")
        self.setWindowTitle("Natmod Studio")
        room = self.screen().availableSize()
        self.resize(min(_SIZE[0], room.width() - _FRAME[0]), min(_SIZE[1], room.height() - _FRAME[1]))
        self.on_close: Callable[[], None] = lambda: None
        self.middle = QWidget(self)
        layout = QVBoxLayout(self.middle)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.notice_bar = NoticeBar(notices, self.middle)
        layout.addWidget(self.notice_bar)
        self.setCentralWidget(self.middle)

    def set_editor(self, editor: QWidget) -> None:
        """Put the editor in the middle."""
        layout = self.middle.layout()
        assert isinstance(layout, QVBoxLayout)
        layout.insertWidget(0, editor, 1)
        self.middle.setFocusProxy(editor)

    def layout_state(self) -> dict[str, Any]:
        """Size, place and docks, for the session."""
        return {
            "geometry": base64.b64encode(self.saveGeometry().data()).decode(),
            "docks": base64.b64encode(self.saveState(_LAYOUT).data()).decode(),
        }

    def restore_layout(self, state: dict[str, Any]) -> bool:
        """Take what :meth:`layout_state` gave; whether that went well."""
        try:
            geometry, docks = (base64.b64decode(state[key]) for key in ("geometry", "docks"))
        except (KeyError, TypeError, ValueError):
            return False
        self.restoreGeometry(QByteArray(geometry))
        return self.restoreState(QByteArray(docks), _LAYOUT)

    def first_layout(self) -> None:
        """Sizes of the docks where nothing is remembered."""
        docks = [dock for dock in self.findChildren(QDockWidget) if not dock.isHidden()]
        sides = [dock for dock in docks if self.dockWidgetArea(dock) in _SIDES]
        across, down = min(1.0, self.width() / _SIZE[0]), min(1.0, self.height() / _SIZE[1])
        widths = [int(across * _SIDES[self.dockWidgetArea(dock)]) for dock in sides]
        self.resizeDocks(sides, widths, Qt.Orientation.Horizontal)
        below = [dock for dock in docks if dock not in sides]
        self.resizeDocks(below, [int(down * _BELOW)] * len(below), Qt.Orientation.Vertical)

    def come_forward(self) -> None:
        """Somebody started Natmod Studio for this project again."""
        self.setWindowState(self.windowState() & ~Qt.WindowState.WindowMinimized)
        self.show()
        self.raise_()
        self.activateWindow()

    def closeEvent(self, event: QCloseEvent) -> None:
        """Keep everything, then go. Nothing is asked: unsaved text comes back at the next start."""
        self.on_close()
        super().closeEvent(event)
