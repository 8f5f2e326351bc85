"""The door of the project panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.project.widget import ProjectPanel

    return ProjectPanel(ctx)


PANEL = PanelInfo("project", _("Project"), "left", _create, order=10, hint=_("The files of the project"), api=1)
