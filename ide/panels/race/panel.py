"""The door of the race panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.race.widget import make

    return make(ctx)


PANEL = PanelInfo(
    id="race",
    title=_("Race"),
    area="bottom",
    create=_create,
    order=62,
    shown=False,
    hint=_("A function in Python, native, viper and C: which is how fast on the board"),
)
