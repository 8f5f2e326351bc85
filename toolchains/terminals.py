"""A terminal with a toolchain first on PATH. Nobody's PATH or start-up files are edited.

The environment is written into a small script, not handed to the terminal: those of GNOME, Xfce and macOS are servers
that start a shell with an environment of their own. Windows' console takes ours.
"""

from __future__ import annotations

import shlex
import subprocess
from collections.abc import Mapping
from pathlib import Path

from toolchains.errors import ToolMissing, disk_errors
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import Text, _

#: The terminals of Linux desktops, the system's own choice first, and how each is given a program.
_TERMINALS = (
    ("x-terminal-emulator", ("-e",)),
    ("gnome-terminal", ("--",)),
    ("ptyxis", ("--",)),
    ("konsole", ("-e",)),
    ("xfce4-terminal", ("-x",)),
    ("mate-terminal", ("-x",)),
    ("lxterminal", ("-e",)),
    ("kitty", ()),
    ("alacritty", ("-e",)),
    ("foot", ()),
    ("xterm", ("-e",)),
)


def open_terminal(host: Host, paths: Paths, environment: Mapping[str, str], title: str, folder: Path) -> None:
    """Open a window with a shell in ``folder`` and these variables, and come back at once.

    Raises :class:`ToolMissing` where this system has no terminal that we know, DiskError.
    """
    if host.system == "windows":
        # "start" gives the shell a console of its own; cmd's own rules for quotes do not touch the two paths.
        shell = host.environ.get("COMSPEC", "cmd.exe")
        _start(host, (shell, "/c", "start", _quiet(title), "/D", str(folder), shell, "/k"), environment)
        return
    script = _script(host, paths, environment, title, folder)
    if host.system == "macos":
        _start(host, ("open", "-a", "Terminal", str(script)), {})
        return
    for name, words in _TERMINALS:
        program = host.which(name)
        if program is not None:
            _start(host, (str(program), *words, str(script)), {})
            return
    raise ToolMissing(str(_terminal()))


def _terminal() -> Text:
    return _("of a terminal, such as xterm,")


def _quiet(title: str) -> str:
    """A title without what cmd would take for its own."""
    return "".join(letter if letter.isalnum() or letter in " .@_-" else " " for letter in title)


def _script(host: Host, paths: Paths, environment: Mapping[str, str], title: str, folder: Path) -> Path:
    """An executable file that sets the variables and becomes the person's shell."""
    shell = host.environ.get("SHELL") or "/bin/sh"
    lines = ["#!/bin/sh", f"cd {shlex.quote(str(folder))} || exit"]
    lines += [f"export {name}={shlex.quote(value)}" for name, value in environment.items()]
    lines += [f"printf '%s\\n' {shlex.quote(title)}", f"exec {shlex.quote(shell)} -i"]
    home = paths.cache / "terminals"
    script = home / f"{_quiet(title).replace(' ', '-')}.command"
    with disk_errors(script):
        home.mkdir(parents=True, exist_ok=True)
        script.write_text("\n".join(lines) + "\n", "utf-8")
        script.chmod(0o755)
    return script


def _start(host: Host, argv: tuple[str, ...], environment: Mapping[str, str]) -> None:
    """A program that outlives us. Whether it opens a window shows on the screen alone."""
    nothing = subprocess.DEVNULL
    host.popen(argv, env=dict(environment), stdout=nothing, stderr=nothing)
