"""The line over each tree: whose files these are, and the buttons that concern them. The trees lie as there is room."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QSplitter, QToolButton, QWidget

from ide.commands import Commands
from ide.elided import Elided
from ide.words import bind
from toolchains.text import Text

#: Side by side from this width on (in pixels), if they are wider than high, too.
_WIDE = 440


class Head(QWidget):
    """A heading that gives way to its buttons; ``titles`` are shorter than the commands' own, which are in tooltips."""

    def __init__(self, commands: Commands, titles: tuple[tuple[str, Text], ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._commands = commands
        self.label = Elided(self)
        self.label.setProperty("role", "heading")
        row = QHBoxLayout(self)
        row.setContentsMargins(6, 2, 2, 2)
        row.setSpacing(1)
        row.addWidget(self.label, 1)
        self.buttons = {command_id: self._make(command_id, title) for command_id, title in titles}
        for button in self.buttons.values():
            row.addWidget(button)
        commands.on_state.append(self.follow)
        self.follow()

    def _make(self, command_id: str, title: Text) -> QToolButton:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        bind(button, "setText", title)
        command = self._commands.records[command_id]
        bind(button, "setToolTip", command.hint or command.title)
        bind(button, "setAccessibleName", command.title)
        button.clicked.connect(lambda: self._commands.run(command_id))
        return button

    def say(self, short: str, whole: str, brief: str = "") -> None:
        """What it says (``brief`` where there is little room), and all of that for whoever points at it or does not
        see it."""
        self.label.brief = brief
        self.label.setText(short)
        self.label.setToolTip(whole)
        self.label.setAccessibleName(whole)

    def follow(self) -> None:
        """What is enabled may have changed."""
        for command_id, button in self.buttons.items():
            command = self._commands.records.get(command_id)
            button.setEnabled(command is not None and command.enabled())


class Both(QSplitter):
    """One above the other in a narrow panel, side by side in a wide one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Vertical, parent)
        self.setChildrenCollapsible(False)

    def share(self) -> None:
        """Give the first one a little more when they are one above the other, else half."""
        shares = (1, 1) if self.orientation() == Qt.Orientation.Horizontal else (3, 2)
        for at, share in enumerate(shares):
            self.setStretchFactor(at, share)
        self.setSizes([share * _WIDE for share in shares])

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Arrange anew."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE and self.width() > self.height()
        wanted = Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical
        if self.orientation() != wanted:
            self.setOrientation(wanted)
            self.share()
