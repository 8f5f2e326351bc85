"""The Board panel: five pages, one in front; what a page shows is asked when it is seen."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QTimer
from PySide6.QtGui import QPaintEvent
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ide.commands import Command
from ide.context import IdeContext
from ide.page_parts import Page
from ide.page_switches import PageSwitches
from ide.panels.board.card_page import CardPage
from ide.panels.board.cost_page import CostPage
from ide.panels.board.heap_page import HeapPage
from ide.panels.board.memory_page import MemoryPage
from ide.panels.board.storage_page import StoragePage
from toolchains.text import Text, _


class BoardPanel(QWidget):
    """Names of pages above, in as many lines as they need: the panel is narrow."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.card, self.memory = CardPage(ctx, self), MemoryPage(ctx, self)
        self.heap, self.storage, self.cost = HeapPage(ctx, self), StoragePage(ctx, self), CostPage(ctx, self)
        self.pages = QStackedWidget(self)
        self._in_front = False
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = self._head()
        self.switches = head.of
        column.addWidget(head)
        column.addWidget(self.pages, 1)
        self._register()
        ctx.board.changed.connect(self._board_changed)
        self.show_page(self.card)

    def _head(self) -> PageSwitches:
        titles: tuple[tuple[Page, Text, Text], ...] = (
            (self.card, _("Board"), _("Who the board is, and what it has left")),
            (self.memory, _("Memory"), _("The memory of the last minutes")),
            (self.heap, _("Heap map"), _("The heap, block by block")),
            (self.storage, _("Storage"), _("Partitions and filesystems")),
            (self.cost, _("Import"), _("What a module costs the board to import")),
        )
        return PageSwitches(self, self.pages, titles, self.show_page)

    def _register(self) -> None:
        to = self._to
        self._ctx.commands.register(
            Command("board.card", _("Card of the board"), to(self.card)),
            Command("board.memory", _("Memory of the board, last minutes"), to(self.memory)),
            Command("board.heap_map", _("Heap map of the board"), to(self.heap)),
            Command(
                "board.take_heap_map", _("Take a heap map"), self._take_map, "", "board/36",
                enabled=lambda: self.heap.asked.can, hint=_("Draw the heap of the board block by block"),
            ),
            Command("board.storage", _("Partitions and filesystems of the board"), to(self.storage)),
            Command("board.import_cost", _("Cost of importing a module"), to(self.cost)),
        )  # fmt: skip

    def _to(self, page: Page) -> partial[None]:
        return partial(self._open, page)

    def _open(self, page: Page) -> None:
        self.show_page(page)
        self._ctx.layout.show_panel("board", focus=True)

    def _take_map(self) -> None:
        self._open(self.heap)
        self.heap.take()

    # --- pages ----------------------------------------------------------------------------------------------------

    def show_page(self, page: Page, _checked: bool = False) -> None:
        """Turn to a page."""
        self.pages.setCurrentWidget(page)
        self.switches[page].setChecked(True)
        self.setFocusProxy(self.switches[page])
        self._look_if_seen(anew=True)

    def paintEvent(self, event: QPaintEvent) -> None:
        """It came to the front: Qt calls a panel behind others visible, but does not paint it."""
        super().paintEvent(event)
        if not self._in_front:
            self._in_front = True
            QTimer.singleShot(0, self, lambda: self._look_if_seen(anew=True))

    def _board_changed(self) -> None:
        self._look_if_seen()

    def _look_if_seen(self, *, anew: bool = False) -> None:
        """The page in front asks for what it lacks, at a free prompt."""
        board, page = self._ctx.board, self.pages.currentWidget()
        if not self.isVisible() or self.visibleRegion().isEmpty():
            self._in_front = False
            return
        if isinstance(page, CostPage):
            if not page.module.count():
                page.look()
        elif isinstance(page, CardPage) and board.identity is not None:
            page.look()
        elif isinstance(page, StoragePage) and board.identity is not None:
            page.look(anew=anew)
