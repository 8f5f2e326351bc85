"""Beside the table of all boards: what the board of one line needs, or why it failed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget

from ide import controls
from ide import page_parts as parts
from ide.context import IdeContext
from ide.panels.flasher.coach_view import CoachView
from ide.panels.flasher.many_table import BoardRow
from ide.words import bind, words
from toolchains.text import Text, _

#: Letters of a tool's words that are kept.
_DETAIL = 20_000
_LINES = 10


class RowDetail(QWidget):
    """Hidden while there is nothing to tell of any line."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._row: BoardRow | None = None
        self._said = ""
        page = parts.Page(_("What the chosen board needs"), self)
        self.title = parts.sentence(page.inner, role="heading")
        self.said = parts.sentence(page.inner, role="bad")
        self.coach = CoachView(ctx, page.inner)
        self.details = controls.button(page.inner, _("Details"), self._fold)
        self.details.setCheckable(True)
        bind(self.details, "setToolTip", _("The tool's own words"))
        self.lines = QPlainTextEdit(page.inner)
        self.lines.setReadOnly(True)
        self.lines.setTabChangesFocus(True)
        self.lines.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        bind(self.lines, "setAccessibleName", _("The tool's own words"))
        for widget in (self.title, self.said, self.coach, self.details, self.lines):
            page.column.addWidget(widget)
        page.column.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(page)
        ctx.themes.changed.connect(self._themed)
        words.changed.connect(self._say)
        self._themed()
        self.hide()

    def _themed(self) -> None:
        self.lines.setFont(self._ctx.themes.mono())
        self.lines.setFixedHeight(self.lines.fontMetrics().lineSpacing() * _LINES + 8)

    def show_row(self, rows: Sequence[BoardRow], current: BoardRow | None) -> None:
        """Of the chosen line, else of the first that needs a hand, else of the first that failed."""
        waiting = [row for row in rows if row.lesson is not None]
        failed = [row for row in rows if row.state == "bad" and row.more]
        chosen = current if current is not None and (current.lesson is not None or current.more) else None
        row = chosen or next(iter([*waiting, *failed]), None)
        if row is not self._row:
            self._row, self._said = row, ""
            self.details.setChecked(False)
        self._say()

    def _say(self) -> None:
        row = self._row
        self.setVisible(row is not None)
        if row is None:
            self.coach.leave()
            return
        parts.say(self.title, " · ".join(part for part in (row.port, row.label) if part), "heading")
        said = "\n".join(map(str, row.more))
        parts.say(self.said, said or None, "look" if row.state == "stopped" else "bad")
        if row.lesson is None:
            self.coach.leave()
        elif self.coach.lesson is not row.lesson:
            self.coach.teach(row.lesson, None)
        if row.lesson is not None:
            self.coach.see(row.step if isinstance(row.step, Text) and not self._is_a_step(row) else None)
        self.details.setVisible(bool(row.detail))
        if row.detail != self._said:
            self._said = row.detail
            self.lines.setPlainText(row.detail[-_DETAIL:])
        self._fold()

    @staticmethod
    def _is_a_step(row: BoardRow) -> bool:
        """Whether the line says what stands below a picture anyway."""
        dances = row.lesson.dances if row.lesson is not None else ()
        return any(str(step.text) == str(row.step) for dance in dances for step in dance.steps)

    def _fold(self) -> None:
        self.lines.setVisible(self.details.isChecked() and bool(self._said))
