"""The area's disk work: load, save, ask, keep, watch. Made after the first picture; everything slow is in a worker."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QMessageBox

from ide.editor import edits, textfile
from ide.editor.background import Background
from ide.editor.backups import Backup, Backups
from ide.editor.comparison import Comparison
from ide.editor.document import Document
from ide.editor.editor import CodeEditor
from ide.editor.keeper import Keeper
from ide.editor.outside import Outside
from ide.editor.saving import Saver
from ide.editor.textfile import TextFile
from ide.editor.watching import Watcher
from ide.session_state import project_key
from toolchains.errors import StudioError
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.area import EditorArea

Then = Callable[[bool], object]
Loaded = tuple[Path, TextFile]


class Files:
    """What an area does with the disk.

    Two threads: keeping unsaved text never waits for a project on a slow disk.
    """

    def __init__(self, area: EditorArea, ctx: IdeContext) -> None:
        self._area = area
        self._ctx = ctx
        self._disk = Background(ctx.ring)
        self._keeping = Background(ctx.ring)
        self._undo = [ctx.add_drain(self._disk.drain), ctx.add_drain(self._keeping.drain)]
        folder = ctx.state_folder / "texts" / project_key(ctx.project.folder)
        self.backups = Backups(folder)
        self.keeper = Keeper(self.backups, self._keeping, ctx.notices.error, area)
        self.watcher = Watcher(area)
        self.outside = Outside(
            self.watcher, self._disk, ctx.notices, lambda: area.documents, self._show_difference, self.save
        )
        self._saver = Saver(ctx.settings, ctx.notices, self._disk, self.outside.ask, self.save)
        self._loading: dict[Path, list[Callable[[CodeEditor], object]]] = {}
        self._followed: set[Document] = set()
        self._restored = False
        self.question: QMessageBox | None = None

    # --- follow ------------------------------------------------------------------------------------------------------

    def follow(self, document: Document) -> None:
        """Keep its text, watch its file."""
        if document not in self._followed:
            self._followed.add(document)
            self.keeper.follow(document)
        self.outside.follow()

    def unfollow(self, document: Document) -> None:
        """It is closed: its text is saved or not wanted."""
        self._followed.discard(document)
        self.keeper.forget(document.key)
        self.outside.bars.hide(document)
        self.outside.follow()

    def moved(self, document: Document, path: Path) -> None:
        """Its file has another name now."""
        self.keeper.forget(document.key)
        document.moved(path)
        document.edited.emit()
        self.outside.follow()

    # --- load --------------------------------------------------------------------------------------------------------

    def load(self, path: Path, then: Callable[[CodeEditor], object]) -> None:
        """Read a file in a worker and show it; asked for twice it is read once."""
        waiting = self._loading.setdefault(path, [])
        waiting.append(then)
        if len(waiting) > 1:
            return

        def done(file: TextFile) -> None:
            document = self._area.document_of(path)
            view = document.views[0] if document is not None else self._area.show_file(path, file)
            for call in self._loading.pop(path):
                call(view)

        def failed(error: StudioError) -> None:
            del self._loading[path]
            self._ctx.notices.error(error)

        title = _("Open {name}", name=path.name)
        self._ctx.jobs.start(title, lambda _ctx: textfile.load(path), on_done=done, on_error=failed)

    def load_some(self, paths: Sequence[Path], then: Callable[[list[Loaded]], object]) -> None:
        """Read several files; those that cannot be read are left out."""

        def work() -> list[Loaded]:
            return [loaded for path in paths if (loaded := _loaded(path)) is not None]

        self._disk.do(work, then)

    # --- save --------------------------------------------------------------------------------------------------------

    def save(self, document: Document, then: Then | None = None) -> None:
        """Save a document; one without a file is asked for its name."""
        if document.path is None:
            self.save_as(document, then)
            return
        path = document.path

        def saved(good: bool) -> None:
            if good:
                self.outside.bars.hide(document)
                self.outside.follow()
                self._area.saved.emit(path)
            if then is not None:
                then(good)

        self._saver.save(document, saved)

    def save_as(self, document: Document, then: Then | None = None) -> None:
        """Ask for a name, then save."""
        dialog = QFileDialog(self._area, str(_("Save as")))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDirectory(str(document.path.parent if document.path else self._ctx.project.folder))
        dialog.selectFile(document.path.name if document.path else "")
        dialog.fileSelected.connect(lambda name: self.save_to(document, Path(name), then))
        dialog.rejected.connect(lambda: then(False) if then is not None else None)
        dialog.finished.connect(dialog.deleteLater)
        self.dialog = dialog
        dialog.open()

    def save_to(self, document: Document, path: Path, then: Then | None = None) -> None:
        """Save under another name from now on; the person has agreed to replace what is there."""
        other = self._area.document_of(path)
        if other is not None and other is not document:
            self._ctx.notices.tell(_("{path} is open in another tab; close that first.", path=path), kind="error")
            if then is not None:
                then(False)
            return
        if path != document.path:
            self.moved(document, path)
            document.stamp = None
            document.set_apart(True)
        self.save(document, then)

    def save_then(self, documents: Sequence[Document], then: Then) -> None:
        """Save several; ``then`` hears once whether all could be."""
        results: list[bool] = []
        if not documents:
            then(True)

        def one(good: bool) -> None:
            results.append(good)
            if len(results) == len(documents):
                then(all(results))

        for document in documents:
            self.save(document, one)

    def save_now(self, documents: Sequence[Document]) -> bool:
        """Save several before returning."""
        results: list[bool] = []
        for document in documents:
            self.save(document, results.append)
        self._disk.finish()
        return all(results)

    def ask_and_close(self, view: CodeEditor) -> None:
        """Save, discard or leave: only the person knows."""
        document = view.document
        box = QMessageBox(self._area)
        box.setIcon(QMessageBox.Icon.Question)
        box.setText(str(_("Save the changes in {name}?", name=document.name)))
        buttons = QMessageBox.StandardButton
        box.setStandardButtons(buttons.Save | buttons.Discard | buttons.Cancel)
        box.setDefaultButton(buttons.Save)

        def chosen(result: int) -> None:
            box.deleteLater()
            self.question = None
            if result == buttons.Save.value:
                self.save(document, lambda good: self._area.drop(view) if good and not document.dirty else None)
            elif result == buttons.Discard.value:
                self._area.drop(view)

        box.finished.connect(chosen)
        self.question = box
        box.open()

    # --- outside, keep -----------------------------------------------------------------------------------------------

    def compare(self, document: Document) -> None:
        """Show what differs between a text and its file."""
        self.outside.compare(document)

    def _show_difference(self, document: Document, lines: str) -> None:
        if lines:
            self._area.show_page(Comparison(document.key, document.name, lines, self._ctx.settings))
        else:
            self._ctx.notices.tell(_("{name} has the same text here and on the disk.", name=document.name))

    def restore_backups(self) -> bool:
        """Read what was kept and put it back, once; whether there is something."""
        if not self._restored:
            self._restored = True
            self._disk.do(self._read_backups, self._put_back)
        return self.backups.some()

    def _read_backups(self) -> list[tuple[Backup, TextFile | None]]:
        return [(backup, _read(backup.path)) for backup in self.backups.found()]

    def _put_back(self, found: list[tuple[Backup, TextFile | None]]) -> None:
        for backup, file in found:
            self.put_back(backup, file)

    def put_back(self, backup: Backup, file: TextFile | None) -> None:
        """Show a kept text; undo leads to what the file has. ``file`` is None when there is none any more."""
        document = self._area.document_of(backup.path) if backup.path else None
        if document is None:
            shown = file or TextFile(backup.text, backup.form, stamp=backup.stamp)
            document = self._area.show_file(backup.path, shown, backup.key).document
        if document.dirty:
            return
        self.follow(document)
        self.keeper.adopt(backup.key)
        sci = document.views[0].sci
        sci.setReadOnly(False)
        edits.replace_all_text(sci, backup.text)
        sci.go_to(min(max(backup.caret, 0), sci.length()))
        document.set_form(backup.form)
        if file is None:
            document.set_apart(True)
            if backup.path:
                self.outside.look_at(document)
        elif backup.stamp is not None and file.stamp is not None and file.stamp != backup.stamp and document.dirty:
            self.outside.ask(document, file.stamp)

    def keep_all(self) -> None:
        """Write every unsaved text to the state folder now."""
        self.keeper.keep_now()
        self._keeping.finish()

    def close(self) -> None:
        """End the threads and the timers."""
        self.watcher.close()
        self.keeper.close()
        for background in (self._disk, self._keeping):
            background.close()
        for undo in self._undo:
            undo()


def _loaded(path: Path) -> Loaded | None:
    file = _read(path)
    return (path, file) if file is not None else None


def _read(path: Path | None) -> TextFile | None:
    try:
        return textfile.load(path) if path is not None else None
    except StudioError:
        return None
