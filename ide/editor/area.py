"""The middle of the window: tabs of open files in one or two panes, and everything that is done to files there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QPoint, QTimer, QUrl, Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.editor import textfile
from ide.editor.document import Document
from ide.editor.editor import CodeEditor
from ide.editor.pane import Page, Pane
from ide.editor.panes import Panes
from ide.editor.textfile import TextFile
from ide.problems import Problem
from ide.words import words
from toolchains.errors import StudioError
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.files import Files
    from ide.editor.find_bar import FindBar

_EOLS = {"\n": "LF", "\r\n": "CRLF", "\r": "CR"}
#: Bytes up to which a file is read on the window's thread, for the first picture.
_AT_ONCE = 1_000_000


class EditorArea(QWidget):
    """Open files. All paths are absolute; lines and columns count from 1, in characters.

    ``current_changed(CodeEditor | None)``; ``cursor_moved(line, column)``, 0 without a text; ``described(words)``: the
    form of the current file (``UTF-8 · LF · C``); ``saved(path)``; ``modified_changed``: a text became saved or
    unsaved; ``presented(on)``; ``search_wanted(text)``: somebody wants to look for this in the project;
    ``view_made(CodeEditor)``; ``document_closed(Document)``.
    """

    current_changed = Signal(object)
    cursor_moved = Signal(int, int)
    described = Signal(str)
    saved = Signal(Path)
    modified_changed = Signal()
    presented = Signal(bool)
    search_wanted = Signal(str)
    view_made = Signal(object)
    document_closed = Signal(object)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.documents: list[Document] = []
        self.presenting = False
        self._zoom = 0
        self._problems: dict[Path, list[Problem]] = {}
        self._files: Files | None = None
        self._find_bar: FindBar | None = None
        self.closed = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.panes = Panes(self._make_view, self)
        self.panes.front_changed.connect(self._front_changed)
        self.panes.closing.connect(self.close_tab)
        column.addWidget(self.panes, 1)
        self._column = column
        words.changed.connect(self._describe)

    def attach(self, ctx: IdeContext) -> None:
        """The services of the window; called once, before anything is opened."""
        from ide.editor import commands

        self.ctx = ctx
        ctx.settings.listeners.append(self._setting_changed)
        commands.register(ctx.commands, self, ctx)

    @property
    def files(self) -> Files:
        """Disk work: made when the first picture has been painted."""
        if self._files is None:
            from ide.editor.files import Files

            self._files = Files(self, self.ctx)
        return self._files

    @property
    def find_bar(self) -> FindBar:
        """Find and replace in a file, below the text."""
        if self._find_bar is None:
            from ide.editor.find_bar import FindBar

            self._find_bar = FindBar(self)
            self._column.addWidget(self._find_bar)
        return self._find_bar

    # --- what is in front --------------------------------------------------------------------------------------------

    def current(self) -> CodeEditor | None:
        """The text in front."""
        return self.panes.current()

    def current_path(self) -> Path | None:
        """The file in front; None for a text without a file, or none."""
        view = self.current()
        return view.document.path if view is not None else None

    def when_painted(self, then: Callable[[], None]) -> None:
        """Call ``then`` once the file is on the screen for the first time."""
        view = self.current()
        if view is None:
            QTimer.singleShot(0, then)
            return
        sci = view.sci

        def once() -> None:
            sci.painted.disconnect(once)
            QTimer.singleShot(0, then)

        sci.painted.connect(once)

    # --- open --------------------------------------------------------------------------------------------------------

    def open(self, path: Path, line: int | None = None, column: int | None = None, focus: bool = True) -> None:
        """Show a file, at a place; it is read by a worker. What stops it is told as a notice."""
        document = self.document_of(path)
        if document is not None:
            self._show(document, line, column, focus=focus)
        else:
            self.files.load(path, lambda view: self._show(view.document, line, column, focus=focus))

    def open_now(self, path: Path, data: bytes | None = None) -> CodeEditor | None:
        """Show a file in the first picture. ``data`` is what is in it, if it was read already."""
        try:
            if data is None:
                stamp = textfile.stamp_of(path)
                if stamp is not None and stamp.size > _AT_ONCE:
                    QTimer.singleShot(0, lambda: self.open(path))
                    return None
            file = textfile.load(path) if data is None else textfile.decode(data, path)
        except StudioError as error:
            self.ctx.notices.error(error)
            return None
        view = self.show_file(path, file)
        QTimer.singleShot(0, self._follow)
        return view

    def new(self) -> None:
        """An empty text without a file."""
        self._show(self.show_file(None, TextFile("", textfile.Form())).document, None, None, focus=True)

    def document_of(self, path: Path) -> Document | None:
        """The open document of a file."""
        return next((one for one in self.documents if one.path == path), None)

    def show_file(self, path: Path | None, file: TextFile, key: str = "") -> CodeEditor:
        """A tab with a text that was read just now."""
        document = Document(path, file, self, key=key)
        self.documents.append(document)
        document.dirty_changed.connect(self.modified_changed)
        document.renamed.connect(self._describe)
        view = self._make_view(document, self.panes.active)
        if path in self._problems:
            document.set_problems(self._problems[path])
        if self._files is not None:
            self._files.follow(document)
        return view

    def _follow(self) -> None:
        if self.closed:
            return
        for document in self.documents:
            self.files.follow(document)

    def _make_view(self, document: Document, pane: Pane) -> CodeEditor:
        view = CodeEditor(document, self.ctx.settings, pane)
        view.zoomed.connect(lambda steps: self._set_zoom(steps))
        view.cursor_moved.connect(lambda line, column: self._moved(view, line, column))
        view.menu_wanted.connect(self._menu)
        view.sci.uriDropped.connect(lambda uri: self.open(Path(QUrl(uri).toLocalFile())))
        if self.presenting:
            view.present(True)
        if self._zoom:
            view.set_zoom(self._zoom)
        pane.add(view)
        pane.setCurrentWidget(view)
        self.view_made.emit(view)
        return view

    def _show(self, document: Document, line: int | None, column: int | None, *, focus: bool) -> None:
        view = self.panes.view_of(document)
        if view is None:
            return
        self.panes.bring(view)
        if line is not None:
            view.go_to(line, column)
            # A view that was not laid out yet does not know how many lines it shows: once more then.
            QTimer.singleShot(0, view, view.show_caret)
        if focus:
            view.sci.take_focus()

    def show_page(self, page: Page) -> None:
        """Show something that is no file in a tab, in place of the page with the same key."""
        self.panes.show_page(page)

    # --- save and close ----------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Save the text in front; one without a file is asked for its name."""
        view = self.current()
        if view is not None:
            self.files.save(view.document)

    def save_as(self) -> None:
        """Save the text in front under a name that is asked for."""
        view = self.current()
        if view is not None:
            self.files.save_as(view.document)

    def save_all(self) -> bool:
        """Write every changed file before returning; whether all could be. Texts without a file are left alone."""
        return self.files.save_now([one for one in self.documents if one.path and one.dirty])

    def save_all_then(self, then: Callable[[bool], object]) -> None:
        """The same in a worker; ``then(whether all could be)`` is called when the disk has them."""
        self.files.save_then([one for one in self.documents if one.path and one.dirty], then)

    def close_tab(self, widget: QWidget | None = None) -> None:
        """Close a tab (the one in front); a text that is not saved and shown nowhere else is asked about."""
        widget = widget or self.panes.active.currentWidget()
        if widget is None or self.panes.pane_of(widget) is None:
            return
        if isinstance(widget, CodeEditor) and widget.document.dirty and len(widget.document.views) == 1:
            self.panes.bring(widget)
            self.files.ask_and_close(widget)
        else:
            self.drop(widget)

    def drop(self, widget: QWidget) -> None:
        """Take a tab away, whatever is in it."""
        document = widget.document if isinstance(widget, CodeEditor) else None
        self.panes.drop(widget)
        if document is not None and not document.views:
            self.documents.remove(document)
            self.files.unfollow(document)
            self.document_closed.emit(document)
            document.deleteLater()

    def modified_paths(self) -> list[Path]:
        """The files whose text here is not what the disk has."""
        return [one.path for one in self.documents if one.path and one.dirty]

    def text_of(self, path: Path) -> str | None:
        """The text of an open file, saved or not; None when it is not open."""
        document = self.document_of(path)
        return document.text() if document is not None else None

    def unsaved_texts(self) -> dict[Path, str]:
        """What searches must see instead of the files."""
        return {one.path: one.text() for one in self.documents if one.path and one.dirty}

    def file_moved(self, old: Path, new: Path) -> None:
        """A file, or a folder with files, was renamed by us."""
        for document in self.documents:
            if document.path and (document.path == old or old in document.path.parents):
                self.files.moved(document, new / document.path.relative_to(old) if document.path != old else new)

    # --- problems, zoom, settings ------------------------------------------------------------------------------------

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these problems in the texts that they are about, now and when they are opened."""
        self._problems = {}
        for problem in problems:
            if problem.path is not None:
                self._problems.setdefault(problem.path, []).append(problem)
        for document in self.documents:
            if document.path:
                document.set_problems(self._problems.get(document.path, ()))

    def zoom(self, steps: int) -> None:
        """Larger or smaller text, in points; 0: the size of the settings."""
        self._set_zoom(self._zoom + steps if steps else 0)

    def _set_zoom(self, steps: int) -> None:
        steps = min(max(steps, -8), 40)
        if steps != self._zoom:
            self._zoom = steps
            for view in self.panes.views():
                view.set_zoom(steps)

    def present(self, on: bool) -> None:
        """For a projector: text half as large again."""
        self.presenting = on
        for view in self.panes.views():
            view.present(on)
        self.presented.emit(on)

    def _setting_changed(self, key: str) -> None:
        if key.startswith("editor."):
            for view in self.panes.views():
                view.use_options()
                view.use_colors()

    # --- what others hear --------------------------------------------------------------------------------------------

    def _front_changed(self) -> None:
        if self.closed:
            return
        view = self.current()
        self.current_changed.emit(view)
        self.cursor_moved.emit(*(view.sci.place() if view is not None else (0, 0)))
        self._describe()
        if self._find_bar is not None:
            self._find_bar.look_at(view)
        self.ctx.commands.refresh()

    def _moved(self, view: CodeEditor, line: int, column: int) -> None:
        if view is self.current():
            self.cursor_moved.emit(line, column)

    def _describe(self) -> None:
        view = self.current()
        if view is None:
            self.described.emit("")
            return
        document = view.document
        parts = [document.form.name, _EOLS[document.form.eol], document.language.name]
        if document.locked:
            parts.insert(0, str(_("read only")))
        self.described.emit(" · ".join(parts))

    def _menu(self, at: QPoint) -> None:
        from ide.editor.commands import context_menu

        context_menu(self, self.ctx.commands).popup(at)

    # --- session -----------------------------------------------------------------------------------------------------

    def state(self) -> dict[str, Any]:
        """Files, carets, panes: for the session."""
        from ide.editor import remembered

        return remembered.state(self)

    def remembered(self, state: object) -> Path | None:
        """The file of a session that was in front."""
        from ide.editor import remembered

        return remembered.front(state)

    def restore(self, state: object) -> None:
        """Open what a session had open, and put back what was not saved; nonsense is passed over."""
        from ide.editor import remembered

        remembered.restore(self, state)

    def restore_backups(self) -> bool:
        """Put back texts that were not saved, if that was not done yet; whether there are some."""
        return self.files.restore_backups()

    def keep_all(self) -> None:
        """Write everything that is not saved to the state folder, before returning. For the end, and for crashes."""
        if self._files is not None:
            self._files.keep_all()

    def close_all(self) -> None:
        """End: no question, no callback, no thread any more."""
        self.closed = True
        words.changed.disconnect(self._describe)
        if self._files is not None:
            self._files.close()
        for view in self.panes.views():
            view.detach()
