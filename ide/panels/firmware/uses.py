"""What can be done with a firmware that was built: put it on a board, start it here, look at its files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QToolButton, QWidget

from ide import controls
from ide.context import IdeContext
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.firmware.results import Result

#: The flasher's command for the firmware of this project; its panel brings it.
_FLASH = "flasher.project"
_FLASHED = ("esp32", "esp8266")


class Uses:
    """The buttons, of which those are seen that fit."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        self._ctx = ctx
        self._result: Result | None = None
        self.flash = controls.button(parent, _("Flash…"), self._flash)
        self.folder = controls.button(parent, _("Show in its folder"), self._open)

    @property
    def buttons(self) -> tuple[QToolButton, ...]:
        """All of them."""
        return self.flash, self.folder

    def show_result(self, result: Result | None, *, busy: bool) -> None:
        """Which of them fit a firmware, and whether they can be used now."""
        self._result = result
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
