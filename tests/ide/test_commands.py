"""The registry of commands: one record, many views."""

from __future__ import annotations

import pytest

from ide.commands import Command, Commands
from toolchains.text import Text


def _command(command_id: str, ran: list[str], **more: object) -> Command:
    return Command(command_id, Text(command_id), lambda: ran.append(command_id), **more)  # type: ignore[arg-type]


def test_registering_gives_its_undo() -> None:
    commands, changes = Commands(), list[bool]()
    commands.on_change.append(lambda: changes.append(True))
    undo = commands.register(_command("a.b", []))
    assert "a.b" in commands.records
    undo()
    assert commands.records == {}
    assert len(changes) == 2


def test_a_name_is_given_once() -> None:
    commands = Commands()
    commands.register(_command("a.b", []))
    with pytest.raises(ValueError, match="is there already"):
        commands.register(_command("a.b", []))


def test_what_is_not_enabled_is_not_done() -> None:
    ran: list[str] = []
    commands, free = Commands(), [False]
    commands.register(_command("a.b", ran, enabled=lambda: free[0]))
    assert not commands.run("a.b")
    free[0] = True
    assert commands.run("a.b")
    assert not commands.run("unknown")
    assert ran == ["a.b"]


def test_menus_are_in_order() -> None:
    commands = Commands()
    commands.register(_command("z", [], menu="file/10"), _command("a", [], menu="file/90"), _command("b", []))
    assert [command.id for command in commands.in_menu("file")] == ["z", "a"]
