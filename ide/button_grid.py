"""Buttons on top of a narrow panel: two in a row where their words fit, else one."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QToolButton, QWidget

from ide.commands import Commands
from ide.words import bind, words
from toolchains.text import Text

_SPACE = 2
_MARGIN = 4


class ButtonGrid(QWidget):
    """Quiet buttons, each for a command; ``titles`` are shorter than the commands' own, which are in the tooltips."""

    def __init__(self, commands: Commands, titles: tuple[tuple[str, Text], ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        self._columns = 0
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(_MARGIN, _MARGIN, _MARGIN, _MARGIN)
        self._grid.setSpacing(_SPACE)
        self.buttons = {command_id: self._make(command_id, title) for command_id, title in titles}
        self.arrange()
        words.changed.connect(self.arrange)

    def _make(self, command_id: str, title: Text) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(button, "setText", title)
        command = self._commands.records.get(command_id)
        if command is not None:
            bind(button, "setToolTip", command.hint or command.title)
            bind(button, "setAccessibleName", command.title)
        button.clicked.connect(lambda: self._commands.run(command_id))
        return button

    def follow(self) -> None:
        """What is enabled may have changed."""
        for command_id, button in self.buttons.items():
            command = self._commands.records.get(command_id)
            button.setEnabled(command is not None and command.enabled())

    def arrange(self) -> None:
        """Rows of two or of one, as the width is."""
        widest = max(button.sizeHint().width() for button in self.buttons.values())
        columns = 2 if 2 * widest + _SPACE + 2 * _MARGIN <= self.width() else 1
        if columns == self._columns:
            return
        self._columns = columns
        for button in self.buttons.values():
            self._grid.removeWidget(button)
        for at, button in enumerate(self.buttons.values()):
            self._grid.addWidget(button, at // columns, at % columns)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        self.arrange()
