"""Projects with Makefiles for the tests: Makefiles of our own, in the shapes that people give theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.conftest import RecordingContext
from toolchains import project
from toolchains.build_records import BuildRequest
from toolchains.chips import arch
from toolchains.compiler_probe import Compiler
from toolchains.recipe import Recipe, Wishes
from toolchains.recipes import recipe_for
from toolchains.sdk_tree import SdkTree

INCLUDE = "include $(MPY_DIR)/py/dynruntime.mk\n"
C = '#include "py/dynruntime.h"\n'


def written(folder: Path, files: Mapping[str, str]) -> Path:
    """``folder`` with these files."""
    for name, text in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    return folder


def made_up(arch_name: str = "x64", kind: str = "gcc", **more: object) -> Compiler:
    """A compiler that is not there: reading a Makefile asks it nothing that it cannot answer from memory."""
    cflags = arch(arch_name).cflags if kind == "gcc" else ("-nostdinc", "-isystem", "/zig/include")
    values: dict[str, object] = {
        "arch": arch_name,
        "kind": kind,
        "command": ("/no/such-gcc",) if kind == "gcc" else ("/no/zig", "clang"),
        "version": "12.2.0",
        "origin": "PATH",
        "cflags": cflags,
        "libgcc": Path("/no/libgcc.a") if kind == "gcc" else None,
        "libm": Path("/no/libm.a") if kind == "gcc" else None,
        "identity": f"made up {arch_name} {kind}",
    }
    return Compiler(**{**values, **more})  # type: ignore[arg-type]


@dataclass
class Recipes:
    """Reads the Makefile of a folder."""

    ctx: RecordingContext
    sdk: SdkTree

    def request(
        self, folder: Path, arch_name: str = "x64", compiler: Compiler | None = None, **wishes: object
    ) -> BuildRequest:
        """What would be built; ``wishes`` are those of :class:`Wishes`."""
        return BuildRequest(
            project.load(folder),
            arch(arch_name),
            self.sdk,
            compiler or made_up(arch_name),
            wishes=Wishes(**wishes),  # type: ignore[arg-type]
        )

    def __call__(
        self, folder: Path, arch_name: str = "x64", compiler: Compiler | None = None, **wishes: object
    ) -> Recipe:
        return self.of(self.request(folder, arch_name, compiler, **wishes))

    def of(self, request: BuildRequest) -> Recipe:
        """The recipe of a request."""
        return recipe_for(self.ctx, request)
