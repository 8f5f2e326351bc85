"""The right half: work in progress, a question, and the chosen row with its buttons."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QScrollArea, QToolButton, QVBoxLayout, QWidget

from ide import controls
from ide.context import IdeContext
from ide.flow import Flow
from ide.panels.toolchains.acts import Act
from ide.panels.toolchains.cards import Cards
from ide.panels.toolchains.details import Pair
from ide.value_rows import rows_widget
from ide.words import bind
from toolchains.text import Text, _


class Question(QFrame):
    """Something that cannot be undone: said in place, done only after a yes."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._run: Callable[[], object] = lambda: None
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.yes = controls.button(self, _("Remove"), self._agreed)
        self.no = controls.button(self, _("Keep it"), self.hide)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.addWidget(self.label, 1)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        self.hide()

    def ask(self, sentence: Text, title: Text, run: Callable[[], object]) -> None:
        """Ask; the keyboard is at the answer that changes nothing."""
        self._run = run
        bind(self.label, "setText", sentence)
        bind(self.yes, "setText", title)
        self.show()
        self.no.setFocus(Qt.FocusReason.OtherFocusReason)

    def _agreed(self) -> None:
        self.hide()
        self._run()


class Side(QScrollArea):
    """All of it scrolls together, so that nothing is cut off in a low panel."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bind(self, "setAccessibleName", _("About the chosen toolchain, and work in progress"))
        inner = QWidget(self)
        self.cards = Cards(ctx.toolchains, inner)
        self.question = Question(inner)
        self.empty = QLabel(inner)
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "muted")
        bind(
            self.empty, "setText", _("Choose a line of the table: what it is and what can be done with it shows here.")
        )
        self._row = QWidget(inner)
        self._flow = Flow(self._row)
        self._acts: tuple[object, list[tuple[str, str]]] | None = None
        self.buttons: dict[str, QToolButton] = {}
        self._rows = QWidget(inner)
        self._column = QVBoxLayout(inner)
        self._column.setContentsMargins(8, 0, 8, 4)
        self._column.setSpacing(4)
        for widget in (self.cards, self.question, self.empty, self._row, self._rows):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.shown: list[tuple[str, str]] = []
        self.setWidget(inner)
        self.cards.came.connect(self._to_top)

    def _to_top(self) -> None:
        """What just began or ended is on top; the place for it is made a moment later."""
        QTimer.singleShot(0, self, lambda: self.verticalScrollBar().setValue(0))

    def show_acts(self, thing: object, acts: tuple[Act, ...]) -> None:
        """Buttons for what can be done with a thing; the keyboard stays where it was, if that one is still there."""
        said = (thing, [(act.name, str(act.title)) for act in acts])
        if said == self._acts:
            return
        self._acts = said
        focus = next((name for name, button in self.buttons.items() if button.hasFocus()), None)
        while (item := self._flow.takeAt(0)) is not None:
            item.widget().hide()
            item.widget().deleteLater()
        self.buttons = {}
        for act in acts:
            button = controls.button(self._row, act.title, act.run)
            if act.hint is not None:
                bind(button, "setToolTip", act.hint)
            self._flow.addWidget(button)
            button.show()
            self.buttons.setdefault(act.name, button)
        self._row.setVisible(bool(acts))
        if focus in self.buttons:
            self.buttons[focus].setFocus()

    def show_pairs(self, pairs: list[Pair]) -> None:
        """What is known of the chosen row; without any, what one could choose."""
        shown = [(str(name), str(value)) for name, value in pairs]
        self.empty.setVisible(not shown and not self.cards.cards)
        if shown == self.shown:
            return
        self.shown = shown
        old, self._rows = self._rows, rows_widget(shown, self.widget())
        self._column.replaceWidget(old, self._rows)
        old.hide()
        old.deleteLater()
        self._rows.layout().setContentsMargins(0, 2, 0, 2)
        self._rows.setVisible(bool(shown))
