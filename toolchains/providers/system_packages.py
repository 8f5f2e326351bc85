"""Packages of the system: installed where we may (root on Debian), else named with the one line to type."""

from __future__ import annotations

from collections.abc import Sequence

from toolchains.errors import ToolMissing
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.providers import Offer, Provider, Ways
from toolchains.system import ensure_packages, ensure_programs
from toolchains.system_catalog import SystemPackage, system_package, system_programs
from toolchains.text import _
from toolchains.zig import compiler_data

#: What stands for the version: the system knows it, we do not.
VERSION = "system"


def offers(host: Host, _paths: Paths) -> Sequence[Offer]:
    """One for each compiler that some system has a package of."""
    found = (system_package(program, host) for program in system_programs())
    offered = [_offer(host, package) for package in found if package is not None]
    return [offer for offer in offered if offer.arches]


def _offer(host: Host, package: SystemPackage) -> Offer:
    ours = host.is_debian() and host.is_root()
    return Offer(
        "system_packages",
        f"{package.called}@{VERSION}",
        package.called,
        VERSION,
        _arches(host, package.called),
        (),
        package.called,
        package.size,
        command="" if ours else package.command,
        problem=None if package.command else _("no package that we know has it"),
        reason=_("It comes from this system's package manager, which keeps it up to date."),
    )


def _arches(host: Host, program: str) -> tuple[str, ...]:
    """What it compiles for. The computer's own GCC makes ELF objects for PCs on Linux on a PC alone."""
    if program == "gcc" and (host.system, host.machine) != ("linux", "x86_64"):
        return ()
    return tuple(name for name, row in compiler_data()["arches"].items() if program in row["order"])


def install(ctx: JobContext, _paths: Paths, offer: Offer, _ways: Ways) -> None:
    """Install the package and its libraries; :class:`ToolMissing` with the line to type where that is not for us."""
    package = next(
        (one for name in system_programs() if (one := system_package(name, ctx.host)) and one.called == offer.program),
        None,
    )
    if package is None or not (ctx.host.is_debian() and package.command):
        raise ToolMissing(offer.program, command=package.command if package else "")
    reason = _("It compiles modules for {arch}.", arch=", ".join(offer.arches))
    ensure_programs(ctx, {package.program: package.debian}, reason)
    if package.runtime:
        ensure_packages(ctx, package.runtime, _("They are its libraries."))


PROVIDER = Provider("system_packages", _("packages of this system"), offers, install)
