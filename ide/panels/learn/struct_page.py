"""The struct bench: a format, the bytes as the board lays them out, and the same as a struct in C."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ide.context import IdeContext
from ide.controls import field
from ide.learn import struct_bench
from ide.learn.struct_bench import Layout
from ide.page_parts import big, say
from ide.panels.learn.question import QuestionPage
from ide.words import bind
from toolchains.text import Text, _

_CELL, _HIGH, _GAP = 34, 46, 8
_FIRST = "@BHlB"
#: The page scrolls before the struct in C is lower than this.
_LOWEST = 120


class Bytes(QWidget):
    """Each byte a cell: its place, its value, the letter of its item; what the board skips is crossed out."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.layout_shown: Layout | None = None
        self.setMinimumHeight(_HIGH)
        ctx.themes.changed.connect(self.update)

    def show_layout(self, layout: Layout) -> None:
        """Draw this, and say it to who cannot see it."""
        self.layout_shown = layout
        self.setAccessibleDescription("\n".join(struct_bench.drawn(layout)))
        self._fit()
        self.update()

    @property
    def _columns(self) -> int:
        fitting = max(1, self.width() // _CELL)
        return fitting - fitting % 4 if fitting >= 4 else fitting

    def _fit(self) -> None:
        size = self.layout_shown.size if self.layout_shown is not None else 0
        lines = -(-size // self._columns) if size else 1
        self.setFixedHeight(lines * (_HIGH + _GAP))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """More or fewer in a line."""
        super().resizeEvent(event)
        self._fit()

    def sizeHint(self) -> QSize:
        """Eight bytes a line."""
        return QSize(_CELL * 8, _HIGH + _GAP)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Cell by cell."""
        layout = self.layout_shown
        if layout is None:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for at, owner in enumerate(layout.owners):
            line, column = divmod(at, self._columns)
            self._cell(painter, layout, at, owner, QRectF(column * _CELL, line * (_HIGH + _GAP), _CELL - 2, _HIGH))

    def _cell(self, painter: QPainter, layout: Layout, at: int, owner: int | None, place: QRectF) -> None:
        theme = self._ctx.themes
        painter.setPen(QPen(theme.color("line")))
        areas = ("selection", "green_area", "amber_area")
        painter.setBrush(theme.color("window" if owner is None else areas[owner % len(areas)]))
        painter.drawRoundedRect(place, 3, 3)
        on_selection = owner is not None and owner % len(areas) == 0
        painter.setPen(theme.color("selection_text" if on_selection else "muted"))
        small = painter.font()
        small.setPointSizeF(max(6.0, self.font().pointSizeF() * 0.75))
        painter.setFont(small)
        top = Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignHCenter
        painter.drawText(place.adjusted(0, 1, 0, 0), top, str(at))
        painter.setFont(theme.mono())
        if owner is None:
            painter.drawLine(place.bottomLeft(), place.topRight())
            return
        painter.setPen(theme.color("selection_text" if on_selection else "text"))
        value = "" if layout.data is None else f"{layout.data[at]:02x}"
        painter.drawText(place, Qt.AlignmentFlag.AlignCenter, value)
        bottom = Qt.AlignmentFlag.AlignBottom | Qt.AlignmentFlag.AlignHCenter
        painter.drawText(place.adjusted(0, 0, 0, -1), bottom, layout.items[owner].code)


class StructPage(QuestionPage):
    """Type a format and values; Return asks the board."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(
            ctx, parent, _("struct bench"),
            _("How the board puts numbers into bytes. The first sign: @ as the chip has it, < smallest byte first, > "
              "largest first. Crossed out: skipped, so that the next number begins where the chip can read it."),
        )  # fmt: skip
        self.format = field(self, _("Format, such as <BHh"))
        self.format.setText(_FIRST)
        self.values = field(self, _("Values, such as 1, 2000, -5 (empty: some)"))
        self.go = big(self, _("Ask the board"), self.ask_board)
        self.bytes = Bytes(ctx, self)
        bind(self.bytes, "setAccessibleName", _("Bytes"))
        self.c = QPlainTextEdit(self)
        self.c.setReadOnly(True)
        self.c.setMinimumHeight(_LOWEST)
        self.c.setTabChangesFocus(True)
        self.c.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        bind(self.c, "setAccessibleName", _("The same as a struct in C"))
        for one in (self.format, self.values):
            one.returnPressed.connect(self.ask_board)
        for part in (self.format, self.values, self.go, self.said, self.bytes):
            self.column.addWidget(part)
        self.column.addWidget(self.c, 1)
        ctx.themes.changed.connect(self._dress)
        self._dress()
        self.setFocusProxy(self.format)

    def _dress(self) -> None:
        self.c.setFont(self.ctx.themes.mono())

    def ask_board(self) -> None:
        """Ask how it lays this out."""
        text, values = self.format.text(), self.values.text()
        self.ask(_("struct bench"), lambda job, board: struct_bench.ask(job, board, text, values), self._shown)

    def _shown(self, layout: Layout) -> None:
        self.bytes.show_layout(layout)
        self.c.setPlainText(layout.c_struct)
        if layout.trouble:
            say(self.said, _("The board could not pack these values: {reason}", reason=layout.trouble), "bad")
        else:
            size: Text = _("{n} bytes; sizeof in C: {c}", n=layout.size, c=layout.c_size)
            say(self.said, size)
