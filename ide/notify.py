"""The one place where a sentence or an error meets the person: a bar under the work, never a box in the way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Literal

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAccessible, QAccessibleEvent, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.themes import themes
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _, _n

Kind = Literal["tell", "good", "error"]
_KEPT = 200
#: How many wait in the bar; older ones are in the list of all messages only.
_OPEN = 20
#: A sentence that is longer, in letters or lines, is cut short in the bar; the rest is among the details.
_LONGEST, _MOST_LINES = 320, 4
#: Lines of details before they scroll, and letters that are kept of them.
_DETAIL_LINES, _DETAIL = 10, 20_000
KIND_WORDS: dict[Kind, Text] = {"tell": _("message"), "good": _("done"), "error": _("error")}


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

    def whole(self) -> str:
        """Sentence and details."""
        return f"{self.text}\n{self.detail}".strip()

    def short(self) -> str:
        """The sentence, cut where it is too long for a bar."""
        lines = str(self.text).splitlines()[:_MOST_LINES]
        text = "\n".join(lines)[:_LONGEST]
        return text if text == str(self.text) else f"{text.rstrip()} …"

    def more(self) -> str:
        """What the bar shows on demand: details, and all of a sentence that was cut."""
        return (self.detail if self.short() == str(self.text) else self.whole()).strip()[-_DETAIL:]


class Notices(QObject):
    """What was said, newest last. ``added`` comes with the notice; ``dismissed``: the newest that was open was read;
    ``withdrawn``: this sentence or error holds no more; ``cleared``: none does."""

    added = Signal(object)
    dismissed = Signal()
    withdrawn = Signal(object)
    cleared = Signal()

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
        """The current notice was read; the one before it is shown again, if it was not."""
        self.dismissed.emit()

    def withdraw(self, text: Text | StudioError) -> None:
        """What was said with this very ``text`` has come right by itself."""
        self.withdrawn.emit(text)

    def clear(self) -> None:
        """Nothing that was said holds any more: something new begins."""
        self.cleared.emit()

    def _add(self, notice: Notice) -> None:
        self.kept.append(notice)
        del self.kept[:-_KEPT]
        self.added.emit(notice)


class NoticeBar(QFrame):
    """Shows the newest notice until it is dismissed (Escape, or its button), then the one before it."""

    def __init__(self, notices: Notices, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._open: list[Notice] = []
        self._buttons: list[QToolButton] = []
        outer = QVBoxLayout(self)
        outer.setContentsMargins(12, 4, 8, 4)
        outer.setSpacing(2)
        self._row = QHBoxLayout()
        outer.addLayout(self._row)
        self.label = self._sentence()
        self._row.addWidget(self.label, 1)
        self.count = QLabel(self)
        self._row.addWidget(self.count)
        self.details = self._button(_("Details"), self._toggle_detail)
        self.copy = self._button(_("Copy"), self._copy_all)
        self.close_button = self._button(_("Close"), notices.dismiss)
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(notices.dismiss)
        self.hide()
        notices.added.connect(self.show_notice)
        notices.dismissed.connect(self._dismissed)
        notices.withdrawn.connect(self._withdrawn)
        notices.cleared.connect(self._cleared)
        words.changed.connect(self._render)
        themes.changed.connect(self._use_font)

    def _sentence(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)  # a compiler's words are no markup
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        label.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        return label

    @cached_property
    def detail(self) -> QPlainTextEdit:
        """Where a tool's own words are; made when the first notice comes."""
        place = QPlainTextEdit(self)
        place.setReadOnly(True)
        place.setTabChangesFocus(True)
        place.hide()
        place.setFont(themes.mono())
        bind(place, "setAccessibleName", _("Details"))
        layout = self.layout()
        assert layout is not None
        layout.addWidget(place)
        return place

    def _use_font(self) -> None:
        if "detail" in self.__dict__:
            self.detail.setFont(themes.mono())

    def _button(self, title: Text, run: Callable[[], object], at: int = -1) -> QToolButton:
        button = QToolButton(self)
        bind(button, "setText", title)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: run())
        self._row.insertWidget(at, button)
        return button

    def show_notice(self, notice: Notice) -> None:
        """Show this one now; the same sentence again takes the place of the one before."""
        self._open = [one for one in self._open if str(one.text) != str(notice.text)]
        self._open = [*self._open[-_OPEN + 1 :], notice]
        self._show_newest()
        QAccessible.updateAccessibility(QAccessibleEvent(self, QAccessible.Event.Alert))

    def _show_newest(self) -> None:
        notice = self._open[-1]
        for button in self._buttons:
            self._row.removeWidget(button)
            button.deleteLater()
        self._buttons = [self._button(action.title, action.run, 2 + at) for at, action in enumerate(notice.actions)]
        self.detail.hide()
        self.setProperty("kind", notice.kind)
        self.style().unpolish(self)
        self.style().polish(self)
        self._render()
        self.show()

    def _render(self) -> None:
        if not self._open:
            return
        notice, waiting = self._open[-1], len(self._open) - 1
        self.label.setText(notice.short())
        self.setAccessibleName(f"{KIND_WORDS[notice.kind]}: {notice.text}")
        self.count.setText(str(_n("{n} more", "{n} more", waiting)))
        self.count.setVisible(waiting > 0)
        self.detail.setPlainText(notice.more())
        self.details.setVisible(bool(notice.more()))
        self._use_font()

    def _toggle_detail(self) -> None:
        lines = min(_DETAIL_LINES, self.detail.blockCount()) + 1
        self.detail.setFixedHeight(self.detail.fontMetrics().lineSpacing() * lines + 8)
        self.detail.setVisible(self.detail.isHidden())

    def _copy_all(self) -> None:
        if self._open:
            QGuiApplication.clipboard().setText(self._open[-1].whole())

    def _dismissed(self) -> None:
        self._keep(self._open[:-1])

    def _withdrawn(self, text: Text | StudioError) -> None:
        left = [one for one in self._open if one.text is not text]
        if len(left) < len(self._open):
            self._keep(left)

    def _keep(self, notices: list[Notice]) -> None:
        self._open = notices
        if self._open:
            self._show_newest()
        else:
            self._leave()

    def _cleared(self) -> None:
        self._open.clear()
        self._leave()

    def _leave(self) -> None:
        """Go; the focus goes back to what is above."""
        focus = QGuiApplication.focusObject()
        if isinstance(focus, QWidget) and self.isAncestorOf(focus) and self.parentWidget() is not None:
            self.parentWidget().setFocus(Qt.FocusReason.OtherFocusReason)
        self.hide()
