"""The lessons: which one, its page, and the exercise with its check."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtGui import QResizeEvent, QShowEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QVBoxLayout, QWidget
from shiboken6 import isValid

from ide import controls, gallery
from ide.context import IdeContext
from ide.flow import Flow
from ide.learn import doing, lessons, results
from ide.learn.results import Result
from ide.page_parts import ask_folder, big, say, sentence
from ide.panels.learn.page_view import CHECK, EXERCISE, HERE, TRY, Opened, PageView
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.testing import BoardResult

_ROOM_FOR_FOOT = 320
OWN, PERSON, RESULTS = "learn.lessons", "learn.person", "learn.results"


@dataclass(frozen=True)
class _Read:
    """The lessons of a folder as they were read, and those that the person has passed."""

    opened: tuple[Opened, ...]
    faults: tuple[StudioError, ...]
    passed: frozenset[str]


class LessonsPage(QWidget):
    """A list above, the page, and a foot: your name, the exercise, its check."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.ctx = ctx
        self.opened: tuple[Opened, ...] = ()
        self._cancel: Callable[[], object] | None = None
        self._stale = True
        self._wanted = ""
        self._passed: frozenset[str] = frozenset()
        bind(self, "setAccessibleName", _("Lessons"))
        self._lay_out()
        words.changed.connect(self._outdated)
        ctx.board.changed.connect(self.render)
        ctx.settings.listeners.append(self._setting_changed)
        self.destroyed.connect(lambda: ctx.settings.listeners.remove(self._setting_changed))

    def _lay_out(self) -> None:
        self.which = QComboBox(self)
        bind(self.which, "setAccessibleName", _("Which lesson"))
        self.which.activated.connect(lambda _at: self._show_current())
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.which.setMinimumContentsLength(12)
        head = QHBoxLayout()
        head.setContentsMargins(8, 2, 8, 2)
        head.addWidget(self.which, 1)
        self.view = PageView(self.ctx, self)
        self.view.wanted.connect(self._wish)
        self.view.lesson.connect(self.show_lesson)
        self.said = sentence(self)
        self.said.setContentsMargins(8, 0, 8, 0)
        self.said.hide()
        self.foot = bar = QWidget(self)
        flow = Flow(bar)
        self.person = controls.field(bar, _("Your name"))
        self.person.setText(self.ctx.settings.text(PERSON))
        self.person.editingFinished.connect(self._keep_person)
        self.exercise = controls.button(bar, _("Open the exercise"), self.open_exercise)
        self.check = big(bar, _("Check"), self.check_or_stop)
        self.folder = controls.button(bar, _("Other lessons…"), self._ask_folder)
        bind(self.folder, "setToolTip", _("Lessons of your own, or your teacher's: a folder of the same shape"))
        for one in (self.person, self.exercise, self.check, self.folder):
            flow.addWidget(one)
        foot = QVBoxLayout()
        foot.setContentsMargins(8, 0, 8, 4)
        foot.addWidget(bar)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addLayout(head)
        column.addWidget(self.view, 1)
        column.addWidget(self.said)
        column.addLayout(foot)
        self.setFocusProxy(self.which)
        self.render()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room it is the page's: its last line leads to the exercise and the check, too."""
        super().resizeEvent(event)
        self.foot.setVisible(self.height() >= _ROOM_FOR_FOOT)

    # --- which lessons there are ----------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Read the lessons when they are seen first, and again when the language is another."""
        super().showEvent(event)
        self._look()

    def _outdated(self) -> None:
        self._stale = True
        if self.isVisible():
            self._look()

    def _setting_changed(self, key: str) -> None:
        if key == OWN:
            self._outdated()
        elif key == PERSON:
            self.person.setText(self.ctx.settings.text(PERSON))

    def _look(self) -> None:
        if not self._stale:
            return
        self._stale = False
        language, own = words.language, self.ctx.settings.text(OWN)
        kept, person = self._kept, self.ctx.settings.text(PERSON)

        def work(_job: JobContext) -> _Read:
            shelf = lessons.shelf(Path(own) if own else None)
            opened = tuple(Opened.of(one, language) for one in shelf.lessons)
            return _Read(opened, shelf.faults, results.passed_by(kept, person))

        self.ctx.jobs.start(_("Read lessons"), work, on_done=self._read, on_error=self._failed, quiet=True)

    def _read(self, found: _Read) -> None:
        before = self._wanted or (self.current.lesson.name if self.current is not None else "")
        self._wanted = ""
        self.opened, self._passed = found.opened, found.passed
        self.which.clear()
        self.which.addItems([""] * len(self.opened))
        self._name_lessons()
        say(self.said, "\n".join(map(str, found.faults)) if found.faults else None, "bad")
        self.which.setCurrentIndex(max(0, self._place(before)))
        self._show_current()

    def _name_lessons(self) -> None:
        for at, one in enumerate(self.opened):
            mark = f" · {_('passed')}" if one.lesson.name in self._passed else ""
            self.which.setItemText(at, f"{at + 1}. {one.title}{mark}")

    @property
    def _kept(self) -> Path:
        """Where results go."""
        own = self.ctx.settings.text(RESULTS)
        return Path(own) if own else gallery.projects_folder(self.ctx.engine.host) / "results"

    def _place(self, name: str) -> int:
        return next((n for n, one in enumerate(self.opened) if one.lesson.name == name), -1)

    @property
    def current(self) -> Opened | None:
        """The lesson that is shown."""
        at = self.which.currentIndex()
        return self.opened[at] if 0 <= at < len(self.opened) else None

    def show_lesson(self, name: str) -> None:
        """Turn to the lesson with this name."""
        at = self._place(name)
        if at >= 0:
            self.which.setCurrentIndex(at)
            self._show_current()
        else:
            self._wanted = name

    def _show_current(self) -> None:
        if self.current is not None:
            self.view.show_page(self.current)
        self.render()

    def _ask_folder(self) -> None:
        ask_folder(self, _("Choose a folder with lessons"), lambda name: self._set(OWN, name))

    def _keep_person(self) -> None:
        self._set(PERSON, self.person.text().strip())

    def _set(self, key: str, value: str) -> None:
        try:
            self.ctx.settings.set(key, value)
        except StudioError as error:
            self.ctx.notices.error(error)

    # --- what is done with them -----------------------------------------------------------------------------------

    def render(self) -> None:
        """What can be done now."""
        current, running = self.current, self._cancel is not None
        there = current is not None and current.lesson.exercise is not None
        self.exercise.setEnabled(there)
        bind(self.check, "setText", _("Stop") if running else _("Check"))
        self.check.setEnabled(there or running)

    def _wish(self, what: str, snippet: str) -> None:
        if self.current is None:
            return
        if what == TRY:
            self.try_snippet(snippet)
        elif what == HERE:
            self.run_here(snippet)
        elif what == EXERCISE:
            self.open_exercise()
        elif what == CHECK:
            self.check_or_stop()
        else:
            self._open(lambda lesson, into: doing.take_snippet(lesson, snippet, into))

    def open_exercise(self) -> None:
        """The person's copy, in a window of its own."""
        self._open(doing.take_exercise)

    def _open(self, take: Callable[[lessons.Lesson, Path], Path]) -> None:
        if self.current is None:
            return
        lesson, into = self.current.lesson, gallery.projects_folder(self.ctx.engine.host)
        self.ctx.jobs.start(_("Open as a project"), lambda _job: take(lesson, into), on_done=self.ctx.open_project)

    def try_snippet(self, snippet: str) -> None:
        """Run it on the board; what it prints goes to the console."""
        assert self.current is not None
        lesson, own, output = self.current.lesson, self.ctx.engine.paths, self.ctx.board.printer()

        def work(job: JobContext, boards: Boards, address: str) -> bool:
            return doing.try_snippet(job, boards, address, lesson, snippet, own, output)

        self._at_board(_("Try {name}", name=snippet), work, self._tried)

    def run_here(self, snippet: str) -> None:
        """Run the other end on this computer; what it prints stands below the page."""
        assert self.current is not None
        lesson = self.current.lesson

        def work(job: JobContext) -> list[str]:
            lines: list[str] = []
            doing.run_here(job, lesson, snippet, lines.append)
            return lines

        def done(lines: list[str]) -> None:
            if isValid(self):
                say(self.said, _("On this computer: {said}", said="\n".join(lines[-5:])))

        self.ctx.jobs.start(_("Run on this computer"), work, on_done=done, on_error=self.ctx.notices.error)

    def _tried(self, good: bool) -> None:
        if good:
            say(self.said, _("It ran. What it printed is in the console."), "good")
        else:
            say(self.said, _("It stopped with an error: the console shows where."), "bad")

    def check_or_stop(self) -> None:
        """The big button."""
        if self._cancel is not None:
            self._cancel()
        elif self.current is not None:
            self._keep_person()
            self.ctx.editors.save_all_then(lambda _all: self._check())

    def _check(self) -> None:
        assert self.current is not None
        lesson, person = self.current.lesson, self.ctx.settings.text(PERSON)
        folder = gallery.projects_folder(self.ctx.engine.host)
        kept = self._kept

        def work(job: JobContext, boards: Boards, address: str) -> tuple[Result, BoardResult]:
            found = doing.check(job, boards, address, lesson, doing.take_exercise(lesson, folder), person)
            if person:
                results.write(kept, found[0])
            return found

        self._at_board(_("Check {lesson}", lesson=lesson.name), work, self._checked)

    def _checked(self, found: tuple[Result, BoardResult]) -> None:
        result, said = found
        if result.passed:
            self._passed |= {result.lesson}
            self._name_lessons()
            say(self.said, _("Passed. Well done."), "good")
            return
        why = said.error or next((case.message for case in said.cases if not case.good), "")
        say(self.said, _("Not yet: {why}", why=why), "bad")

    def _at_board(
        self, title: Text, work: Callable[[JobContext, Boards, str], Any], on_done: Callable[[Any], object]
    ) -> None:
        board, address = self.ctx.board, self.ctx.board.address
        if self._cancel is not None:
            return
        if address is None or not board.connected:
            say(self.said, _("No board is connected: choose one above, then try again."), "muted")
            return

        def done(value: object) -> None:
            if isValid(self):
                self._cancel = None
                on_done(value)
                self.render()

        board.announce(title)
        say(self.said, title, "muted")
        task = board.submit(title, lambda job, boards: work(job, boards, address), on_done=done, on_error=self._failed)
        self._cancel = task.cancel if task is not None else None
        self.render()

    def _failed(self, error: StudioError) -> None:
        if isValid(self):
            self._cancel = None
            say(self.said, _("Stopped.") if isinstance(error, Cancelled) else str(error), "bad")
            self.render()
