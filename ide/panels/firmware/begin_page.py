"""A project that makes no firmware yet: what one is good for, for whom, and the button."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QLineEdit, QWidget

from ide import controls, page_parts
from ide.panels.firmware.columns import Columns
from ide.panels.firmware.target_page import Pickers
from ide.panels.firmware.work import Survey
from ide.words import bind
from toolchains.errors import StudioError
from toolchains.firmware.table import FirmwareTable
from toolchains.project import Project
from toolchains.text import _

_WIDEST = 460
_LINE = _("If you build it already: paste the line for make or idf.py.")


class BeginPage(page_parts.Page):
    """``begin`` is called when the button is pressed; :attr:`pickers` say for what, ``first`` to begin with.

    ``paste`` is called with a line of make.
    """

    def __init__(
        self, first: FirmwareTable, begin: Callable[[], object], paste: Callable[[str], object], parent: QWidget
    ) -> None:
        super().__init__(_("A firmware of this project"), parent)
        self.said = page_parts.sentence(self.inner)
        self.pickers = Pickers(self._chosen, self.inner)
        self.act = page_parts.big(self.inner, _("Make a firmware of this project"), begin)
        for widget in (self.pickers, self.act):
            widget.setMaximumWidth(_WIDEST)
        self.line = QLineEdit(self.inner)
        bind(self.line, "setAccessibleName", _LINE)
        self.line.setPlaceholderText("make BOARD=… USER_C_MODULES=…")
        self.line.returnPressed.connect(lambda: paste(self.line.text()))
        self.take = controls.button(self.inner, _("Take the line over"), lambda: paste(self.line.text()))
        self.problem = page_parts.sentence(self.inner, role="bad")
        self._survey = Survey()
        parts = Columns(self.inner, 1, 1)
        left, right = parts.columns
        for widget in (self.pickers, self.act):
            left.addWidget(widget)
        left.addStretch(1)
        for widget in (page_parts.sentence(self.inner, _LINE), self.line, self.take):
            right.addWidget(widget)
        right.addStretch(1)
        for widget in (self.said, self.problem, parts):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.pickers.show_target(self._survey, first)

    def _chosen(self, target: FirmwareTable) -> None:
        self.pickers.show_target(self._survey, target)

    def show_problem(self, error: StudioError | None) -> None:
        """Why the last change was refused."""
        page_parts.say(self.problem, str(error) if error is not None else None, "bad")

    def show_project(self, project: Project | None, survey: Survey, error: StudioError | None) -> None:
        """A project without a firmware; or one that cannot be read, and why."""
        self._survey = survey
        self.pickers.show_target(survey, self.pickers.target)
        for widget in (self.pickers, self.act, self.line, self.take):
            widget.setEnabled(project is not None)
        said = _(
            "A firmware is MicroPython with your C modules and your Python in it. It needs no files on the board. "
            "Choose what it is for; the choice can be changed later."
        )
        if project is None and error is not None:
            self.said.setText(str(error))
        else:
            bind(self.said, "setText", said)
