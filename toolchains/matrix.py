"""One project for many boards: every architecture, and every .mpy version, that is asked for, each a build of its own.

A compiler that is missing, or a build that fails, does not keep the others from being built.
"""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from toolchains import natmod
from toolchains.build_folder import FOLDER
from toolchains.build_records import BuildRequest, BuildResult
from toolchains.chips import Arch, arches
from toolchains.chips import arch as arch_named
from toolchains.compilers import Choice, NoCompiler
from toolchains.errors import BuildError, Cancelled, DiskError, StudioError, UsageError
from toolchains.jobs import JobContext
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.scripts import NothingToBuild
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.toolbox import Toolbox

ALL = "all"

Status = Literal["built", "no-compiler", "too-new", "failed"]


class ArchTooNew(BuildError):
    """This MicroPython cannot link modules for the architecture: it came with a later release."""

    code = "build.arch"

    def __init__(self, arch: Arch, sdk: SdkTree) -> None:
        since = ".".join(map(str, arch.since))
        super().__init__(
            _("MicroPython {version} has no native modules for {arch}.", version=sdk.version, arch=arch.name),
            next_step=_("Build with {since} or newer: --sdk {example}", since=since, example=f"{since}.0"),
            arch=arch.name,
        )


@dataclass(frozen=True)
class Plan:
    """What holds for every build of one call; ``compiler`` is a name as in ``[pin]``."""

    project: Project
    compiler: str | None = None
    out: Path | None = None
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True)
class Cell:
    """One build of many: for an architecture, with a tree; ``folder`` is its own place among the build folders."""

    arch: Arch
    sdk: SdkTree
    folder: str

    @property
    def abi(self) -> str:
        """The .mpy version that comes out: ``6.3``."""
        return f"{self.sdk.mpy_version}.{self.sdk.mpy_sub_version}"

    def build_folder(self, plan: Plan) -> Path:
        """Where it keeps its files."""
        base = plan.out.absolute() if plan.out is not None else plan.project.root / FOLDER
        return base / self.folder


@dataclass(frozen=True)
class Outcome:
    """How one build ended: with a result, or with the error that says why there is none."""

    cell: Cell
    status: Status
    seconds: float
    choice: Choice | None = None
    result: BuildResult | None = None
    error: StudioError | None = None


def named_arches(text: str) -> tuple[Arch, ...]:
    """``rv32imc,x64``, or ``all``, as architectures. Errors: UsageError."""
    if text.strip() == ALL:
        return tuple(arches().values())
    names = [name for word in text.split(",") if (name := word.strip())]
    if not names:
        step = _("Example: --arch rv32imc,xtensawin; or --arch all")
        raise UsageError(_("No architecture is named."), next_step=step)
    return tuple(arch_named(name) for name in dict.fromkeys(names))


def cells(wanted: Sequence[Arch], trees: Sequence[SdkTree], *, by_abi: bool) -> tuple[Cell, ...]:
    """Each architecture with each tree; ``by_abi`` gives each .mpy version folders of its own."""
    found = [Cell(arch, sdk, arch.name) for sdk in trees for arch in wanted]
    return tuple(replace(cell, folder=f"{cell.arch.name}-{cell.abi}") if by_abi else cell for cell in found)


def build_cells(ctx: JobContext, toolbox: Toolbox, plan: Plan, wanted: Sequence[Cell]) -> Iterator[Outcome]:
    """Build each, and tell how it ended before the next one begins. Raises what would end all of them alike."""
    for cell in wanted:
        start = time.perf_counter()
        status, choice, result, error = _one(ctx, toolbox, plan, cell)
        yield Outcome(cell, status, time.perf_counter() - start, choice, result, error)


def _one(
    ctx: JobContext, toolbox: Toolbox, plan: Plan, cell: Cell
) -> tuple[Status, Choice | None, BuildResult | None, StudioError | None]:
    try:
        choice, result = build_cell(ctx, toolbox, plan, cell)
    except (Cancelled, UsageError, DiskError):
        raise
    except NoCompiler as error:
        return "no-compiler", None, None, error
    except ArchTooNew as error:
        return "too-new", None, None, error
    except StudioError as error:
        return "failed", None, None, error
    return "built", choice, result, None


def build_cell(ctx: JobContext, toolbox: Toolbox, plan: Plan, cell: Cell) -> tuple[Choice, BuildResult]:
    """Build one, with the compiler that is named, else pinned, else first in line.

    Raises :class:`~toolchains.scripts.NothingToBuild` for Python alone, and what ``natmod.build`` raises.
    """
    choice, request = request_of(ctx, toolbox, plan, cell)
    return choice, build_asked(ctx, toolbox, plan, cell, request)


def build_asked(ctx: JobContext, toolbox: Toolbox, plan: Plan, cell: Cell, request: BuildRequest) -> BuildResult:
    """The second half of :func:`build_cell`: what :func:`request_of` asks for."""
    with ctx.step(_("Build {name} for {arch}", name=plan.project.name, arch=cell.folder)):
        return natmod.build(ctx, request, toolbox.linkers)


def request_of(ctx: JobContext, toolbox: Toolbox, plan: Plan, cell: Cell) -> tuple[Choice, BuildRequest]:
    """The compiler for one build, and what :mod:`toolchains.natmod` is asked for."""
    proj, arch = plan.project, cell.arch
    if not proj.native:
        raise NothingToBuild(proj)
    if cell.sdk.key[:2] < arch.since:
        raise ArchTooNew(arch, cell.sdk)
    sdk = _sdk_of(ctx, proj, cell.sdk, toolbox)
    toolbox.linkers.start(sdk)
    choice = toolbox.compilers.choose(ctx, arch, plan.compiler or proj.pin_compilers.get(arch.name), sdk)
    return choice, BuildRequest(proj, arch, sdk, choice.compiler, plan.out, plan.wishes, cell.folder)


def _sdk_of(ctx: JobContext, proj: Project, sdk: SdkTree, toolbox: Toolbox) -> SdkTree:
    if proj.firmware is None or not proj.firmware.functions:
        return sdk
    from toolchains.firmware import extended  # here, because few projects make such a firmware

    return extended.sdk_of(ctx, proj, sdk, toolbox.paths)


def build_module(ctx: JobContext, toolbox: Toolbox, plan: Plan, arch: Arch, sdk: SdkTree) -> tuple[Choice, BuildResult]:
    """Build for one architecture, in its usual folder. Errors as in :func:`build_cell`."""
    return build_cell(ctx, toolbox, plan, Cell(arch, sdk, arch.name))
