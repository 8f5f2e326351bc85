"""The commands of the window itself; the editor and the panels bring their own."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from ide.commands import Command
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.composition import Ide

LANGUAGES = (
    ("en", Text("English")),
    ("fr", Text("Français")),
    ("zh_TW", Text("繁體中文")),
    ("zh_CN", Text("简体中文")),
)
_THEMES = (("light", _("Light colours")), ("dark", _("Dark colours")), ("contrast", _("High contrast")))


def register(ide: Ide) -> None:
    """Add them."""
    ide.commands.register(*_project(ide), *_board(ide), *_view(ide), *_rest(ide))


def _project(ide: Ide) -> list[Command]:
    runs = ide.runs

    def free() -> bool:
        return not runs.busy

    def ready() -> bool:
        return not runs.busy and ide.board.state != "lent"

    return [
        Command(
            "project.run", _("Run"), ide.run, "F5", "project/10", enabled=ready,
            hint=_("Build the module, put it on the board and run the program"),
        ),
        Command(
            "project.run_file", _("Run this file"), ide.run_file, "Ctrl+F5", "project/11",
            enabled=lambda: ready() and ide.python_file() is not None, hint=_("Run the Python file in the editor"),
        ),
        Command(
            "project.install", _("Install on the board and run"), lambda: ide.run(mode="install"), "", "project/12",
            enabled=ready, hint=_("Write the module to the board, to stay, then run the program"),
        ),
        Command(
            "project.stop", _("Stop"), ide.stop, "Shift+F5", "project/13",
            enabled=lambda: runs.busy or ide.board.state in ("running", "busy"), hint=_("Stop what runs"),
        ),
        Command(
            "project.build", _("Build"), ide.build, "F7", "project/20", enabled=free,
            hint=_("Build the module for the board's architecture"),
        ),
        Command(
            "project.rebuild", _("Build everything anew"), lambda: ide.build(clean=True), "Shift+F7", "project/21",
            enabled=free,
        ),
        Command(
            "project.build_all", _("Build for every architecture"), lambda: ide.build(("all",)), "", "project/22",
            enabled=free, hint=_("Build for each architecture that there is a compiler for")
        ),
        Command("project.clean", _("Remove built files"), ide.clean, "", "project/23", enabled=free),
    ]  # fmt: skip


def _board(ide: Ide) -> list[Command]:
    board = ide.board
    return [
        Command("board.choose", _("Choose a board"), ide.choose_board, "Ctrl+Shift+U", "board/10"),
        Command(
            "board.reconnect", _("Connect again"), board.reconnect, "", "board/11",
            enabled=lambda: board.state in ("lost", "closed"),
        ),
        Command(
            "board.disconnect", _("Disconnect"), board.disconnect_board, "", "board/12",
            enabled=lambda: board.address is not None,
        ),
        Command(
            "board.pause_vitals", _("Stop asking for the board's memory"),
            lambda: ide.vitals.pause(not ide.vitals.paused), "", "board/35", checked=lambda: ide.vitals.paused,
            hint=_("Nothing is asked of the board for the line above the console, until it is chosen again"),
        ),
    ]  # fmt: skip


def _view(ide: Ide) -> list[Command]:
    def themed(name: str) -> bool:
        return ide.themes.theme.name == name

    def spoken(code: str) -> bool:
        return ide.words.language == code

    themes = [
        Command(
            f"view.theme_{name}", title, partial(ide.settings.set, "window.theme", name), "",
            f"view/{80 + at}", checked=partial(themed, name),
        )
        for at, (name, title) in enumerate(_THEMES)
    ]  # fmt: skip
    system = Command(
        "view.theme_system", _("Colours as the system has them"), lambda: ide.settings.set("window.theme", ""), "",
        "view/83", checked=lambda: ide.settings.text("window.theme") == "",
    )  # fmt: skip
    languages = [
        Command(
            f"view.language_{code}", _("Language: {name}", name=name),
            partial(ide.settings.set, "window.language", code), "", f"view/{90 + at}",
            checked=partial(spoken, code),
        )
        for at, (code, name) in enumerate(LANGUAGES)
    ]  # fmt: skip
    return [
        Command(
            "view.palette",
            _("Find a command"),
            ide.dialogs.open_palette,
            "Ctrl+Shift+P | F1",
            "view/10",
            in_palette=False,
        ),
        *themes,
        system,
        *languages,
    ]


def _rest(ide: Ide) -> list[Command]:
    return [
        Command("file.settings", _("Settings"), ide.dialogs.open_settings, "Ctrl+,", "file/80"),
        Command("file.quit", _("Quit"), ide.window.close, "Ctrl+Q", "file/90"),
        Command(
            "help.dismiss", _("Close the message"), ide.notices.dismiss, "Alt+Escape", "help/10",
            enabled=ide.window.notice_bar.isVisible,
        ),
        Command("help.log", _("Show all messages"), ide.dialogs.open_messages, "", "help/11"),
        Command("help.about", _("About Natmod Studio"), ide.dialogs.open_about, "", "help/20"),
    ]  # fmt: skip
