"""The bar above a text: something happened to its file, and the person decides."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QWidget

from ide.editor.document import Document
from ide.words import bind
from toolchains.text import Text

Choice = tuple[Text, Callable[[], object]]


class ChangeBar(QFrame):
    """A sentence and buttons."""

    def __init__(self, text: Text, choices: tuple[Choice, ...], parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setProperty("kind", "tell")
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 8, 4)
        label = QLabel(self)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        bind(label, "setText", text)
        row.addWidget(label, 1)
        self.buttons: list[QToolButton] = []
        for title, run in choices:
            button = QToolButton(self)
            button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
            bind(button, "setText", title)
            button.clicked.connect(lambda _checked=False, run=run: run())
            row.addWidget(button)
            self.buttons.append(button)


class Bars:
    """The bars that are shown now, at most one a document."""

    def __init__(self) -> None:
        self._shown: dict[Document, list[ChangeBar]] = {}

    def show(self, document: Document, text: Text, *choices: Choice) -> None:
        """Show a bar above every view of a document, in place of the one that is there."""
        self.hide(document)

        def ending(run: Callable[[], object]) -> Callable[[], object]:
            def chosen() -> None:
                self.hide(document)
                run()

            return chosen

        ended = tuple((title, ending(run)) for title, run in choices)
        bars = []
        for view in document.views:
            bar = ChangeBar(text, ended, view)
            view.column.insertWidget(0, bar)
            bars.append(bar)
        self._shown[document] = bars

    def hide(self, document: Document) -> None:
        """Take a document's bar away."""
        for bar in self._shown.pop(document, ()):
            bar.hide()
            bar.deleteLater()

    def of(self, document: Document) -> list[ChangeBar]:
        """The bars of a document that are shown."""
        return self._shown.get(document, [])
