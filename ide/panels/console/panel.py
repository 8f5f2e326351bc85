"""The door of the console panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.console.widget import ConsolePanel

    return ConsolePanel(ctx)


PANEL = PanelInfo(
    id="console",
    title=_("Console"),
    area="bottom",
    create=_create,
    order=10,
    hint=_("The board's own prompt, and a serial monitor"),
)
