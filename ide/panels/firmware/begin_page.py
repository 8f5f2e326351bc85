"""A project that makes no firmware yet: what one is good for, for whom, and the button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from ide import page_parts
from ide.panels.firmware.target_page import Pickers
from ide.panels.firmware.work import Survey
from ide.words import bind
from toolchains.errors import StudioError
from toolchains.firmware.table import FirmwareTable
from toolchains.project import Project
from toolchains.text import _

_WIDEST = 460


class BeginPage(page_parts.Page):
    """``begin`` is called when the button is pressed; :attr:`pickers` say for what, ``first`` to begin with."""

    def __init__(self, first: FirmwareTable, begin: Callable[[], object], parent: QWidget) -> None:
        super().__init__(_("A firmware of this project"), parent)
        self.said = page_parts.sentence(self.inner)
        self.pickers = Pickers(self._chosen, self.inner)
        self.act = page_parts.big(self.inner, _("Make a firmware of this project"), begin)
        for widget in (self.pickers, self.act):
            widget.setMaximumWidth(_WIDEST)
        self._survey = Survey()
        self.column.addWidget(self.said)
        self.column.addWidget(self.pickers)
        self.column.addSpacing(8)
        self.column.addWidget(self.act)
        self.column.addStretch(1)
        self.pickers.show_target(self._survey, first)

    def _chosen(self, target: FirmwareTable) -> None:
        self.pickers.show_target(self._survey, target)

    def show_project(self, project: Project | None, survey: Survey, error: StudioError | None) -> None:
        """A project without a firmware; or one that cannot be read, and why."""
        self._survey = survey
        self.pickers.show_target(survey, self.pickers.target)
        for widget in (self.pickers, self.act):
            widget.setEnabled(project is not None)
        said = _(
            "A firmware is MicroPython with your C modules and your Python in it. It needs no files on the board. "
            "Choose what it is for; the choice can be changed later."
        )
        if project is None and error is not None:
            self.said.setText(str(error))
        else:
            bind(self.said, "setText", said)
