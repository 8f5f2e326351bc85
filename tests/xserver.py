"""A real X server for tests: Xvfb with the window manager openbox, and xprop to ask about windows.

What is missing is installed once by ``python3 studio.py test`` where that is allowed (root on Debian); elsewhere a test
that needs it is skipped and names it.
"""

from __future__ import annotations

import os
import re
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

from toolchains import system, window_needs
from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.text import _

#: Program -> the Debian package that has it. ``import`` takes pictures, ``xdotool`` types and clicks.
PROGRAMS = {
    "Xvfb": "xvfb", "openbox": "openbox", "xdotool": "xdotool", "xprop": "x11-utils", "import": "imagemagick",
}  # fmt: skip
#: Without it, Chinese letters are empty boxes.
FONTS = "fonts-noto-cjk"
_START_S = 20.0


def prepare(ctx: JobContext) -> list[str]:
    """Have programs, font and Qt's libraries installed if they are missing; sentences about what cannot be had."""
    if ctx.host.system != "linux":
        return []
    reason = _("The tests of the window need it.")
    problems = []
    for step in (
        lambda: window_needs.ensure_libraries(ctx),
        lambda: system.ensure_programs(ctx, PROGRAMS, reason),
        lambda: None if has_han_font() else system.ensure_packages(ctx, [FONTS], reason),
    ):
        try:
            step()
        except StudioError as error:
            problems.append(f"{error} {error.detail}".strip())
    return problems


def has_han_font() -> bool:
    """Whether Chinese can be read here."""
    return window_needs.font_advice(Host("linux", "x86_64", {"LANG": "zh_TW"})) is None


def missing() -> list[str]:
    """What an X server of ours lacks on this computer."""
    host = Host.current()
    return sorted({package for program, package in PROGRAMS.items() if host.which(program) is None})


@dataclass(frozen=True)
class Display:
    """An X server: ``name`` is what DISPLAY says."""

    name: str

    def environ(self) -> dict[str, str]:
        """Our environment, on this display."""
        env = {**os.environ, "DISPLAY": self.name, "QT_QPA_PLATFORM": "xcb"}
        env.pop("WAYLAND_DISPLAY", None)
        return env

    def windows(self) -> dict[str, str]:
        """Title by id of the windows that the window manager knows, those that are mapped."""
        listed = self._ask("-root", "_NET_CLIENT_LIST")
        return {window: self._title(window) for window in re.findall(r"0x[0-9a-f]+", listed)}

    def _title(self, window: str) -> str:
        found = re.search(r'= "(.*)"', self._ask("-id", window, "_NET_WM_NAME"))
        return found[1] if found else ""

    def _ask(self, *words: str) -> str:
        argv = ["xprop", "-display", self.name, *words]
        return subprocess.run(argv, capture_output=True, text=True, check=False, errors="replace").stdout


@contextmanager
def display(size: str = "1280x800") -> Iterator[Display]:
    """An X server with a window manager, until the body ends. Skips the test, naming what is missing."""
    lacking = missing()
    if lacking:
        pytest.skip(f"a real X server needs: {', '.join(lacking)}")
    near, far = os.pipe()
    argv = ["Xvfb", "-displayfd", str(far), "-screen", "0", f"{size}x24", "-nolisten", "tcp", "-noreset"]
    with subprocess.Popen(argv, pass_fds=(far,), stderr=subprocess.DEVNULL) as server:
        os.close(far)
        try:
            with open(near, "rb") as answer:
                number = answer.readline().strip().decode()
            assert number, "Xvfb did not start"
            shown = Display(f":{number}")
            with _openbox(shown):
                yield shown
        finally:
            server.terminate()


@contextmanager
def _openbox(shown: Display) -> Iterator[None]:
    nowhere = subprocess.DEVNULL
    argv = ["openbox", "--sm-disable"]
    with subprocess.Popen(argv, env=shown.environ(), stdout=nowhere, stderr=nowhere) as manager:
        try:
            end = time.monotonic() + _START_S
            while "window id" not in shown._ask("-root", "_NET_SUPPORTING_WM_CHECK"):
                assert manager.poll() is None, "openbox ended"
                assert time.monotonic() < end, "openbox did not start"
                time.sleep(0.02)
            yield
        finally:
            manager.terminate()
