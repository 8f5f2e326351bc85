"""The C frame of a module from Python signatures: the list on the left, edited in place; the C code live on the right.

Everything is worked out in a job, anew after each change. What stands in the project is changed by one button only,
and that can be taken back.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QDialog, QFileDialog, QWidget

from ide.stub_page import KINDS, StubPage
from ide.stub_table import Outcome, Sheet, outcome, split
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.module_names import name_from
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.edits import Undo
    from toolchains.stubs.files import Target

#: After the last key, in ms.
_PAUSE = 150
#: What a new declaration is: it works as it stands.
NEW_FUNCTION = "def {name}(a: int, b: int = 0) -> int: ..."
NEW_CONSTANT = "{name} = 1"
NEW_CLASS = "class {name}:\n    def __init__(self, start: int = 0): ...\n    def value(self) -> int: ..."


@dataclass(frozen=True)
class Draft:
    """What the person has in the dialog: kept while the window lives."""

    sheet: Sheet
    name: str
    kind: Target


class StubDialog(QDialog):
    """Signatures and their C code. ``keep`` is given the draft when the dialog goes."""

    def __init__(self, ctx: IdeContext, parent: QWidget, draft: Draft | None, keep: Callable[[Draft], object]) -> None:
        super().__init__(parent)
        self._ctx, self._keep = ctx, keep
        self._head = ""
        self._gone = self._working = self._again = False
        self._outcome = Outcome()
        self._sentence: Text | StudioError | None = None
        self._undo: Callable[[], object] | None = None
        bind(self, "setWindowTitle", _("C frame from Python signatures"))
        self.resize(1120, 640)
        self.page = StubPage(ctx.settings, self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE)
        self._timer.timeout.connect(self._work)
        self._connect()
        if draft is not None:
            self._show(draft)
        else:
            project = ctx.project.project
            self.page.name.setText(name_from(project.name if project is not None else ctx.project.folder.name))
            self._open_first()
        self.changed()

    def _connect(self) -> None:
        page = self.page
        page.model.edited.connect(self.changed)
        page.name.textChanged.connect(self.changed)
        page.kind.currentIndexChanged.connect(self.changed)
        page.force.toggled.connect(self.changed)
        page.add_function.clicked.connect(lambda: self._add(NEW_FUNCTION, "function"))
        page.add_constant.clicked.connect(lambda: self._add(NEW_CONSTANT, "CONSTANT"))
        page.add_class.clicked.connect(lambda: self._add(NEW_CLASS, "Thing"))
        page.remove.clicked.connect(self.remove)
        page.undo.clicked.connect(self.undo)
        page.open_file.clicked.connect(self._ask_open)
        page.save_file.clicked.connect(self._ask_save)
        page.write.clicked.connect(self.write)
        page.close_button.clicked.connect(self.reject)
        self.finished.connect(self._leave)
        words.changed.connect(self._render)
        self._ctx.themes.changed.connect(page.model.redraw)

    def _leave(self) -> None:
        self._gone = True
        self._timer.stop()
        words.changed.disconnect(self._render)
        self._ctx.themes.changed.disconnect(self.page.model.redraw)
        self._keep(self.draft())
        self.deleteLater()

    # --- what is in it ---------------------------------------------------------------------------------------------

    def draft(self) -> Draft:
        """What the person has now."""
        kind = KINDS[self.page.kind.currentIndex()]
        return Draft(Sheet(self._head, tuple(self.page.model.texts)), self.page.name.text().strip(), kind)

    def _show(self, draft: Draft) -> None:
        self._head = draft.sheet.head
        self.page.name.setText(draft.name)
        self.page.kind.setCurrentIndex(KINDS.index(draft.kind))
        self.page.model.load(draft.sheet.texts)
        self.page.choose(0)

    def _add(self, pattern: str, base: str) -> None:
        """A new declaration below the chosen one, ready to be typed over."""
        there = "\n".join(self.page.model.texts)
        names = [base, *(f"{base}_{n}" for n in range(2, 1000))]
        name = next((one for one in names if f"{one}(" not in there and f"{one} " not in f"{there} "
                     and f"{one}:" not in there), base)  # fmt: skip
        row = self.page.row() + 1
        self.page.model.add(pattern.format(name=name), row)
        self.page.choose(row, edit=True)

    def remove(self) -> None:
        """Take the chosen one out."""
        row = self.page.row()
        if row >= 0:
            before = self.draft()
            self.page.model.remove(row)
            self.page.choose(min(row, len(self.page.model.texts) - 1))
            self._say(_("It is out of the list."), lambda: self._show(before))

    def undo(self) -> None:
        """Take back what was told of last."""
        if self._undo is not None:
            run, self._undo = self._undo, None
            self._say(None)
            run()

    # --- live ------------------------------------------------------------------------------------------------------

    def changed(self) -> None:
        """Something is typed: the C code follows when it was not for a moment."""
        self.page.write.setEnabled(False)
        self.page.update_empty()
        self._timer.start()

    def _work(self) -> None:
        if self._working:
            self._again = True
            return
        self._working, draft, force = True, self.draft(), self.page.force.isChecked()
        folder = self._ctx.project.folder

        def work(_ctx: JobContext) -> Outcome:
            return outcome(draft.sheet, draft.name, draft.kind, folder, force=force)

        def done(found: Outcome) -> None:
            self._worked(found if draft == self.draft() else None)

        self._ctx.jobs.start(_("Write C code"), work, on_done=done, on_error=self._failed, quiet=True)

    def _worked(self, found: Outcome | None) -> None:
        self._working = False
        if self._gone:
            return
        if found is not None:
            self._outcome = found
            self._render()
        if self._again or found is None:
            self._again = False
            self._timer.start()

    def _failed(self, error: StudioError) -> None:
        self._working = self._again = False
        if self._gone:
            self._ctx.notices.error(error)
        else:
            self._say(error)

    def _not_done(self, error: StudioError) -> None:
        """A button could not do what it says; it can be tried again."""
        if self._gone:
            self._ctx.notices.error(error)
        else:
            self._say(error)
            self._render()

    def _render(self) -> None:
        found, page = self._outcome, self.page
        page.show_outcome(found)
        can = found.fix is not None and bool(found.fix.edits) and (found.refused is None or page.force.isChecked())
        page.write.setEnabled(can and not self._timer.isActive())
        self._say(self._sentence, self._undo)

    def _say(self, text: Text | StudioError | None, undo: Callable[[], object] | None = None) -> None:
        self._sentence, self._undo = text, undo
        self.page.said.setText("" if text is None else str(text))
        self.page.undo.setVisible(undo is not None)

    # --- into the project ------------------------------------------------------------------------------------------

    def write(self) -> None:
        """Make the files in the project, from what the disk has once everything is saved."""
        self.page.write.setEnabled(False)
        self._say(None)  # what was written before cannot be taken back once this is
        self._ctx.editors.save_all_then(self._saved)

    def _saved(self, saved: bool) -> None:
        if self._gone:
            return
        if saved:
            self._write()
        else:
            self._render()

    def _write(self) -> None:
        draft, force, ctx = self.draft(), self.page.force.isChecked(), self._ctx

        def work(_ctx: JobContext) -> tuple[Undo | None, Outcome]:
            found = outcome(draft.sheet, draft.name, draft.kind, ctx.project.folder, force=force)
            if found.fix is None or (found.refused is not None and not force):
                return None, found
            return found.fix.apply(ctx.engine.host), found

        def done(what: tuple[Undo | None, Outcome]) -> None:
            made, found = what
            if made is not None:
                self._written(made, ctx.project.folder, draft.name)
            elif not self._gone:
                self._outcome = found
                self._render()

        ctx.jobs.start(_("Write C code"), work, on_done=done, on_error=self._not_done)

    def _written(self, made: Undo, folder: Path, name: str) -> None:
        ctx = self._ctx
        ctx.project.files_changed.emit()
        ctx.project.read()
        c_path = next((one.path for one in made.changes if one.path.name == f"{name}.c"), None)
        if c_path is not None:
            ctx.editors.open(c_path, focus=False)
        if not self._gone:
            n = len(made.changes)
            said = _n("Wrote {n} file in {folder}.", "Wrote {n} files in {folder}.", n, folder=folder.name)
            self._say(said, lambda: self._take_back(made))
            self.changed()

    def _take_back(self, made: Undo) -> None:
        ctx = self._ctx

        def work(_ctx: JobContext) -> Undo:
            return made.undo(ctx.engine.host)

        def done(_back: Undo) -> None:
            ctx.project.files_changed.emit()
            ctx.project.read()
            if not self._gone:
                self._say(_("The files are what they were."))
                self.changed()

        ctx.jobs.start(_("Undo"), work, on_done=done, on_error=self._not_done)

    # --- .pyi files ------------------------------------------------------------------------------------------------

    def _open_first(self) -> None:
        """The signatures that are in the project from last time."""
        path = self._ctx.project.folder / f"{self.page.name.text()}.pyi"
        self._load(path, only_if_there=True)

    def _ask_open(self) -> None:
        self._ask(QFileDialog.FileMode.ExistingFile, lambda name: self.open_pyi(Path(name)))

    def _ask_save(self) -> None:
        dialog = self._ask(QFileDialog.FileMode.AnyFile, lambda name: self.save_pyi(Path(name)))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("pyi")
        dialog.selectFile(f"{self.draft().name}.pyi")

    def _ask(self, mode: QFileDialog.FileMode, then: Callable[[str], object]) -> QFileDialog:
        dialog = QFileDialog(self, str(_("Python signatures")), str(self._ctx.project.folder))
        dialog.setFileMode(mode)
        dialog.setNameFilters(["*.pyi", "*.py"])
        dialog.fileSelected.connect(then)
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def open_pyi(self, path: Path) -> None:
        """The signatures of a file in place of these; that can be taken back."""
        self._load(path, only_if_there=False)

    def _load(self, path: Path, *, only_if_there: bool) -> None:
        def work(_ctx: JobContext) -> Sheet | None:
            from toolchains.edits import read_text

            return None if only_if_there and not path.is_file() else split(read_text(path))

        def done(sheet: Sheet | None) -> None:
            if sheet is None or self._gone or (only_if_there and self.page.model.texts):
                return
            before = self.draft()
            self._show(Draft(sheet, path.stem, before.kind))
            self._say(_("These are the signatures of {name}.", name=path.name),
                      (lambda: self._show(before)) if before.sheet.texts else None)  # fmt: skip

        self._ctx.jobs.start(_("Read {name}", name=path.name), work, on_done=done, on_error=self._not_done, quiet=True)

    def save_pyi(self, path: Path) -> None:
        """Write the signatures to a file of their own."""
        text, host = self.draft().sheet.text(), self._ctx.engine.host

        def work(_ctx: JobContext) -> Undo:
            from toolchains.edits import Fix, TextEdit, read_text

            old = read_text(path) if path.exists() else ""
            edit = TextEdit.at(path, old, 0, len(old), text)
            return Fix(_("Write {name}", name=path.name), (edit,)).apply(host)

        def done(made: Undo) -> None:
            self._ctx.project.files_changed.emit()
            if not self._gone:
                self._say(_("Wrote {name}.", name=path.name), lambda: self._take_back(made))

        self._ctx.jobs.start(_("Write {name}", name=path.name), work, on_done=done, on_error=self._not_done, quiet=True)
