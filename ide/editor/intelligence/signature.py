"""The form of the call that is typed, above its line, with the argument at the caret in bold."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QRect, QTimer

from ide.editor.intelligence.spot import is_code, source_of, spot_of
from ide.editor.intelligence.typing_watch import callee, wants_arguments
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.editor import CodeEditor
    from ide.editor.intelligence.floating import Card
    from ide.editor.intelligence.source import Asked
    from ide.editor.lsp.records import Signature

_MOST_FORMS, _LONGEST_DOC = 3, 160


class Arguments(QObject):
    """One view's forms of calls."""

    def __init__(self, view: CodeEditor, ctx: IdeContext) -> None:
        super().__init__(view)
        self._view, self._ctx = view, ctx
        self._card: Card | None = None
        self._anchor = 0
        #: What of the window is taken by the list of names; None for nothing.
        self.taken: Callable[[], QRect | None] = lambda: None
        self._number = 0
        self._asked: Asked | None = None
        self._soon = QTimer(self)
        self._soon.setSingleShot(True)
        self._soon.timeout.connect(self.ask)

    @property
    def visible(self) -> bool:
        """Whether a form is on the screen."""
        return self._card is not None and self._card.isVisible()

    @property
    def card(self) -> Card:
        """What it is shown on, made when it is needed first."""
        if self._card is None:
            from ide.editor.intelligence.floating import Card

            self._card = Card(self._view, _("Form of the call"))
        return self._card

    def typed(self) -> None:
        """A letter came in by the keyboard."""
        spot = spot_of(self._view)
        if spot is not None and not self.visible and wants_arguments(spot.before) and is_code(self._view, spot.caret):
            self._soon.start(0)

    def moved(self, *, away: bool) -> None:
        """The text was edited or the caret was moved; ``away``: to another line, or the text was scrolled."""
        if away:
            self.dismiss()
        elif self.visible:
            self._soon.start(0)

    def ask(self) -> None:
        """Look for the call around the caret."""
        self._soon.stop()
        self._forget_question()
        spot, found = spot_of(self._view), source_of(self._view, self._ctx)
        if spot is None or found is None:
            self.dismiss()
            return
        number = self._number
        source, path = found
        asked = source.signatures(path, spot.at, lambda forms, active: self._answered(number, forms, active))
        if number == self._number:
            self._asked = asked

    def dismiss(self) -> None:
        """No form, and no question for one."""
        self._soon.stop()
        self._forget_question()
        if self._card is not None:
            self._card.hide()

    def make_room(self) -> None:
        """Go to the other side of the line where the list of names is on this one."""
        taken = self.taken()
        if taken is not None and self.visible and self.card.geometry().intersects(taken):
            self.card.put_at(self._anchor)

    def _forget_question(self) -> None:
        self._number += 1
        asked, self._asked = self._asked, None
        if asked is not None:
            asked.cancel()

    def _answered(self, number: int, forms: Sequence[Signature], active: int) -> None:
        if number != self._number:
            return
        self._number += 1
        self._asked = None
        if not forms or not self._view.sci.hasFocus():
            self.dismiss()
            return
        sci = self._view.sci
        if not self.visible or sci.line_of(self._anchor) != sci.line_of(sci.caret()):
            self._anchor = sci.caret()
        shown = _in_order(forms, active)
        spot = spot_of(self._view)
        name = callee(spot.before) if spot is not None else ""
        rich = "<br>".join(_rich(form, name) for form in shown)
        if doc := shown[0].doc.strip():
            line = doc.splitlines()[0]
            rich += f"<br><i>{escape(line[:_LONGEST_DOC])}</i>"
        self.card.say(rich, self._anchor, rich=True, plain=f"{name} {shown[0].label}")
        self.make_room()


def _in_order(forms: Sequence[Signature], active: int) -> list[Signature]:
    """The form that is typed, then others."""
    first = min(max(active, 0), len(forms) - 1)
    return [forms[first], *(form for number, form in enumerate(forms) if number != first)][:_MOST_FORMS]


def _rich(form: Signature, name: str) -> str:
    """The form with its argument in bold; ``name`` where a server leaves it out, as it does for pointers."""
    lead = escape(name) if form.label.startswith("(") else ""
    if form.active is None:
        return lead + escape(form.label)
    start, end = form.active
    before, argument, after = form.label[:start], form.label[start:end], form.label[end:]
    return f"{lead}{escape(before)}<b><u>{escape(argument)}</u></b>{escape(after)}"
