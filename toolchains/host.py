"""The one door to the machine we run on: platform, environment, programs, child processes.

Every platform branch of the engine is in this file, so that tests on Linux can be Windows or macOS by passing a
``Host(system="windows", ...)``. Habit 1 of the style reference (briefcase's ``ToolCache``).
"""

from __future__ import annotations

import errno
import ntpath
import os
import platform
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path, PurePath, PureWindowsPath
from typing import IO, Literal, TypeVar
from urllib.parse import urlsplit

from toolchains import portable

System = Literal["linux", "macos", "windows"]

_SYSTEMS: dict[str, System] = {"Linux": "linux", "Darwin": "macos", "Windows": "windows"}
_MACHINES = {"AMD64": "x86_64", "x86_64": "x86_64", "arm64": "aarch64", "aarch64": "aarch64", "ARM64": "aarch64"}

#: Virus scanners on Windows keep a fresh file open for a while; ESP-IDF's idf_tools.py waits in the same way.
_SCANNER_TRIES = 20
_SCANNER_PAUSE_S = 0.25
#: By so much is the niceness of a gentle child above ours: it gets a third of what we get of a busy processor.
_GENTLER = 5

AnyPath = TypeVar("AnyPath", bound=PurePath)
#: What disks without links answer.
_NO_LINKS = {
    *(errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP),
    *(errno.ENOSYS, errno.EMLINK, errno.EXDEV, errno.EINVAL),
}


def _can(make: Callable[[], object]) -> bool:
    try:
        make()
    except OSError as error:
        if error.errno not in _NO_LINKS:
            raise
        return False
    return True


@dataclass(frozen=True)
class Host:
    """A machine and the environment that programs are started in."""

    system: System
    machine: str
    environ: Mapping[str, str] = field(default_factory=dict)

    @staticmethod
    def current() -> Host:
        """The machine that this process runs on."""
        system = _SYSTEMS.get(platform.system(), "linux")
        machine = platform.machine()
        return Host(system, _MACHINES.get(machine, machine), portable.environment(os.environ))

    @property
    def exe_suffix(self) -> str:
        """What program files end with."""
        return ".exe" if self.system == "windows" else ""

    def which(self, program: str) -> Path | None:
        """The full path of a program in one of PATH's absolute folders, or None.

        ``shutil.which`` alone would, on Windows, prefer a gcc.exe in the current folder: in somebody's project.
        """
        file = program if program.endswith(self.exe_suffix) else program + self.exe_suffix
        for folder in self.environ.get("PATH", os.defpath).split(os.pathsep):
            found = shutil.which(os.path.join(folder, file)) if os.path.isabs(folder) else None
            if found:
                return Path(found)
        return None

    def languages(self) -> list[str]:
        """The person's languages, best first, as the system writes them: ``fr_CA.UTF-8``, ``zh-Hant-TW``."""
        from toolchains import host_languages  # here, because few calls ask

        if self.system == "windows":
            return host_languages.of_windows()
        said = host_languages.from_environment(self.environ)
        if self.system == "macos" and not said:
            return host_languages.of_macos(Path(self.environ.get("HOME", "~")).expanduser())
        return said

    def proxy_for(self, url: str) -> str | None:
        """The proxy for an address (``http://name:port``), or None: the environment's, else the system's settings.

        On Windows and macOS that is what the person has set for the whole computer, with its exceptions.
        """
        import urllib.request  # 20 ms, and only downloads ask

        there = urlsplit(url)
        if not there.hostname or urllib.request.proxy_bypass(there.netloc.rpartition("@")[2]):
            return None
        proxies = urllib.request.getproxies()
        return proxies.get(there.scheme) or proxies.get("all") or None

    def is_root(self) -> bool:
        """Whether system packages may be installed without asking for a password."""
        return self.system == "linux" and hasattr(os, "geteuid") and os.geteuid() == 0

    def is_debian(self) -> bool:
        """Whether apt serves this machine."""
        return self.system == "linux" and self.which("apt-get") is not None and self.which("dpkg") is not None

    def self_command(self, *args: str) -> tuple[str, ...]:
        """The argv that starts this very program as a worker; the same from a checkout, a wheel and a frozen app."""
        if getattr(sys, "frozen", False):
            return (sys.executable, *args)
        # -P: a random.py or types.py in the person's folder must not stand in for the standard library.
        return (sys.executable, "-P", "-m", "ide.cli", *args)

    def popen(
        self,
        argv: Sequence[str | Path],
        *,
        cwd: Path | None = None,
        env: Mapping[str, str | None] | None = None,
        stdin: int | IO[bytes] | None = subprocess.DEVNULL,
        stdout: int | IO[bytes] | None = subprocess.PIPE,
        stderr: int | IO[bytes] | None = subprocess.PIPE,
        pass_fds: Sequence[int] = (),
        die_with_parent: bool = False,
        gentle: bool = False,
    ) -> subprocess.Popen[bytes]:
        """Start a child in a process group of its own, without a console window.

        ``env`` changes our environment: None takes a variable away.

        ``die_with_parent``: the child never outlives us, however we end (:mod:`toolchains.lifeline`); only for a
        program with one thread. ``pass_fds`` are descriptors that the child inherits (not on Windows). ``gentle``: when
        the machine is busy the child waits, and not the window.
        """
        full_env = {name: value for name, value in {**self.environ, **(env or {})}.items() if value is not None}
        words = [str(a) for a in argv]
        flags = 0
        prepare: Callable[[], None] | None = None
        if sys.platform == "win32":
            flags = subprocess.CREATE_NO_WINDOW | subprocess.CREATE_NEW_PROCESS_GROUP
            flags |= subprocess.BELOW_NORMAL_PRIORITY_CLASS if gentle else 0
        elif die_with_parent:
            from toolchains import lifeline  # here, because ctypes costs every start 5 ms

            if self.system == "linux":
                prepare = lifeline.prepare_child()
            else:
                words, stdin = lifeline.guarded(words), subprocess.PIPE
        process = subprocess.Popen(
            words,
            cwd=cwd,
            env=full_env,
            stdin=stdin,
            stdout=stdout,
            stderr=stderr,
            pass_fds=tuple(pass_fds),
            preexec_fn=prepare,  # one thread: see above
            creationflags=flags,
            # Linux shares the processor out among sessions first, and then by priority in each (sched(7), "autogroup").
            start_new_session=self.system != "windows" and not gentle,
            process_group=0 if gentle and sys.platform != "win32" else None,
        )
        if sys.platform != "win32" and gentle:
            with suppress(OSError):  # it has ended already
                os.setpriority(os.PRIO_PROCESS, process.pid, os.getpriority(os.PRIO_PROCESS, 0) + _GENTLER)
        if sys.platform == "win32" and die_with_parent:
            from toolchains import lifeline

            lifeline.join_job(int(process._handle))  # type: ignore[attr-defined]  # the only way to have it
        return process

    def kill_tree(self, process: subprocess.Popen[bytes]) -> None:
        """End a child started by :meth:`popen` and everything it started."""
        if process.poll() is not None:
            return
        if sys.platform == "win32":
            # With its folder: Windows looks for a bare name in the current folder first.
            taskkill = os.path.join(os.environ.get("SYSTEMROOT", r"C:\Windows"), "System32", "taskkill.exe")
            subprocess.run(
                [taskkill, "/F", "/T", "/PID", str(process.pid)],
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                check=False,
            )
        else:
            try:
                os.killpg(process.pid, signal.SIGKILL)
            except (ProcessLookupError, PermissionError):
                process.kill()  # the second is what macOS says of a group that has just ended

    def replace(self, source: Path, target: Path) -> None:
        """``os.replace`` that outlasts a Windows virus scanner."""
        self._patiently(lambda: os.replace(source, target))

    def remove(self, path: Path) -> None:
        """Remove a file, if it is there; outlasts a Windows virus scanner as well."""
        self._patiently(lambda: path.unlink(missing_ok=True))

    def link_folder(self, link: Path, folder: Path) -> None:
        """Make ``link`` another name of ``folder``, replacing what it was. On Windows a junction: no rights needed."""
        if os.path.lexists(link):
            (os.rmdir if sys.platform == "win32" else os.unlink)(link)
        if sys.platform == "win32":
            import _winapi

            _winapi.CreateJunction(str(folder), str(link))
        else:
            os.symlink(folder, link, target_is_directory=True)

    def extended(self, path: AnyPath) -> AnyPath:
        """The same place, by a name that Windows takes at any length: ``\\\\?\\C:\\...``; elsewhere the path itself.

        For our own calls only: other programs may not understand it.
        """
        if self.system != "windows" or not isinstance(path, PureWindowsPath) or path.drive.startswith("\\\\?\\"):
            return path
        full = path.absolute() if isinstance(path, Path) else path
        # Windows takes such a name as it is; ".." would be looked for.
        plain = ntpath.normpath(str(full))
        return type(path)("\\\\?\\UNC" + plain[1:] if plain.startswith("\\\\") else "\\\\?\\" + plain)

    def symbolic_link(self, link: Path, target: str) -> bool:
        """Make a symbolic link to the relative ``target``; whether that can be done (on Windows it needs rights)."""
        return self.system != "windows" and _can(lambda: os.symlink(target, link))

    def hard_link(self, link: Path, file: Path) -> bool:
        """Make ``link`` another name of ``file``; whether the disk can do that: FAT, on USB sticks, cannot."""
        return _can(lambda: os.link(file, link))

    def _patiently(self, action: Callable[[], object]) -> None:
        for left in reversed(range(_SCANNER_TRIES)):
            try:
                action()
            except PermissionError:
                if self.system != "windows" or not left:
                    raise
                time.sleep(_SCANNER_PAUSE_S)
            else:
                return

    def try_lock(self, descriptor: int) -> bool:
        """Lock an open file for this process alone, without waiting; whether it worked, or somebody else holds it.

        ``OSError`` where the file system has no locks at all. The system frees the lock when the file is closed or the
        process ends, however it ends.
        """
        try:
            if sys.platform == "win32":
                import msvcrt

                msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
            else:
                import fcntl

                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except (BlockingIOError, PermissionError):  # what POSIX says, what Windows says
            return False
        return True
