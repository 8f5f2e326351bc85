"""What a person can do, as records. Button, menu entry, shortcut and palette entry are views of one record. No Qt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from toolchains.text import Text


def _always() -> bool:
    return True


@dataclass(frozen=True)
class Command:
    """One thing to do.

    ``id`` as ``project.run``. ``shortcut`` in Qt's portable form (``Ctrl+Shift+B``). ``menu`` is ``menu/order``, as
    ``file/10``: menus are file, edit, code, view, project, board, help; entries are sorted by order, a line is drawn
    between tens. Empty: not in a menu (the palette has every command). ``checked``: for things that are on or off.
    """

    id: str
    title: Text
    run: Callable[[], object]
    shortcut: str = ""
    menu: str = ""
    hint: Text | None = None
    enabled: Callable[[], bool] = _always
    checked: Callable[[], bool] | None = None
    in_palette: bool = True


@dataclass
class Commands:
    """The registry. Views listen: ``on_change`` when records come or go, ``on_state`` when enabled or checked may be
    different from before (:meth:`refresh`)."""

    records: dict[str, Command] = field(default_factory=dict)
    on_change: list[Callable[[], None]] = field(default_factory=list)
    on_state: list[Callable[[], None]] = field(default_factory=list)

    def register(self, *commands: Command) -> Callable[[], None]:
        """Add commands; returns the undo. Raises ValueError for an id that is taken."""
        for command in commands:
            if command.id in self.records:
                raise ValueError(f"command {command.id} is there already")
            self.records[command.id] = command
        self._changed()

        def undo() -> None:
            for command in commands:
                self.records.pop(command.id, None)
            self._changed()

        return undo

    def run(self, command_id: str) -> bool:
        """Do it, if it is enabled now; whether it was."""
        command = self.records.get(command_id)
        if command is None or not command.enabled():
            return False
        command.run()
        return True

    def in_menu(self, menu: str) -> list[Command]:
        """The commands of one menu, in its order."""
        found = [command for command in self.records.values() if command.menu.partition("/")[0] == menu]
        return sorted(found, key=lambda command: int(command.menu.partition("/")[2] or 0))

    def refresh(self) -> None:
        """Tell the views to ask again what is enabled and checked."""
        for listener in list(self.on_state):
            listener()

    def _changed(self) -> None:
        for listener in list(self.on_change):
            listener()
