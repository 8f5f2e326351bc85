"""The Search panel: find and replace in the files of the project."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.find_files import FindFiles


def make(ctx: IdeContext) -> FindFiles:
    """The panel's widget."""
    from ide.editor.find_files import FindFiles

    return FindFiles(ctx)


PANEL = PanelInfo(
    "search", _("Search"), "bottom", make, order=40, hint=_("Find and replace in the files of the project")
)
