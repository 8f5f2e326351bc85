"""Help under the fingers: each view's names, forms of calls and cards, made once somebody answers for its language."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QInputMethodEvent, QKeyEvent

from ide.commands import Command
from ide.editor.intelligence.completion import KEYS, Completer
from ide.editor.intelligence.hover import Hover
from ide.editor.intelligence.signature import Arguments
from ide.editor.scintilla import M, S
from toolchains.text import _

if TYPE_CHECKING:
    from collections.abc import Callable

    from ide.context import IdeContext
    from ide.editor.editor import CodeEditor

_KEYS_ALONE = frozenset((Qt.Key.Key_Shift, Qt.Key.Key_Control, Qt.Key.Key_Alt, Qt.Key.Key_Meta, Qt.Key.Key_AltGr))
_NO_MODIFIER = (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
_AWAY = (QEvent.Type.FocusOut, QEvent.Type.Hide)
_SCROLLED = S.Update.VScroll | S.Update.HScroll


class Assist(QObject):
    """What helps in one view; gone with it."""

    def __init__(self, view: CodeEditor, ctx: IdeContext) -> None:
        super().__init__(view)
        self.completer = Completer(view, ctx)
        self.arguments = Arguments(view, ctx)
        self.hover = Hover(view, ctx)
        self._view = view
        self._composing = False
        self._was, self._edits = self._seen(), view.document.edits
        self.completer.opened_call.connect(self.arguments.ask)
        self.completer.shown.connect(self.arguments.make_room)
        self.arguments.taken = self.completer.area
        self.hover.wanted = lambda: not self.completer.visible
        sci = view.sci
        sci.charAdded.connect(self._typed)
        sci.updateUi.connect(self._updated)
        sci.zoom.connect(self._zoomed)
        sci.installEventFilter(self)

    def dismiss(self) -> None:
        """Take everything away."""
        self.completer.dismiss()
        self.arguments.dismiss()
        self.hover.dismiss()

    def tell(self) -> None:
        """Say what is known of the word at the caret."""
        self.dismiss()
        self.hover.at_caret()

    def _typed(self, _code: int) -> None:
        if not self._composing:
            self.completer.typed()
            self.arguments.typed()

    def _updated(self, what: int) -> None:
        if not what & (S.Update.Content | S.Update.Selection | _SCROLLED):
            return
        seen, edits = self._seen(), self._view.document.edits
        # The text itself scrolls where somebody types at its edge: that is not looking elsewhere.
        scrolled = seen[2:] != self._was[2:] and seen[0] == self._was[0]
        jumped = seen[1] != self._was[1] and edits == self._edits
        self._was, self._edits = seen, edits
        self.completer.moved(scrolled=scrolled)
        self.arguments.moved(away=scrolled or jumped)
        if self.hover.visible and scrolled:
            self.hover.dismiss()

    def _seen(self) -> tuple[int, int, int, int]:
        """The caret and its line, and how far the text is scrolled."""
        sci = self._view.sci
        return sci.caret(), sci.line_of(sci.caret()), sci.send(M.GetFirstVisibleLine), sci.send(M.GetXOffset)

    def _zoomed(self, _steps: int) -> None:
        self.dismiss()

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        """Qt's: keys that belong to what is shown; the text is left."""
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.ShortcutOverride):
            return isinstance(event, QKeyEvent) and self._key(event)
        if kind in _AWAY:
            self.dismiss()
        elif kind == QEvent.Type.Resize and self.completer.visible:
            QTimer.singleShot(0, self.completer, self.completer.refit)
        elif kind == QEvent.Type.InputMethod and isinstance(event, QInputMethodEvent):
            self._composing = bool(event.preeditString())
            if self._composing:
                self.dismiss()
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key, pressed = event.key(), event.type() == QEvent.Type.KeyPress
        plain = event.modifiers() in _NO_MODIFIER
        if plain and self.completer.visible and key in KEYS:
            return self.completer.key(key) if pressed else _claim(event)
        if plain and key == Qt.Key.Key_Escape and (self.arguments.visible or self.hover.visible):
            if not pressed:
                return _claim(event)
            self.dismiss()
            return True
        if pressed and key not in _KEYS_ALONE:
            self.hover.dismiss()
        return False


def _claim(event: QKeyEvent) -> bool:
    """No shortcut gets this key."""
    event.accept()
    return True


def attach(ctx: IdeContext) -> Callable[[], None]:
    """Help in every view, open now or later, and its commands; returns the undo of the commands."""
    area = ctx.editors
    for view in area.panes.views():
        Assist(view, ctx)
    area.view_made.connect(lambda view: Assist(view, ctx))

    def assist() -> Assist | None:
        view = area.current()
        return view.findChild(Assist) if view is not None else None

    def has_text() -> bool:
        return area.current() is not None

    def do(act: Callable[[Assist], None]) -> Callable[[], None]:
        def run() -> None:
            found = assist()
            if found is not None:
                act(found)

        return run

    return ctx.commands.register(
        Command(
            "code.complete", _("Propose names here"), do(lambda one: one.completer.complete()), "Ctrl+Space",
            "code/20", enabled=has_text,
        ),
        Command(
            "code.arguments", _("Show the form of the call"), do(lambda one: one.arguments.ask()),
            "Ctrl+Shift+Space", "code/21", enabled=has_text,
        ),
        Command(
            "code.hover", _("What is known of this word"), do(Assist.tell), "Ctrl+K", "code/22",
            enabled=has_text,
        ),
    )  # fmt: skip
