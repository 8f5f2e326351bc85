"""Names and values in two columns: values may be long, wrap, can be selected and are read aloud with their names."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget


def rows_widget(rows: Sequence[tuple[object, object]], parent: QWidget) -> QWidget:
    """All rows, one below the other, at the top."""
    inner = QWidget(parent)
    grid = QGridLayout(inner)
    grid.setContentsMargins(8, 4, 8, 4)
    grid.setHorizontalSpacing(16)
    grid.setVerticalSpacing(2)
    grid.setColumnStretch(1, 1)
    for at, (name, value) in enumerate(rows):
        grid.addWidget(_label(name, "muted"), at, 0, Qt.AlignmentFlag.AlignTop)
        said = _label(value, "")
        said.setWordWrap(True)
        said.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        said.setAccessibleName(f"{name}: {value}")
        grid.addWidget(said, at, 1)
    grid.setRowStretch(len(rows), 1)
    return inner


def _label(text: object, role: str) -> QLabel:
    label = QLabel(str(text))
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    return label
