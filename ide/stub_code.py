"""C code to be read only, in the colours of the editor; Tab leaves it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from ide.editor import look
from ide.editor.languages import language
from ide.editor.scintilla import M, S, Sci
from ide.settings import Settings
from ide.themes import themes


class CodeView(Sci):
    """Shows C code; another text keeps the place that is looked at."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self._settings, self._language = settings, language("c")
        self._shown: str | None = None
        look.arrange(self)
        self.lex(self._language.lexer, self._language.keywords)
        self.send(M.SetReadOnly, 1)
        self.paint()
        themes.changed.connect(self.paint)

    def paint(self) -> None:
        """The colours of now."""
        look.paint(self, self._language, self._settings.number("editor.font_size"))

    def show_code(self, text: str) -> None:
        """Another text."""
        if text != self._shown:
            first = self.send(M.GetFirstVisibleLine)
            self._shown = text
            self.load(text)
            self.send(M.SetFirstVisibleLine, first)
            look.fit_numbers(self)

    def show_name(self, name: str) -> None:
        """Bring what is made of a name into view."""
        end = self.send(M.GetLength)
        for what in (f"// {name}(", f"_{name}(", f"_{name}_", f"MP_QSTR_{name}"):
            found = self.find(what, 0, end, S.FindOption.MatchCase) if name else None
            if found is not None:
                self.go_to(found[0])
                return

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: nothing can be typed here, so Tab goes on."""
        if event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            self.focusNextPrevChild(event.key() == Qt.Key.Key_Tab)
        elif event.key() == Qt.Key.Key_Escape:
            event.ignore()
        else:
            super().keyPressEvent(event)
