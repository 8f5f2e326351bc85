"""Programs of the system: installed where we may (root on Debian), else named with the one line to type and its size.

Names for other package managers are data, in ``resources/packages.json``.
"""

from __future__ import annotations

import json
import re
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from functools import cache

from toolchains.errors import StudioError, ToolMissing
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.text import Text, _
from toolchains.units import size_text

_APT_ENV = {"DEBIAN_FRONTEND": "noninteractive", "LC_ALL": "C"}
_SHOWN = "${Package} ${db:Status-Status}\\n"
_INSTALL = ("install", "--yes", "--no-install-recommends", "--no-remove")
#: Another apt (unattended-upgrades on a fresh machine) may hold the lock for a while.
_LOCK_WAIT_S = 120
_LOCK_PAUSE_S = 2.0


class InstallFailed(StudioError):
    """The system's package manager did not install what was asked for. ``detail`` is what it said."""

    code = "tool.install"

    def __init__(self, packages: Iterable[str], command: str, output: str) -> None:
        names = ", ".join(packages)
        super().__init__(
            _("Installing {packages} failed.", packages=names),
            why=_("The package manager's own words are below."),
            next_step=_("Check the network, then try again, or type: {command}", command=command),
            detail=output,
            packages=names,
            command=command,
        )


def ensure_programs(ctx: JobContext, programs: Mapping[str, str], reason: Text) -> None:
    """Make sure that these programs are on PATH. ``programs`` maps a program to the Debian package that has it.

    Root on Debian: installs what is missing, after a note with the reason and the size. Otherwise
    :class:`~toolchains.errors.ToolMissing`, with the line to type. The file system is not touched when all are there.
    """
    missing = [program for program in programs if ctx.host.which(program) is None]
    if not missing:
        return
    packages = sorted({programs[program] for program in missing})
    _ensure(ctx, missing[0], packages, reason)
    left = [program for program in missing if ctx.host.which(program) is None]
    if left:
        raise ToolMissing(left[0], command=_apt_line(ctx.host, packages))


def ensure_packages(ctx: JobContext, packages: Iterable[str], reason: Text) -> None:
    """As :func:`ensure_programs`, for Debian packages that hold no program; elsewhere the line to type."""
    wanted = sorted(set(packages))
    if ctx.host.is_debian():
        shown = ctx.run(("dpkg-query", "--show", "--showformat", _SHOWN, *wanted), env=_APT_ENV, check=False)
        there = set(re.findall(r"^(\S+) installed$", shown.stdout.decode("utf-8", "replace"), re.M))
        wanted = [package for package in wanted if package not in there]
    if wanted:
        _ensure(ctx, wanted[0], wanted, reason)


def install_line(host: Host, packages: Iterable[str]) -> str:
    """What to type to install these Debian packages, or what they are called here; empty when nobody knows."""
    if host.is_debian():
        return _apt_line(host, packages)
    return _other_command(host, list(packages))


def _ensure(ctx: JobContext, first: str, packages: list[str], reason: Text) -> None:
    """Install the packages, or raise :class:`ToolMissing` for ``first``, with the line to type."""
    if not ctx.host.is_debian():
        raise ToolMissing(first, command=_other_command(ctx.host, packages))
    size = _download_size(ctx, packages)
    if not ctx.host.is_root():
        raise ToolMissing(first, command=_apt_line(ctx.host, packages, update=size is None), n_bytes=size)
    with ctx.step(_("Install {packages}", packages=", ".join(packages))):
        if size is None:
            _update(ctx, packages)
            size = _download_size(ctx, packages)
        _install(ctx, packages, reason, size)


def _apt_line(host: Host, packages: Iterable[str], *, update: bool = False) -> str:
    sudo = "" if host.is_root() else "sudo "
    first = f"{sudo}apt-get update && " if update else ""
    return f"{first}{sudo}apt-get install --no-install-recommends {' '.join(packages)}"


def _download_size(ctx: JobContext, packages: list[str]) -> int | None:
    """The bytes that apt would fetch, from its own plan; None when its lists do not know a package."""
    plan = ctx.run(("apt-get", *_INSTALL, "--print-uris", "-qq", *packages), env=_APT_ENV, check=False)
    if plan.returncode:
        return None
    return sum(int(size) for size in re.findall(rb"^'\S+' \S+ (\d+)\b", plan.stdout, re.M))


def _update(ctx: JobContext, packages: list[str]) -> None:
    with ctx.step(_("Refresh the list of Debian packages")):
        _apt(ctx, ("update",), packages)


def _install(ctx: JobContext, packages: list[str], reason: Text, size: int | None) -> None:
    names = ", ".join(packages)
    if size is not None:
        ctx.note(_("{reason} Installing {packages} ({size}).", reason=reason, packages=names, size=size_text(size)))
    _apt(ctx, (*_INSTALL, "--download-only", *packages), packages)
    _unpack(ctx, packages)


def _apt(ctx: JobContext, words: tuple[str, ...], packages: list[str]) -> None:
    """Run apt-get where it only fetches: a cancel may end it at any time."""
    deadline = time.monotonic() + _LOCK_WAIT_S
    while True:
        lines: list[str] = []
        argv = ("apt-get", "-q", "-o", "APT::Status-Fd=1", *words)
        if not ctx.run_lines(argv, lambda line, lines=lines: hear_apt(ctx, line, lines), env=_APT_ENV):  # type: ignore[misc]
            return
        output = "\n".join(lines)
        if "get lock" not in output or time.monotonic() > deadline:
            raise InstallFailed(packages, _apt_line(ctx.host, packages, update=True), output)
        ctx.log("another package manager is at work; waiting for it")
        time.sleep(_LOCK_PAUSE_S)


def hear_apt(ctx: JobContext, line: str, lines: list[str]) -> None:
    """A line of apt under ``APT::Status-Fd=1``: its progress (``dlstatus:1:45.3:Retrieving ...``), or words."""
    status = re.match(r"(?:dl|pm)status:[^:]*:([\d.]+):", line)
    if status:
        ctx.progress(int(float(status[1])), 100, "%")
    elif line.strip():
        lines.append(line)
        ctx.log(line)


def _unpack(ctx: JobContext, packages: list[str]) -> None:
    """Let dpkg do its part undisturbed: to kill it would leave the system's packages half installed.

    So it is not one of the context's children, and it writes to a file, which outlives us. A cancel waits for it.
    """
    argv = ("apt-get", "-q", "-o", f"DPkg::Lock::Timeout={_LOCK_WAIT_S}", "-o", "Dpkg::Use-Pty=0", *_INSTALL, *packages)
    with tempfile.TemporaryFile() as output:
        process = ctx.host.popen(argv, env=_APT_ENV, stdout=output, stderr=subprocess.STDOUT)
        try:
            process.wait()
        finally:
            process.wait()
        output.seek(0)
        words = output.read().decode("utf-8", "replace")
    for line in words.splitlines():
        ctx.log(line)
    if process.returncode:
        raise InstallFailed(packages, _apt_line(ctx.host, packages), words)
    ctx.check()


@cache
def _names() -> dict[str, object]:
    loaded: dict[str, object] = json.loads((resources() / "packages.json").read_text("utf-8"))
    return loaded


def _other_command(host: Host, packages: list[str]) -> str:
    """The line for the first package manager on this system that has them all; empty when we know none."""
    return next((line for _manager, line in other_commands(host, packages)), "")


def other_commands(host: Host, packages: Iterable[str]) -> Iterator[tuple[str, str]]:
    """The package managers on this system that have all these Debian packages: what each is called, the line to type.

    ``msys2`` is the pacman of Windows.
    """
    data = _names()
    managers, known = data["managers"], data["packages"]
    assert isinstance(managers, list)
    assert isinstance(known, dict)
    for manager in managers:
        program = manager["program"]
        if manager["system"] == host.system and host.which(program) is not None:
            called = manager.get("names", program)
            names = list(dict.fromkeys(known.get(package, {}).get(called, package) for package in packages))
            if all(names):
                yield called, str(manager["install"].format(packages=" ".join(names)))
