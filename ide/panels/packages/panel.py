"""The door of the packages panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.packages.widget import PackagesPanel

    return PackagesPanel(ctx)


PANEL = PanelInfo(
    id="packages", title=_("Packages"), area="bottom", order=44, create=_create,
    hint=_("Libraries for the board, fetched by this computer"),
)  # fmt: skip
