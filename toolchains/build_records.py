"""What a build is asked for, and what it tells."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from toolchains.build_folder import FOLDER
from toolchains.chips import Arch
from toolchains.compilers import Compiler
from toolchains.diagnostics import Diagnostic
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.sdk_tree import SdkTree

SCHEMA = 1


@dataclass(frozen=True)
class BuildRequest:
    """What to build: a project for an architecture, with a tree and a compiler.

    ``out`` takes the place of the project's ``.natmod`` folder (where that cannot be written), ``folder`` the
    place of the architecture's name in it (several .mpy versions side by side); ``wishes`` hold for this build alone.
    """

    project: Project
    arch: Arch
    sdk: SdkTree
    compiler: Compiler
    out: Path | None = None
    wishes: Wishes = NO_WISHES
    folder: str = ""

    @property
    def build_folder(self) -> Path:
        """Where this build keeps its files."""
        base = self.out.absolute() if self.out is not None else self.project.root / FOLDER
        return base / (self.folder or self.arch.name)


@dataclass(frozen=True)
class Sizes:
    """Bytes of a module, none counted twice: machine code, constants, variables, global offset table.

    ``mpy_ld.py`` prints code, constants and table as one "text size", except on xtensawin.
    """

    text: int
    rodata: int
    bss: int
    got: int

    def __sub__(self, other: Sizes) -> Sizes:
        return Sizes(self.text - other.text, self.rodata - other.rodata, self.bss - other.bss, self.got - other.got)


@dataclass(frozen=True)
class BuildResult:
    """A module and what it took.

    ``change``: difference to the last build in this folder, None for the first. ``steps``: (name, seconds).
    ``rebuilt``: sources compiled now, and the module's file name if it was made now. ``helped``: functions of the C
    library that the code needed and that were added. ``together``: C files that were compiled as one, since the
    linker would have mixed up their constants. ``moved``: what pointers point into, where the tree's own linker would
    let them point to its beginning; only such modules, and those compiled as one, have other bytes than make's.
    """

    path: Path
    name: str
    arch: str
    sizes: Sizes
    file_size: int
    change: Sizes | None
    steps: tuple[tuple[str, float], ...]
    compiler: Compiler
    sdk_version: str
    rebuilt: tuple[str, ...]
    warnings: tuple[Diagnostic, ...]
    helped: tuple[str, ...] = ()
    together: tuple[str, ...] = ()
    moved: tuple[str, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The record of ``--json``."""
        return {
            "schema": SCHEMA,
            "path": str(self.path),
            "name": self.name,
            "arch": self.arch,
            "sizes": asdict(self.sizes),
            "file_size": self.file_size,
            "change": asdict(self.change) if self.change else None,
            "steps": [{"step": name, "seconds": round(seconds, 6)} for name, seconds in self.steps],
            "compiler": {
                "kind": self.compiler.kind,
                "version": self.compiler.version,
                "command": list(self.compiler.command),
            },
            "sdk": self.sdk_version,
            "rebuilt": list(self.rebuilt),
            "helped": list(self.helped),
            "together": list(self.together),
            "moved": list(self.moved),
            "warnings": [one.to_json() for one in self.warnings],
        }
