"""The names of the curves, each with its line; a click hides a curve."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QToolButton, QWidget

from ide.board.plot_table import Table
from ide.flow import Flow
from ide.panels.plotter.chart import Chart
from ide.themes import Themes
from ide.words import bind
from toolchains.text import _

_ICON = QSize(28, 12)


class Legend(QWidget):
    """One button a curve, and its newest value."""

    def __init__(self, chart: Chart, themes: Themes, parent: QWidget) -> None:
        super().__init__(parent)
        self._chart = chart
        self._row = Flow(self)
        self.buttons: list[QToolButton] = []
        themes.changed.connect(self._paint)

    def renew(self, table: Table) -> None:
        """Names and newest values."""
        while len(self.buttons) > len(table.columns):
            self.buttons.pop().deleteLater()
        added = len(self.buttons) < len(table.columns)
        while len(self.buttons) < len(table.columns):
            self._add(len(self.buttons))
        for number, (button, title) in enumerate(zip(self.buttons, table.titles(), strict=True)):
            if button.text() != title:
                button.setText(title)
                bind(button, "setAccessibleName", _("Show the curve {name}", name=title))
            button.setChecked(number not in self._chart.hidden)
        if added:
            self._paint()
        self.setVisible(bool(self.buttons))

    def _add(self, number: int) -> None:
        button = QToolButton(self)
        button.setCheckable(True)
        button.setProperty("flat", True)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setIconSize(_ICON)
        bind(button, "setToolTip", _("Show or hide this curve"))
        button.clicked.connect(lambda on: self._show(number, on))
        self._row.addWidget(button)
        self.buttons.append(button)
        button.show()

    def _show(self, number: int, on: bool) -> None:
        if on:
            self._chart.hidden.discard(number)
        else:
            self._chart.hidden.add(number)
        self._chart.update()

    def _paint(self) -> None:
        """The lines, in the colours of the theme."""
        for number, button in enumerate(self.buttons):
            button.setIcon(QIcon(self.line(number)))

    def line(self, number: int) -> QPixmap:
        """How a curve is drawn, as a small picture."""
        ratio = self.devicePixelRatioF()
        picture = QPixmap(_ICON * ratio)
        picture.setDevicePixelRatio(ratio)
        picture.fill(Qt.GlobalColor.transparent)
        painter = QPainter(picture)
        painter.setPen(self._chart.pen(number, 2.5))
        field = QRectF(0, 0, _ICON.width(), _ICON.height())
        painter.drawLine(field.left() + 1, field.center().y(), field.right() - 1, field.center().y())
        painter.end()
        return picture
