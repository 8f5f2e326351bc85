"""Rows of a name and a value that may be long; values can be selected and read aloud."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QScrollArea, QWidget

from ide.words import bind
from toolchains.text import Text


class Rows(QScrollArea):
    """A table without lines, in which values wrap."""

    def __init__(self, title: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        bind(self, "setAccessibleName", title)
        self.shown: list[tuple[str, str]] = []
        self.show_rows([])

    def show_rows(self, rows: Sequence[tuple[object, object]]) -> None:
        """Replace all rows."""
        self.shown = [(str(name), str(value)) for name, value in rows]
        inner = QWidget(self)
        grid = QGridLayout(inner)
        grid.setContentsMargins(8, 4, 8, 4)
        grid.setHorizontalSpacing(16)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        for at, (name, value) in enumerate(self.shown):
            grid.addWidget(_label(name, "muted"), at, 0, Qt.AlignmentFlag.AlignTop)
            said = _label(value, "")
            said.setWordWrap(True)
            said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            said.setAccessibleName(f"{name}: {value}")
            grid.addWidget(said, at, 1)
        grid.setRowStretch(len(self.shown), 1)
        self.setWidget(inner)


def _label(text: str, role: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label
