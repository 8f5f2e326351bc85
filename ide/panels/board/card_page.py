"""Who the board is: its firmware, chip, clock and PSRAM, what could be better, what it has left, and its modules."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QWidget

from ide import controls, vital_words
from ide.context import IdeContext
from ide.page_parts import Page, say, sentence
from ide.panels.board import wording
from ide.panels.board.asked import Asked
from ide.panels.board.values import Values
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.card import Card
    from ide.board.link import Board


def _look(ctx: JobContext, board: Board) -> Card:
    from ide.board import card

    return card.look(ctx, board)


class CardPage(Page):
    """Asked once for a board, when the page is seen; and again when the person wants it."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Card of the board"), parent)
        self._ctx = ctx
        self.asked: Asked[Card] = Asked(ctx, _("Look at the board"), _look, parent=self)
        inner = self.inner
        self.title = sentence(inner, role="heading")
        self.said = sentence(inner, role="muted")
        self.advice = sentence(inner, role="look")
        self.firmware = controls.button(
            inner, _("Put other firmware on the board…"), lambda: ctx.commands.run("flasher.one")
        )
        self.facts = Values(inner)
        self.now_title = sentence(inner, _("What it has left"), "heading")
        self.now = Values(inner)
        self.modules_title = sentence(inner, role="heading")
        self.modules, self.frozen = sentence(inner), sentence(inner, role="muted")
        bind(self.modules, "setAccessibleName", _("Modules"))
        self.again = controls.button(inner, _("Look again"), self.asked.ask)
        foot = QHBoxLayout()
        foot.addWidget(self.again)
        foot.addStretch(1)
        for widget in (
            self.title, self.said, self.advice, self.firmware, self.facts, self.now_title, self.now,
            self.modules_title, self.modules, self.frozen,
        ):  # fmt: skip
            self.column.addWidget(widget)
        self.column.setAlignment(self.firmware, Qt.AlignmentFlag.AlignLeft)
        self.column.addLayout(foot)
        self.column.addStretch(1)
        self.asked.changed.connect(self.render)
        ctx.vitals.seen_in(inner)
        ctx.vitals.changed.connect(self.render_now)
        words.changed.connect(self.render)
        self.render()

    def look(self) -> None:
        """Somebody sees the page."""
        if self.asked.value is None and self.asked.error is None:
            self.asked.ask()

    def render(self) -> None:
        """Say everything anew."""
        card, board, error = self.asked.value, self._ctx.board, self.asked.error
        identity = card.identity if card is not None else board.identity
        self.title.setText(wording.title(identity) if identity is not None else "")
        self.title.setVisible(identity is not None)
        if error is not None:
            say(self.said, str(error), "bad")
        elif identity is None:
            say(self.said, _("Connect a board: who it is and what it has left shows here."), "muted")
        elif card is None and board.state == "running":
            say(self.said, _("A program runs on the board. It is not stopped for this."), "muted")
        else:
            say(self.said, _("Looking…") if self.asked.busy and card is None else None, "muted")
        advice = [str(one) for one in card.advice] if card is not None else []
        self.advice.setText("\n".join(advice))
        self.advice.setVisible(bool(advice))
        idle_psram = card is not None and bool(card.psram_size) and card.psram_used == 0
        self.firmware.setVisible(idle_psram and "flasher.one" in self._ctx.commands.records)
        self.facts.show_rows(wording.facts(identity, card) if identity is not None else [])
        self._say_modules(card)
        self.again.setVisible(board.connected)
        self.again.setEnabled(self.asked.can)
        self.render_now()

    def _say_modules(self, card: Card | None) -> None:
        names = wording.top_modules(card.modules) if card is not None else []
        frozen = wording.top_modules(card.frozen) if card is not None else []
        self.modules_title.setText(str(_("Modules ({n})", n=len(names))))
        self.modules.setText(", ".join(names))
        self.frozen.setText(
            str(_("Of these, in Python and frozen into the firmware: {names}.", names=", ".join(frozen)))
        )
        for widget in (self.modules_title, self.modules):
            widget.setVisible(bool(names))
        self.frozen.setVisible(bool(frozen))

    def render_now(self) -> None:
        """The board answered."""
        latest = self._ctx.vitals.latest
        rows = vital_words.rows(latest, self._ctx.vitals.peak) if latest is not None else []
        self.now.show_rows(rows)
        self.now_title.setVisible(bool(rows))
