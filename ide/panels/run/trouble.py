"""Why a run ended badly: what failed, why, what to do; where to go; and what a Makefile asks to be allowed."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QPlainTextEdit, QToolButton, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.problem_words import file_name
from ide.problems import Problem
from ide.runs import Ended
from ide.words import bind, words
from toolchains.makefile.errors import Command, NeedsConsent
from toolchains.recipe import Wishes
from toolchains.text import Text, _

_DETAIL = 4000


class Trouble(QWidget):
    """Shown below the steps when something failed."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._ended: Ended | None = None
        self._place: Problem | None = None
        self.sentence = QLabel(self)
        self.sentence.setWordWrap(True)
        self.sentence.setTextFormat(Qt.TextFormat.PlainText)
        self.sentence.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.sentence.setProperty("role", "bad")
        self.go = self._button(self._go)
        bind(self.go, "setText", _("Go to the place"))
        self.allow = self._button(self._allow)
        bind(self.allow, "setText", _("Allow it and go on"))
        self.get = self._button(self._get)
        bind(self.get, "setText", _("Get a compiler"))
        self.detail = QPlainTextEdit(self)
        self.detail.setReadOnly(True)
        self.detail.setTabChangesFocus(True)
        self.detail.setMaximumHeight(140)
        bind(self.detail, "setAccessibleName", _("The tool's own words"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.sentence)
        for button in (self.allow, self.get, self.go):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self.detail)
        ctx.themes.changed.connect(self._themed)
        words.changed.connect(self.render)
        self._themed()

    def _button(self, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: run())  # type: ignore[operator]
        return button

    def tell(self, ended: Ended) -> None:
        """Show why this run failed."""
        self._ended = ended
        found = [*self._ctx.problems.of("build"), *self._ctx.problems.of("run")]
        self._place = next((one for one in found if one.severity == "error" and one.path is not None), None)
        if isinstance(ended.error, NeedsConsent):
            self._place = _first_command(ended.error, self._ctx.project.folder)
        self.render()
        self.show()

    def render(self) -> None:
        """Say it, in the person's language."""
        if self._ended is None:
            return
        error = self._ended.error
        self.sentence.setText(self._sentence())
        asks = isinstance(error, NeedsConsent)
        detail = error.detail.strip() if error is not None else ""
        self.detail.setPlainText(detail[-_DETAIL:])
        self.detail.setVisible(bool(detail) and (asks or self._place is None))  # else it is said at its place
        self.allow.setVisible(asks)
        self.get.setVisible(error is not None and error.code == "compiler.none")
        self.go.setVisible(self._place is not None)
        if self._place is not None:
            bind(self.go, "setText", self._where(self._place))

    def _sentence(self) -> str:
        assert self._ended is not None
        if self._ended.error is not None:
            return str(self._ended.error)
        report = self._ended.report
        outcome = report.outcome if report is not None else None
        if outcome is None:
            return ""
        if outcome.traceback:
            return outcome.traceback.strip().splitlines()[-1]
        return str(_("It ended with sys.exit({value}).", value=outcome.exit_value))

    def _where(self, place: Problem) -> Text:
        file = file_name(place, self._ctx.project.folder)
        if place.line is None:
            return _("Go to {file}", file=file)
        return _("Go to {file}, line {line}", file=file, line=place.line)

    def _go(self) -> None:
        if self._place is not None and self._place.path is not None:
            self._ctx.editors.open(self._place.path, self._place.line, self._place.column)

    def _get(self) -> None:
        """The one that was offered; where none can be had by a click, what there is instead."""
        if not self._ctx.commands.run("toolchains.get_missing"):
            self._ctx.commands.run("toolchains.show_missing")

    def _allow(self) -> None:
        self._ctx.runs.wishes = Wishes({}, allow_run=True)
        self._ctx.notices.dismiss()
        self._ctx.runs.repeat()

    def _themed(self) -> None:
        self.detail.setFont(self._ctx.themes.mono())


def _first_command(error: NeedsConsent, root: Path) -> Problem | None:
    """Where the first command that asks stands."""
    command: Command = error.commands[0]
    path = root / command.place.file if command.place.file else None
    return Problem("error", command.text, path, command.place.line) if path is not None else None
