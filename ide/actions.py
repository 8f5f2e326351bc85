"""Commands as Qt actions: menus and shortcuts are made from the registry, and follow it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction, QKeySequence
from PySide6.QtWidgets import QMainWindow, QMenu

from ide.commands import Command, Commands
from ide.words import bind
from toolchains.text import Text, _

MENUS: tuple[tuple[str, Text], ...] = (
    ("file", _("&File")),
    ("edit", _("&Edit")),
    ("code", _("&Code")),
    ("view", _("&View")),
    ("project", _("&Project")),
    ("board", _("&Board")),
    ("help", _("&Help")),
)


class Actions(QObject):
    """One QAction for each command; menus show them in their order, with lines between tens."""

    def __init__(self, window: QMainWindow, commands: Commands, toggles: Callable[[], list[QAction]]) -> None:
        """``toggles``: the actions that show and hide panels, for the menu View."""
        super().__init__(window)
        self._window, self._commands, self._toggles = window, commands, toggles
        self._actions: dict[str, QAction] = {}
        self._menus: dict[str, QMenu] = {}
        for name, title in MENUS:
            menu = QMenu(window)
            bind(menu, "setTitle", title)
            menu.aboutToShow.connect(self.refresh)
            window.menuBar().addMenu(menu)
            self._menus[name] = menu
        self._panels = QMenu(window)
        bind(self._panels, "setTitle", _("Panels"))
        #: The registry changed and the menus do not show it yet: they are filled once, however much was registered.
        self._later = QTimer(self)
        self._later.setSingleShot(True)
        self._later.timeout.connect(self._fill_all)
        commands.on_change.append(self.update)
        commands.on_state.append(self.refresh)
        self.update()

    def of(self, command_id: str) -> QAction:
        """The action of a command; KeyError where there is none."""
        return self._actions[command_id]

    def update(self) -> None:
        """The registry changed."""
        records = self._commands.records
        for gone in [command_id for command_id in self._actions if command_id not in records]:
            action = self._actions.pop(gone)
            self._window.removeAction(action)
            action.deleteLater()
        for command in records.values():
            if command.id not in self._actions:
                self._actions[command.id] = self._make(command)
        self._later.start(0)

    def _fill_all(self) -> None:
        for name, menu in self._menus.items():
            self._fill(menu, self._commands.in_menu(name), with_panels=name == "view")

    def _make(self, command: Command) -> QAction:
        action = QAction(self._window)
        action.setObjectName(command.id)
        bind(action, "setText", command.title)
        bind(action, "setToolTip", command.hint or command.title)
        if command.shortcut:
            action.setShortcuts([QKeySequence(keys) for keys in command.shortcut.split(" | ")])
            action.setShortcutContext(Qt.ShortcutContext.WindowShortcut)
        action.setCheckable(command.checked is not None)
        action.triggered.connect(lambda _checked=False, command_id=command.id: self._commands.run(command_id))
        self._window.addAction(action)
        return action

    def _fill(self, menu: QMenu, commands: list[Command], *, with_panels: bool) -> None:
        menu.clear()
        last = None
        for command in commands:
            tens = int(command.menu.partition("/")[2] or 0) // 10
            if last is not None and tens != last:
                menu.addSeparator()
            last = tens
            menu.addAction(self._actions[command.id])
        if with_panels:
            menu.addSeparator()
            self._panels.clear()
            self._panels.addActions(self._toggles())
            menu.addMenu(self._panels)

    def refresh(self) -> None:
        """What is enabled and checked may have changed."""
        for command_id, action in self._actions.items():
            command = self._commands.records.get(command_id)
            if command is not None:
                action.setEnabled(command.enabled())
                if command.checked is not None:
                    action.setChecked(command.checked())
