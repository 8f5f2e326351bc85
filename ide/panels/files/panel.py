"""The door of the files panel; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.files.widget import FilesPanel

    return FilesPanel(ctx)


PANEL = PanelInfo(
    id="files", title=_("Files"), area="left", order=20, create=_create,
    hint=_("The files on the board, beside those of the project"),
)  # fmt: skip
