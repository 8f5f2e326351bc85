"""The start page as a person sees it."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from ide.board.race_words import verdict
from ide.context import IdeContext
from ide.race_lanes import Lanes
from ide.racing import Racing
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.race import RaceReport

WELCOME = "window.welcome"
#: What to do next; those that are there in this window.
_NEXT = ("project.new", "project.examples", "panel.learn", "project.open", "view.palette")
_WIDTH = 320


class StartPage(QScrollArea):
    """Two buttons, the race, what to do next, and whether to see this page again."""

    def __init__(self, ctx: IdeContext, racing: Racing, run_factorial: Callable[[], None]) -> None:
        super().__init__()
        self._ctx, self._racing = ctx, racing
        self._report: RaceReport | None = None
        self._step: Text | None = None
        self._follow = False
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bind(self, "setAccessibleName", _("Start page"))
        self._page = QWidget()
        self._column = QVBoxLayout(self._page)
        self._column.setContentsMargins(12, 8, 12, 8)
        self._column.setSpacing(6)
        self._explain()
        line = QHBoxLayout()
        line.setSpacing(8)
        self.factorial = self._big(line, _("factorial"), run_factorial)
        self.race = self._big(line, _("race"), self._race)
        self._column.addLayout(line)
        self._factorial_words = self._small()
        bind(self._small(), "setText", _("race: one picture, drawn in Python, native, viper and C."))
        self._column.addSpacing(4)
        self.lanes = Lanes(self._page)
        self._column.addWidget(self.lanes)
        self.verdict = QLabel(self._page)
        self.verdict.setWordWrap(True)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self._column.addWidget(self.verdict)
        self._column.addSpacing(8)
        self._add_next()
        self._column.addStretch(1)
        self._add_welcome()
        self.setWidget(self._page)
        self.setFocusProxy(self.factorial)
        self.verticalScrollBar().rangeChanged.connect(lambda _low, _high: self._look_at_verdict())
        self._connect()
        self.render()

    # --- what is on it --------------------------------------------------------------------------------------------

    def _explain(self) -> None:
        about = QLabel(self._page)
        about.setWordWrap(True)
        bind(
            about, "setText",
            _("A native module is C that MicroPython imports like Python. Change a line, press Run, and it is on the "
              "board. The simulated board is enough to begin."),
        )  # fmt: skip
        self._column.addWidget(about)
        self._column.addSpacing(4)

    def _big(self, line: QHBoxLayout, title: Text, run: Callable[[], None]) -> QPushButton:
        button = QPushButton(self._page)
        button.setProperty("big", True)
        bind(button, "setText", title)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.clicked.connect(lambda _checked=False: run())
        line.addWidget(button)
        return button

    def _small(self) -> QLabel:
        label = QLabel(self._page)
        label.setWordWrap(True)
        label.setProperty("role", "muted")
        self._column.addWidget(label)
        return label

    def _add_next(self) -> None:
        self._next_title = QLabel(self._page)
        self._next_title.setProperty("role", "heading")
        bind(self._next_title, "setText", _("What to do next"))
        self._column.addWidget(self._next_title)
        self._links: dict[str, QPushButton] = {}
        for command_id in _NEXT:
            link = QPushButton(self._page)
            link.setProperty("link", True)
            link.clicked.connect(lambda _checked=False, command_id=command_id: self._ctx.commands.run(command_id))
            self._column.addWidget(link)
            self._links[command_id] = link

    def _add_welcome(self) -> None:
        self.welcome = QCheckBox(self._page)
        bind(self.welcome, "setText", _("Show this page at the start"))
        self.welcome.setChecked(self._ctx.settings.on(WELCOME))
        self.welcome.toggled.connect(self._set_welcome)
        self._column.addWidget(self.welcome)

    def sizeHint(self) -> QSize:
        """As wide as a dock at the side should be."""
        return QSize(_WIDTH, 560)

    # --- what happens ---------------------------------------------------------------------------------------------

    def _connect(self) -> None:
        ctx, racing = self._ctx, self._racing
        racing.changed.connect(self.render)
        racing.said.connect(self.lanes.take)
        racing.step.connect(self._stepped)
        racing.ended.connect(self._ended)
        ctx.project.changed.connect(self.render)
        words.changed.connect(self.render)
        ctx.commands.on_change.append(self.render)
        ctx.settings.listeners.append(self._setting_changed)
        self.destroyed.connect(lambda: self._leave(ctx))

    def _leave(self, ctx: IdeContext) -> None:
        ctx.commands.on_change.remove(self.render)
        ctx.settings.listeners.remove(self._setting_changed)

    def _race(self) -> None:
        if self._racing.running:
            self._racing.stop()
        else:
            self._report = None
            self._racing.start()
            self.lanes.enter(self.lanes.ways)
            self._follow = True
            self._look_at_verdict()

    def _look_at_verdict(self) -> None:
        """Keep bars and verdict in sight while the words below them grow."""
        if self._follow:
            self.ensureWidgetVisible(self.verdict, 0, 8)

    def _stepped(self, step: Text) -> None:
        self._step = step
        self.render()

    def _ended(self, report: RaceReport | None) -> None:
        self._report, self._step = report, None
        self.render()
        self._look_at_verdict()

    def _set_welcome(self, on: bool) -> None:
        try:
            self._ctx.settings.set(WELCOME, on)
        except StudioError as error:
            self._ctx.notices.error(error)

    def _setting_changed(self, key: str) -> None:
        if key == WELCOME:
            self.welcome.setChecked(self._ctx.settings.on(WELCOME))

    def render(self) -> None:
        """Everything that depends on the project, the board and the race."""
        racing, own = self._racing, is_factorial(self._ctx)
        self.factorial.setEnabled(not racing.running and not (own and self._ctx.runs.busy))
        says = (
            _("factorial: a few lines of C, built, put on the board and called.")
            if own
            else _("factorial: the smallest example, in a window of its own.")
        )
        bind(self._factorial_words, "setText", says)
        bind(self.factorial, "setAccessibleDescription", says)
        bind(self.race, "setText", _("Stop") if racing.running else _("race"))
        self.race.setEnabled(racing.possible or racing.running)
        self.verdict.setText(self._said())
        self.verdict.setVisible(bool(self.verdict.text()))
        records = self._ctx.commands.records
        for command_id, link in self._links.items():
            link.setVisible(command_id in records)
            if command_id in records:
                bind(link, "setText", records[command_id].title)

    def _said(self) -> str:
        if self._report is not None:
            return "\n".join(map(str, verdict(self._report)))
        if self._racing.running:
            return str(self._step or _("The race begins."))
        return "" if self._ctx.board.connected else str(_("The race can begin as soon as a board answers."))


def is_factorial(ctx: IdeContext) -> bool:
    """Whether this window's project is our first example, or a copy of it."""
    from ide.gallery import FIRST

    return bool(ctx.project.name == FIRST)
