"""Small parts of the window, named for those who see them and those who do not, and reached by Tab."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit, QToolButton, QWidget

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
