"""A new project: what do you want to make? The answer proposes a kind of code, with the reason; then a name."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ide import wizard_advice
from ide.gallery import projects_folder
from ide.project_commands import choose_folder
from ide.wizard_advice import PORT, WISHES, Kind, Wish
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext


class Wizard(QDialog):
    """One page: the wish, the proposal beside it, then name and folder. Enter makes the project and opens it."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._gone = False
        self._asked = 0
        self._problem: StudioError | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(780, 560)
        bind(self, "setWindowTitle", _("New project"))
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self._label(_("What do you want to make?"), "heading"))
        middle = QHBoxLayout()
        layout.addLayout(middle, 1)
        middle.addWidget(self._make_wishes(), 1)
        middle.addWidget(self._make_proposal(), 1)
        layout.addLayout(self._make_form())
        self.problem = self._label(None, "bad")
        self.problem.setMinimumHeight(2 * self.fontMetrics().lineSpacing())
        layout.addWidget(self.problem)
        layout.addLayout(self._make_buttons())
        self.finished.connect(self._leave)
        words.changed.connect(self.render_words)
        self.render_words()
        self.wishes.setCurrentRow(0)
        self._suggest_name()

    # --- what it is made of ----------------------------------------------------------------------------------------

    def _label(self, text: Text | None, role: str = "") -> QLabel:
        label = QLabel(self)
        label.setWordWrap(True)
        label.setProperty("role", role)
        if text is not None:
            bind(label, "setText", text)
        return label

    def _make_wishes(self) -> QListWidget:
        self.wishes = QListWidget(self)
        self.wishes.setWordWrap(True)
        bind(self.wishes, "setAccessibleName", _("What do you want to make?"))
        self.wishes.addItems([""] * len(WISHES))
        self.wishes.currentRowChanged.connect(lambda _row: self._wish_changed())
        return self.wishes

    def _make_proposal(self) -> QFrame:
        frame = QFrame(self)
        box = QVBoxLayout(frame)
        box.setContentsMargins(8, 0, 0, 0)
        box.addWidget(self._label(_("What fits"), "muted"))
        self.fits = self._label(None, "title")
        self.reason = self._label(None)
        self.kind = QComboBox(self)
        self.kind.addItems([""] * len(wizard_advice.makeable()))
        self.kind.currentIndexChanged.connect(lambda _at: self._kind_changed())
        self.what = self._label(None, "muted")
        make = self._label(_("&Make"))
        make.setBuddy(self.kind)
        bind(self.kind, "setAccessibleName", _("Kind of project"))
        for widget in (self.fits, self.reason):
            box.addWidget(widget)
        box.addSpacing(8)
        box.addWidget(make)
        box.addWidget(self.kind)
        box.addWidget(self.what)
        box.addStretch(1)
        return frame

    def _make_form(self) -> QGridLayout:
        form = QGridLayout()
        self.name = QLineEdit(self)
        self.folder = QLineEdit(str(projects_folder(self._ctx.engine.host)), self)
        for row, (edit, title, spoken) in enumerate(
            ((self.name, _("&Name"), _("Name")), (self.folder, _("In the &folder"), _("Folder")))
        ):
            label = self._label(title)
            label.setWordWrap(False)
            label.setBuddy(edit)
            form.addWidget(label, row, 0)
            form.addWidget(edit, row, 1)
            bind(edit, "setAccessibleName", spoken)
            edit.textChanged.connect(lambda _text: self.check())
        form.addWidget(self._button(_("Choose…"), self._choose), 1, 2)
        return form

    def _make_buttons(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.addStretch(1)
        self.create_button = self._button(_("Make the project"), self.create_project)
        self.create_button.setDefault(True)
        self.create_button.setEnabled(False)
        row.addWidget(self.create_button)
        row.addWidget(self._button(_("Cancel"), self.reject))
        return row

    def _button(self, title: Text, run: object) -> QPushButton:
        button = QPushButton(self)
        button.setAutoDefault(False)
        bind(button, "setText", title)
        button.clicked.connect(run)
        return button

    def _leave(self) -> None:
        self._gone = True
        words.changed.disconnect(self.render_words)

    # --- wish and proposal -----------------------------------------------------------------------------------------

    def render_words(self) -> None:
        """Say everything that is not bound anew."""
        for at, wish in enumerate(WISHES):
            self.wishes.item(at).setText(str(wish.title))
        for at, kind in enumerate(wizard_advice.makeable()):
            self.kind.setItemText(at, str(kind.title))
        self._render_advice()
        self._render_problem()

    def _wish_changed(self) -> None:
        self._render_advice()
        self.kind.setCurrentIndex(wizard_advice.makeable().index(self._proposed()))
        self.check()

    def _proposed(self) -> Kind:
        return wizard_advice.advise(self._wish())

    def _wish(self) -> Wish:
        return WISHES[max(self.wishes.currentRow(), 0)]

    def _render_advice(self) -> None:
        self.fits.setText(str(self._proposed().title))
        self.reason.setText(str(self._wish().reason))
        self.what.setText(str(self.chosen_kind().what))

    def chosen_kind(self) -> Kind:
        """What would be made."""
        return wizard_advice.makeable()[max(self.kind.currentIndex(), 0)]

    def _kind_changed(self) -> None:
        self.what.setText(str(self.chosen_kind().what))
        self.check()

    # --- name and folder -------------------------------------------------------------------------------------------

    def _suggest_name(self) -> None:
        folder = self._where()

        def look(_ctx: JobContext) -> frozenset[str]:
            try:
                return frozenset(path.name for path in folder.iterdir())
            except OSError:  # not there yet, or not to be looked at: check() says so
                return frozenset()

        def suggest(taken: frozenset[str]) -> None:
            if not self._gone and not self.name.text():
                self.name.setText(wizard_advice.free_name(taken))
                self.name.selectAll()

        self._ctx.jobs.start(_("New project"), look, on_done=suggest, quiet=True)

    def _choose(self) -> None:
        dialog = choose_folder(self, Path(self.folder.text()))
        dialog.fileSelected.connect(self.folder.setText)
        dialog.open()

    def check(self) -> None:
        """Ask the engine, in a worker, whether this can be made; only the last answer counts."""
        self._asked += 1
        asked, folder, name = self._asked, self._where(), self.name.text().strip()
        wish = self.chosen_kind().template
        template = "module" if wish == PORT else wish  # its names are held to the same rules
        self.create_button.setEnabled(False)

        def work(_ctx: JobContext) -> None:
            from toolchains import scaffold

            scaffold.check(folder, name, template)

        def done(problem: StudioError | None) -> None:
            if not self._gone and asked == self._asked:
                self._problem = problem if name else None
                self._render_problem()
                self.create_button.setEnabled(problem is None)

        self._ctx.jobs.start(_("New project"), work, on_done=done, on_error=done, quiet=True)

    def _where(self) -> Path:
        typed = self.folder.text().strip().replace("\0", "")
        if not typed:
            return projects_folder(self._ctx.engine.host)
        return Path(os.path.expanduser(typed)).absolute()  # Path.expanduser raises for a user that does not exist

    def _render_problem(self) -> None:
        self.problem.setText(str(self._problem) if self._problem is not None else "")

    def create_project(self) -> None:
        """Make it and open it."""
        folder, name, toolbox = self._where(), self.name.text().strip(), self._ctx.engine.toolbox
        template = self.chosen_kind().template
        self.create_button.setEnabled(False)

        def work(ctx: JobContext) -> Path:
            if template == PORT:
                from toolchains.firmware.new_port import new_port

                return new_port(folder, name, toolbox().sdks.ensure(ctx))
            from toolchains import scaffold

            return scaffold.new_project(folder, name, template)

        self._ctx.jobs.start(_("New project"), work, on_done=self._made, on_error=self._failed)

    def _made(self, project: Path) -> None:
        self._ctx.open_project(project)
        if not self._gone:
            self.accept()

    def _failed(self, error: StudioError) -> None:
        if self._gone:
            self._ctx.notices.error(error)
            return
        self._problem = error
        self._render_problem()
        self.create_button.setEnabled(True)
