"""What a project means for one architecture, SDK and compiler: the files, every flag, and what is linked, in order.

A natmod.toml says it in keys; a Makefile says it in variables that depend on all three. Whoever compiles, links or
describes a build (``natmod compdb``) reads the recipe and never the project file.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler
from toolchains.errors import UsageError
from toolchains.project import FILE_NAME, Project, Runtime
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

#: The header with the interned strings. It is named without its folder, which may hold spaces.
CONFIG = "natmod_config.h"

_FLOATS = {"single": "FLOAT", "double": "DOUBLE", "none": "NONE"}


@dataclass(frozen=True)
class Wishes:
    """What the person says for this build alone.

    ``variables`` win over those of a Makefile, as on make's command line. ``allow_run`` is the consent to run the
    programs that a Makefile names.
    """

    variables: Mapping[str, str] = field(default_factory=dict)
    allow_run: bool = False


NO_WISHES = Wishes()


@dataclass(frozen=True)
class Recipe:
    """How a module is built. Paths are POSIX and relative to ``root``, or absolute for files of the SDK.

    ``sources`` are compiled, ``python`` files are merged into the module, ``include`` are the folders of headers.
    ``flags`` is everything between the compiler's command and the file names. ``objects`` is what is linked, in order:
    a source stands for its object, a name that ends in ``.o`` for itself. ``arch_flags`` and ``source_name`` go to
    ``mpy_ld.py``, ``bytecode_flags`` to mpy-cross. ``own_flags`` are, for some files, what stands in place of ``flags``
    or ``bytecode_flags``. ``described`` are the files that say all this, if they are not those of every project or of
    the SDK. ``notes`` are sentences for the person who builds.
    """

    root: Path
    name: str
    sources: tuple[str, ...]
    objects: tuple[str, ...]
    flags: tuple[str, ...]
    python: tuple[str, ...] = ()
    include: tuple[str, ...] = ()
    libs: tuple[str, ...] = ()
    externs: str | None = None
    arch_flags: str | None = None
    source_name: str | None = None
    runtime: Runtime = "auto"
    bytecode_flags: tuple[str, ...] = ()
    own_flags: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    described: tuple[str, ...] = ()
    notes: tuple[Text, ...] = ()

    def bytecode_of(self, source: str) -> tuple[str, tuple[str, ...]]:
        """The name of a Python file in the module, which mpy-cross's ``-s`` changes, and the other flags for it."""
        name, rest = source, list(self.own_flags.get(source, self.bytecode_flags))
        if "-s" in rest[:-1]:
            at = rest.index("-s")
            name, rest = rest[at + 1], rest[:at] + rest[at + 2 :]
        return name, tuple(rest)


def recipe_of(project: Project, arch: Arch, sdk: SdkTree, compiler: Compiler, wishes: Wishes) -> Recipe:
    """The recipe of a project described by natmod.toml. Errors: :class:`~toolchains.errors.UsageError`."""
    if wishes.variables:
        raise UsageError(
            _("{names} can only be set for a project with a Makefile.", names=", ".join(sorted(wishes.variables))),
            next_step=_('Write it into {file} instead, under "defines" of [module].', file=FILE_NAME),
        )
    return Recipe(
        project.root,
        project.name,
        project.sources,
        _make_order(project.sources),
        (
            *dynruntime_flags(sdk, compiler, float_name(project, arch)),
            *(f"-I{folder}" for folder in project.include),
            *(f"-D{define}" for define in project.defines),
            *project.cflags,
        ),
        python=project.python,
        include=project.include,
        libs=project.libs,
        externs=project.externs,
        runtime=project.runtime,
    )


def _make_order(sources: tuple[str, ...]) -> tuple[str, ...]:
    """dynruntime.mk links the objects of C files first, then those of assembler files."""
    return (*(s for s in sources if s.endswith(".c")), *(s for s in sources if not s.endswith(".c")))


def dynruntime_flags(sdk: SdkTree, compiler: Compiler, float_impl: str) -> tuple[str, ...]:
    """The flags of py/dynruntime.mk in its order (facts.md c.2).

    Warnings stay warnings: a beginner's unused variable shall not stop the build.
    """
    return (
        "-I.",
        f"-I{sdk.path}",
        "-std=c99",
        "-Os",
        "-Wall",
        "-DNDEBUG",
        "-DNO_QSTR",
        "-DMICROPY_ENABLE_DYNRUNTIME",
        f"-DMP_CONFIGFILE=<{CONFIG}>",
        "-fpic",
        "-fno-common",
        "-U_FORTIFY_SOURCE",
        *compiler.cflags,
        f"-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_{float_impl}",
    )


def float_name(project: Project, arch: Arch) -> str:
    """The float that the code is compiled for, as py/mpconfig.h spells it: the board's own unless the project says."""
    return _FLOATS[arch.float_board if project.float == "board" else project.float]
