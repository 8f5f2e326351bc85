"""The numbers of a race, a row a way."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableWidget, QTableWidgetItem, QWidget

from ide.board import race_words
from ide.board.race_report import RaceReport
from ide.controls import low_rows, table_of_rows
from ide.words import words
from toolchains.text import _

_CYCLES = 4


class Numbers(QTableWidget):
    """Fills itself from a report; empty without one."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(0, len(race_words.HEADS), parent)
        table_of_rows(self, _("Numbers of the race"))
        low_rows(self, 6)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self._report: RaceReport | None = None
        words.changed.connect(self._fill)
        self._fill()

    def show_report(self, report: RaceReport | None) -> None:
        """Show these numbers."""
        self._report = report
        self._fill()

    def _fill(self) -> None:
        self.setHorizontalHeaderLabels([str(head) for head in race_words.HEADS])
        report = self._report
        self.setRowCount(len(report.entries) if report is not None else 0)
        counted = report is not None and any(one.cycles for one in report.entries)
        self.setColumnHidden(_CYCLES, not counted)
        for row, entry in enumerate(report.entries if report is not None else ()):
            assert report is not None
            for column, cell in enumerate(race_words.cells(report, entry)):
                item = QTableWidgetItem(cell)
                if column:
                    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                if entry.out is not None:
                    item.setToolTip(str(race_words.why_out(entry.out)))
                self.setItem(row, column, item)
