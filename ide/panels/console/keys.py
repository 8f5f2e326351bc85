"""The console's keys. What is not here is Scintilla's: moving about, selecting, copying."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QKeyEvent
from PySide6.QtWidgets import QWidget

from ide.editor.scintilla import M

if TYPE_CHECKING:
    from ide.panels.console.view import ConsoleView

Key = Qt.Key
_CTRL = Qt.KeyboardModifier.ControlModifier
_META = Qt.KeyboardModifier.MetaModifier  # on macOS, the key that says Ctrl
_SHIFT = Qt.KeyboardModifier.ShiftModifier
_ALT = Qt.KeyboardModifier.AltModifier
_INDENT = "    "
_LAST_WORD = re.compile(r"(?:\w+|[^\w\s]+)?\s*\Z")


def wanted(event: QKeyEvent) -> bool:
    """Whether a key is for the console, even if the window has a shortcut with it."""
    key, ctrl = event.key(), bool(event.modifiers() & _CTRL)
    if event.modifiers() & _ALT:
        return False
    if ctrl:
        return key in (Key.Key_C, Key.Key_V, Key.Key_X, Key.Key_A, Key.Key_D, Key.Key_L, Key.Key_F, Key.Key_Insert)
    plain = (Key.Key_Escape, Key.Key_Home, Key.Key_End, Key.Key_Up, Key.Key_Down, Key.Key_Left, Key.Key_Right)
    return key in plain or edits(event) or key in (Key.Key_Return, Key.Key_Enter, Key.Key_Tab)


def edits(event: QKeyEvent) -> bool:
    """Whether Scintilla would change the text."""
    if event.key() in (Key.Key_Backspace, Key.Key_Delete):
        return not event.modifiers() & (_CTRL | _META | _ALT)
    return bool(event.text()) and event.text().isprintable() and not event.modifiers() & _CTRL


def handle(view: ConsoleView, event: QKeyEvent) -> bool:
    """Do what a key of ours does; whether it was one."""
    shift = bool(event.modifiers() & _SHIFT)
    if event.modifiers() & (_CTRL | _META):
        action = _WITH_CTRL.get(Key(event.key()))
        return action is not None and action(view)
    if event.key() == Key.Key_Insert and shift:
        return _paste(view)
    moving = event.key() in (Key.Key_Home, Key.Key_Left, Key.Key_Up, Key.Key_Down)
    if moving and shift:
        return event.key() == Key.Key_Home and _home(view, extend=True)
    plain = _PLAIN.get(Key(event.key()))
    return plain is not None and plain(view)


def _interrupt(view: ConsoleView) -> bool:
    if view.send(M.GetSelectionEmpty):
        view.interrupt_wanted.emit()
    else:
        view.send(M.Copy)
    return True


def _paste(view: ConsoleView) -> bool:
    view.insert_text(QGuiApplication.clipboard().text())
    return True


def _cut(view: ConsoleView) -> bool:
    view.send(M.Copy)
    if view.inside() and not view.send(M.GetSelectionEmpty):
        view.insert_text("")
    return True


def _end(view: ConsoleView) -> bool:
    if not view.line():
        view.end_wanted.emit()
    return True


def _rubout_word(view: ConsoleView) -> bool:
    if view.accepts and view.inside():
        if view.send(M.GetSelectionEmpty):
            word = _LAST_WORD.search(view.before_caret())
            view.send(M.SetAnchor, view.caret() - len(word[0].encode() if word else b""))
        view.insert_text("")
    return True


def _clear(view: ConsoleView) -> bool:
    view.clear()
    return True


def _find(view: ConsoleView) -> bool:
    view.find_wanted.emit()
    return True


def _enter(view: ConsoleView) -> bool:
    if view.accepts:
        view.go_inside()
        view.enter()
    return True


def _tab(view: ConsoleView) -> bool:
    if not view.accepts:
        return True
    view.go_inside()
    before = view.before_caret()
    if before.strip() and not before.endswith((" ", "\t")):
        view.completion_wanted.emit(before)
    else:
        view.insert_text(_INDENT)
    return True


def _backtab(view: ConsoleView) -> bool:
    QWidget.focusPreviousChild(view)
    return True


def _escape(view: ConsoleView) -> bool:
    if not view.line():
        return False
    view.set_line("")
    return True


def _backspace(view: ConsoleView) -> bool:
    if not view.inside() or view.before_caret() or not view.send(M.GetSelectionEmpty):
        return False
    if not view.line():
        view.rubout_wanted.emit()
    return True


def _home(view: ConsoleView, *, extend: bool = False) -> bool:
    if not view.inside():
        return False
    start = view.caret() - len(view.before_caret().encode())
    if extend:
        view.send(M.SetCurrentPos, start)
    else:
        view.send(M.SetEmptySelection, start)
    return True


def _left(view: ConsoleView) -> bool:
    return view.inside() and not view.before_caret() and bool(view.send(M.GetSelectionEmpty))


def _up(view: ConsoleView) -> bool:
    return view.inside() and _recall(view, view.history.older)


def _down(view: ConsoleView) -> bool:
    return view.inside() and _recall(view, view.history.newer)


def _recall(view: ConsoleView, look: Callable[[str, str], str | None]) -> bool:
    if view.accepts:
        line = view.line()
        found = look(line, view.before_caret())
        if found is not None:
            view.set_line(found)
    return True


def _page(view: ConsoleView, direction: int) -> bool:
    view.send(M.LineScroll, 0, direction * max(view.send(M.LinesOnScreen) - 1, 1))
    return True


_WITH_CTRL: dict[Qt.Key, Callable[[ConsoleView], bool]] = {
    Key.Key_C: _interrupt,
    Key.Key_V: _paste,
    Key.Key_X: _cut,
    Key.Key_D: _end,
    Key.Key_L: _clear,
    Key.Key_F: _find,
    Key.Key_Backspace: _rubout_word,
}
_PLAIN: dict[Qt.Key, Callable[[ConsoleView], bool]] = {
    Key.Key_Return: _enter,
    Key.Key_Enter: _enter,
    Key.Key_Tab: _tab,
    Key.Key_Backtab: _backtab,
    Key.Key_Escape: _escape,
    Key.Key_Backspace: _backspace,
    Key.Key_Home: _home,
    Key.Key_Left: _left,
    Key.Key_Up: _up,
    Key.Key_Down: _down,
    Key.Key_PageUp: lambda view: _page(view, -1),
    Key.Key_PageDown: lambda view: _page(view, 1),
}
