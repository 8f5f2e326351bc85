"""A view of a document: Scintilla with what a programmer expects, a strip of problems, and room for a bar above."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from ide.editor import look, marks, typed
from ide.editor.document import Document
from ide.editor.edits import EOL_MODES
from ide.editor.languages import guess_indent
from ide.editor.overview import Overview
from ide.editor.scintilla import M, S, Sci
from ide.settings import Settings
from ide.themes import themes
from ide.words import bind
from toolchains.text import Text, _

_PRESENTED = 1.5


class CodeEditor(QWidget):
    """Shows a document; several views of one document share its text.

    ``cursor_moved(line, column)`` counts from 1; ``zoomed(steps)``; ``menu_wanted(global position)``; ``focused``.
    """

    cursor_moved = Signal(int, int)
    zoomed = Signal(int)
    menu_wanted = Signal(QPoint)
    focused = Signal()

    def __init__(self, document: Document, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.document = document
        self.settings = settings
        self.presenting = False
        self._edited_lines: set[int] = set()
        self._lines = 0
        self.sci = Sci(self)
        self.overview = Overview(self.sci, self)
        self._lay_out()
        look.arrange(self.sci)
        self._fill()
        self.use_options()
        self.use_language(lex=len(document.views) == 1)
        self._listen()

    def _lay_out(self) -> None:
        bind(self.sci, "setAccessibleName", _("Text of {name}", name=Text(self.document.name)))
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(0, 0, 0, 0)
        self.column.setSpacing(0)
        row = QHBoxLayout()
        row.setSpacing(0)
        row.addWidget(self.sci, 1)
        row.addWidget(self.overview)
        self.column.addLayout(row, 1)
        self.setFocusProxy(self.sci)
        self.sci.setFrameShape(Sci.Shape.NoFrame)
        self.sci.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)

    def _fill(self) -> None:
        if self.document.views:
            self.sci.share(self.document.views[0].sci)
        else:
            self.sci.load(self.document.first_text)
            self.sci.send(M.SetEOLMode, EOL_MODES[self.document.form.eol])
            self.sci.send(M.SetReadOnly, int(self.document.locked))
            self._use_indent()
            self.document.first_text = ""
        self.document.views.append(self)

    def _listen(self) -> None:
        sci = self.sci
        sci.modified.connect(self._modified)
        sci.savePointChanged.connect(self._save_point)
        sci.charAdded.connect(self._char_added)
        sci.updateUi.connect(self._updated)
        sci.zoom.connect(self._zoomed)
        sci.focusChanged.connect(self._focus_changed)
        sci.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(sci.mapToGlobal(at)))
        themes.changed.connect(self.use_colors)
        self.document.marked.connect(self.overview.update)

    # --- settings, colours, language ---------------------------------------------------------------------------------

    def _use_indent(self) -> None:
        document = self.document
        tabs, width = guess_indent(document.first_text, self.settings.number("editor.tab_width"))
        self.sci.send(M.SetUseTabs, int(tabs or document.language.tabs))
        self.sci.send(M.SetTabWidth, max(width, 4) if tabs or document.language.tabs else width)
        self.sci.send(M.SetIndent, 0)

    def use_options(self) -> None:
        """Take over the settings."""
        wrap = S.Wrap.Word if self.settings.on("editor.wrap") else S.Wrap.None_
        self.sci.send(M.SetWrapMode, wrap)

    def use_language(self, *, lex: bool) -> None:
        """Highlight as the document's language; ``lex``: also change the lexer, which views share."""
        language = self.document.language
        if lex:
            self.sci.lex(language.lexer or None, language.keywords)
            for key, value in language.properties.items():
                self.sci.setProperty(key, value)
        self.use_colors()

    def use_colors(self) -> None:
        """Take over theme and font."""
        points = self.settings.number("editor.font_size") * (_PRESENTED if self.presenting else 1)
        look.paint(self.sci, self.document.language, points)
        self.overview.update()

    def present(self, on: bool) -> None:
        """Text half as large again, or not."""
        self.presenting = on
        self.use_colors()

    def set_zoom(self, steps: int) -> None:
        """So many points more than the settings' size."""
        if self.sci.send(M.GetZoom) != steps:
            self.sci.setZoom(steps)

    # --- what Scintilla tells ----------------------------------------------------------------------------------------

    def _modified(self, kind: int, position: int, _length: int, added: int, *_more: object) -> None:
        if self.document.views[0] is not self:
            return
        if self.document.problems:
            self._edited_lines.add(self.sci.line_of(position) + (added if kind & 1 and added < 0 else 0))
        self.document.touched()

    def _save_point(self, dirty: bool) -> None:
        self.document.set_changed(dirty)  # True is "differs", whatever the documentation says

    def _char_added(self, code: int) -> None:
        typed.char_added(
            self.sci, self.document.language, code, close=self.settings.on("editor.complete_brackets")
        )  # fmt: skip

    def _updated(self, what: int) -> None:
        if what & (S.Update.Content | S.Update.Selection):
            typed.match_braces(self.sci)
            self._follow_edits()
            self.cursor_moved.emit(*self.sci.place())

    def _follow_edits(self) -> None:
        lines = self.sci.send(M.GetLineCount)
        edited, self._edited_lines = self._edited_lines, set()
        mended = [line for line in edited if marks.clear_line(self.sci, line)]
        if lines != self._lines:
            self._lines = lines
            look.fit_numbers(self.sci)
        elif not mended:
            return
        if self.document.problems:
            self.document.marked.emit()

    def _zoomed(self, steps: int) -> None:
        look.fit_numbers(self.sci)
        self.zoomed.emit(steps)

    def _focus_changed(self, has: bool) -> None:
        if has:
            self.focused.emit()

    # --- what others do ----------------------------------------------------------------------------------------------

    def mark_saved(self) -> None:
        """What is shown is on the disk now."""
        self.sci.send(M.SetReadOnly, 0)
        self.sci.send(M.SetSavePoint)

    def show_problems(self) -> None:
        """Show the document's problems (in every view of it)."""
        marks.show(self.sci, self.document.problems)

    def go_to(self, line: int, column: int | None = None) -> None:
        """Put the caret at a place counted from 1 and show it in the middle."""
        self.sci.go_to(self.sci.position_of(line, column))

    def show_caret(self) -> None:
        """Bring the caret into the middle of the view; a selection stays."""
        if self.sci.send(M.GetSelectionEmpty):
            self.sci.go_to(self.sci.caret())

    def state(self) -> dict[str, int]:
        """Caret and scroll, for the session."""
        send = self.sci.send
        return {"caret": self.sci.caret(), "anchor": send(M.GetAnchor), "top": send(M.GetFirstVisibleLine)}

    def restore(self, state: dict[str, object]) -> None:
        """Put caret and scroll back; nonsense is passed over."""
        caret, anchor, top = (state.get(key) for key in ("caret", "anchor", "top"))
        if isinstance(caret, int):
            self.sci.send(M.SetSel, anchor if isinstance(anchor, int) else caret, caret)
        if isinstance(top, int):
            self.sci.send(M.SetFirstVisibleLine, top)

    def detach(self) -> None:
        """This view is about to go; the others keep the text."""
        themes.changed.disconnect(self.use_colors)
        self.document.views.remove(self)
