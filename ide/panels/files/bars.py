"""A line that says how things are, with what can be done about it; and the line of work in progress."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QEvent, Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QProgressBar, QToolButton, QVBoxLayout, QWidget

from ide import controls
from ide.flow import Flow
from ide.panels.files.work import Work
from ide.toolchain_tasks import Task
from ide.words import bind, words
from toolchains.text import Text, _

#: What a button says and does.
Offer = tuple[Text, Callable[[], object]]


class Bar(QFrame):
    """Hidden while there is nothing to say. ``role`` colours its words: ``muted``, ``look`` or ``bad``."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._row = QWidget(self)
        self._flow = Flow(self._row)
        self._said: tuple[object, str, tuple[Offer, ...]] | None = None
        self.buttons: list[QToolButton] = []
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 6)
        column.setSpacing(4)
        column.addWidget(self.label)
        column.addWidget(self._row)
        self.hide()
        words.changed.connect(self._render)

    def event(self, event: QEvent) -> bool:
        """Its words are never cut off, however little room there is."""
        done = super().event(event)
        if event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest, QEvent.Type.StyleChange):
            self._hold_height()
        return done

    def _hold_height(self) -> None:
        layout = self.layout()
        if layout is not None:
            layout.activate()
            self.setMinimumHeight(max(0, layout.totalHeightForWidth(self.width())))

    def say(self, text: object, *offers: Offer, role: str = "look") -> None:
        """Say this (None: nothing) and offer that; the same again changes nothing."""
        said = (text, role, offers) if text is not None else None
        if said is not None and self._said is not None and self._same(said, self._said):
            self._said = said
            return
        self._said = said
        self._render()

    @staticmethod
    def _same(one: tuple[object, str, tuple[Offer, ...]], other: tuple[object, str, tuple[Offer, ...]]) -> bool:
        titles = [[title for title, _run in said[2]] for said in (one, other)]
        return (str(one[0]), one[1]) == (str(other[0]), other[1]) and titles[0] == titles[1]

    def _render(self) -> None:
        for button in self.buttons:
            self._flow.removeWidget(button)
            button.hide()
            button.deleteLater()
        self.buttons = []
        self.setVisible(self._said is not None)
        if self._said is None:
            return
        text, role, offers = self._said
        self.label.setText(str(text))
        self.label.setProperty("role", role)
        self.label.style().unpolish(self.label)
        self.label.style().polish(self.label)
        self.setAccessibleName(str(text))
        for at, (title, _run) in enumerate(offers):
            button = controls.button(self._row, title, partial(self._do, at))
            self._flow.addWidget(button)
            self.buttons.append(button)
            button.show()
        self._row.setVisible(bool(offers))
        self._hold_height()

    def _do(self, at: int) -> None:
        if self._said is not None and at < len(self._said[2]):
            self._said[2][at][1]()


def held_words(work: Work) -> tuple[object, tuple[Offer, ...]]:
    """Whether the program on the board may be stopped for what is wanted; None where nothing waits for that."""
    if work.held is None:
        return None, ()
    text = _("“{title}” would stop the board's program.", title=work.held.title)
    return text, ((_("Stop it"), work.go_on), (_("Let it run"), work.leave))


class HeldBar(Bar):
    """Asks for that."""

    def __init__(self, work: Work, parent: QWidget) -> None:
        super().__init__(parent)
        self._work = work
        work.changed.connect(self._ask)
        self._ask()

    def _ask(self) -> None:
        text, offers = held_words(self._work)
        self.say(text, *offers)


class Progressing(QWidget):
    """What is being done, how far it is, and a button that ends it; hidden while nothing is."""

    def __init__(self, work: Work, parent: QWidget) -> None:
        super().__init__(parent)
        self._work = work
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.bar = QProgressBar(self)
        bind(self.bar, "setAccessibleName", _("Progress"))
        self.stop = controls.button(self, _("Cancel"), work.cancel)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addWidget(self.label)
        row = QHBoxLayout()
        row.addWidget(self.bar, 1)
        row.addWidget(self.stop)
        column.addLayout(row)
        self.hide()
        work.changed.connect(self._render)
        work.progressed.connect(self._render)
        words.changed.connect(self._render)

    def _render(self) -> None:
        task = self._work.tasks[0] if self._work.tasks else None
        self.setVisible(task is not None)
        if task is not None:
            self._show(task)

    def _show(self, task: Task) -> None:
        figures = task.figures()
        self.label.setText(f"{task.title} · {figures}" if figures else str(task.title))
        percent = task.percent
        self.bar.setRange(0, 0 if percent is None else 100)
        self.bar.setValue(percent or 0)
