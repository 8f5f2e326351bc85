"""Rows of a name and a value, in a place that scrolls."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QFrame, QScrollArea, QWidget

from ide.value_rows import rows_widget
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
        self.setWidget(rows_widget(self.shown, self))
