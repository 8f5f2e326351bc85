"""What can be done with a firmware that was built: put it on a board, start it here, look at its files."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from ide import controls
from ide.context import IdeContext
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.firmware.results import Result
    from toolchains.firmware.table import FirmwareTable

#: The flasher's command for the firmware of this project; its panel brings it.
_FLASH = "flasher.project"
_FLASHED = ("esp32", "esp8266")


class Uses:
    """The buttons, of which those are seen that fit."""

    def __init__(self, ctx: IdeContext, run: Callable[[], object], parent: QWidget) -> None:
        self._ctx = ctx
        self._result: Result | None = None
        self.run = controls.button(parent, _("Run on the simulator"), run)
        self.flash = controls.button(parent, _("Flash…"), self._flash)
        self.folder = controls.button(parent, _("Show in its folder"), self._open)

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """All of them."""
        return self.run, self.flash, self.folder

    def show_result(self, table: FirmwareTable | None, result: Result | None, *, busy: bool) -> None:
        """Which of them fit a target and what was built for it, and whether they can be used now."""
        self._result = result
        self.run.setVisible(simulated(table))
        self.flash.setVisible(result is not None and result.port in _FLASHED)
        self.folder.setVisible(result is not None)
        for button in self.buttons:
            button.setEnabled(not busy)

    def _flash(self) -> None:
        self._ctx.layout.show_panel("flasher", focus=True)
        self._ctx.commands.run(_FLASH)

    def _open(self) -> None:
        if self._result is not None:
            QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._result.folder)))


def simulated(table: FirmwareTable | None) -> bool:
    """Whether the firmware of this target runs on a simulated machine."""
    from toolchains.firmware.machines import MACHINES

    return table is not None and table.port == "qemu" and table.board in MACHINES
