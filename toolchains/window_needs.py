"""What the window needs of the computer: a display, packages of Qt that exist for it, libraries of the system, a font.

Asked once, when the window is set up, and again by ``natmod window``. Nothing of Qt is imported. What is needed is
data, in ``resources/window.json``.
"""

from __future__ import annotations

import ctypes
import importlib.util
import json
import os
import platform
import re
import sys
from collections.abc import Callable
from functools import cache
from typing import Any

from toolchains.errors import StudioError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.system import ensure_packages, install_line
from toolchains.text import Text, _

#: Of the packages of the extra ``gui``, the one that needs all others.
_PACKAGE = "pyside6_scintilla"
_FONT_FOLDERS = ("/usr/share/fonts", "/usr/local/share/fonts", "~/.local/share/fonts", "~/.fonts")
_HAN_FONT = re.compile(
    r"cjk|noto.*-?(sc|tc|hk|jp|kr)-|source-?han|wqy|uming|ukai|fallback|gbsn|bsmi|takao|ipa|nanum", re.I
)
_HAN_LANGUAGES = ("zh", "ja", "ko")


class NoWindow(StudioError):
    """The window cannot be had here. ``natmod`` works all the same."""

    code = "window.none"

    def __init__(self, why: Text, next_step: Text | None = None, detail: str = "") -> None:
        super().__init__(
            _("The window cannot be opened on this computer."),
            why=why,
            next_step=next_step or _("All that it does can be typed, too: natmod --help"),
            detail=detail,
        )


class PackagesMissing(NoWindow):
    """The extra ``gui`` is not installed, and there are packages for this computer."""

    code = "window.packages"
    exit_code = 3

    def __init__(self) -> None:
        command = f'{sys.executable} -m pip install "natmod-studio[gui]"'
        super().__init__(
            _("The Python packages of the window are not installed."),
            _("Install them (about {n} MB) with: {command}", n=84, command=command),
        )


class LibrariesMissing(NoWindow):
    """Libraries of the system are missing, and we may not install them. Field ``packages``."""

    code = "window.libraries"

    def __init__(self, packages: list[str], command: str) -> None:
        names = ", ".join(packages)
        step = _("Install them with: {command}", command=command) if command else _("Install them, then try again.")
        super().__init__(_("Libraries of the system are missing: {packages}.", packages=names), step)
        self.fields.update(packages=names, command=command)


@cache
def _data() -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources() / "window.json").read_text("utf-8"))
    return loaded


def ensure(ctx: JobContext) -> None:
    """See to it that the window can be opened; libraries are installed where we may (root on Debian).

    Raises :class:`NoWindow` and its leaves, or what the installation raises. Where all is there, 20 ms.
    """
    problem = no_display(ctx.host) or no_packages(ctx.host)
    if problem is not None:
        raise NoWindow(problem)
    if importlib.util.find_spec(_PACKAGE) is None:
        raise PackagesMissing
    ensure_libraries(ctx)


def ensure_libraries(ctx: JobContext) -> None:
    """The libraries of the system that Qt needs (Linux). Raises :class:`LibrariesMissing` and InstallFailed."""
    packages = missing_libraries(ctx.host)
    if not packages:
        return
    if ctx.host.is_debian() and ctx.host.is_root():
        ensure_packages(ctx, packages, _("The window needs them."))
        packages = missing_libraries(ctx.host)
    if packages:
        raise LibrariesMissing(packages, install_line(ctx.host, packages))


def prove(ctx: JobContext) -> None:
    """Load the editor in a process of its own, which shows whether all parts fit. Raises :class:`NoWindow`."""
    tried = ctx.run((sys.executable, "-P", "-c", f"import {_PACKAGE}"), check=False)
    if tried.returncode:
        said = tried.stderr.decode("utf-8", "replace").strip()
        why = _("Qt cannot be loaded: {words}.", words=(said.splitlines() or ["?"])[-1].rstrip("."))
        raise NoWindow(why, detail=said)


def no_display(host: Host) -> Text | None:
    """Why there is nothing to open a window on, or None."""
    named = ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    if host.system != "linux" or any(host.environ.get(name) for name in named):
        return None
    return _("There is no display: neither DISPLAY nor WAYLAND_DISPLAY is set.")


def no_packages(host: Host, libc: tuple[str, str] | None = None, macos: str | None = None) -> Text | None:
    """Why there are no Python packages of Qt for this computer, or None. ``libc`` and ``macos`` are for tests."""
    if host.system == "windows":
        return None if host.machine == "x86_64" else _on(host)
    if host.system == "macos":
        found = platform.mac_ver()[0] if macos is None else macos
        wanted = _data()["macos"]
        return None if _at_least(found, wanted) else _("Qt needs macOS {wanted} or newer.", wanted=wanted)
    oldest = _data()["glibc"].get(host.machine)
    if oldest is None:
        return _on(host)
    name, version = platform.libc_ver() if libc is None else libc
    if name != "glibc":
        return _("Qt's Python packages need glibc, and this system has another C library.")
    if not _at_least(version, oldest):
        return _("Qt's Python packages need glibc {wanted}, and this system has {found}.", wanted=oldest, found=version)
    return None


def _on(host: Host) -> Text:
    return _("There are no Python packages of Qt for {system} on {machine}.", system=host.system, machine=host.machine)


def _at_least(found: str, wanted: str) -> bool:
    """Whether a version is not older; a version that cannot be read is taken for new."""
    try:
        return tuple(map(int, found.split("."))) >= tuple(map(int, wanted.split(".")))
    except ValueError:
        return True


def missing_libraries(host: Host, load: Callable[[str], object] = ctypes.CDLL) -> list[str]:
    """The Debian packages of the libraries that cannot be loaded, sorted; empty on other systems than Linux."""
    if host.system != "linux":
        return []
    wanted = dict(_data()["libraries"])
    if host.environ.get("WAYLAND_DISPLAY"):
        wanted.update(_data()["wayland"])
    return sorted(package for library, package in wanted.items() if not _loads(library, load))


def _loads(library: str, load: Callable[[str], object]) -> bool:
    try:
        load(library)
    except OSError:
        return False
    return True


def font_advice(host: Host, folders: tuple[str, ...] = _FONT_FOLDERS) -> Text | None:
    """What to type for a font, if the person reads Chinese, Japanese or Korean and there seems to be none (Linux)."""
    if host.system != "linux" or not any(word.startswith(_HAN_LANGUAGES) for word in host.languages()):
        return None
    for folder in folders:
        for _where, _folders, files in os.walk(os.path.expanduser(folder)):
            if any(map(_HAN_FONT.search, files)):
                return None
    return _(
        "This computer has no font for Chinese, Japanese and Korean: type {command} (about 60 MB).",
        command=install_line(host, [_data()["han_font"]]) or _data()["han_font"],
    )
