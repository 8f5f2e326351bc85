"""What the panel can do, as commands; and which of them its menus show."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QMenu

from ide.commands import Command, Commands
from toolchains.text import _

if TYPE_CHECKING:
    from ide.panels.files.widget import FilesPanel

#: In the order of the menu; ``None`` is a line.
OF_BOARD: tuple[str | None, ...] = (
    "files.edit", "files.download", "files.download_to", None, "files.new_file", "files.new_folder", None,
    "files.rename", "files.copy", "files.paste", "files.delete", None, "files.properties", "files.refresh",
)  # fmt: skip
#: The keys that work in the tree only, for the menu.
KEYS = {
    "files.edit": "Return", "files.rename": "F2", "files.delete": "Del", "files.copy": "Ctrl+C",
    "files.paste": "Ctrl+V",
}  # fmt: skip


def commands(panel: FilesPanel) -> list[Command]:
    """For the registry. They act on what is selected in the trees."""
    return [*_transfers(panel), *_changes(panel), *_elsewhere(panel)]


def _transfers(panel: FilesPanel) -> list[Command]:
    def chosen() -> bool:
        return panel.connected and bool(panel.tree.paths())

    return [
        Command(
            "files.upload", _("Put the selected files on the board"), panel.upload, "", "board/60",
            enabled=lambda: panel.connected and bool(panel.local.paths()),
            hint=_("Copy what is selected in the project to the current folder of the board"),
        ),
        Command(
            "files.upload_from", _("Put other files on the board…"), panel.upload_from, "", "board/61",
            enabled=lambda: panel.connected,
        ),
        Command(
            "files.upload_current", _("Put the file of the editor on the board"), panel.upload_current, "", "board/62",
            enabled=lambda: panel.connected and panel.current_local() is not None,
        ),
        Command(
            "files.download", _("Fetch the selected board files into the project"), panel.download, "", "board/63",
            enabled=chosen, hint=_("Copy what is selected on the board to the current folder of the project"),
        ),
        Command(
            "files.download_to", _("Fetch the selected board files to another folder…"), panel.download_to, "",
            "board/64", enabled=chosen,
        ),
        Command(
            "files.sync", _("Sync project and board…"), panel.sync, "", "board/65", enabled=lambda: panel.connected,
            hint=_("Compare the project with the board, look at what would change, then do it"),
        ),
    ]  # fmt: skip


def _changes(panel: FilesPanel) -> list[Command]:
    tree, deeds = panel.tree, panel.deeds

    def some() -> bool:
        return panel.connected and bool(tree.paths())

    def one() -> bool:
        return panel.connected and len(tree.selected()) == 1

    return [
        Command(
            "files.edit", _("Edit the selected board file"), panel.edit, "", "board/70",
            enabled=lambda: one() and not tree.is_folder_current(),
        ),
        Command("files.new_file", _("New file on the board"), lambda: deeds.new(is_folder=False), "", "board/71",
                enabled=lambda: panel.connected),
        Command("files.new_folder", _("New folder on the board"), lambda: deeds.new(is_folder=True), "", "board/72",
                enabled=lambda: panel.connected),
        Command("files.rename", _("Rename on the board"), deeds.rename, "", "board/73", enabled=one),
        Command("files.delete", _("Delete from the board"), deeds.delete, "", "board/74", enabled=some),
        Command("files.properties", _("Properties of the board file"), deeds.properties, "", "board/75",
                enabled=lambda: panel.connected and tree.current() is not None),
        Command("files.copy", _("Copy board files"), tree.copy, enabled=some),
        Command("files.paste", _("Paste on the board"), tree.paste, enabled=lambda: panel.connected),
    ]  # fmt: skip


def _elsewhere(panel: FilesPanel) -> list[Command]:
    return [
        Command("files.refresh", _("Read the board's files again"), panel.refresh, "", "board/80",
                enabled=lambda: panel.connected),
        Command("files.stop_and_look", _("Stop the program and look at the board's files"),
                panel.looker.stop_and_look, enabled=lambda: panel.looker.occupied),
    ]  # fmt: skip


def of_board(panel: FilesPanel, registry: Commands) -> QMenu:
    """For the board's tree."""
    menu = QMenu(panel)
    for command_id in OF_BOARD:
        _add(menu, registry, command_id)
    return menu


def of_project(panel: FilesPanel, registry: Commands) -> QMenu:
    """For the project's tree; what is not about the board is no command: the project's own panel has those."""
    local, menu = panel.local, QMenu(panel)
    some = bool(local.paths())
    _add(menu, registry, "files.upload")
    for title, key, run, enabled in (
        (_("Open"), "Return", panel.open_local, len(local.paths()) == 1 and not local.is_folder_current()),
        (_("Copy"), "Ctrl+C", local.copy, some),
        (_("Paste board files here"), "Ctrl+V", local.paste, panel.connected),
    ):
        action = menu.addAction(f"{title}\t{key}")
        action.setEnabled(enabled)
        action.triggered.connect(lambda _on=False, run=run: run())
    return menu


def _add(menu: QMenu, registry: Commands, command_id: str | None) -> None:
    command = registry.records.get(command_id) if command_id is not None else None
    if command_id is None or command is None:
        menu.addSeparator()
        return
    key = KEYS.get(command_id, "")
    action = menu.addAction(f"{command.title}\t{key}" if key else str(command.title))
    action.setEnabled(command.enabled())
    action.triggered.connect(lambda _on=False: registry.run(command_id))


def pop_up(menu: QMenu, at: QPoint) -> None:
    """Show it there; it goes when it was used."""
    menu.aboutToHide.connect(menu.deleteLater)
    menu.popup(at)
