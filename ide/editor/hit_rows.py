"""A row of search results: the found text in it is lit."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, Qt
from PySide6.QtGui import QColor, QPainter, QPalette
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from ide.editor.search import Hit
from ide.themes import themes

HIT = Qt.ItemDataRole.UserRole + 2


class MarkedText(QStyledItemDelegate):
    """Paints ``12: a line`` with the found text on the colour of found things."""

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Qt's."""
        hit = index.data(HIT)
        if not isinstance(hit, Hit):
            super().paint(painter, option, index)
            return
        own = QStyleOptionViewItem(option)
        self.initStyleOption(own, index)
        text, own.text = own.text, ""
        style = own.widget.style()
        style.drawControl(QStyle.ControlElement.CE_ItemViewItem, own, painter, own.widget)
        area = style.subElementRect(QStyle.SubElement.SE_ItemViewItemText, own, own.widget).adjusted(3, 0, -3, 0)
        start, end = (mark + len(f"{hit.line}: ") for mark in hit.mark)
        metrics = own.fontMetrics
        left = area.left() + metrics.horizontalAdvance(text[:start])
        lit = QRect(left, area.top() + 1, metrics.horizontalAdvance(text[start:end]), area.height() - 2) & area
        color = QColor(themes.color("found"))
        color.setAlpha(130)
        painter.fillRect(lit, color)
        selected = bool(own.state & QStyle.StateFlag.State_Selected)
        role = QPalette.ColorRole.HighlightedText if selected else QPalette.ColorRole.Text
        painter.setPen(own.palette.color(role))
        painter.drawText(area, Qt.AlignmentFlag.AlignVCenter | Qt.TextFlag.TextSingleLine, text.replace("\t", " "))
