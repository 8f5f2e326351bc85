"""The door of the toolchains panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.toolchains.widget import ToolchainsPanel

    return ToolchainsPanel(ctx)


PANEL = PanelInfo(
    id="toolchains", title=_("Toolchains"), area="bottom", order=45, create=_create,
    hint=_("Compilers: what this project needs, what is installed, what can be had"),
)  # fmt: skip
