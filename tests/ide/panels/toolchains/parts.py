"""What tests of the Toolchains panel ask it."""

from __future__ import annotations

from PySide6.QtWidgets import QTreeWidgetItem

from ide.panels.toolchains.cards import Card
from ide.panels.toolchains.widget import ToolchainsPanel
from tests.ide.panels.stand_in import Studio

PATIENCE = 20_000


def settle(ide: Studio, qtbot) -> None:
    """What is known is shown, and nothing is being looked up."""
    session = ide.ctx.toolchains
    qtbot.waitUntil(lambda: session.facts is not None and not session._looking, timeout=PATIENCE)


def card(panel: ToolchainsPanel, at: int = -1) -> Card:
    return panel.side.cards.cards[at]


def shown(widget: Card) -> set[str]:
    """The buttons that can be pressed."""
    return {name for name, button in widget.buttons.items() if not button.isHidden()}


def over(ide: Studio, panel: ToolchainsPanel, qtbot) -> None:
    qtbot.waitUntil(lambda: all(task.over for task in ide.ctx.toolchains.tasks), timeout=PATIENCE)
    settle(ide, qtbot)


def row(panel: ToolchainsPanel, words: str) -> QTreeWidgetItem:
    """The first row with these words in its first cell."""
    return next(item for item in panel.table.items() if words in item.text(0))


def visible(panel: ToolchainsPanel) -> list[str]:
    """First cells of what a person sees, unfolded and not filtered out."""

    def open_(item: QTreeWidgetItem | None) -> bool:
        return item is None or (item.isExpanded() and not item.isHidden() and open_(item.parent()))

    return [item.text(0) for item in panel.table.items() if not item.isHidden() and open_(item.parent())]


def choose(panel: ToolchainsPanel, words: str) -> dict[str, str]:
    panel.table.setCurrentItem(row(panel, words))
    return dict(panel.side.shown)
