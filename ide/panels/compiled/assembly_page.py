"""C beside its assembly: the line at the caret in one is marked in the other."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLabel, QSplitter, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.editor import look
from ide.editor.languages import Language, language, language_of
from ide.editor.scintilla import M, S, Sci, bgr
from ide.panels.compiled.work import Seen
from ide.words import bind, words
from toolchains.assembly import Listing
from toolchains.errors import StudioError
from toolchains.text import Text, _, _n, sentences

#: The marker of lines that belong together; the editor's own are below 3 and from 21 on.
LINKED = 10
#: Below this width in pixels, one view is above the other.
_WIDE = 720


class _Reading(Sci):
    """A text to be read only, which Tab leaves."""

    def __init__(self, parent: QWidget, name: Text) -> None:
        super().__init__(parent)
        self.setFrameShape(Sci.Shape.NoFrame)
        bind(self, "setAccessibleName", name)
        look.arrange(self)
        self.send(M.MarkerDefine, LINKED, S.MarkerSymbol.Background)
        self.send(M.SetReadOnly, 1)
        self.tongue: Language = language("assembly")

    def event(self, event: QEvent) -> bool:
        """Tab goes on to the next widget."""
        key = event.key() if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent) else None
        if key in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            return bool(self.focusNextPrevChild(key == Qt.Key.Key_Tab))
        return bool(super().event(event))

    def show_text(self, text: str, tongue: Language) -> None:
        """Another text; the caret stays at its line as far as there is one."""
        line = self.place()[0]
        self.tongue = tongue
        self.load(text)
        self.lex(tongue.lexer, tongue.keywords)
        self.go_to(self.position_of(line))

    def mark(self, lines: tuple[int, ...], *, show: bool) -> None:
        """Mark these lines, from 0, and no others; with ``show``, the first one is brought into sight."""
        self.send(M.MarkerDeleteAll, LINKED)
        for line in lines:
            self.send(M.MarkerAdd, line, LINKED)
        if lines and show:
            top = self.send(M.GetFirstVisibleLine)
            if not top <= lines[0] < top + self.send(M.LinesOnScreen):
                self.send(M.SetFirstVisibleLine, max(0, lines[0] - self.send(M.LinesOnScreen) // 3))


class AssemblyPage(QWidget):
    """The source on one side, what became of it on the other."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.listing: Listing | None = None
        self._message: Text | StudioError | None = None
        self._linked: tuple[int, int] = (0, 0)  # a line of the source from 1, instructions that it became
        self.head = QLabel(self)
        self.head.setWordWrap(True)
        self.head.setProperty("role", "muted")
        self.source = _Reading(self, _("Source"))
        self.assembly = _Reading(self, _("Assembly"))
        self.split = QSplitter(Qt.Orientation.Vertical, self)
        self.split.addWidget(self.source)
        self.split.addWidget(self.assembly)
        self.split.setChildrenCollapsible(False)
        column = QVBoxLayout(self)
        column.setContentsMargins(4, 4, 4, 4)
        column.addWidget(self.head)
        column.addWidget(self.split, 1)
        column.addStretch(0)
        self.source.updateUi.connect(lambda what: self._moved(what, self._from_source))
        self.assembly.updateUi.connect(lambda what: self._moved(what, self._from_assembly))
        words.changed.connect(self.render)
        ctx.themes.changed.connect(self._paint)
        self.show_message(_("The assembly of a C source shows here once the project is read."))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self.split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_message(self, message: Text | StudioError) -> None:
        """There is nothing to see, and why."""
        self.listing, self._message = None, message
        self.split.hide()
        self.render()

    def show_seen(self, seen: Seen) -> None:
        """A source and its assembly."""
        if seen.listing is None:
            self.show_message(_("This project has no C source that becomes assembly."))
            return
        self.listing, self._message = seen.listing, None
        self.source.show_text(seen.text, language_of(Path(seen.listing.source)))
        self.assembly.show_text(seen.listing.text(), language("assembly"))
        self.split.show()
        self._paint()
        self._from_source()

    def render(self) -> None:
        """The line on top, in the person's language."""
        self.head.setText(str(self._message or self._words()))

    def _words(self) -> str:
        found = self.listing
        if found is None:
            return ""
        said: list[Text] = [_("{arch}, {compiler}.", arch=found.arch, compiler=found.compiler)]
        if not found.exact:
            said.append(_("Close to what was built: debug information moves some instructions with this compiler."))
        line, count = self._linked
        if line:
            said.append(_n("Line {line}: {n} instruction.", "Line {line}: {n} instructions.", count, line=line))
        return sentences(*said)

    def _paint(self) -> None:
        for view in (self.source, self.assembly):
            look.paint(view, view.tongue, self._ctx.settings.number("editor.font_size"))
            view.send(M.ResetElementColour, S.Element.CaretLineBack)  # it would lie over the mark
            view.send(M.MarkerSetBack, LINKED, bgr(self._ctx.themes.color("selection")))

    # --- one in the other -----------------------------------------------------------------------------------------

    def _moved(self, what: int, follow: object) -> None:
        if what & S.Update.Selection and self.listing is not None and callable(follow):
            follow()

    def _from_source(self) -> None:
        """The caret is in a line of C."""
        self._link(self.source.place()[0], seen_in=self.source)

    def _from_assembly(self) -> None:
        """The caret is in a line of assembly."""
        found, at = self.listing, self.assembly.place()[0] - 1
        if found is None or at >= len(found.lines) or not self.assembly.hasFocus():
            return
        one = found.lines[at]
        self._link(one.line if one.line and one.path == found.source else 0, seen_in=self.assembly)

    def _link(self, line: int, *, seen_in: Sci) -> None:
        """Mark a line of C, from 1 (0: none), and what it became."""
        found = self.listing
        if found is None:
            return
        self.source.mark((line - 1,) if line else (), show=seen_in is not self.source)
        self.assembly.mark(found.of_line(line) if line else (), show=seen_in is not self.assembly)
        self._linked = (line, found.count(line) if line else 0)
        self.render()
