"""The one place where a sentence or an error meets the person: a bar under the work, never a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _

Kind = Literal["tell", "good", "error"]
_KEPT = 200


@dataclass(frozen=True)
class Action:
    """A button beside a notice."""

    title: Text
    run: Callable[[], object]


@dataclass(frozen=True, eq=False)
class Notice:
    """Something that was said. ``text`` speaks the language of whoever looks; ``detail``: a tool's own words."""

    kind: Kind
    text: Text | StudioError
    detail: str = ""
    actions: tuple[Action, ...] = ()
    when: str = ""


class Notices(QObject):
    """What was said, newest last. ``added`` comes with the notice; ``dismissed`` when none is current any more."""

    added = Signal(object)
    dismissed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.kept: list[Notice] = []

    def tell(self, text: Text, *, kind: Kind = "tell", detail: str = "", actions: tuple[Action, ...] = ()) -> None:
        """Show a sentence."""
        self._add(Notice(kind, text, detail, actions, f"{datetime.now():%H:%M:%S}"))

    def error(self, error: StudioError, actions: tuple[Action, ...] = ()) -> None:
        """Show an error: what failed, why, what to do. Something that the person cancelled is no error."""
        if isinstance(error, Cancelled):
            return
        self._add(Notice("error", error, error.detail, actions, f"{datetime.now():%H:%M:%S}"))

    def dismiss(self) -> None:
        """The current notice was read, or does not hold any more."""
        self.dismissed.emit()

    def _add(self, notice: Notice) -> None:
        self.kept.append(notice)
        del self.kept[:-_KEPT]
        self.added.emit(notice)


class NoticeBar(QFrame):
    """Shows the newest notice until it is dismissed (Escape, or its button)."""

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._notices = notices
        self._notice: Notice | None = None
        self._buttons: list[QToolButton] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 4, 8, 4)
        outer.setSpacing(2)
        self._row = QHBoxLayout()
        outer.addLayout(self._row)
        self.label = QLabel(self)
        self.label.setWordWrap(True)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self._row.addWidget(self.label, 1)
        self._detail = QLabel(self)
        self._detail.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self._detail.setWordWrap(True)
        self._detail.hide()
        outer.addWidget(self._detail)
        self._details = self._button(_("Details"), self._toggle_detail)
        self._copy = self._button(_("Copy"), self._copy_all)
        self._close = self._button(_("Close"), notices.dismiss)
        self.hide()
        notices.added.connect(self.show_notice)
        notices.dismissed.connect(self._dismissed)
        words.changed.connect(self._render)

    def _button(self, title: Text, run: Callable[[], object], at: int = -1) -> QToolButton:
        button = QToolButton(self)
        bind(button, "setText", title)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: run())
        self._row.insertWidget(at, button)
        return button

    def show_notice(self, notice: Notice) -> None:
        """Show this one now."""
        self._notice = notice
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = [self._button(action.title, action.run, 1 + at) for at, action in enumerate(notice.actions)]
        self._detail.hide()
        self._details.setVisible(bool(notice.detail.strip()))
        self.setProperty("kind", notice.kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._render()
        self.show()

    def _render(self) -> None:
        if self._notice is not None:
            self.label.setText(str(self._notice.text))
            self._detail.setText(self._notice.detail.strip()[-4000:])

    def _toggle_detail(self) -> None:
        self._detail.setVisible(self._detail.isHidden())

    def _copy_all(self) -> None:
        if self._notice is not None:
            QGuiApplication.clipboard().setText(f"{self._notice.text}\n{self._notice.detail}".strip())

    def _dismissed(self) -> None:
        self._notice = None
        self.hide()
