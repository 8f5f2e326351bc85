"""A page that asks the board something: its sentence, and the question in passing."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

from PySide6.QtWidgets import QWidget
from shiboken6 import isValid

from ide.context import IdeContext
from ide.page_parts import Page, say, sentence
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.link import Board

T = TypeVar("T")


class QuestionPage(Page):
    """``said`` is the line where it says what is wrong, or what to do."""

    def __init__(self, ctx: IdeContext, parent: QWidget, name: Text, about: Text) -> None:
        super().__init__(name, parent)
        self.ctx = ctx
        self.busy = False
        self.column.addWidget(sentence(self, about, "muted"))
        self.said = sentence(self)
        self.said.hide()

    def ask(self, title: Text, question: Callable[[JobContext, Board], T], on_done: Callable[[T], object]) -> None:
        """Ask the board, at its free prompt; the answer goes to ``on_done``."""
        board, address = self.ctx.board, self.ctx.board.address
        if address is None or not board.connected:
            say(self.said, _("No board is connected: choose one above, then ask again."), "muted")
            return
        if self.busy:
            return

        def work(job: JobContext, boards: Boards) -> T:
            return question(job, boards.open(job, address))

        def done(answer: T) -> None:
            if isValid(self):
                self.busy = False
                say(self.said, None)
                on_done(answer)

        self.busy = True
        say(self.said, _("The board is asked …"), "muted")
        if board.submit(title, work, on_done=done, on_error=self._failed, quiet=True) is None:
            self.busy = False

    def _failed(self, error: StudioError) -> None:
        if isValid(self):
            self.busy = False
            say(self.said, None if isinstance(error, Cancelled) else str(error), "bad")
