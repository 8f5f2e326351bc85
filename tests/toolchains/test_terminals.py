"""A terminal with a toolchain first on PATH, on every system, without touching anybody's settings."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from toolchains.errors import DiskError, ToolMissing
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.terminals import open_terminal

ENVIRONMENT = {"PATH": "/it's here/bin:/usr/bin:/bin", "OTHER": "a b"}


@dataclass(frozen=True)
class Desk(Host):
    """A desktop that notes what is started."""

    started: list[tuple[list[str], dict[str, str | None]]] = field(default_factory=list)

    def popen(self, argv: Sequence[str | Path], *, env: Mapping[str, str | None] | None = None, **more: Any) -> Any:
        assert more["stdout"] == subprocess.DEVNULL
        self.started.append(([str(word) for word in argv], dict(env or {})))


def programs(folder: Path, *names: str) -> str:
    folder.mkdir()
    for name in names:
        (folder / name).write_text("#!/bin/sh\n")
        (folder / name).chmod(0o755)
    return str(folder)


@pytest.mark.parametrize(
    ("names", "first"),
    [
        (("xterm", "x-terminal-emulator", "konsole"), ["x-terminal-emulator", "-e"]),
        (("xterm", "gnome-terminal"), ["gnome-terminal", "--"]),
        (("konsole",), ["konsole", "-e"]),
        (("xfce4-terminal",), ["xfce4-terminal", "-x"]),
        (("xterm",), ["xterm", "-e"]),
    ],
)
def test_on_linux_the_desktops_own_terminal(
    paths: Paths, tmp_path: Path, names: tuple[str, ...], first: list[str]
) -> None:
    desk = Desk("linux", "x86_64", {"PATH": programs(tmp_path / "bin", *names)})
    open_terminal(desk, paths, ENVIRONMENT, "xtensa-esp-elf@esp-14", tmp_path)
    ((argv, _env),) = desk.started
    assert [Path(argv[0]).name, *argv[1:-1]] == first
    assert os.access(argv[-1], os.X_OK)


def test_its_shell_has_the_variables_and_the_folder(paths: Paths, tmp_path: Path) -> None:
    """Whatever the terminal hands on of its own environment."""
    there = tmp_path / "my project's"
    there.mkdir()
    shell = tmp_path / "shell"
    shell.write_text('#!/bin/sh\npwd; echo "$PATH"; echo "$OTHER"; echo "$@"\n')
    shell.chmod(0o755)
    desk = Desk("linux", "x86_64", {"PATH": programs(tmp_path / "bin", "xterm"), "SHELL": str(shell)})
    open_terminal(desk, paths, ENVIRONMENT, "gcc; touch it", there)
    script = desk.started[0][0][-1]
    said = subprocess.run([script], env={"PATH": "/bin:/usr/bin"}, capture_output=True, text=True, check=True)
    assert said.stdout.splitlines() == ["gcc; touch it", str(there), ENVIRONMENT["PATH"], "a b", "-i"]


def test_on_macos_terminal_opens_a_command_file(paths: Paths, tmp_path: Path) -> None:
    desk = Desk("macos", "aarch64", {"PATH": "/usr/bin"})
    open_terminal(desk, paths, ENVIRONMENT, "riscv32", tmp_path)
    ((argv, _env),) = desk.started
    assert argv[:3] == ["open", "-a", "Terminal"]
    assert argv[3].endswith("riscv32.command")


def test_on_windows_a_console_of_its_own_inherits_the_variables(paths: Paths, tmp_path: Path) -> None:
    desk = Desk("windows", "x86_64", {"PATH": "", "COMSPEC": r"C:\Windows\System32\cmd.exe"})
    open_terminal(desk, paths, ENVIRONMENT, 'xtensa & "del"', tmp_path)
    ((argv, env),) = desk.started
    shell = r"C:\Windows\System32\cmd.exe"
    assert argv == [shell, "/c", "start", "xtensa    del ", "/D", str(tmp_path), shell, "/k"]
    assert env == ENVIRONMENT


def test_without_a_terminal_it_is_said(paths: Paths, tmp_path: Path) -> None:
    desk = Desk("linux", "x86_64", {"PATH": programs(tmp_path / "bin")})
    with pytest.raises(ToolMissing, match="xterm"):
        open_terminal(desk, paths, ENVIRONMENT, "gcc", tmp_path)


def test_a_cache_that_cannot_be_written_is_said(paths: Paths, tmp_path: Path) -> None:
    paths.cache.parent.mkdir(parents=True, exist_ok=True)
    paths.cache.write_text("a file")
    desk = Desk("linux", "x86_64", {"PATH": programs(tmp_path / "bin", "xterm")})
    with pytest.raises(DiskError):
        open_terminal(desk, paths, ENVIRONMENT, "gcc", tmp_path)
