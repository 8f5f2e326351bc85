"""The race panel: what races, the bars while it does, and the numbers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QScrollArea, QSplitter, QVBoxLayout, QWidget

from ide import controls
from ide.board.race_report import RaceReport
from ide.board.race_words import verdict
from ide.commands import Command
from ide.context import IdeContext
from ide.flow import Flow
from ide.page_parts import ask_save, big, say, sentence
from ide.panels.race import choices, saving
from ide.panels.race.choices import Choice
from ide.panels.race.table import Numbers
from ide.race_lanes import Lanes
from ide.racing import Racing
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from toolchains.racing import Function


def make(ctx: IdeContext) -> QWidget:
    """The panel, and its commands."""
    return RacePanel(ctx)


class RacePanel(QWidget):
    """One race at a time, on the window's board."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.racing = Racing(ctx, self)
        self.report: RaceReport | None = None
        self.choices: tuple[Choice, ...] = ()
        self._step: Text | None = None
        self._stale = True
        self._wanted = ""
        self._lay_out()
        self._register()
        self._connect()
        self.render()

    # --- what it is made of ---------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        bar = QWidget(self)
        row = Flow(bar)
        self.what = QComboBox(bar)
        self.what.setMinimumWidth(220)
        bind(self.what, "setAccessibleName", _("What races"))
        self.call = controls.field(bar, _("How it is called"))
        self.call.setMinimumWidth(220)
        self.go = big(bar, _("Race"), self.start_or_stop)
        self.to_c = controls.button(bar, _("Write it in C"), self.write_in_c)
        bind(self.to_c, "setToolTip", _("Put the frame of this function into the project's C"))
        self.csv = controls.button(bar, _("Save CSV…"), self.ask_csv)
        self.png = controls.button(bar, _("Save picture…"), self.ask_picture)
        for one in (self.what, self.call, self.go, self.to_c, self.csv, self.png):
            row.addWidget(one)
        self.said = sentence(self)
        self.lanes, self.numbers = Lanes(), Numbers(self)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        scroll.setWidget(self.lanes)
        self.lanes.setContentsMargins(0, 0, 8, 0)
        self._split = QSplitter(Qt.Orientation.Horizontal, self)
        self._split.setChildrenCollapsible(False)
        for part in (scroll, self.numbers):
            self._split.addWidget(part)
        self._split.setSizes([400, 500])
        outer = QVBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 4)
        outer.setSpacing(4)
        outer.addWidget(bar)
        outer.addWidget(self.said)
        outer.addWidget(self._split, 1)
        self.setFocusProxy(self.what)

    def _register(self) -> None:
        ctx = self._ctx

        def there() -> bool:
            return self.report is not None

        ctx.commands.register(
            Command("race.here", _("Race this function"), self.race_here, in_palette=False),
            Command("race.start", _("Race: start"), self.start, enabled=lambda: self.racing.possible),
            Command("race.stop", _("Race: stop"), self.racing.stop, enabled=lambda: self.racing.running),
            Command("race.csv", _("Race: save as CSV"), self.ask_csv, enabled=there),
            Command("race.picture", _("Race: save as a picture"), self.ask_picture, enabled=there),
        )  # fmt: skip

    def _connect(self) -> None:
        ctx, racing = self._ctx, self.racing
        racing.changed.connect(self.render)
        racing.said.connect(self.lanes.take)
        racing.step.connect(self._stepped)
        racing.ended.connect(self._ended)
        ctx.project.changed.connect(self._outdated)
        ctx.project.files_changed.connect(self._outdated)
        ctx.editors.saved.connect(lambda _path: self._outdated())
        words.changed.connect(self._name_choices)
        words.changed.connect(self.render)
        self.what.activated.connect(lambda _at: self._chosen())

    # --- what can race --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Look again, if something changed while nobody looked."""
        super().showEvent(event)
        self._look()

    def _outdated(self) -> None:
        self._stale = True
        if self.isVisible():
            self._look()

    def _look(self) -> None:
        if not self._stale:
            return
        self._stale = False
        folder = self._ctx.project.folder

        def work(_job: JobContext) -> tuple[Choice, ...]:
            return choices.found_in(folder)

        self._ctx.jobs.start(_("Look for functions"), work, on_done=self._found, quiet=True)

    def _found(self, found: tuple[Choice, ...]) -> None:
        before = self.choice
        self.choices = found
        key = self._wanted or (before.key if before is not None else "")
        self._wanted = ""
        self._name_choices()
        at = next((n for n, one in enumerate(found) if one.key == key), 0)
        self.what.setCurrentIndex(at)
        if before is None or before.key != found[at].key or before.function != found[at].function:
            self._chosen()

    def _name_choices(self) -> None:
        at = self.what.currentIndex()
        self.what.clear()
        self.what.addItems([str(one.title) for one in self.choices])
        self.what.setCurrentIndex(max(0, at))

    @property
    def choice(self) -> Choice | None:
        """What is chosen."""
        at = self.what.currentIndex()
        return self.choices[at] if 0 <= at < len(self.choices) else None

    def _chosen(self) -> None:
        function = self.choice.function if self.choice is not None else None
        self.call.setText(function.call if function is not None else "")
        self.render()

    # --- racing ---------------------------------------------------------------------------------------------------

    def start_or_stop(self) -> None:
        """The big button."""
        if self.racing.running:
            self.racing.stop()
        else:
            self.start()

    def start(self) -> None:
        """Race what is chosen."""
        choice = self.choice
        if choice is None:
            return
        text = self._text_of(choice.function.path) if choice.function is not None else None
        self.report = None
        self.numbers.show_report(None)
        self.lanes.enter(self.lanes.ways, self.lanes.labels)
        wanted = choices.race_of(choice, self._ctx.project.folder, self.call.text(), text)
        self._ctx.editors.save_all_then(lambda _all: self.racing.start(wanted))

    def _text_of(self, path: Path) -> str | None:
        """A file's text as it is on the screen, None where it is not open."""
        return self._ctx.editors.text_of(path)

    def race_here(self) -> None:
        """The function that the cursor is in."""
        from toolchains import racing

        view = self._ctx.editors.current()
        if view is None or view.document.path is None:
            return
        try:
            function = racing.at(view.document.path, view.document.text(), view.sci.place()[0])
        except StudioError as error:
            self._ctx.notices.error(error)
            return
        self.choose(function)
        self.start()

    def choose(self, function: Function) -> None:
        """Let this function be what races."""
        new = choices.of_function(function)
        self.choices = (new, *(one for one in self.choices if one.key != new.key))
        self._wanted = new.key
        self._name_choices()
        self.what.setCurrentIndex(0)
        self._chosen()

    def _stepped(self, step: Text) -> None:
        self._step = step
        self.render()

    def _ended(self, report: RaceReport | None) -> None:
        self.report, self._step = report, None
        self.numbers.show_report(report)
        self.render()

    def render(self) -> None:
        """Everything that depends on the board and the race."""
        running, choice = self.racing.running, self.choice
        bind(self.go, "setText", _("Stop") if running else _("Race"))
        self.go.setEnabled(running or (self.racing.possible and choice is not None))
        self.what.setEnabled(not running)
        function = choice.function if choice is not None else None
        self.call.setVisible(function is not None)
        self.to_c.setVisible(function is not None)
        self.to_c.setEnabled(not running)
        for one in (self.csv, self.png):
            one.setEnabled(self.report is not None)
        say(self.said, self._sentence())
        self._ctx.commands.refresh()

    def _sentence(self) -> Text | str:
        if self.report is not None:
            return "\n".join(map(str, verdict(self.report)))
        if self.racing.running:
            return self._step or _("The race begins.")
        if not self._ctx.board.connected:
            return _("The race can begin as soon as a board answers.")
        return _("Equal results are checked first, then each way is timed.")

    # --- C, and files -----------------------------------------------------------------------------------------------

    def write_in_c(self) -> None:
        """The frame of the function in C, shown."""
        choice, folder = self.choice, self._ctx.project.folder
        if choice is None or choice.function is None:
            return
        function, shown = choice.function, self._text_of(choice.function.path)

        def work(_job: JobContext) -> Path:
            from toolchains import project
            from toolchains.edits import read_text
            from toolchains.racing.in_c import in_c

            fix = in_c(function, project.load(folder), shown if shown is not None else read_text(function.path))
            fix.apply()
            return next((path for path in fix.paths if path.suffix == ".c"), function.path)

        def done(path: Path) -> None:
            self._ctx.editors.open(path)
            self._outdated()

        def saved(all_could: bool) -> None:
            if all_could:
                self._ctx.jobs.start(_("Write it in C"), work, on_done=done)

        self._ctx.editors.save_all_then(saved)

    def ask_csv(self) -> None:
        """Ask where, and save the numbers."""
        self._ask(_("Save CSV"), "csv", saving.save_csv)

    def ask_picture(self) -> None:
        """Ask where, and save the bars."""
        self._ask(_("Save picture"), "png", saving.save_picture)

    def _ask(self, title: Text, suffix: str, save: Callable[[IdeContext, RaceReport, Path], None]) -> None:
        report = self.report
        if report is not None:
            ask_save(self, title, f"race.{suffix}", suffix, lambda path: save(self._ctx, report, Path(path)))
