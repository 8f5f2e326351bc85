"""The live output of a build."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.output_view import OutputView
from toolchains.text import _


class Output(OutputView):
    """What compilers and linkers say."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(ctx, _("Output of the build"), _("What a build says appears here. Press Build."), parent)
