"""The door of the plotter; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.plotter.widget import PlotterPanel

    return PlotterPanel(ctx)


PANEL = PanelInfo(
    id="plotter", title=_("Plotter"), area="bottom", order=15, create=_create,
    hint=_("Numbers that the program prints, as curves"),
)  # fmt: skip
