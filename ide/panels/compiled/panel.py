"""The door of the panel that shows what the compiler did; what it needs is imported when it is made."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.panel import PanelInfo
from toolchains.text import _

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from ide.context import IdeContext


def _create(ctx: IdeContext) -> QWidget:
    from ide.panels.compiled.widget import CompiledPanel

    return CompiledPanel(ctx)


PANEL = PanelInfo(
    id="compiled", title=_("Compiled"), area="right", order=60, create=_create, shown=False,
    hint=_("What the compiler did: C beside its assembly, and every byte of the module"),
)  # fmt: skip
