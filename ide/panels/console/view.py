"""The console: a transcript that cannot be changed, and behind its last prompt a line that is being typed.

The line is edited here and goes to the board when it is entered; the board's echo then takes its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from PySide6.QtCore import QEvent, QTimer, Signal
from PySide6.QtGui import QGuiApplication, QInputMethodEvent, QKeyEvent
from PySide6.QtWidgets import QMenu, QWidget

from ide.editor.scintilla import M, S
from ide.panels.console import keys
from ide.panels.console.ansi import PLAIN, Patch
from ide.panels.console.history import History
from ide.panels.console.transcript import Transcript
from toolchains.text import _

_MOST_NAMES = 12


class ConsoleView(Transcript):
    """``entered(line)``; ``pasted(text)``: of several lines; ``completion_wanted(what is before the caret)``.

    ``interrupt_wanted``: Ctrl-C; ``end_wanted``: Ctrl-D on an empty line; ``rubout_wanted``: backspace at the start.
    ``composed``: a word was, and what waited meanwhile may be shown (:meth:`work`).
    """

    entered = Signal(str)
    pasted = Signal(str)
    completion_wanted = Signal(str)
    interrupt_wanted = Signal()
    end_wanted = Signal()
    rubout_wanted = Signal()
    find_wanted = Signal()
    composed = Signal()

    def __init__(self, limit: int, points: int, parent: QWidget | None = None) -> None:
        self._entered = False  # the line was sent, and stays until its echo comes
        self._composing = False
        self._accepts = False
        super().__init__(limit, points, parent)
        self.history = History()
        self.send(M.AutoCSetMaxHeight, _MOST_NAMES)
        self.send(M.AutoCSetOrder, S.Ordering.Custom)
        self.send(M.AutoCSetCancelAtStart, 0)
        self.autoCompleteSelection.connect(self._completing)
        self.autoCompleteCancelled.connect(self._list_gone)

    @property
    def accepts(self) -> bool:
        """Whether there is somebody who could read what is typed."""
        return self._accepts

    def accept(self, on: bool) -> None:
        """Say whether there is."""
        self._accepts = on
        self.send(M.SetCaretStyle, S.CaretStyle.Line if on else S.CaretStyle.Invisible)

    # --- what is printed ----------------------------------------------------------------------------------------------

    def waits(self) -> bool:
        """Output waits while a word is being composed, which it would tear."""
        return self._composing

    def put_patch(self, patch: Patch) -> None:
        """As in a transcript; the line that was entered goes as soon as something comes."""
        self._retire()
        if self.send(M.AutoCActive):
            self.send(M.AutoCCancel)
        super().put_patch(patch)

    # --- the line that is typed ---------------------------------------------------------------------------------------

    def line(self) -> str:
        """What is being typed."""
        return "" if self._entered else self.slice(self._end, self.send(M.GetLength))

    def set_line(self, text: str) -> None:
        """Put another text in its place, the caret at its end."""
        self._retire()
        with self._editing():
            end = self.replace(self._end, self.send(M.GetLength), text)
            self.send(M.SetEmptySelection, end)

    def insert_text(self, text: str) -> None:
        """As if it had been typed, or pasted."""
        text = text.replace("\r\n", "\n").replace("\r", "\n")
        if not self._accepts:
            return
        self.go_inside()
        before, after = self._around()
        if "\n" in text:
            self.set_line("")
            self.pasted.emit(before + text + after)
            return
        with self._editing():
            start, end = sorted((self.caret(), self.send(M.GetAnchor)))
            self.send(M.SetEmptySelection, self.replace(start, end, text))
        self.history.edited()

    def enter(self) -> None:
        """The line is complete. It stays visible until the board's echo takes its place."""
        line = self.line()
        self.history.add(line)
        self._entered = True
        self.send(M.SetEmptySelection, self.send(M.GetLength))
        self.scroll_to_end()
        self.entered.emit(line)

    def _around(self) -> tuple[str, str]:
        """What is typed before and after the selection."""
        start, end = sorted((self.caret(), self.send(M.GetAnchor)))
        return self.slice(self._end, start), self.slice(end, self.send(M.GetLength))

    def before_caret(self) -> str:
        """What is typed before the caret."""
        return self.slice(self._end, max(self.caret(), self._end))

    def inside(self) -> bool:
        """Whether caret and selection are in the line that is typed."""
        return min(self.caret(), self.send(M.GetAnchor)) >= self._end

    def go_inside(self) -> None:
        """Typing goes to the line, wherever one was looking."""
        self._retire()
        if not self.inside():
            self.send(M.SetEmptySelection, self.send(M.GetLength))
        if not self._follows:
            self.scroll_to_end()

    def _retire(self) -> None:
        if self._entered:
            self._entered = False
            with self.opened():
                self.send(M.DeleteRange, self._end, self.send(M.GetLength) - self._end)

    @contextmanager
    def _editing(self) -> Iterator[None]:
        """The line may be changed in the body."""
        with self.opened():
            yield
            size = self.send(M.GetLength) - self._end
            if size > 0:
                self.send(M.StartStyling, self._end, 0)
                self.send(M.SetStyling, size, self.style_of(PLAIN))
        self.send(M.ScrollCaret)

    # --- completion ---------------------------------------------------------------------------------------------------

    def offer(self, typed: str, start: int, names: list[str]) -> None:
        """Candidates for what stood before the caret (``typed``), from its character ``start`` on."""
        if not names or self.before_caret() != typed or not self.inside():
            return
        word = typed[start:]
        common = _common(names)
        if len(common) > len(word) or len(names) == 1:
            self.insert_text(common[len(word) :])
        elif self.hasFocus():
            self.send(M.SetReadOnly, 0)  # the list inserts by itself, on a double click too
            self.put(M.AutoCShow, len(word.encode()), " ".join(names))
            self._list_gone()

    def _completing(self, *_more: object) -> None:
        """One was chosen, and is put in right after this."""
        self.send(M.SetReadOnly, 0)
        QTimer.singleShot(0, self._list_gone)

    def _list_gone(self) -> None:
        if not self.send(M.AutoCActive) and not self._composing:
            self.send(M.SetReadOnly, 1)

    # --- keys ---------------------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """The console's own keys are not shortcuts of the window while it has the focus."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and keys.wanted(event):
            event.accept()
            return True
        return bool(super().event(event))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A key: one of ours, an edit of the line, or a way to look around."""
        if self.send(M.AutoCActive):
            with self._editing():
                super().keyPressEvent(event)
            self._list_gone()
            return
        edits = keys.edits(event)
        if edits and self._accepts:
            self.go_inside()
        if keys.handle(self, event):
            event.accept()
        elif not edits:
            super().keyPressEvent(event)
        elif self._accepts:
            self.history.edited()
            with self._editing():
                super().keyPressEvent(event)

    def fill_menu(self, menu: QMenu) -> None:
        """Pasting, too."""
        super().fill_menu(menu)
        paste = menu.addAction(str(_("Paste")), lambda: self.insert_text(QGuiApplication.clipboard().text()))
        paste.setEnabled(self._accepts)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """A word is being composed: Scintilla takes the unfinished one back with its undo, so that is on meanwhile."""
        if not self._accepts:
            event.ignore()
            return
        if not self._composing:
            if not event.preeditString() and not event.commitString():
                return
            self.go_inside()
            self._composing = True
            self.history.edited()
            self.send(M.SetReadOnly, 0)
            self.send(M.SetUndoCollection, 1)
        super().inputMethodEvent(event)
        if not event.preeditString():
            self._composed()

    def _composed(self) -> None:
        self._composing = False
        with self._editing():
            self.send(M.SetUndoCollection, 0)
            self.send(M.EmptyUndoBuffer)
        self.send(M.SetReadOnly, 1)
        self.composed.emit()


def _common(names: list[str]) -> str:
    first, last = min(names), max(names)
    return next((first[:at] for at, char in enumerate(first) if last[at : at + 1] != char), first)
