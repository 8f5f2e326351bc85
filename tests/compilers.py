"""A compiler for each architecture, got once a run by the product's own code and kept in the shared home."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from tests import homes
from toolchains.chips import Arch, arch
from toolchains.compilers import Compiler, CompilerFinder, NoCompiler
from toolchains.errors import DiskError, FetchError, ToolMissing
from toolchains.jobs import JobContext
from toolchains.manager import NoToolchain, Toolchains
from toolchains.paths import Paths
from toolchains.providers.xtensa_data import XtensaFailed
from toolchains.system import InstallFailed, ensure_packages, ensure_programs
from toolchains.system_catalog import SystemPackage, system_package, system_programs
from toolchains.text import _
from toolchains.zig import compiler_data

#: What GCC's own package does not bring, and no person needs, since zig's library serves as well.
_HEADERS = {"x64": "libc6-dev"}
#: Debian's package for the ESP8266 has no C library.
_NO_MATHS = {"xtensa"}
_REASON = _("The tests compile with it.")
_MISSING = (NoCompiler, NoToolchain, ToolMissing, InstallFailed, FetchError, DiskError)


@dataclass
class Compilers:
    """``compilers("armv7m")`` installs what is missing (root on Debian), or skips the test naming what is missing.

    It comes with libgcc and a maths library where there is one. ``pin="gcc"`` where zig would do as well.
    """

    ctx: JobContext
    paths: Paths
    _known: dict[tuple[str, str | None], Compiler | str] = field(default_factory=dict)

    def __call__(self, name: str, pin: str | None = None) -> Compiler:
        key = (name, pin)
        if key not in self._known:
            self._known[key] = self._got(name, pin)
        found = self._known[key]
        if isinstance(found, str):
            pytest.skip(f"no compiler for {name}: {found}")
        return found

    def make_ready(self, *names: str) -> None:
        """Install GCC for these where that can be done; the tests that need it skip where it cannot."""
        for name in names:
            self._known[name, "gcc"] = self._got(name, "gcc")

    def _got(self, name: str, pin: str | None) -> Compiler | str:
        finder, wanted = CompilerFinder(self.paths, self.ctx.host), arch(name)
        try:
            if pin == "gcc" and name in _HEADERS:
                ensure_programs(self.ctx, {"gcc": "gcc"}, _REASON)
                ensure_packages(self.ctx, [_HEADERS[name]], _REASON)
            # Not Espressif's: tests reach no network but Debian's and Python's.
            toolchains = Toolchains(self.paths, self.ctx.host, finder)
            (need,) = toolchains.needs(self.ctx, [name])
            if need.offers:
                provider = "debian_xtensa" if name == "xtensawin" else "system_packages"
                toolchains.install(self.ctx, name, provider=provider)
                homes.lend_toolchains()
            if pin == "gcc" and not any(
                one.compiler and one.compiler.kind == "gcc" for one in finder.candidates(self.ctx, wanted)
            ):
                package = self._package(wanted)
                ensure_programs(self.ctx, {package.program: package.debian}, _REASON)
            compiler = finder.choose(self.ctx, wanted, pin).compiler
            if compiler.kind == "gcc" and compiler.libm is None and name not in _NO_MATHS:
                ensure_packages(self.ctx, self._package(wanted).runtime, _REASON)
                compiler = finder.choose(self.ctx, wanted, pin).compiler
            return compiler
        except XtensaFailed as error:
            if error.detail:
                raise
            return str(error)
        except _MISSING as error:
            return f"{error} {error.detail}".strip()

    def _package(self, wanted: Arch) -> SystemPackage:
        order = compiler_data()["arches"][wanted.name]["order"]
        found = (system_package(program, self.ctx.host) for program in system_programs() if program in order)
        return next(package for package in found if package is not None)
