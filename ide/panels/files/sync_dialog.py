"""Project and board made the same: first it is shown what would change, then it is done. Nothing is deleted unasked."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)

from ide import session_state
from ide.context import IdeContext
from ide.panels.files.bars import HeldBar, Progressing
from ide.panels.files.looker import CONNECTED
from ide.panels.files.sync_table import SyncTable, summary
from ide.panels.files.work import Work
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.files.records import Direction, SyncPlan, TransferReport
    from ide.board.link import Board


class SyncDialog(QDialog):
    """Stands beside the window. What is left out, and where on the board, is remembered for the project."""

    def __init__(self, ctx: IdeContext, work: Work, home: PurePosixPath, window: QWidget | None) -> None:
        super().__init__(window)
        self._ctx, self._work = ctx, work
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        bind(self, "setWindowTitle", _("Sync project and board"))
        self.resize(720, 520)
        self.plan: SyncPlan | None = None
        self.comparing = self._again = self._closed = False
        self._compared: tuple[str, tuple[str, ...]] = ("", ())
        self._whose: tuple[str | None, str | None] | None = None
        self._said: object = None
        self._memory = ctx.state_folder / "board-files" / session_state.project_key(ctx.project.folder) / "sync.json"
        self._lay_out(home)
        words.changed.connect(self._render)
        ctx.board.changed.connect(self._board_changed)
        self._render()
        ctx.jobs.start(
            _("Read what was synced last"), lambda _ctx: session_state.read(self._memory), on_done=self._remember,
            on_error=lambda _error: self.compare(), quiet=True,
        )  # fmt: skip

    # --- what it is made of ----------------------------------------------------------------------------------------

    def _lay_out(self, home: PurePosixPath) -> None:
        column = QVBoxLayout(self)
        column.setSpacing(8)
        column.addLayout(self._make_choices(home))
        self.summary = QLabel(self)
        self.summary.setWordWrap(True)
        self.summary.setTextFormat(Qt.TextFormat.PlainText)
        column.addWidget(self.summary)
        self.table = SyncTable(self)
        column.addWidget(self.table, 1)
        self.all = QCheckBox(self)
        bind(self.all, "setText", _("Show what stays the same, too"))
        self.all.toggled.connect(self.table.show_all)
        column.addWidget(self.all)
        column.addWidget(HeldBar(self._work, self))
        column.addWidget(Progressing(self._work, self))
        self.buttons = QDialogButtonBox(self)
        close = self.buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole)
        bind(close, "setText", _("Close"))
        close.setAutoDefault(False)
        self.again = QPushButton(self)
        bind(self.again, "setText", _("Compare again"))
        self.again.setAutoDefault(False)
        self.again.clicked.connect(self.compare)
        self.act = QPushButton(self)
        self.act.setProperty("act", True)
        self.act.clicked.connect(self.apply)
        self.buttons.addButton(self.again, QDialogButtonBox.ButtonRole.ActionRole)
        self.buttons.addButton(self.act, QDialogButtonBox.ButtonRole.AcceptRole)
        self.buttons.rejected.connect(self.close)
        column.addWidget(self.buttons)

    def _make_choices(self, home: PurePosixPath) -> QFormLayout:
        from ide.board.files.sync import DEFAULT_EXCLUDES

        form = QFormLayout()
        self.to_board, self.from_board = QRadioButton(self), QRadioButton(self)
        bind(self.to_board, "setText", _("project to board"))
        bind(self.from_board, "setText", _("board to project"))
        self.to_board.setChecked(True)
        self.to_board.toggled.connect(self._direction_changed)
        row = QHBoxLayout()
        row.addWidget(self.to_board)
        row.addWidget(self.from_board)
        row.addStretch()
        self.target = self._line(str(home), _("Folder on the board"))
        self.excludes = self._line(" ".join(DEFAULT_EXCLUDES), _("Leave out"))
        bind(self.excludes, "setToolTip", _("Patterns as in .gitignore, with blanks between them"))
        self.delete_too = QCheckBox(self)
        bind(self.delete_too, "setText", _("Delete on the board what the project does not have"))
        self.delete_too.toggled.connect(lambda _on: self.compare())
        for title, field in (
            (_("Direction"), row), (_("Folder on the board"), self.target), (_("Leave out"), self.excludes)
        ):  # fmt: skip
            label = QLabel(self)
            bind(label, "setText", title)
            form.addRow(label, field)
        form.addRow("", self.delete_too)
        return form

    def _line(self, text: str, name: Text) -> QLineEdit:
        line = QLineEdit(text, self)
        bind(line, "setAccessibleName", name)
        line.editingFinished.connect(self._edited)
        return line

    # --- choices ---------------------------------------------------------------------------------------------------

    @property
    def direction(self) -> Direction:
        """Which side is written to."""
        return "to_board" if self.to_board.isChecked() else "from_board"

    def _direction_changed(self) -> None:
        """What is fetched never deletes files of the project: those have no copy elsewhere."""
        self.delete_too.setEnabled(self.direction == "to_board")
        self.compare()

    def _choices(self) -> tuple[str, tuple[str, ...]]:
        return self.target.text().strip() or "/", tuple(self.excludes.text().split())

    def _edited(self) -> None:
        if self.plan is not None and self._choices() != self._compared:
            self.compare()

    def _remember(self, found: dict[str, object]) -> None:
        if self._closed:
            return
        for line, key in ((self.target, "target"), (self.excludes, "excludes")):
            value = found.get(key)
            if isinstance(value, str):
                line.setText(value)
        self.compare()

    def _note(self) -> None:
        state = {"target": self.target.text(), "excludes": self.excludes.text()}
        self._ctx.jobs.start(
            _("Note what was synced"), lambda _ctx: session_state.write(self._memory, state), quiet=True
        )

    # --- compare ---------------------------------------------------------------------------------------------------

    def compare(self) -> None:
        """Save what is open, then look what would change."""
        if self.comparing:
            self._again = True
            return
        self.comparing, self._again, self.plan = True, False, None
        self._say(None)
        self._ctx.editors.save_all_then(lambda good: self._compare() if good else self._failed(None))

    def _compare(self) -> None:
        folder, direction = self._ctx.project.folder, self.direction
        target, excludes = self._compared = self._choices()
        delete = self.delete_too.isChecked() and direction == "to_board"
        whose = self._whose = self._board_now()

        def work(ctx: JobContext, board: Board) -> SyncPlan:
            from ide.board.files import sync

            return sync.plan(
                ctx, board, folder, target, excludes=excludes, direction=direction, delete=delete
            )  # fmt: skip

        self._work.start(
            _("Compare project and board"), work, done=lambda plan: self._planned(plan, whose), failed=self._failed,
            way="look",
        )  # fmt: skip

    def _board_now(self) -> tuple[str | None, str | None]:
        board = self._ctx.board
        return board.address, board.identity.unique_id if board.identity is not None else None

    def _board_changed(self) -> None:
        """What was compared is true of the board that was asked; one that comes back may be another one."""
        from ide.board.files.errors import LOOK_AGAIN

        if self._whose is not None:
            (address, own), (address_now, own_now) = self._whose, self._board_now()
            another = address != address_now or (own is not None and own_now is not None and own != own_now)
            if another or self._ctx.board.state not in CONNECTED:
                self._whose = None
                if self.plan is not None:
                    self.plan, self._said = None, LOOK_AGAIN
        self._render()

    def _planned(self, plan: SyncPlan, whose: object) -> None:
        self.comparing = False
        if self._closed:
            return
        if self._whose is not whose:  # of a board that we had before
            self.compare()
            return
        self.plan = plan
        self._render()
        if self._again:
            self.compare()

    def _failed(self, error: StudioError | None) -> None:
        self.comparing = False
        if not self._closed:
            self._say(error if not isinstance(error, Cancelled) else None)

    # --- do --------------------------------------------------------------------------------------------------------

    def apply(self) -> None:
        """Do what is shown."""
        plan = self.plan
        if plan is None or not plan.changes:
            return
        self._note()
        self.comparing, self.plan, self._whose = True, None, None

        def work(ctx: JobContext, board: Board) -> TransferReport:
            from ide.board.files import sync

            return sync.apply(ctx, board, plan)

        self._work.start(_("Sync project and board"), work, done=self._done, failed=self._failed)
        self._render()

    def _done(self, report: TransferReport) -> None:
        self.comparing = False
        self._ctx.project.files_changed.emit()
        if self._closed:
            return
        n, size = sum(not file.skipped for file in report.files), size_text(report.n_bytes)
        said = _n("Done: {n} file went over, {size}.", "Done: {n} files went over, {size}.", n, size=size)
        if report.removed:
            said = _n(
                "Done: {n} file went over, {size}; deleted: {gone}.",
                "Done: {n} files went over, {size}; deleted: {gone}.", n, size=size, gone=len(report.removed),
            )  # fmt: skip
        self.compare()
        self._say(said)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _say(self, said: object) -> None:
        self._said = said
        self._render()

    def _render(self) -> None:
        plan, error = self.plan, isinstance(self._said, StudioError)
        same = len(plan.of("same")) if plan is not None else 0
        self.table.show_plan(plan)
        if error:
            text = str(self._said)
        elif plan is None:
            text = str(_("Comparing…")) if self.comparing else ""
        elif not plan.changes:
            text = str(_n("Nothing to do: {n} file is the same.", "Nothing to do: {n} files are the same.", same))
        elif not plan.fits:
            text = f"{_('It does not fit on the board.')} {summary(plan)}"
        else:
            text = summary(plan)
        if self._said is not None and not error:
            text = f"{self._said} {text}".strip()
        self.summary.setText(text)
        bad = error or (plan is not None and not plan.fits)
        self.summary.setProperty("role", "bad" if bad else "")
        self.summary.style().unpolish(self.summary)
        self.summary.style().polish(self.summary)
        n = len(plan.changes) if plan is not None else 0
        lost = len(plan.of("delete")) if plan is not None else 0
        self.act.setText(str(self._deed(n - lost, lost)))
        self.act.setEnabled(n > 0 and plan is not None and plan.fits)
        self.again.setEnabled(not self.comparing)

    def _deed(self, n: int, lost: int) -> Text:
        """What the button says."""
        if not n and not lost:
            return _("Write") if self.direction == "to_board" else _("Fetch")
        if self.direction == "from_board":
            return _n("Fetch {n} file", "Fetch {n} files", n)
        if lost:
            return _n("Write {n} file, delete {gone}", "Write {n} files, delete {gone}", n, gone=lost)
        return _n("Write {n} file", "Write {n} files", n)

    def done(self, result: int) -> None:
        """Closed, in whichever way; what is being written goes on."""
        self._closed = True
        super().done(result)

    def closeEvent(self, event: object) -> None:
        """By the cross of its frame."""
        self._closed = True
        super().closeEvent(event)
