"""The maths functions of a MicroPython tree (``lib/libm``, ``lib/libm_dbl``), for modules whose compiler lacks them.

zig's runtime library has ``sinf`` and ``sqrt``, but no ``powf`` or ``atan2``. The sources stay in the user's own tree;
what is made of them is in the cache. They have no variables, which a native module could not have.
"""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from toolchains.chips import Arch
from toolchains.contents import MEMO, digest_of
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.plain import run_compiler
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

#: Single and double precision, relative to the tree.
FOLDERS = ("lib/libm", "lib/libm_dbl")
#: Square roots for Arm's float unit alone; zig's library has square roots for every chip.
_SKIPPED = "thumb_vfp_"
#: The sources are written for newlib: its names of integers, and of what musl's and glibc's math.h call otherwise.
_NEWLIB = {
    "__int32_t": "int",
    "__uint32_t": "unsigned",
    "__uint8_t": "unsigned char",
    "__fpclassifyd": "__fpclassify",
    "__signbitd": "__signbit",
}
_FLAGS = (
    "-std=c99",
    "-Os",
    "-w",
    "-fpic",
    "-fno-common",
    "-U_FORTIFY_SOURCE",
    "-ffunction-sections",
    "-fdata-sections",
    # Otherwise clang may turn the body of a function into a call of that very function.
    "-fno-builtin",
    *(f"-D{name}={meaning}" for name, meaning in _NEWLIB.items()),
)
_FUNCTION = re.compile(r"^[ \t]*(?:float|double|int)\s+(\w+)\s*\(", re.M)


@dataclass(frozen=True)
class TreeMaths:
    """The maths sources of one tree; a tree may have none."""

    sdk: SdkTree

    def sources(self) -> tuple[Path, ...]:
        """The C files that are compiled."""
        return tuple(path for path in self._files("*.c") if not path.name.startswith(_SKIPPED))

    def inputs(self) -> tuple[Path, ...]:
        """The C files and their headers."""
        return (*self.sources(), *self._files("*.h"))

    def offers(self, names: Iterable[str]) -> set[str]:
        """Those of ``names`` that the sources mention as a function of theirs."""
        wanted, found = set(names), set[str]()
        for path in self.sources():
            with disk_errors(path):
                found.update(_FUNCTION.findall(path.read_text("utf-8", "replace")))
        return wanted & {_NEWLIB.get(name, name) for name in found}

    def library(self, ctx: JobContext, paths: Paths, zig: Zig, arch: Arch) -> Path:
        """All functions as a library for ``arch``; built once (2 s), then cached by content."""
        command = (*zig.command(arch), *zig.flags(arch), *_FLAGS)
        inputs = [(path.relative_to(self.sdk.path).as_posix(), MEMO.of(path)) for path in self.inputs()]
        key = digest_of(*zig.signature(), command, inputs)
        folder = paths.cache / "runtime" / f"maths-{key[:12]}-{arch.name}"
        library = folder / "libm.a"
        if not library.is_file():
            title = _("Build the maths functions of MicroPython for {arch}, once", arch=arch.name)
            with ctx.step(title), disk_errors(folder):
                folder.mkdir(parents=True, exist_ok=True)
                with tempfile.TemporaryDirectory(prefix=".new-", dir=folder) as work:
                    os.replace(self._built(ctx, zig, command, Path(work)), library)
        return library

    def _built(self, ctx: JobContext, zig: Zig, command: tuple[str, ...], work: Path) -> Path:
        # One compiler for all of them: it puts each object into its folder, under the name of the source.
        run_compiler(ctx, [*command, "-c", *self.sources()], cwd=work)
        run_compiler(
            ctx, [zig.program, "ar", "rcsD", "libm.a", *sorted(path.name for path in work.glob("*.o"))], cwd=work
        )
        return work / "libm.a"

    def _files(self, pattern: str) -> list[Path]:
        return [path for folder in FOLDERS for path in sorted((self.sdk.path / folder).glob(pattern))]
