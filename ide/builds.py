"""What the Build button does: the project for the board's architecture, or for several, each told as it ends. No Qt."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import project as projects
from toolchains.build_folder import FOLDER, BuildFolder
from toolchains.chips import Arch
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.matrix import Cell, Outcome, Plan, build_cells, cells, named_arches
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.sdk import SdkTree
from toolchains.toolbox import Toolbox

if TYPE_CHECKING:
    from ide.board.inspect import Identity

#: Built for when there is no board: the family of the newcomer's board, and of the ESP32-C3.
_DEFAULT_ARCH = "rv32imc"


def build_for(
    ctx: JobContext,
    toolbox: Toolbox,
    folder: Path,
    arches: tuple[str, ...],
    identity: Identity | None,
    *,
    wishes: Wishes | None = None,
    clean: bool = False,
    on_outcome: Callable[[Outcome], object] = lambda outcome: None,
    on_stage: Callable[[str], object] = lambda name: None,
) -> list[Outcome]:
    """Build the project of ``folder``; ``arches`` are names, none for that of the board (``identity``).

    With ``clean``, what an earlier build left is removed first. Raises what ends all builds alike.
    """
    proj = projects.load(folder)
    if clean:
        remove_built(ctx, proj.root)
    on_stage("sdk")
    sdk = sdk_of(ctx, toolbox, proj, identity)
    on_stage("build")
    found = []
    for outcome in build_cells(ctx, toolbox, Plan(proj, wishes=wishes or NO_WISHES), _cells(arches, identity, sdk)):
        on_outcome(outcome)
        found.append(outcome)
    if len(found) == 1 and found[0].error is not None:
        raise found[0].error
    return found


def _cells(arches: tuple[str, ...], identity: Identity | None, sdk: SdkTree) -> tuple[Cell, ...]:
    return cells(_wanted(arches, identity), [sdk], by_abi=False)


def _wanted(arches: tuple[str, ...], identity: Identity | None) -> tuple[Arch, ...]:
    if not arches and identity is not None and identity.arch is not None:
        return (identity.arch,)
    return named_arches(",".join(arches) or _DEFAULT_ARCH)


def sdk_of(ctx: JobContext, toolbox: Toolbox, proj: Project, identity: Identity | None) -> SdkTree:
    """The tree that a build for this board uses: the project's choice, else the board's release."""
    if proj.pin_micropython:
        return toolbox.sdks.ensure(ctx, proj.pin_micropython)
    if identity is None:
        return toolbox.sdks.ensure(ctx, None)
    best = toolbox.sdks.best_for(identity.version, identity.mpy_version)
    return best if best is not None else toolbox.sdks.ensure(ctx, identity.version)


def remove_built(ctx: JobContext, folder: Path) -> None:
    """Remove what builds made, the project itself need not be well for that. Raises DiskError, FolderElsewhere."""
    built = folder / FOLDER
    BuildFolder(ctx.host, built).check_inside(folder)
    if built.is_dir():
        with disk_errors(built):
            shutil.rmtree(built)
