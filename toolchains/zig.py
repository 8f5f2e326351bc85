"""The compiler in the ``ziglang`` wheel: clang, lld, C library headers and a runtime library, in one Python package.

``zig clang`` is plain clang, so it takes the flags of MicroPython's dynruntime.mk as they are; ``zig cc`` would add its
own. The binary is called directly, which spares a Python start per file (no-hardware.md section 2).
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from toolchains.chips import Arch
from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths, resources
from toolchains.plain import run_compiler
from toolchains.text import _

#: ``symbol(&roundf, "roundf")``
_EXPORTED = re.compile(r'"([A-Za-z_]\w*)"')


@cache
def compiler_data() -> dict[str, Any]:
    """``resources/compilers.json``."""
    loaded: dict[str, Any] = json.loads((resources() / "compilers.json").read_text("utf-8"))
    return loaded


@dataclass(frozen=True)
class Zig:
    """One zig: the program and the folder ``lib`` beside it."""

    program: Path
    lib: Path

    @staticmethod
    def bundled(host: Host) -> Zig | None:
        """The zig of the ``ziglang`` wheel, or None when that package is not installed."""
        # Found without being imported: the package's own __init__ has nothing that we need.
        spec = importlib.util.find_spec("ziglang")
        if spec is None or spec.origin is None:
            return None
        folder = Path(spec.origin).parent
        program = folder / f"zig{host.exe_suffix}"
        return Zig(program, folder / "lib") if program.is_file() else None

    def command(self, arch: Arch) -> tuple[str, ...]:
        """The argv that compiles for ``arch``."""
        return (str(self.program), "clang", f"--target={arch.zig_target}")

    def headers(self, arch: Arch) -> tuple[str, ...]:
        """Flags for the C library's headers (musl's), which serve GCC without a C library as well."""
        row = compiler_data()["arches"].get(arch.name, {})
        folders = row.get("zig", row).get("headers", ())
        return tuple(word for name in folders for word in ("-isystem", str(self.lib / "libc" / "include" / name)))

    def flags(self, arch: Arch) -> tuple[str, ...]:
        """All flags that ``arch`` needs. ``-nostdinc`` keeps the headers of the host's own system out."""
        own = ("-isystem", str(self.lib / "include"))
        return ("-nostdinc", *self.headers(arch), *own, *arch.zig_cflags)

    @staticmethod
    def since(arch: Arch) -> tuple[int, int]:
        """The first MicroPython, major and minor, whose linker takes what zig makes for ``arch``."""
        major, minor = _zig_data(arch).get("since", (0, 0))
        return major, minor

    def signature(self) -> tuple[str, int, int]:
        """What changes when the program is exchanged: path, size, and time of the last change."""
        stat = self.program.stat()
        return str(self.program), stat.st_size, stat.st_mtime_ns

    def runtime(self, ctx: JobContext, paths: Paths, arch: Arch) -> Path:
        """The library with ``__addsf3``, ``sinf`` and the like for ``arch``; built once (2 to 9 s), then cached."""
        key = digest_of(*self.signature(), _zig_data(arch))
        folder = paths.cache / "runtime" / f"zig-{key[:12]}-{arch.name}"
        library = folder / "libcompiler_rt.a"
        if library.is_file():
            return library
        with ctx.step(_("Build the float library for {arch}, once", arch=arch.name)), disk_errors(folder):
            folder.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".new-", dir=folder))
            try:
                run_compiler(ctx, self._runtime_command(arch, work), cwd=work)
                made = next(path for path in work.iterdir() if path.suffix in (".a", ".lib"))
                os.replace(made, library)
            finally:
                shutil.rmtree(work, ignore_errors=True)
        return library

    def offers(self, names: Iterable[str]) -> set[str]:
        """Those of ``names`` that the sources of the runtime library export for one processor or another."""
        return set(names) & _exported(self.lib)

    def _runtime_command(self, arch: Arch, work: Path) -> tuple[str, ...]:
        return (
            str(self.program),
            "build-lib",
            str(self.lib / "compiler_rt.zig"),
            *_zig_data(arch)["runtime"],
            "-OReleaseSmall",
            "-fPIC",
            "-ffunction-sections",
            "-fdata-sections",
            "--name",
            "compiler_rt",
            "--cache-dir",
            str(work / "local"),
            "--global-cache-dir",
            str(work / "global"),
        )

    def pick(self, ctx: JobContext, libraries: Sequence[Path], symbols: Sequence[str], output: Path) -> None:
        """Write one object with only those functions of ``libraries`` that ``symbols`` lead to."""
        roots = [word for symbol in symbols for word in ("-u", symbol)]
        run_compiler(ctx, [self.program, "ld.lld", "-r", "--gc-sections", *roots, "-o", output, *libraries])


@cache
def _exported(lib: Path) -> frozenset[str]:
    found = set[str]()
    for path in (lib / "compiler_rt.zig", *(lib / "compiler_rt").rglob("*.zig")):
        with disk_errors(path):
            found.update(_EXPORTED.findall(path.read_text("utf-8")))
    return frozenset(found)


def _zig_data(arch: Arch) -> dict[str, Any]:
    found: dict[str, Any] = compiler_data()["arches"].get(arch.name, {}).get("zig", {})
    return found
