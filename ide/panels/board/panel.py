"""The door of the board panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.board.widget import BoardPanel

    return BoardPanel(ctx)


PANEL = PanelInfo(
    id="board", title=_("Board"), area="right", order=30, create=_create,
    hint=_("Who the board is, what it has left, and what is in its memory and its flash"),
)  # fmt: skip
