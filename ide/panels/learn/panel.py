"""The door of the learn panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.learn.widget import LearnPanel

    return LearnPanel(ctx)


PANEL = PanelInfo(
    id="learn",
    title=_("Learn"),
    area="right",
    create=_create,
    order=15,
    shown=False,
    hint=_("Lessons whose code runs on the board, and benches that ask it"),
)
