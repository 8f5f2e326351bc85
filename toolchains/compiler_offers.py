"""Compilers that this computer does not have yet: what can be had for an architecture, how, and the getting of it.

The packages are data, in ``resources/compilers.json``. Nothing is installed unless a person asks for it by name.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from toolchains import providers
from toolchains.chips import Arch
from toolchains.errors import CompilerError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.system import ensure_packages, ensure_programs, install_line
from toolchains.text import Text, _
from toolchains.zig import compiler_data

if TYPE_CHECKING:
    from toolchains.compilers import Choice, CompilerFinder


class NoMaths(CompilerError):
    """The compiler is there, but not the maths library that was asked for."""

    code = "compiler.maths"


@dataclass(frozen=True)
class Offer:
    """What can be had for an architecture: what to type for it (empty: nothing), its size in bytes, what is against.

    ``preferred``: it is better than what comes with us.
    """

    arch: str
    program: str
    command: str
    size: int | None = None
    problem: Text | None = None
    preferred: bool = True

    @property
    def by_us(self) -> bool:
        """Whether :func:`get` gets it here; else a person has to type the command."""
        return self.command == f"natmod compilers get {self.arch}"


def offer_for(host: Host, arch: Arch) -> Offer:
    """What would be the best to get here. Nothing is run, and the network is not asked."""
    row = _row(arch, host)
    program = row.get("program") or next(iter(compiler_data()["arches"][arch.name]["order"]))
    if "provider" in row:
        provider = providers.named(row["provider"])
        problem = provider.obstacle(host)
        return Offer(arch.name, program, "" if problem else _verb(arch), provider.size(), problem)
    package = compiler_data()["packages"].get(program)
    if package is None:
        return Offer(arch.name, program, "", problem=_("no package that we know has it"))
    if row and host.is_debian() and host.is_root():
        return Offer(arch.name, program, _verb(arch), row.get("size"))
    line = install_line(host, [package])
    problem = None if line else _("no package that we know has it")
    return Offer(arch.name, program, line, row.get("size"), problem, bool(row))


def get(ctx: JobContext, finder: CompilerFinder, paths: Paths, arch: Arch, *, runtime: bool = False) -> Choice:
    """The compiler for ``arch``, installed first if the preferred one is missing; ``runtime``: with a maths library.

    Raises :class:`~toolchains.errors.ToolMissing` with the line to type where it may not be installed, and the errors
    of the installation.
    """
    row = _row(arch, ctx.host)
    if row and not _serves(ctx, finder, paths, arch, row):
        _install(ctx, paths, arch, row)
    choice = finder.choose(ctx, arch)
    if runtime and choice.compiler.kind == "gcc" and choice.compiler.libm is None:
        if "runtime" in row:
            ensure_packages(ctx, row["runtime"], _("They hold the maths functions for {arch}.", arch=arch.name))
            choice = finder.choose(ctx, arch)
        if choice.compiler.libm is None:
            raise NoMaths(
                _("{compiler} has no maths library for {arch}.", compiler=choice.compiler, arch=arch.name),
                next_step=_("Modules that use none can be built; the others need another compiler."),
            )
    return choice


def _install(ctx: JobContext, paths: Paths, arch: Arch, row: dict[str, Any]) -> None:
    if "provider" in row:
        providers.named(row["provider"]).ensure(ctx, paths)
        return
    program = row["program"]
    reason = _("It compiles modules for {arch}.", arch=arch.name)
    ensure_programs(ctx, {program: compiler_data()["packages"][program]}, reason)


def _serves(ctx: JobContext, finder: CompilerFinder, paths: Paths, arch: Arch, row: dict[str, Any]) -> bool:
    """Whether what would be got, or a compiler that is preferred to it, is there and works."""
    order = list(compiler_data()["arches"][arch.name]["order"])
    program = row["program"]
    good = order[: order.index(program) + 1] if program in order else [program]
    found = [one.compiler for one in finder.candidates(ctx, arch) if one.compiler is not None]
    serving = [compiler for compiler in found if compiler.program in good]
    if "provider" in row:
        provider = providers.named(row["provider"])
        return any(not provider.is_outdated(paths, compiler.command[0]) for compiler in serving)
    return bool(serving)


def _row(arch: Arch, host: Host) -> dict[str, Any]:
    """How the compiler is got: as our data says, else from a plugin; empty where nobody knows."""
    row: dict[str, Any] = compiler_data()["get"].get(arch.name, {})
    if not row:
        provider = providers.provider_for(arch.name, host)
        row = {} if provider is None else {"program": provider.program, "provider": provider.id}
    return row


def _verb(arch: Arch) -> str:
    return f"natmod compilers get {arch.name}"
