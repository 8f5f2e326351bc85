"""The tests panel: buttons, counts, the list, and what the chosen test said."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QFileSystemWatcher, QPoint, Qt
from PySide6.QtWidgets import (
    QLabel,
    QMenu,
    QPlainTextEdit,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ide.button_grid import ButtonGrid
from ide.commands import Command
from ide.panels.tests import running
from ide.panels.tests.found import TestFile, find_tests
from ide.panels.tests.results import BAD, Results, Row, place_of
from ide.panels.tests.tree import TestTree
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext, StepStarted
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.port_worker import Task
    from ide.context import IdeContext

TESTS = "tests"
_BUTTONS = (
    ("tests.run_all", _("Run all")),
    ("tests.stop", _("Stop")),
    ("tests.run_failed", _("Run failed")),
    ("tests.run_selected", _("Run selected")),
)


class TestsPanel(QWidget):
    """The project's tests. They run in the board's own thread, one after the other."""

    __test__ = False

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.results = Results()
        self._task: Task[Any] | None = None
        self._error: StudioError | None = None
        self._looking = self._look_again = False
        ctx.commands.register(*self._commands())
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        self.buttons = ButtonGrid(ctx.commands, _BUTTONS, self)
        layout.addWidget(self.buttons)
        self.summary = self._label()
        layout.addWidget(self.summary)
        layout.addWidget(self._make_lists(), 1)
        self.setFocusProxy(self.tree)
        self._watcher = QFileSystemWatcher(self)
        self._connect()
        self._look()
        self._themed()

    # --- what it is made of ----------------------------------------------------------------------------------------

    def _commands(self) -> list[Command]:
        def free() -> bool:
            return self._task is None and not self._ctx.runs.busy

        return [
            Command(
                "tests.run_all", _("Run all tests"), lambda: self.run(()), "Ctrl+Shift+T", "project/30",
                enabled=lambda: free() and bool(self.results.files), hint=_("Run the project's tests on the board"),
            ),
            Command(
                "tests.run_failed", _("Run failed tests"), lambda: self.run(self.results.failed()), "", "project/31",
                enabled=lambda: free() and bool(self.results.failed()),
            ),
            Command(
                "tests.run_selected", _("Run selected tests"), self._run_selected, "", "project/32",
                enabled=lambda: free() and bool(self.tree.selected()),
            ),
            Command(
                "tests.stop", _("Stop the tests"), self.stop, "", "project/33", enabled=lambda: self._task is not None
            ),
        ]  # fmt: skip

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setContentsMargins(8, 2, 8, 4)
        label.setTextFormat(Qt.TextFormat.PlainText)
        bind(label, "setAccessibleName", _("Results of the tests"))
        return label

    def _make_lists(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Vertical, self)
        split.setChildrenCollapsible(False)
        self.tree = TestTree(split)
        self.output = QPlainTextEdit(split)
        self.output.setReadOnly(True)
        self.output.setUndoRedoEnabled(False)
        self.output.setTabChangesFocus(True)
        bind(self.output, "setAccessibleName", _("What the test said"))
        split.setStretchFactor(0, 2)
        split.setStretchFactor(1, 1)
        return split

    def _connect(self) -> None:
        ctx = self._ctx
        self.tree.chosen.connect(self._show_output)
        self.tree.opened.connect(self._open)
        self.tree.itemSelectionChanged.connect(ctx.commands.refresh)
        self.tree.customContextMenuRequested.connect(self._show_menu)
        self._watcher.directoryChanged.connect(lambda _name: self._look())
        ctx.project.changed.connect(self._look)
        ctx.project.files_changed.connect(self._look)
        ctx.editors.saved.connect(self._saved)
        ctx.commands.on_state.append(self.buttons.follow)
        ctx.themes.changed.connect(self._themed)
        words.changed.connect(self._render)

    # --- which tests there are -------------------------------------------------------------------------------------

    def _saved(self, path: Path) -> None:
        if path.parent == self._ctx.project.folder / TESTS:
            self._look()

    def _look(self) -> None:
        """Look for tests, in a worker; once more if something changed meanwhile."""
        if self._looking:
            self._look_again = True
            return
        self._looking, self._look_again = True, False
        folder = self._ctx.project.folder
        self._ctx.jobs.start(
            _("Look for tests"), lambda _ctx: find_tests(folder), on_done=self._found, on_error=self._look_failed,
            quiet=True,
        )  # fmt: skip

    def _found(self, found: tuple[TestFile, ...]) -> None:
        self._looking = False
        if self._task is None:  # else the rows that are at work would go
            self.results.set_found(found)
            self._watch()
        else:
            self._look_again = True
        self._render()
        self._ctx.commands.refresh()
        if self._look_again and self._task is None:
            self._look()

    def _look_failed(self, error: StudioError) -> None:
        self._looking = False
        self._error = error
        self._render()

    def _watch(self) -> None:
        folder = self._ctx.project.folder
        place = str(folder / TESTS if self.results.files else folder)
        if self._watcher.directories() != [place]:
            if self._watcher.directories():
                self._watcher.removePaths(self._watcher.directories())
            self._watcher.addPath(place)

    # --- run -------------------------------------------------------------------------------------------------------

    def run(self, names: tuple[str, ...] | list[str]) -> None:
        """Run the tests with these names; without any, all of them."""
        ctx = self._ctx
        if self._task is not None or ctx.runs.busy:
            return
        if ctx.board.address is None:
            ctx.notices.tell(_("The tests need a board: choose one."))
            ctx.commands.run("board.choose")
        elif ctx.settings.on("run.save_first"):
            ctx.editors.save_all_then(lambda saved: self._run(names) if saved else None)
        else:
            self._run(names)

    def _run(self, names: tuple[str, ...] | list[str]) -> None:
        ctx = self._ctx
        if self._task is not None or ctx.runs.busy or ctx.board.address is None:
            return
        folder, address, wishes, wanted = ctx.project.folder, ctx.board.address, ctx.runs.wishes, tuple(names)

        def work(job: JobContext, boards: Boards) -> StudioError | None:
            sink: Any = job.sink
            return running.run(job, boards, folder, address, wanted, wishes, sink)

        self._error = None
        self.results.begin(wanted)
        ctx.problems.put("test", [])
        ctx.layout.show_panel("tests")
        title = _("Run the tests")
        ctx.board.announce(title)
        self._task = ctx.board.submit(title, work, on_done=self._ended, on_error=self._ended, on_event=self._told)
        self._render()
        ctx.commands.refresh()

    def _run_selected(self) -> None:
        rows = self.tree.selected()
        files = {row.file for row in rows if not row.method}
        self.run([row.name for row in rows if not row.method or row.file not in files])

    def stop(self) -> None:
        """End them as soon as the board lets go."""
        if self._task is not None:
            self._task.cancel()

    def _told(self, event: object) -> None:
        if isinstance(event, StepStarted):
            file = event.title.fields.get("file")
            if isinstance(file, str):
                self.results.running(file)
        elif type(event).__name__ == "Case":  # its module is loaded late
            self._take(event)
        else:
            return
        self._render()

    def _take(self, case: Any) -> None:  # noqa: ANN401 - a Case
        self.results.take(case)
        if not case.good:
            self._ctx.problems.put("test", self.results.problems(self._ctx.project.folder))

    def _ended(self, error: StudioError | None) -> None:
        ctx = self._ctx
        self._task = None
        self.results.end()
        self._error = error
        found = self.results.problems(ctx.project.folder)
        if error is not None and not isinstance(error, Cancelled):
            from ide import problem_sources

            found += problem_sources.of_error(error, ctx.project.folder)
        ctx.problems.put("test", found)
        first = next((row for row in self.results.all() if row.state in BAD), None)
        self._render()
        if first is not None:
            self.tree.select(first)
        self._show_output(self.tree.selected()[0] if self.tree.selected() else None)
        ctx.commands.refresh()
        self._look()

    def _themed(self) -> None:
        self.output.setFont(self._ctx.themes.mono())  # each new style sheet takes it away
        self._render()

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _render(self) -> None:
        self.tree.show_results(self.results)
        self.summary.setText(self._summary())
        bad = self.results.count(*BAD)
        role = "bad" if bad or self._failed_error() else "good" if self.results.count("passed") else "muted"
        if self.summary.property("role") != role:
            self.summary.setProperty("role", role)
            self.summary.style().unpolish(self.summary)
            self.summary.style().polish(self.summary)
        self._ctx.layout.set_badge("tests", bad)
        self.buttons.follow()

    def _failed_error(self) -> bool:
        return self._error is not None and not isinstance(self._error, Cancelled)

    def _summary(self) -> str:
        results = self.results
        if self._task is not None:
            return str(_("The tests run…"))
        if self._error is not None:
            return str(self._error)
        if not results.files:
            name = self._ctx.project.name
            return str(
                _(
                    "No tests yet. Write tests/test_{name}.py: import the module and say what must hold with assert.",
                    name=name,
                )
            )
        parts = [
            _("{n} passed", n=results.count("passed")) if results.count("passed") else None,
            _("{n} failed", n=results.count(*BAD)) if results.count(*BAD) else None,
            _("{n} skipped", n=results.count("skipped")) if results.count("skipped") else None,
        ]
        return " · ".join(str(part) for part in parts if part is not None) or str(_("Not run yet."))

    def _show_output(self, row: Row | None) -> None:
        case = row.case if row is not None else None
        parts = [] if case is None else [case.message, case.detail, case.output]
        self.output.setPlainText("\n\n".join(part.rstrip() for part in parts if part.strip()))

    def _open(self, row: Row | None, focus: bool) -> None:
        if row is not None:
            path, line = place_of(row, self._ctx.project.folder)
            self._ctx.editors.open(path, line, None, focus)

    def _show_menu(self, at: QPoint) -> None:
        menu = QMenu(self)
        menu.aboutToHide.connect(menu.deleteLater)
        for command_id, _title in reversed(_BUTTONS):
            command = self._ctx.commands.records[command_id]
            action = menu.addAction(
                str(command.title), lambda command_id=command_id: self._ctx.commands.run(command_id)
            )
            action.setEnabled(command.enabled())
        menu.popup(self.tree.viewport().mapToGlobal(at))
