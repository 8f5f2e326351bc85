"""Parts of studio.py that need Python 3.11 or newer. Standard library only: nothing is installed yet."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, Any, Protocol

from toolchains.text import _

_LOOK_AGAIN_S = 5
#: What ``natmod window --check`` ends with when Qt can be had for this computer and is not installed.
_NOT_INSTALLED = 3


class Environment(Protocol):
    """What of studio.py's Environment is needed here."""

    machine: Any

    def has(self, group: str) -> bool:
        """Whether the group is installed."""

    def set_up(self, *groups: str) -> None:
        """Install groups."""

    def natmod(self, words: list[str]) -> list[str]:
        """The command line for a verb."""

    def write_stamp(self, group: str) -> None:
        """The group counts as installed."""


def get_gui(environment: Environment, lang: list[str], say: Callable[..., None], stop: type[Exception]) -> None:
    """Install the extra ``gui`` where there are packages for this computer; ``say`` why, if it is not there then.

    ``stop`` is what ``set_up`` raises when it cannot go on: the rest of us works without a window.
    """
    if environment.has("gui"):
        return
    env = {**environment.machine.environ, "QT_QPA_PLATFORM": "offscreen"}
    code, said = environment.machine.run(environment.natmod([*lang, "window", "--check"]), env=env)
    if code not in (0, _NOT_INSTALLED):
        say("{reason}", reason=said.strip())
        return
    try:
        environment.set_up("gui")
    except stop as error:
        say("{reason}", reason=error)


def window_opens(
    environment: Environment,
    lang: list[str],
    say: Callable[..., None],
    stop: type[Exception],
    call: Callable[[list[str]], int] = subprocess.call,
) -> bool:
    """Whether the window can be opened; what it needs is got the first time. If it cannot, that was said."""
    get_gui(environment, lang, say, stop)
    if not environment.has("gui") or environment.has("window"):
        return environment.has("gui")
    opens = call(environment.natmod([*lang, "window", "--check"])) == 0
    if opens:
        environment.write_stamp("window")
    return opens


def test_requirements(root: str) -> list[str]:
    """The dependency group ``test`` of pyproject.toml (pip itself reads groups only from 25.1 on)."""
    import tomllib

    groups = tomllib.loads(Path(root, "pyproject.toml").read_text("utf-8"))["dependency-groups"]
    return list(groups["test"])


def run_pip(pip: list[str], packages: list[str], say: Callable[..., None]) -> tuple[int, str]:
    """``pip install`` with its own progress on a terminal, one line a download elsewhere; exit code and complaints."""
    argv = [*pip, "install", "--disable-pip-version-check", "--no-user"]
    argv += ([] if sys.stdin and sys.stdin.isatty() else ["--no-input"]) + packages
    complaints: list[str] = []

    def listen(stream: IO[bytes]) -> None:
        for line in stream:
            complaints.append(line.decode("utf-8", "replace"))
            if "Retrying (Retry(total=4" in complaints[-1]:
                say("{text}", text=_("The package index does not answer; trying again."))

    with subprocess.Popen(argv, stdout=None if sys.stdout.isatty() else -1, stderr=-1) as process:
        listener = threading.Thread(target=listen, args=(process.stderr,))
        listener.start()
        try:
            for line in process.stdout or ():
                text = line.decode("utf-8", "replace").strip()
                # Metadata (PEP 658) is a few kB; the line about the wheel itself follows.
                if text.startswith("Downloading ") and ".metadata" not in text:
                    name, size = text.split()[1].split("-"), text.partition(" (")[2]
                    say("  {name} {version} ({size}", name=name[0], version=name[1], size=size)
            process.wait()
        finally:
            process.kill()
            listener.join()
    return process.returncode, "".join(complaints)


def wait_for(file: IO[Any], on_wait: Callable[[], None]) -> None:
    """Wait for the lock on an open file. The system lets go of it when the file is closed, whatever happens to us."""
    while True:
        try:
            if sys.platform == "win32":
                import msvcrt

                return msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)
            import fcntl

            return fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):
            on_wait()
            time.sleep(_LOOK_AGAIN_S)
        except OSError:
            return None  # a file system without locks (some network drives): go on without


def hand_over(argv: list[str], platform: str) -> int:
    """Become the program (POSIX), or run it and wait (Windows, where exec would return to the shell at once)."""
    if platform != "win32":
        os.execv(argv[0], argv)
    process = subprocess.Popen(argv)
    # The child gets a Ctrl-C as well, and decides. Caught here as an exception, it could cost us the exit code.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    return process.wait()


def own_console() -> bool:
    """Whether the console window closes with us: on Windows, when nobody but Python sits in it (a double click)."""
    if sys.platform != "win32":
        return False
    import ctypes

    kernel = ctypes.windll.kernel32
    pids = (ctypes.c_uint32 * 64)()
    for pid in pids[: min(64, kernel.GetConsoleProcessList(pids, 64))]:
        handle = ctypes.c_void_p(kernel.OpenProcess(0x1000, False, pid))  # PROCESS_QUERY_LIMITED_INFORMATION
        name, length = ctypes.create_unicode_buffer(1024), ctypes.c_uint32(1024)
        known = kernel.QueryFullProcessImageNameW(handle, 0, name, ctypes.byref(length))
        kernel.CloseHandle(handle)
        if not known or not os.path.basename(name.value).lower().startswith("py"):
            return False
    return True
