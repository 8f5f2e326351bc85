"""The Problems panel: what compilers, linkers and boards complain about; each row leads to its place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PySide6.QtCore import QAbstractTableModel, QModelIndex, Qt
from PySide6.QtGui import QFontMetrics, QGuiApplication, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QPlainTextEdit,
    QStackedWidget,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide import controls, problem_words
from ide.commands import Command
from ide.context import IdeContext
from ide.panels.problems.care import Care
from ide.problems import Problem, Severity
from ide.words import bind, words
from toolchains.text import Text, _, _n

_HEADS: tuple[Text, ...] = (_("Kind"), _("Message"), _("File"), _("Line"))
_KIND, _MESSAGE, _FILE, _LINE = range(4)
_SEVERITIES: tuple[Severity, ...] = ("error", "warning", "note")
#: What a tooltip and the details hold at most, in characters.
_SHOWN = 20_000


class ProblemsModel(QAbstractTableModel):
    """The problems that are shown, one in a row."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.rows: list[Problem] = []

    def show(self, problems: list[Problem]) -> None:
        """Replace all rows."""
        self.beginResetModel()
        self.rows = problems
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return 0 if parent is not None and parent.isValid() else len(self.rows)

    def columnCount(self, parent: QModelIndex | None = None) -> int:
        """Qt asks."""
        return len(_HEADS)

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = 0) -> Any:  # noqa: ANN401
        """The heads, in the person's language."""
        if orientation == Qt.Orientation.Horizontal and role == Qt.ItemDataRole.DisplayRole:
            return str(_HEADS[section])
        if role == Qt.ItemDataRole.TextAlignmentRole and section == _LINE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        return None

    def data(self, index: QModelIndex, role: int = 0) -> Any:  # noqa: ANN401
        """One cell."""
        problem = self.rows[index.row()]
        if role == Qt.ItemDataRole.DisplayRole:
            return self._cell(problem, index.column())
        if role == Qt.ItemDataRole.ForegroundRole and index.column() == _KIND:
            return self._ctx.themes.color(problem_words.COLORS[problem.severity])
        if role == Qt.ItemDataRole.TextAlignmentRole and index.column() == _LINE:
            return int(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        if role in (Qt.ItemDataRole.ToolTipRole, Qt.ItemDataRole.AccessibleDescriptionRole):
            return problem_words.line_of(problem, self._ctx.project.folder)[:_SHOWN]
        return None

    def _cell(self, problem: Problem, column: int) -> str:
        if column == _KIND:
            return problem_words.kind(problem)
        if column == _MESSAGE:
            return problem.message.replace("\n", " ")
        if column == _FILE:
            return problem_words.file_name(problem, self._ctx.project.folder)
        return str(problem.line) if problem.line else ""


class ProblemsPanel(QWidget):
    """The table, three filters, what the selected problem means, and the tool's own words on demand."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.model = ProblemsModel(ctx, self)
        self.filters = {severity: self._filter(severity) for severity in _SEVERITIES}
        self.table = self._table()
        self.detail = QPlainTextEdit(self)
        self.details = controls.button(self, _("Details"), self._show_detail)
        self.copy = controls.button(self, _("Copy"), self.copy_selected)
        self._make_detail()
        self.care = Care(ctx, self)
        self.empty = QLabel(self)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.empty.setWordWrap(True)
        self.empty.setProperty("role", "muted")
        self.stack = QStackedWidget(self)
        for page in (self.table, self.empty):
            self.stack.addWidget(page)
        self._lay_out()
        self.setFocusProxy(self.table)
        ctx.problems.listeners.append(self.update_rows)
        ctx.themes.changed.connect(self._themed)
        words.changed.connect(self.update_rows)
        self._register()
        self._themed()
        self.update_rows()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _table(self) -> QTableView:
        table = QTableView(self)
        table.setModel(self.model)
        table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        controls.table_of_rows(table, _("Problems"))
        table.horizontalHeader().setSectionResizeMode(_MESSAGE, QHeaderView.ResizeMode.Stretch)
        table.activated.connect(lambda index: self.go_to(index.row()))
        table.clicked.connect(lambda index: self.go_to(index.row(), focus=False))
        table.selectionModel().selectionChanged.connect(lambda *_changed: self._selected())
        copy = QShortcut(QKeySequence(QKeySequence.StandardKey.Copy), table)
        copy.setContext(Qt.ShortcutContext.WidgetShortcut)
        copy.activated.connect(self.copy_selected)
        return table

    def _make_detail(self) -> None:
        self.detail.setReadOnly(True)
        self.detail.setTabChangesFocus(True)
        self.detail.setMaximumHeight(120)
        self.detail.hide()
        bind(self.detail, "setAccessibleName", _("The tool's own words"))
        bind(self.details, "setToolTip", _("The tool's own words"))
        self.details.setCheckable(True)

    def _filter(self, severity: Severity) -> QToolButton:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setChecked(True)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.toggled.connect(lambda _on: self.update_rows())
        return button

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        for button in self.filters.values():
            row.addWidget(button)
        row.addStretch(1)
        row.addWidget(self.details)
        row.addWidget(self.copy)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addLayout(row)
        outer.addWidget(self.stack, 1)
        outer.addWidget(self.care)
        outer.addWidget(self.detail)

    def _register(self) -> None:
        self._ctx.commands.register(
            Command(
                "problems.next", _("Next problem"), lambda: self.step(1), "F8", "code/50",
                enabled=lambda: bool(self.model.rows),
            ),
            Command(
                "problems.previous", _("Previous problem"), lambda: self.step(-1), "Shift+F8", "code/51",
                enabled=lambda: bool(self.model.rows),
            ),
            Command(
                "problems.fix", _("Fix the problem"), self.care.apply, "Ctrl+.", "code/52",
                enabled=lambda: self.care.can_fix,
            ),
        )  # fmt: skip

    # --- what happens ---------------------------------------------------------------------------------------------

    def update_rows(self) -> None:
        """The problems, the filters or the language changed."""
        problems = self._ctx.problems
        selected = self.selected()
        shown = [one for one in problems.all() if self.filters[one.severity].isChecked()]
        self.model.show(shown)
        counts = {severity: problems.count(severity) for severity in _SEVERITIES}
        titles = {
            "error": _n("{n} error", "{n} errors", counts["error"]),
            "warning": _n("{n} warning", "{n} warnings", counts["warning"]),
            "note": _n("{n} note", "{n} notes", counts["note"]),
        }
        for severity, button in self.filters.items():
            bind(button, "setText", titles[severity])
            bind(button, "setAccessibleName", _("Show: {what}", what=titles[severity]))
            button.setToolTip(button.accessibleName())
        self._ctx.layout.set_badge("problems", counts["error"] + counts["warning"])
        hidden = bool(sum(counts.values())) and not shown
        nothing = _("No problems. What compilers and boards complain about appears here after Build or Run.")
        bind(self.empty, "setText", _("All of them are filtered out.") if hidden else nothing)
        self.stack.setCurrentWidget(self.table if shown else self.empty)
        if selected in shown:
            self.table.selectRow(shown.index(selected))
        self._selected()
        self._ctx.commands.refresh()

    def selected(self) -> Problem | None:
        """The problem of the current row."""
        rows = self.table.selectionModel().selectedRows()
        return self.model.rows[rows[0].row()] if rows else None

    def go_to(self, row: int, *, focus: bool = True) -> None:
        """Open the place of a row; with a click the table keeps the keyboard."""
        problem = self.model.rows[row]
        if problem.path is not None:
            self._ctx.editors.open(problem.path, problem.line, problem.column, focus=focus)
        elif problem.detail.strip():
            self.details.setChecked(True)
            self._selected()

    def step(self, by: int) -> None:
        """The next or the previous problem, from the one that is selected."""
        rows = self.model.rows
        if not rows:
            return
        selected = self.selected()
        at = (rows.index(selected) + by) % len(rows) if selected is not None else (0 if by > 0 else len(rows) - 1)
        self.table.selectRow(at)
        self.go_to(at)

    def copy_selected(self) -> None:
        """The selected rows, or all, as text."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        chosen = [self.model.rows[row] for row in rows] or self.model.rows
        root: Path = self._ctx.project.folder
        QGuiApplication.clipboard().setText("\n".join(problem_words.line_of(one, root) for one in chosen))

    def _selected(self) -> None:
        problem = self.selected()
        text = problem.detail.strip() if problem is not None else ""
        self.care.show_for(problem)
        self.details.setEnabled(bool(text))
        self.copy.setEnabled(bool(self.model.rows))
        self.detail.setVisible(bool(text) and self.details.isChecked())
        self.detail.setPlainText(text[-_SHOWN:])

    def _show_detail(self) -> None:
        self._selected()

    def _themed(self) -> None:
        self.detail.setFont(self._ctx.themes.mono())
        metrics = QFontMetrics(self.table.font())
        self.table.verticalHeader().setDefaultSectionSize(metrics.height() + 8)
        self.table.setColumnWidth(_KIND, metrics.horizontalAdvance("× ") + 90)
        self.table.setColumnWidth(_FILE, 24 * metrics.averageCharWidth() + 24)
        self.table.setColumnWidth(_LINE, 10 * metrics.averageCharWidth())
        self.table.viewport().update()
