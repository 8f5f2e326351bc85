"""The door of the problems panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.problems.widget import ProblemsPanel

    return ProblemsPanel(ctx)


PANEL = PanelInfo(
    id="problems", title=_("Problems"), area="bottom", order=20, create=_create,
    hint=_("What compilers and boards complain about, and where"),
)  # fmt: skip
