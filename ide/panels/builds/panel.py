"""The door of the build panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.builds.widget import BuildPanel

    return BuildPanel(ctx)


PANEL = PanelInfo(
    id="build", title=_("Build"), area="bottom", order=30, create=_create,
    hint=_("Build for one or many architectures, and see what came out"),
)  # fmt: skip
