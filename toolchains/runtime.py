"""What a module needs beyond its own objects: soft-float and maths functions, and memcpy and its kin.

Only symbols that stayed undefined are served, so that a module that needs nothing has the bytes of upstream's make.
What is made here depends on the compiler, the SDK and the architecture, never on the project: it is kept in the cache.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler
from toolchains.contents import MEMO, digest_of
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.linker import Linker
from toolchains.maths import TreeMaths
from toolchains.paths import Paths, resources
from toolchains.plain import run_compiler
from toolchains.recipe import CONFIG, dynruntime_flags
from toolchains.sdk_tree import SdkTree
from toolchains.zig import Zig

#: Functions at fixed addresses in the ROM of the ESP8266; GCC's libgcc for that chip leaves them out.
_ROM = "ports/esp8266/boards/eagle.rom.addr.v6.ld"
_ROM_ENTRY = re.compile(r"^(__\w+) *= *(0x[0-9a-f]+);", re.MULTILINE)

#: What resources/natmod/memfuncs.c can define, each behind a define of its own.
HELPED = ("memcpy", "memmove", "memset", "memcmp", "bcmp", "strlen", "strcmp", "strncmp")


@dataclass(frozen=True)
class Runtime:
    """Makes what a module of this architecture needs from its compiler."""

    arch: Arch
    sdk: SdkTree
    compiler: Compiler
    paths: Paths

    def libraries(self) -> tuple[Path, ...]:
        """The compiler's own libraries, as ``LINK_RUNTIME=1`` passes them; none for zig, and for old trees."""
        if not self.sdk.links_libraries:
            return ()
        return tuple(library for library in (self.compiler.libgcc, self.compiler.libm) if library is not None)

    @cached_property
    def rom(self) -> Mapping[str, str]:
        """The addresses of what compilers ask for and the chip has in its ROM: divisions and floats on the ESP8266."""
        script = self.sdk.path / _ROM
        if self.arch.name != "xtensa" or not self.sdk.links_externs or not script.is_file():
            return {}
        return dict(_ROM_ENTRY.findall(script.read_text("utf-8")))

    def addresses(self, names: Iterable[str]) -> Path:
        """A file for ``--externs`` with these names of :attr:`rom`; all of them would hide functions of the module."""
        text = "".join(f"{name} = {self.rom[name]};\n" for name in sorted(names))
        target = self._cached(f"rom-{digest_of(text)[:24]}.ld")
        if not target.is_file():
            with disk_errors(target.parent), tempfile.TemporaryDirectory(dir=_made(target.parent)) as folder:
                part = Path(folder) / "rom.ld"
                part.write_text(text, "utf-8")
                os.replace(part, target)
        return target

    def helper(self, ctx: JobContext, linker: Linker, names: Iterable[str]) -> Path:
        """An object with those of :data:`HELPED`."""
        chosen = sorted(names)
        source = resources() / "natmod" / "memfuncs.c"
        flags = (*dynruntime_flags(self.sdk, self.compiler, "NONE"), "-fno-builtin")
        command = (*self.compiler.command, *flags, *(f"-DNATMOD_{name.upper()}" for name in chosen))
        key = digest_of(command, self.compiler.identity, self.sdk.identity, MEMO.of(source))
        target = self._cached(f"helper-{key[:24]}.o")
        if not target.is_file():
            with disk_errors(target.parent), tempfile.TemporaryDirectory(dir=_made(target.parent)) as folder:
                work = Path(folder)
                linker.preprocess(ctx, arch=self.arch.name, files=[source], output=work / CONFIG)
                argv = [*command, f"-I{work}", "-o", str(work / "helper.o"), "-c", str(source)]
                run_compiler(ctx, argv, cwd=work)
                os.replace(work / "helper.o", target)
        return target

    @property
    def maths(self) -> TreeMaths:
        """What the SDK tree itself has of maths."""
        return TreeMaths(self.sdk)

    def offered(self, zig: Zig, names: Iterable[str]) -> set[str]:
        """Those of ``names`` that :meth:`picked` may find, known without building anything."""
        return zig.offers(names) | self.maths.offers(names)

    def picked(self, ctx: JobContext, zig: Zig, names: Iterable[str], *, maths: bool = False) -> Path:
        """An object with what zig's runtime library has of ``names``, and what that needs in turn.

        With ``maths``, the tree's own functions fill the gaps. They are named last, and zig's are weak: none is double.
        """
        chosen = sorted(names)
        libraries = [zig.runtime(ctx, self.paths, self.arch)]
        if maths:
            libraries.append(self.maths.library(ctx, self.paths, zig, self.arch))
        key = digest_of(*(MEMO.of(library) for library in libraries), chosen)
        target = self._cached(f"picked-{key[:24]}.o")
        if not target.is_file():
            with disk_errors(target.parent), tempfile.TemporaryDirectory(dir=_made(target.parent)) as folder:
                output = Path(folder) / "picked.o"
                zig.pick(ctx, libraries, chosen, output)
                os.replace(output, target)
        return target

    def _cached(self, name: str) -> Path:
        return self.paths.cache / "runtime" / f"{self.compiler.kind}-{self.arch.name}" / name


def _made(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return folder
