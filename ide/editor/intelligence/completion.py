"""Names while one types: when to ask, what becomes of late answers, which keys belong to the list."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, Qt, QTimer, Signal

from ide.editor.edits import one_step
from ide.editor.intelligence.insertion import Insertion, changes_nothing, insertion
from ide.editor.intelligence.matching import fitting
from ide.editor.intelligence.spot import Spot, is_code, source_of, spot_of
from ide.editor.intelligence.typing_watch import wants_list
from ide.editor.look import CLOSER
from ide.editor.scintilla import M

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.editor import CodeEditor
    from ide.editor.intelligence.popup import Popup
    from ide.editor.intelligence.source import Asked
    from ide.editor.lsp.records import Item

#: An answer of so many names may have been cut: it is asked again as the word grows.
_MAY_BE_CUT = 90
_STEPS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1, Qt.Key.Key_PageUp: -9, Qt.Key.Key_PageDown: 9}
_ENTERS = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
KEYS = frozenset((*_STEPS, *_ENTERS, Qt.Key.Key_Tab, Qt.Key.Key_Escape))


class Completer(QObject):
    """One view's list of names. ``shown``: the list came up; ``opened_call``: brackets were written with a name."""

    shown = Signal()
    opened_call = Signal()

    def __init__(self, view: CodeEditor, ctx: IdeContext) -> None:
        super().__init__(view)
        self._view, self._ctx = view, ctx
        self._popup: Popup | None = None
        self._items: Sequence[Item] = ()
        #: Where the word begins that the list is about; None without a list. What the word was at the question.
        self._start: int | None = None
        self._asked_for = ""
        self._by_hand = False
        self._refused: int | None = None
        #: Where the caret was when there was nothing to propose.
        self._nothing_at: int | None = None
        self._number = 0
        self._asked: Asked | None = None
        self._waiting = False
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self._ask)

    # --- from outside ------------------------------------------------------------------------------------------------

    @property
    def visible(self) -> bool:
        """Whether the list is on the screen."""
        return self._popup is not None and self._popup.isVisible()

    def area(self) -> QRect | None:
        """What of the window the list covers; None without one."""
        return self.popup.geometry() if self.visible else None

    @property
    def popup(self) -> Popup:
        """The list, made when it is needed first."""
        if self._popup is None:
            from ide.editor.intelligence.popup import Popup

            document, intelligence = self._view.document, self._ctx.intelligence
            self._popup = Popup(self._view, lambda name: intelligence.why_not(document, name))
            self._popup.accepted.connect(self.accept)
        return self._popup

    def typed(self) -> None:
        """A letter came in by the keyboard."""
        spot = spot_of(self._view)
        if spot is None:
            self.dismiss()
        elif spot.start == self._start:
            self._narrow(spot)
        else:
            self.dismiss()
            if spot.start != self._refused and wants_list(spot.before, self._view.document.language.id):
                self._refused = None
                if is_code(self._view, spot.caret):
                    self._begin(spot, by_hand=False)

    def moved(self, *, scrolled: bool) -> None:
        """The text was edited otherwise, the caret was moved, or the text was scrolled."""
        if self._start is None:
            return
        spot = spot_of(self._view)
        if spot is None or spot.start != self._start or scrolled:
            self.dismiss()
        else:
            self._narrow(spot)

    def complete(self) -> None:
        """Somebody wants the names now, wherever the caret is."""
        self.dismiss()
        self._refused = None
        spot = spot_of(self._view)
        if spot is not None:
            self._begin(spot, by_hand=True)
            self._soon.stop()
            self._ask()

    def dismiss(self) -> None:
        """No list, and no question for one."""
        self._soon.stop()
        self._forget_question()
        self._start, self._items, self._nothing_at = None, (), None
        if self._popup is not None:
            self._popup.hide()

    def refit(self) -> None:
        """The view has another size: the list goes to its word again."""
        if self.visible:
            self.popup.refit()

    def key(self, key: int) -> bool:
        """A key of :data:`KEYS` while the list is visible; whether it was for the list."""
        if not self.popup.current():
            self.dismiss()
            return key == Qt.Key.Key_Escape
        if key in _STEPS:
            self.popup.step(_STEPS[Qt.Key(key)])
        elif key == Qt.Key.Key_Escape:
            self._refused = self._start
            self.dismiss()
        else:
            return self.accept(self.popup.current()) or key not in _ENTERS
        return True

    # --- questions ---------------------------------------------------------------------------------------------------

    def _begin(self, spot: Spot, *, by_hand: bool) -> None:
        self._start, self._by_hand = spot.start, by_hand
        self._soon.start(0)  # what is in the queue of keys comes first

    def _ask(self) -> None:
        spot, found = spot_of(self._view), source_of(self._view, self._ctx)
        if spot is None or found is None or spot.start != self._start:
            self.dismiss()
            if spot is not None and self._by_hand:
                self._say_nothing(spot)
            return
        self._forget_question()
        self._asked_for, self._waiting = spot.word, True
        number = self._number
        source, path = found
        asked = source.complete(path, spot.at, lambda items: self._answered(number, items))
        if self._waiting and number == self._number:
            self._asked = asked

    def _forget_question(self) -> None:
        self._number += 1
        self._waiting = False
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()

    def _answered(self, number: int, items: Sequence[Item]) -> None:
        if number != self._number or not self._waiting:
            return
        self._waiting, self._asked = False, None
        spot = spot_of(self._view)
        if spot is None or spot.start != self._start or not self._view.sci.hasFocus():
            self.dismiss()
            return
        self._items = items
        if not items and self._by_hand:
            self._say_nothing(spot)
        elif not items:
            self.dismiss()
        else:
            self._narrow(spot)

    def _say_nothing(self, spot: Spot) -> None:
        self._start, self._nothing_at = spot.start, spot.caret
        self.popup.fill((), spot.start)
        self._ctx.intelligence.explain(self._view.document)

    def _narrow(self, spot: Spot) -> None:
        """Show what fits the word as it is now; ask again where the answer may not have all of it."""
        if self._nothing_at is not None:
            if self._nothing_at != spot.caret:
                self.dismiss()
            return
        longer = spot.word.startswith(self._asked_for)
        if not longer and not self._by_hand and not wants_list(spot.before, self._view.document.language.id):
            self.dismiss()
            return
        if self._items:
            self._show(fitting(spot.word, self._items), spot)
        stale = not longer or (len(self._items) >= _MAY_BE_CUT and spot.word != self._asked_for)
        if stale and not self._waiting:
            self._soon.start(0)

    def _show(self, items: list[Item], spot: Spot) -> None:
        if not items or (len(items) == 1 and items[0].insert == spot.word):
            if self._popup is not None:
                self._popup.hide()
            return
        was = self.visible
        self.popup.fill(items, spot.start, keep=self.popup.kept() if was else "")
        if not was:
            self.shown.emit()

    # --- what is chosen ----------------------------------------------------------------------------------------------

    def accept(self, item: Item | None) -> bool:
        """Write a name; whether the text changed."""
        spot = spot_of(self._view)
        if item is None or spot is None or spot.start != self._start:
            self.dismiss()
            return False
        sci, line = self._view.sci, spot.at[0]
        after = sci.slice(spot.caret, min(sci.line_end(line), spot.caret + 200))
        what = insertion(item, line, spot.before, spot.word, after, self._view.document.language.id)
        self.dismiss()
        if changes_nothing(what, spot.before):
            return False
        self._write(what, sci.line_start(line))
        if what.closer is not None:
            self.opened_call.emit()
        return True

    def _write(self, what: Insertion, line_start: int) -> None:
        sci, start = self._view.sci, line_start + what.start
        with one_step(sci):
            sci.replace(start, line_start + what.end, what.text)
        if what.closer is not None:
            sci.send(M.SetIndicatorCurrent, CLOSER)
            sci.send(M.IndicatorFillRange, start + what.closer, 1)
        sci.send(M.SetEmptySelection, start + what.caret)
        sci.send(M.ScrollCaret)
