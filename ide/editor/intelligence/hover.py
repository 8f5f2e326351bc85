"""What is known of a word, or what is wrong with it: when the mouse rests on it, or at the caret by a key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QKeySequence

from ide.editor.intelligence.marking import first_words, title_of
from ide.editor.intelligence.spot import at_of, is_code, source_of
from ide.editor.scintilla import M
from toolchains.text import _

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from ide.context import IdeContext
    from ide.editor.editor import CodeEditor
    from ide.editor.intelligence.floating import Card
    from ide.editor.intelligence.source import Asked
    from ide.editor.lsp.records import Remark

#: How long the mouse rests, in ms.
DWELL_MS = 450
_MOST_LINES, _MOST_REMARKS = 16, 4


class Hover(QObject):
    """One view's card of what is known."""

    def __init__(self, view: CodeEditor, ctx: IdeContext) -> None:
        super().__init__(view)
        self._view, self._ctx = view, ctx
        self._card: Card | None = None
        self._number = 0
        self._asked: Asked | None = None
        #: Whether a resting mouse may bring something up now.
        self.wanted: Callable[[], bool] = lambda: True
        view.sci.send(M.SetMouseDwellTime, DWELL_MS)
        view.sci.dwellStart.connect(self._rested)
        view.sci.dwellEnd.connect(self._left)

    @property
    def visible(self) -> bool:
        """Whether a card is on the screen."""
        return self._card is not None and self._card.isVisible()

    @property
    def card(self) -> Card:
        """What it is shown on, made when it is needed first."""
        if self._card is None:
            from ide.editor.intelligence.floating import Card

            self._card = Card(self._view, _("About this place"))
        return self._card

    def at_caret(self) -> None:
        """Somebody wants to know of the word at the caret."""
        self.look(self._view.sci.caret(), by_hand=True)

    def look(self, position: int, *, by_hand: bool) -> None:
        """Show what is known of a position: remarks first."""
        self.dismiss()
        remarks = self._ctx.intelligence.remarks_at(self._view.document, at_of(self._view.sci, position))
        if remarks:
            self._show(self._in_words(remarks), position)
            return
        found, word = source_of(self._view, self._ctx), self._word(position)
        if found is None or not word or not (by_hand or is_code(self._view, word[1])):
            if by_hand:
                self._show(str(_("Nothing is known of this place.")), position)
            return
        number = self._number
        source, path = found
        at = at_of(self._view.sci, word[0])
        asked = source.hover(path, at, lambda text: self._answered(number, text, word[0], by_hand=by_hand))
        if number == self._number:
            self._asked = asked

    def dismiss(self) -> None:
        """No card, and no question for one."""
        self._number += 1
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()
        if self._card is not None:
            self._card.hide()

    # --- inside ------------------------------------------------------------------------------------------------------

    def _word(self, position: int) -> tuple[int, int] | None:
        sci = self._view.sci
        start = sci.send(M.WordStartPosition, position, 1)
        end = sci.send(M.WordEndPosition, position, 1)
        return (start, end) if end > start else None

    def _rested(self, x: int, y: int) -> None:
        position = self._view.sci.charPositionFromPointClose(x, y)
        if position >= 0 and self._view.window().isActiveWindow() and self.wanted():
            self.look(position, by_hand=False)

    def _left(self, _x: int, _y: int) -> None:
        self.dismiss()

    def _answered(self, number: int, text: str, position: int, *, by_hand: bool) -> None:
        if number != self._number:
            return
        self._number += 1
        self._asked = None
        text = text.strip()
        if text or by_hand:
            self._show(text or str(_("Nothing is known of this place.")), position)

    def _show(self, text: str, position: int) -> None:
        lines = text.splitlines()
        if len(lines) > _MOST_LINES:
            lines = [*lines[:_MOST_LINES], "\u2026"]
        self.card.say("\n".join(lines), position)

    def _in_words(self, remarks: Sequence[Remark]) -> str:
        worst = [one for one in remarks if one.severity != "note"] or remarks
        lines: list[str] = []
        for remark in worst[:_MOST_REMARKS]:
            lines.append(first_words(remark.message))
            lines += [str(_("{key}: {title}", key=self._key(), title=title_of(*fix))) for fix in remark.fixes[:3]]
        return "\n".join(dict.fromkeys(lines))

    def _key(self) -> str:
        command = self._ctx.commands.records.get("code.actions")
        shortcut = command.shortcut.split(" | ")[0] if command is not None else ""
        return QKeySequence(shortcut).toString(QKeySequence.SequenceFormat.NativeText)
