"""The window's own dialogs, each opened once, beside it; their modules are loaded when they are wanted."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QDialog, QMainWindow

if TYPE_CHECKING:
    from ide.commands import Commands
    from ide.engine import Engine
    from ide.notify import Notices
    from ide.settings import Settings


class WindowDialogs:
    """Opens them; none holds anything up."""

    def __init__(
        self, window: QMainWindow, commands: Commands, settings: Settings, notices: Notices, engine: Engine
    ) -> None:
        self._window, self._commands, self._settings = window, commands, settings
        self._notices, self._engine = notices, engine

    def open_palette(self) -> None:
        """Every command, by name."""
        from ide.palette import Palette

        Palette(self._commands, self._window).open_over(self._window)

    def open_settings(self) -> None:
        """The settings, in a dialog that does not hold anything up."""
        from ide.settings_dialog import SettingsDialog

        self._beside(SettingsDialog, lambda: SettingsDialog(self._settings, self._window))

    def open_messages(self) -> None:
        """What was said so far."""
        from ide.dialogs import MessagesDialog

        self._beside(MessagesDialog, lambda: MessagesDialog(self._notices, self._window))

    def open_about(self) -> None:
        """What this is."""
        from ide.dialogs import AboutDialog

        self._beside(AboutDialog, lambda: AboutDialog(self._engine, self._window))

    def _beside(self, kind: type[QDialog], make: Callable[[], QDialog]) -> None:
        """Show a dialog beside the window; the one that is open already comes forward."""
        dialog = self._window.findChild(kind) or make()
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()
