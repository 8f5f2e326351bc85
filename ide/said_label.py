"""The line at the bottom of a panel that says how the last thing went."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from toolchains.errors import StudioError
from toolchains.text import Text


class SaidLabel(QLabel):
    """Hidden while there is nothing to say; an error looks like one. What comes from outside is no markup."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setWordWrap(True)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setContentsMargins(8, 4, 8, 4)
        self.hide()

    def say(self, sentence: Text | StudioError | None) -> None:
        """Say it in the language of now; None: nothing."""
        self.setProperty("role", "bad" if isinstance(sentence, StudioError) else "muted")
        self.style().unpolish(self)
        self.style().polish(self)
        self.setVisible(sentence is not None)
        self.setText("" if sentence is None else str(sentence))
