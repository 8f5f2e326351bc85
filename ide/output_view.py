"""Lines of tools as they come: a bounded view that takes any flood in large pieces."""

from __future__ import annotations

from collections import deque

from PySide6.QtGui import QTextOption
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ide.context import IdeContext
from ide.words import bind
from toolchains.text import Text

#: Lines that are kept, and how many of them are put on the screen at once.
KEPT = 5000
_AT_ONCE = 250
_LONGEST = 2000


class OutputView(QPlainTextEdit):
    """Lines come with :meth:`say` and are shown by :meth:`flush`, which the window's pump calls.

    ``empty`` says what will appear here.
    """

    def __init__(self, ctx: IdeContext, name: Text, empty: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._waiting: deque[str] = deque(maxlen=KEPT)
        self.setReadOnly(True)
        self.setTabChangesFocus(True)
        self.setUndoRedoEnabled(False)
        self.setMaximumBlockCount(KEPT)
        self.setWordWrapMode(QTextOption.WrapMode.NoWrap)
        bind(self, "setAccessibleName", name)
        bind(self, "setPlaceholderText", empty)
        ctx.themes.changed.connect(self._themed)
        self._themed()

    def say(self, *lines: str) -> None:
        """Add lines, soon."""
        self._waiting.extend(line if len(line) <= _LONGEST else f"{line[:_LONGEST]}…" for line in lines)

    def flush(self) -> bool:
        """Show a piece of what waits; whether there was something."""
        if not self._waiting:
            return False
        piece = [self._waiting.popleft() for _line in range(min(_AT_ONCE, len(self._waiting)))]
        bar = self.verticalScrollBar()
        at_end = bar.value() >= bar.maximum() - 1
        self.appendPlainText("\n".join(piece))
        if at_end:
            bar.setValue(bar.maximum())
        return True

    def restart(self) -> None:
        """Begin anew."""
        self._waiting.clear()
        self.clear()

    def _themed(self) -> None:
        self.setFont(self._ctx.themes.mono())
