"""The door of the start panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.start.widget import make

    return make(ctx)


PANEL = PanelInfo(
    id="start",
    title=_("Start"),
    area="right",
    create=_create,
    order=10,
    setting="window.welcome",
    hint=_("The first example, the race, and what to do next"),
)
