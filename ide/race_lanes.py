"""The bars of a race: one lane for each way, its words and numbers above its bar, one scale below them all."""

from __future__ import annotations

import math
from dataclasses import dataclass, field

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QSizePolicy, QWidget

from ide.board.race_lines import Field, Lap, Out, Said
from ide.board.race_words import WAYS, name_of, standing, why_out
from ide.themes import themes
from ide.words import bind, words
from toolchains.text import _

#: Where on the scale "1 times Python" is, as a share of the width: its bar must be seen too.
_ONE = 0.14
_DECADES = 3
_SLOWEST = 0.02


@dataclass
class Standing:
    """How a way does: ``done`` is the share of its laps that are over."""

    best: float | None = None
    done: float = 0.0
    out: Out | None = None


@dataclass
class Scale:
    """From "n times Python" to a share of the width, by powers of ten."""

    decades: int = _DECADES

    def share(self, times: float) -> float:
        """0 to 1."""
        place = _ONE + (1 - _ONE) * math.log10(max(times, 1e-9)) / self.decades
        return min(1.0, max(_SLOWEST, place))

    def fit(self, times: float) -> None:
        """Make room for a way that is faster than the scale goes."""
        while times > 10**self.decades:
            self.decades += 1


class Bar(QWidget):
    """One bar, filled from the left up to ``share``."""

    def __init__(self, number: int, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._number, self._scale = number, scale
        self.share = 0.0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """As high as a line of text."""
        return QSize(160, max(14, self.fontMetrics().height() - 2))

    def paintEvent(self, event: QPaintEvent) -> None:
        """The track with a mark at each power of ten, and what is filled of it."""
        theme = themes.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        area = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        painter.setPen(theme.color("line"))
        painter.setBrush(theme.color("panel"))
        painter.drawRoundedRect(area, 3, 3)
        for power in range(self._scale.decades):
            x = area.width() * self._scale.share(10**power)
            painter.drawLine(int(x), int(area.top()) + 2, int(x), int(area.bottom()) - 1)
        if self.share > 0:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.race_color(self._number))
            filled = QRectF(
                area.left() + 1, area.top() + 1, max(3.0, (area.width() - 2) * self.share), area.height() - 2
            )
            painter.drawRoundedRect(filled, 3, 3)
        painter.end()


class Axis(QWidget):
    """The scale in numbers, under the bars."""

    def __init__(self, scale: Scale, parent: QWidget) -> None:
        super().__init__(parent)
        self._scale = scale
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        themes.changed.connect(self.update)

    def sizeHint(self) -> QSize:
        """One line."""
        return QSize(160, self.fontMetrics().height())

    def paintEvent(self, event: QPaintEvent) -> None:
        """``1×``, ``10×`` …, each at its mark."""
        painter = QPainter(self)
        painter.setPen(themes.theme.color("muted"))
        metrics = self.fontMetrics()
        for power in range(self._scale.decades + 1):
            said = f"{10**power}×"
            width = metrics.horizontalAdvance(said)
            x = (self.width() - 1) * self._scale.share(10**power) - width / 2
            painter.drawText(int(min(max(0.0, x), self.width() - width)), metrics.ascent(), said)
        painter.end()


@dataclass
class _Lane:
    name: QLabel
    numbers: QLabel
    bar: Bar
    state: Standing = field(default_factory=Standing)


class Lanes(QWidget):
    """All lanes. Empty ones stand there before a race, so that one sees what will come."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.scale = Scale()
        self._lanes: dict[str, _Lane] = {}
        self._labels: tuple[str, ...] = ()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setVerticalSpacing(3)
        self._grid.setColumnStretch(1, 1)
        self._axis = Axis(self.scale, self)
        bind(self, "setAccessibleName", _("Race"))
        words.changed.connect(self.render)
        self.enter(WAYS)

    @property
    def ways(self) -> tuple[str, ...]:
        """The field, in its order."""
        return tuple(self._lanes)

    @property
    def labels(self) -> tuple[str, ...]:
        """What people call them, empty where the names have to do."""
        return self._labels

    def enter(self, ways: tuple[str, ...], labels: tuple[str, ...] = ()) -> None:
        """A new race: empty bars, in this order."""
        if self.ways != ways or self._labels != labels:
            self._labels = labels
            self._make(ways)
        self.scale.decades = _DECADES
        for lane in self._lanes.values():
            lane.state = Standing()
        self.render()

    def _make(self, ways: tuple[str, ...]) -> None:
        for lane in self._lanes.values():
            for widget in (lane.name, lane.numbers, lane.bar):
                self._grid.removeWidget(widget)
                widget.deleteLater()
        self._grid.removeWidget(self._axis)
        self._lanes = {}
        for number, way in enumerate(ways):
            name = self._labels[number] if self._labels else name_of(way)
            lane = _Lane(QLabel(name, self), QLabel(self), Bar(number, self.scale, self))
            lane.name.setProperty("role", "heading")
            lane.numbers.setWordWrap(True)
            lane.numbers.setTextFormat(Qt.TextFormat.PlainText)
            lane.numbers.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            lane.bar.setAccessibleName(name)
            self._grid.addWidget(lane.name, 2 * number, 0)
            self._grid.addWidget(lane.numbers, 2 * number, 1)
            self._grid.addWidget(lane.bar, 2 * number + 1, 0, 1, 2)
            self._lanes[way] = lane
        self._grid.addWidget(self._axis, 2 * len(ways), 0, 1, 2)

    def take(self, said: Said) -> None:
        """What the board said of the race."""
        if isinstance(said, Field):
            self.enter(said.ways, said.labels)
        elif isinstance(said, Lap | Out) and said.way in self._lanes:
            state = self._lanes[said.way].state
            if isinstance(said, Lap):
                state.best = min(said.seconds, state.best or said.seconds)
                state.done = said.number / said.of
            else:
                state.out = said
            self.render()

    def times(self, way: str) -> float | None:
        """How many times as fast as the first way, so far."""
        first, own = next(iter(self._lanes.values())).state.best, self._lanes[way].state.best
        return first / own if first and own else None

    def share(self, way: str) -> float:
        """How much of a bar is filled, 0 to 1."""
        return self._lanes[way].bar.share

    def words_of(self, way: str) -> str:
        """What stands above a bar."""
        return self._lanes[way].numbers.text()

    def render(self) -> None:
        """Words, numbers and bars as they are now."""
        for way in self._lanes:
            self.scale.fit(self.times(way) or 1.0)
        for place, (way, lane) in enumerate(self._lanes.items()):
            state, times = lane.state, self.times(way)
            lane.bar.share = self.scale.share(times or 1.0) * state.done if state.best else 0.0
            if state.out is not None:
                lane.numbers.setText(str(why_out(state.out)))
            else:
                lane.numbers.setText(str(standing(state.best, times if place else None)) if state.best else "")
            lane.bar.setAccessibleDescription(lane.numbers.text())
            lane.bar.update()
        self._axis.update()
