"""The door of the flasher panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.flasher.widget import FlasherPanel

    return FlasherPanel(ctx)


PANEL = PanelInfo(
    id="flasher", title=_("Flasher"), area="bottom", order=42, create=_create,
    hint=_("Put MicroPython on a board, or on many; backup, rescue, partitions"),
)  # fmt: skip
