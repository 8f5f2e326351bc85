"""The door of the firmware panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.firmware.widget import FirmwarePanel

    return FirmwarePanel(ctx)


PANEL = PanelInfo(
    id="firmware", title=_("Firmware"), area="bottom", order=35, create=_create, shown=False,
    hint=_("A whole firmware of this project: C modules, frozen Python, any board; and what takes its room"),
    suits=lambda project: project.firmware is not None,
)  # fmt: skip
