"""The command lines: exact, copyable, and untouched by what lies around on the computer."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import pytest

from ide.board.flash import commands, esptool
from ide.board.flash.commands import Link, Way
from ide.board.flash.records import FlashFile, FlashJob
from tests.conftest import RecordingContext
from toolchains.host import Host
from toolchains.jobs import Log

_JOB = FlashJob("/dev/ttyUSB0", "esp32", (FlashFile(0x1000, Path("/a b/fw.bin")),))


def test_the_usual_line() -> None:
    argv = commands.write_flash(Link("/dev/ttyUSB0", "esp32"), _JOB)
    assert argv[4:] == (
        *("--chip", "esp32", "--port", "/dev/ttyUSB0", "--baud", "460800"),
        *(
            "write-flash",
            "--flash-mode",
            "keep",
            "--flash-freq",
            "keep",
            "--flash-size",
            "keep",
            "0x1000",
            "/a b/fw.bin",
        ),
    )


def test_a_line_to_copy_is_what_ran() -> None:
    argv = commands.write_flash(Link("/dev/ttyUSB0", "esp32"), _JOB)
    linux = commands.copyable(argv, Host("linux", "x86_64"))
    assert tuple(shlex.split(linux)) == argv
    assert commands.copyable(argv, Host("windows", "x86_64")).endswith('0x1000 "/a b/fw.bin"')


def test_what_is_believed_to_be_in_the_flash_comes_before_an_option() -> None:
    """esptool takes all words up to the next option for it."""
    argv = commands.write_flash(Link("COM3", "esp32"), _JOB, [Path("/old.bin"), None])
    at = argv.index("--diff-with")
    assert argv[at : at + 4] == ("--diff-with", "/old.bin", "skip", "--flash-mode")


def test_second_ways() -> None:
    raw = commands.write_flash(Link("COM3", "esp32", Way(115200, compress=False, flash_mode="dio")), _JOB)
    assert "--no-compress" in raw
    assert raw[raw.index("--flash-mode") + 1] == "dio"
    assert "--no-stub" in commands.erase(Link("COM3", "esp32", Way(115200, stub=False)))
    assert commands.erase(Link("COM3", "esp32", Way(115200, stub=False)))[-3:] == ("erase-region", "0x0", "all")
    assert commands.erase(Link("COM3", "esp32"))[-1] == "erase-flash"


def test_a_windows_gui_python_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/opt/py/pythonw.exe")
    assert commands.program()[0] == str(Path("/opt/py/python.exe"))


def test_settings_of_the_persons_do_not_reach_esptool(
    ctx: RecordingContext, host: Host, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither a file that lies in the current folder, nor in the home folder, nor variables."""
    (tmp_path / "esptool.cfg").write_text("[esptool]\nconnect_attempts = 1\ncustom_reset_sequence = D1\n", "utf-8")
    (tmp_path / "esptool.py").write_text("raise SystemExit('the wrong esptool')\n", "utf-8")
    monkeypatch.chdir(tmp_path)
    environ = {**host.environ, "HOME": str(tmp_path), "ESPTOOL_PORT": "/dev/null", "ESPTOOL_CHIP": "esp8266",
               "FORCE_COLOR": "1", "ESPTOOL_CFGFILE": str(tmp_path / "esptool.cfg")}  # fmt: skip
    ctx.host = Host(host.system, host.machine, environ)
    argv = commands.on_port(Link(str(tmp_path / "no-port"), "esp32"), "flash-id")
    heard, code = esptool.run(ctx, ctx.host, argv)
    assert code
    lines = [event.line for event in ctx.events if isinstance(event, Log)]
    loaded = next(line for line in lines if "custom configuration" in line)
    assert str(Path("flash", "esptool.cfg")) in loaded
    assert str(tmp_path) not in loaded
    assert "no-port" in heard.said
    assert not any("\x1b" in line for line in lines)
