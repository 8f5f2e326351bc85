"""Find and replace in the text in front: a bar below it.

The expressions are Python's, as in a search of the project. Scintilla's own (std::regex) overflow the stack on a long
line: ``(a|b)*c`` in 400 kB ends the process.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QSignalBlocker, Qt, QTimer
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QWidget

from ide import controls
from ide.editor import edits
from ide.editor.editor import CodeEditor
from ide.editor.look import FOUND
from ide.editor.scintilla import M
from ide.editor.search import BadPattern, Query, hits_in, spans_in
from ide.words import words
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.editor.area import EditorArea

#: Places that are lit and counted.
_MOST = 10_000
_PAUSE_MS = 150
Span = tuple[int, int]


class FindBar(QFrame):
    """Enter: next. Shift+Enter: previous. Escape: back to the text. Places are counted, and lit while it is open."""

    def __init__(self, area: EditorArea) -> None:
        super().__init__(area)
        self.setObjectName("find")
        self._view: CodeEditor | None = None
        self._spans: list[Span] = []
        self._scope: Span | None = None
        self._answer: Text | None = None
        self.text = controls.field(self, _("Find"))
        self.fresh = controls.field(self, _("Replace with"))
        for field in (self.text, self.fresh):
            field.installEventFilter(self)
        self.case = controls.switch(self, "Aa", _("Match case"))
        self.word = controls.switch(self, "|ab|", _("Whole words"))
        self.regex = controls.switch(self, ".*", _("Regular expression"))
        self.inside = controls.switch(self, "[ ]", _("Only in the selection"))
        self.count = QLabel(self)
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._look)
        self._lay_out()
        self.text.textChanged.connect(lambda: self._sought())
        for switch in (self.case, self.word, self.regex):
            switch.toggled.connect(lambda _on: self._sought())
        self.inside.toggled.connect(self._scope_wished)
        words.changed.connect(self._say)
        self.hide()

    def _lay_out(self) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(8, 4, 8, 4)
        grid.setSpacing(4)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.fresh, 1, 0)
        first, second = QHBoxLayout(), QHBoxLayout()
        for widget in (
            self.case, self.word, self.regex, self.inside,
            controls.button(self, _("Previous"), lambda: self.step(back=True)),
            controls.button(self, _("Next"), lambda: self.step()),
            self.count,
        ):  # fmt: skip
            first.addWidget(widget)
        first.addStretch(1)
        first.addWidget(controls.button(self, _("Close"), lambda: self.leave()))
        self._replacing: list[QWidget] = [
            controls.button(self, _("Replace"), lambda: self.replace()),
            controls.button(self, _("Replace all"), lambda: self.replace_all()),
        ]
        for widget in self._replacing:
            second.addWidget(widget)
        second.addStretch(1)
        grid.addLayout(first, 0, 1)
        grid.addLayout(second, 1, 1)
        grid.setColumnStretch(0, 2)
        grid.setColumnStretch(1, 3)

    # --- open, close -------------------------------------------------------------------------------------------------

    def open(self, view: CodeEditor | None, *, replace: bool) -> None:
        """Show the bar; a selection within one line is what is looked for, a longer one is where."""
        for widget in (self.fresh, *self._replacing):
            widget.setVisible(replace)
        self.look_at(view)
        self.show()
        selected = view.sci.selected() if view is not None else ""
        several = "\n" in selected or "\r" in selected
        if selected and not several:
            with QSignalBlocker(self.text):
                self.text.setText(selected)
        if several:
            self.inside.setChecked(True)  # which looks
        else:
            self._look()
        self.text.selectAll()
        self.text.setFocus()

    def leave(self) -> None:
        """Back to the text; what was looked for is kept for the next time."""
        self.inside.setChecked(False)
        self.hide()
        self._light([])
        if self._view is not None:
            self._view.sci.take_focus()

    def look_at(self, view: CodeEditor | None) -> None:
        """Another text is in front."""
        if view is self._view:
            return
        if self._view is not None:
            self._light([])
            self._view.document.edited.disconnect(self._edited)
            self._view.destroyed.disconnect(self._view_gone)
        self._view, self._scope = view, None
        self.inside.setChecked(False)
        if view is not None:
            view.document.edited.connect(self._edited)
            view.destroyed.connect(self._view_gone)
            if self.isVisible():
                self._look()

    def _view_gone(self) -> None:
        self._view, self._spans = None, []

    # --- look --------------------------------------------------------------------------------------------------------

    def query(self) -> Query:
        """What is looked for."""
        return Query(
            self.text.text(), self.regex.isChecked(), self.case.isChecked(), self.word.isChecked(),
            replacement=self.fresh.text(),
        )  # fmt: skip

    def _edited(self) -> None:
        if self.isVisible() and not self._timer.isActive():
            self._timer.start()

    def _scope_wished(self, on: bool) -> None:
        self._scope = None
        if on and self._view is not None:
            sci = self._view.sci
            self._scope = (sci.send(M.GetSelectionStart), sci.send(M.GetSelectionEnd))
        self._look()

    def _sought(self) -> None:
        """Other words: look again and go to the first place from the caret on."""
        self._look()
        if self._spans and self._view is not None:
            self._go(bisect_left(self._spans, (self._view.sci.send(M.GetSelectionStart), 0)) % len(self._spans))

    def _look(self) -> None:
        self._timer.stop()
        self._answer, self._spans = None, []
        if self._view is not None:
            try:
                self._spans = _spans(self._view, self.query(), self._scope, _MOST)
            except BadPattern as error:
                self._answer = error.what
        self._light(self._spans if self.isVisible() else [])
        self._say()

    def _light(self, spans: list[Span]) -> None:
        if self._view is None:
            return
        sci = self._view.sci
        sci.send(M.SetIndicatorCurrent, FOUND)
        sci.send(M.IndicatorClearRange, 0, sci.send(M.GetLength))
        for start, end in spans:
            sci.send(M.IndicatorFillRange, start, end - start)

    def _say(self) -> None:
        if self._answer is not None:
            self.count.setText(str(self._answer))
            return
        n = len(self._spans)
        if not self.text.text():
            self.count.setText("")
        elif n >= _MOST:
            self.count.setText(str(_("more than {n} places", n=_MOST)))
        elif self._at() is not None:
            self.count.setText(str(_("{at} of {n}", at=(self._at() or 0) + 1, n=n)))
        else:
            self.count.setText(str(_n("{n} place", "{n} places", n)) if n else str(_("not found")))

    def _at(self) -> int | None:
        """Which of the places is selected."""
        if self._view is None:
            return None
        sci = self._view.sci
        span = (sci.send(M.GetSelectionStart), sci.send(M.GetSelectionEnd))
        at = bisect_left(self._spans, span)
        return at if at < len(self._spans) and self._spans[at] == span else None

    # --- go, replace -------------------------------------------------------------------------------------------------

    def step(self, *, back: bool = False) -> None:
        """The next (previous) place, round the end of the text. Works while the bar is closed, too."""
        if self._timer.isActive() or not self.isVisible():
            self._look()
        if self._view is None or not self._spans:
            return
        sci = self._view.sci
        if back:
            at = bisect_left(self._spans, (sci.send(M.GetSelectionStart), 0)) - 1
        else:
            at = bisect_left(self._spans, (sci.send(M.GetSelectionEnd), 0))
        self._go(at % len(self._spans))

    def _go(self, at: int) -> None:
        assert self._view is not None
        start, end = self._spans[at]
        sci = self._view.sci
        sci.send(M.EnsureVisible, sci.line_of(start))
        sci.send(M.SetSel, start, end)
        sci.send(M.ScrollRange, end, start)
        self._say()

    def replace(self) -> None:
        """Replace the place that is selected, and go to the next."""
        at = self._at()
        if at is None or self._view is None:
            self.step()
            return
        sci, query = self._view.sci, self.query()
        start, end = self._spans[at]
        line_start = sci.line_start(sci.line_of(start))
        column = len(sci.slice(line_start, start)) + 1
        line = sci.line_text(sci.line_of(start))
        self._put([(start, end)], lambda: [hit.fresh or "" for hit in hits_in(line, query) if hit.column == column])
        if self._answer is None:
            self._look()
            self.step()

    def replace_all(self) -> None:
        """Replace every place: one step of undo."""
        if self._view is None:
            return
        view, query = self._view, self.query()
        start, end = self._scope or (0, view.sci.send(M.GetLength))
        self._answer = None
        try:
            spans = _spans(view, query, self._scope)
        except BadPattern:
            return  # it is said already
        self._put(spans, lambda: [hit.fresh or "" for hit in hits_in(view.sci.slice(start, end), query)])
        if self._answer is None:
            self._look()
            self.count.setText(str(_n("{n} place replaced", "{n} places replaced", len(spans))))

    def _put(self, spans: list[Span], fresh: Callable[[], list[str]]) -> None:
        """Put the texts that ``fresh`` makes in these places."""
        assert self._view is not None
        sci = self._view.sci
        try:
            texts = fresh()
        except BadPattern as error:
            self._answer = error.what
            self._say()
            return
        grown = 0
        with edits.one_step(sci):
            for (start, end), text in reversed(list(zip(spans, texts, strict=False))):
                grown += sci.replace(start, end, text) - end
        if self._scope is not None:
            self._scope = (self._scope[0], self._scope[1] + grown)
        if len(spans) == 1:
            sci.send(M.SetEmptySelection, spans[0][1] + grown)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: the keys of the two fields."""
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            enter = event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            if enter and watched is self.fresh:
                self.replace()
            elif enter:
                self.step(back=bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier))
            return enter
        return False

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Qt's: Escape anywhere in the bar."""
        if event.key() == Qt.Key.Key_Escape:
            self.leave()
        else:
            super().keyPressEvent(event)


def _spans(view: CodeEditor, query: Query, scope: Span | None, most: int | None = None) -> list[Span]:
    """The places in a view's text in bytes, in order."""
    sci = view.sci
    start, end = scope or (0, sci.send(M.GetLength))
    text = sci.slice(start, end)
    found = islice(spans_in(text, query), most)
    if len(text) == end - start:  # ASCII: a character is a byte
        return [(start + one, start + other) for one, other in found]
    spans, last, position = [], 0, start
    for one, other in found:
        position += len(text[last:one].encode())
        n_bytes = len(text[one:other].encode())
        spans.append((position, position + n_bytes))
        last, position = other, position + n_bytes
    return spans
