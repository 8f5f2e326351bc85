"""The door of the tests panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.tests.widget import TestsPanel

    return TestsPanel(ctx)


PANEL = PanelInfo("tests", _("Tests"), "left", _create, order=20, hint=_("The project's tests, on the board"), api=1)
