"""The door of the run panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.run.widget import RunPanel

    return RunPanel(ctx)


PANEL = PanelInfo(
    id="run", title=_("Run"), area="right", order=20, create=_create,
    hint=_("The steps of a run as they pass, and what it cost"),
)  # fmt: skip
