"""The coach: pictures of what to press on this chip's board, the same in words, and how long it waits still."""

from __future__ import annotations

import time

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtSvg import QSvgRenderer
from PySide6.QtWidgets import QBoxLayout, QFrame, QVBoxLayout, QWidget

from ide.board.flash import coach
from ide.context import IdeContext
from ide.flow import Flow
from ide.page_parts import say, sentence
from ide.words import bind, words
from toolchains.text import Text, _
from toolchains.units import time_text

#: Six of them beside each other in a window of 1280.
_PICTURE = QSize(146, 80)
_TICK_MS = 500
#: Between pictures, and between two ways, in pixels.
_GAP = 8


class Picture(QWidget):
    """One of the coach's drawings, in the colours of the theme."""

    def __init__(self, ctx: IdeContext, size: QSize, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._name, self._chip = "", ""
        self._drawing: QSvgRenderer | None = None
        self.setFixedSize(size)
        ctx.themes.changed.connect(self._load)

    def show_picture(self, name: str, chip: str) -> None:
        """Draw this one, of this chip."""
        if (name, chip) != (self._name, self._chip):
            self._name, self._chip = name, chip
            self._load()

    def _load(self) -> None:
        if self._name:
            drawing = coach.picture(self._name, dark=self._ctx.themes.theme.dark, chip=self._chip)
            self._drawing = QSvgRenderer(QByteArray(drawing.encode()))
            self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Draw it, as large as there is room."""
        painter, color = QPainter(self), self._ctx.themes.color
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(color("line"), 1))
        painter.setBrush(color("panel"))
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), 4, 4)
        if self._drawing is not None and self._drawing.isValid():
            size = self._drawing.defaultSize().scaled(self.size() - QSize(4, 4), Qt.AspectRatioMode.KeepAspectRatio)
            left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
            self._drawing.render(painter, QRectF(left, top, size.width(), size.height()))
        painter.end()


class _Step(QWidget):
    """A drawing and its words."""

    def __init__(self, ctx: IdeContext, size: QSize, parent: QWidget) -> None:
        super().__init__(parent)
        self.picture = Picture(ctx, size, self)
        self.words = sentence(self)
        self.words.setFixedWidth(size.width())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(2)
        column.addWidget(self.picture)
        column.addWidget(self.words)
        column.addStretch(1)

    def show_step(self, number: int, step: coach.Step, chip: str) -> None:
        """Show this one."""
        said = f"{number}. {step.text}"
        self.picture.show_picture(step.picture, chip)
        self.picture.setAccessibleName(said)
        self.words.setText(said)
        self.words.setFixedHeight(self.words.heightForWidth(self.picture.width()))
        self.show()
        self.adjustSize()


class CoachView(QFrame):
    """``came``: it is here, or gone. While it is seen it counts the seconds.

    The ways to download mode are beside each other where there is room, else below each other.
    """

    came = Signal()

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._ctx = ctx
        self.lesson: coach.Lesson | None = None
        self._seen: Text | None = None
        self._until: float | None = None
        self.title = sentence(self, role="heading")
        self.notes = sentence(self, role="muted")
        self.seen = sentence(self, role="look")
        self.left = sentence(self, role="muted")
        self._dances: list[QWidget] = []
        self._ways = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._ways.setSpacing(8)
        self.steps: list[_Step] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(8, 6, 8, 6)
        self._column.setSpacing(4)
        for widget in (self.title, self.seen, self.left):
            self._column.addWidget(widget)
        self._column.addLayout(self._ways)
        self._column.addWidget(self.notes)
        self._clock = QTimer(self)
        self._clock.setInterval(_TICK_MS)
        self._clock.timeout.connect(self._count)
        words.changed.connect(self._render)
        self.hide()

    def teach(self, lesson: coach.Lesson, seconds: float | None) -> None:
        """Show this lesson, and wait so long; None: as long as it takes."""
        self._until = time.monotonic() + seconds if seconds is not None else None
        self.lesson = lesson
        bind(self.title, "setText", lesson.title)
        self.see(None)
        self._render()
        if self._until is not None:
            self._clock.start()
        self.show()
        self.came.emit()

    def see(self, text: Text | None) -> None:
        """What the watcher sees."""
        self._seen = text
        say(self.seen, text, "look")

    def leave(self) -> None:
        """The chip is in download mode, or nobody waits any more."""
        self._clock.stop()
        self.lesson = None
        if not self.isHidden():
            self.hide()
            self.came.emit()

    def _render(self) -> None:
        lesson = self.lesson
        if lesson is None:
            return
        for way in self._dances:
            way.hide()
            self._ways.removeWidget(way)
            way.deleteLater()
        self._dances, self.steps = [], []
        for dance in lesson.dances:
            way = self._way(dance, lesson)
            self._ways.addWidget(way)
            self._dances.append(way)
        self._turn()
        notes = (*((lesson.socket.text,) if lesson.socket is not None else ()), *lesson.notes)
        self.notes.setText("\n".join(map(str, notes)))
        self.notes.setVisible(bool(notes))
        self._count()

    def _way(self, dance: coach.Dance, lesson: coach.Lesson) -> QWidget:
        way = QWidget(self)
        column = QVBoxLayout(way)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        if len(lesson.dances) > 1:
            column.addWidget(sentence(way, dance.title))
        row = QWidget(way)
        flow = Flow(row)
        for number, step in enumerate(dance.steps, 1):
            widget = _Step(self._ctx, _PICTURE, row)
            widget.show_step(number, step, lesson.chip)
            flow.addWidget(widget)
            self.steps.append(widget)
        column.addWidget(row)
        column.addStretch(1)
        return way

    def resizeEvent(self, event: QResizeEvent) -> None:
        """There may be room for all beside each other now."""
        super().resizeEvent(event)
        self._turn()

    def _turn(self) -> None:
        shares = [len(dance.steps) for dance in self.lesson.dances] if self.lesson is not None else []
        step = _PICTURE.width() + _GAP
        fits = self.contentsRect().width() >= sum(shares) * step + (len(shares) + 1) * _GAP
        way = QBoxLayout.Direction.LeftToRight if fits else QBoxLayout.Direction.TopToBottom
        if self._ways.direction() != way:
            self._ways.setDirection(way)
        for at, share in enumerate(shares):
            self._ways.setStretch(at, share if fits else 0)

    def _count(self) -> None:
        if self._until is None:
            said = _("It goes on by itself as soon as the chip answers.")
        else:
            left = max(0, round(self._until - time.monotonic()))
            said = _("It goes on by itself as soon as the chip answers; {time} left.", time=time_text(left))
        self.left.setText(str(said))
