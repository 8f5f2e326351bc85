"""Search in what was printed."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QToolButton, QWidget

from ide.editor.scintilla import M
from ide.panels.console.transcript import Transcript
from ide.words import bind
from toolchains.text import Text, _


class FindBar(QWidget):
    """A field and two directions; Escape or the button closes it and goes back to the view."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._view: Transcript | None = None
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        self.field = QLineEdit(self)
        bind(self.field, "setPlaceholderText", _("Find in the console"))
        bind(self.field, "setAccessibleName", _("Find in the console"))
        self.field.returnPressed.connect(lambda: self.search(backwards=True))
        self.field.textChanged.connect(lambda _text: self.search(backwards=True, again=False))
        self.field.installEventFilter(self)
        row.addWidget(self.field, 1)
        self.outcome = QLabel(self)
        self.outcome.setProperty("role", "muted")
        row.addWidget(self.outcome)
        self._button(_("Previous"), lambda: self.search(backwards=True))
        self._button(_("Next"), lambda: self.search(backwards=False))
        self._button(_("Close"), self.leave)
        self.hide()

    def _button(self, title: Text, run: object) -> None:
        button = QToolButton(self)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(button, "setText", title)
        button.clicked.connect(lambda: run())  # type: ignore[operator]
        layout = self.layout()
        assert layout is not None
        layout.addWidget(button)

    def open_over(self, view: Transcript) -> None:
        """Search in this view from now on."""
        self._view = view
        selected = view.selected()
        self.show()
        if selected and "\n" not in selected:
            self.field.setText(selected)
        self.field.setFocus()
        self.field.selectAll()

    def leave(self) -> None:
        """Close."""
        self.hide()
        if self._view is not None:
            self._view.take_focus()

    def search(self, *, backwards: bool, again: bool = True) -> bool:
        """Select the next place (``again``: not the one that is selected now); whether there is one."""
        view, text = self._view, self.field.text()
        if view is None or not text:
            self.outcome.clear()
            return False
        length = view.send(M.GetLength)
        start, end = view.send(M.GetSelectionStart), view.send(M.GetSelectionEnd)
        if backwards:
            ranges = ((start if again else end, 0), (length, 0))
        else:
            ranges = ((end if again else start, length), (0, length))
        for first, last in ranges:
            found = view.find(text, first, last)
            if found is not None:
                view.send(M.GotoPos, found[0])
                view.send(M.SetSel, found[0], found[1])
                self.outcome.clear()
                return True
        bind(self.outcome, "setText", _("Not found"))
        return False

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Escape in the field closes; Shift+Enter searches downwards."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.leave()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
                event.modifiers() & Qt.KeyboardModifier.ShiftModifier
            ):
                self.search(backwards=False)
                return True
        return bool(super().eventFilter(watched, event))
