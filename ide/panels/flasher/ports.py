"""Which port: the board of the window, what is plugged in, or an address that is typed."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QWidget

from ide.context import IdeContext
from ide.words import bind
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.board_list import ListedBoard

_BETWEEN = " — "
_LETTERS = 30


class Ports(QComboBox):
    """``chosen(address)``: another one. The list is made anew when it is opened and when something is plugged in."""

    chosen = Signal(str)

    def __init__(self, ctx: IdeContext, listed: Callable[[JobContext], list[ListedBoard]], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._listed = ctx, listed
        self._told = ""
        self._own = False  # somebody chose it
        self.setEditable(True)
        self.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.setMinimumContentsLength(_LETTERS)
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        bind(self, "setAccessibleName", _("Port of the board"))
        edit = self.lineEdit()
        bind(edit, "setPlaceholderText", _("Port, or socket://…"))
        self.activated.connect(lambda _at: self._taken())
        edit.editingFinished.connect(self._taken)
        ctx.board.changed.connect(self._board_changed)

    @property
    def port(self) -> str:
        """The address; empty for none."""
        return self.currentText().partition(_BETWEEN)[0].strip()

    def use(self, address: str) -> None:
        """Choose this one, which stays chosen."""
        self._own = bool(address)
        self._show(address)

    def follow(self, address: str) -> None:
        """The chosen board is there now: nothing that is known of it changes."""
        self._told = address
        self._show(address)

    def _show(self, address: str) -> None:
        at = next((at for at in range(self.count()) if self.itemData(at) == address), -1)
        self.setCurrentIndex(at)
        self.setEditText(self.itemText(at) if at >= 0 else address)
        self.lineEdit().setCursorPosition(0)
        self._tell()

    def showPopup(self) -> None:
        """Open the list, with what is plugged in now."""
        super().showPopup()
        self.look()

    def look(self) -> None:
        """See what is plugged in."""
        self._ctx.jobs.start(_("Look for boards"), self._listed, on_done=self._fill, quiet=True)

    def _fill(self, boards: list[ListedBoard]) -> None:
        here = self.port
        entries = [(str(one.title), one.address) for one in boards if one.available]
        texts = [address if title == address else f"{address}{_BETWEEN}{title}" for title, address in entries]
        if texts != [self.itemText(at) for at in range(self.count())]:
            self.blockSignals(True)
            self.clear()
            for text, (_title, address) in zip(texts, entries, strict=True):
                self.addItem(text, address)
            self.blockSignals(False)
        likely = next((one.address for one in boards if one.likely and one.available), "")
        there = [address for _title, address in entries]
        self._show(here if here in there or self._own else self._ctx.board.address or likely)

    def _taken(self) -> None:
        self._own = bool(self.port)
        self._tell()

    def _tell(self) -> None:
        if self.port != self._told:
            self._told = self.port
            self.chosen.emit(self._told)

    def _board_changed(self) -> None:
        address = self._ctx.board.address
        if address is not None and not self._own and self._ctx.board.state != "lent":
            self._show(address)
