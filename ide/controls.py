"""Small parts of the window, named for those who see them and those who do not, and reached by Tab."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QLineEdit, QTableView, QToolButton, QWidget

from ide.words import bind
from toolchains.text import Text


def field(parent: QWidget, name: Text) -> QLineEdit:
    """A line to type in; its name stands in it while it is empty."""
    made = QLineEdit(parent)
    bind(made, "setPlaceholderText", name)
    bind(made, "setAccessibleName", name)
    return made


def switch(parent: QWidget, sign: str, name: Text) -> QToolButton:
    """A button that stays down; ``sign`` is a letter or two, ``name`` says what they mean."""
    made = QToolButton(parent)
    made.setText(sign)
    made.setCheckable(True)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bind(made, "setToolTip", name)
    bind(made, "setAccessibleName", name)
    return made


def button(parent: QWidget, title: Text, run: Callable[[], object]) -> QToolButton:
    """A button with words on it."""
    made = QToolButton(parent)
    made.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    bind(made, "setText", title)
    made.clicked.connect(lambda: run())
    return made


def table_of_rows(view: QTableView, name: Text) -> None:
    """Make a table one of rows: no grid, no numbers, heads on the left; Tab leaves it."""
    view.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    view.setTabKeyNavigation(False)
    view.setShowGrid(False)
    view.setWordWrap(False)
    view.verticalHeader().hide()
    head = view.horizontalHeader()
    head.setHighlightSections(False)
    head.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    bind(view, "setAccessibleName", name)


def low_rows(view: QTableView, spare: int) -> None:
    """Rows as high as their letters and ``spare`` pixels."""
    view.verticalHeader().setDefaultSectionSize(view.fontMetrics().height() + spare)
