"""What can be known here of systems that are not here: on Windows every module is imported without the POSIX ones."""

from __future__ import annotations

import subprocess
import sys
import textwrap

from tests import homes

#: pyserial and the standard library have chosen their system before it is pretended to be another one.
AS_WINDOWS = textwrap.dedent("""
    import asyncio, ctypes, importlib, multiprocessing, os, pkgutil, selectors, serial.tools.list_ports
    import shutil, signal, socket, ssl, subprocess, sys, tempfile, truststore, urllib.request
    try:
        import lexilla.pyside6_scintilla, PySide6.QtNetwork, PySide6.QtPrintSupport, PySide6.QtSvg, PySide6.QtWidgets
        rooms = ("toolchains", "ide")
    except ImportError:  # the tests without Qt: the window layer is not for them
        rooms = ("toolchains", "ide.board", "ide.cli")
    for name in ("fcntl", "termios", "tty", "pty", "grp", "pwd", "resource"):
        sys.modules[name] = None
    for name in ("fork", "getuid", "geteuid", "openpty", "killpg", "setsid", "ttyname"):
        delattr(os, name)
    for name in ("SIGCHLD", "SIGKILL", "SIGHUP"):
        delattr(signal, name)
    del socket.AF_UNIX
    sys.platform = "win32"
    for package in map(importlib.import_module, rooms):
        for found in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
            if not found.name.endswith("__main__"):
                importlib.import_module(found.name)
                print(found.name)
""")


def test_everything_can_be_imported_on_windows() -> None:
    done = subprocess.run(
        [sys.executable, "-c", AS_WINDOWS], cwd=homes.CHECKOUT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    assert {"ide.board.keeper", "ide.board.client_port", "ide.board.wire", "ide.cli.run"} <= set(done.stdout.split())
