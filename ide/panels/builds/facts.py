"""What is known of a build after it: file, sizes against the last time, symbols, commands. Done in workers. No Qt."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains import command_lines, mpyfile, natmod, project, size_diff
from toolchains.build_folder import FOLDER, State
from toolchains.build_records import BuildRequest, BuildResult
from toolchains.chips import arch as arch_named
from toolchains.compilers import Choice
from toolchains.errors import DiskError, StudioError, disk_errors
from toolchains.jobs import JobContext
from toolchains.matrix import Outcome, Status
from toolchains.mpyfile import MpyFile
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.size_diff import Snapshot
from toolchains.toolbox import Toolbox

if TYPE_CHECKING:
    from ide.board.pipeline import Made

#: The sizes that are shown, in their order.
SECTIONS = ("text", "rodata", "bss", "got", "file")


@dataclass(frozen=True)
class Product:
    """How the build for one architecture ended. ``seconds``: None where a run made it, among other things."""

    arch: str
    status: Status
    choice: Choice | None = None
    result: BuildResult | None = None
    error: StudioError | None = None
    seconds: float | None = None


@dataclass(frozen=True)
class Size:
    """One size in bytes; ``before``: at the last build, None where that is not known."""

    name: str
    now: int
    before: int | None = None

    @property
    def change(self) -> int | None:
        """The difference."""
        return None if self.before is None else self.now - self.before


@dataclass(frozen=True)
class Symbol:
    """A function or variable of the objects: ``kind`` is the section that it goes to."""

    kind: str
    size: Size


@dataclass(frozen=True)
class Facts:
    """All about one product. ``compiled``: sources that were compiled now, ``cached``: those that were not."""

    mpy: MpyFile
    sizes: tuple[Size, ...]
    symbols: tuple[Symbol, ...]
    compiled: tuple[str, ...]
    cached: tuple[str, ...]


def of_outcome(outcome: Outcome) -> Product:
    """A build of the Build button."""
    arch = outcome.cell.arch.name
    return Product(arch, outcome.status, outcome.choice, outcome.result, outcome.error, outcome.seconds)


def of_made(made: Made) -> Product | None:
    """A run's build; None where there is no C."""
    return Product(made.build.arch, "built", made.choice, made.build) if made.build is not None else None


@dataclass
class Memory:
    """The sizes of the builds before, by build folder: to compare with. Used by one worker at a time."""

    snapshots: dict[Path, Snapshot] = field(default_factory=dict)

    def read(self, root: Path) -> None:
        """Look at what earlier sessions left in a project."""
        for state in sorted((root / FOLDER).glob("*/state.json")):
            found = None
            with suppress(DiskError):  # another build is at work there
                found = _snapshot(state.parent)
            if found is not None:
                self.snapshots.setdefault(state.parent, found)

    def look(self, result: BuildResult) -> Facts:
        """All about a build that just ended. Raises DiskError, BadMpy when the files are gone or changed since."""
        folder = result.path.parent
        mpy = mpyfile.read_file(result.path)
        now, before = _snapshot(folder, result.name), self.snapshots.get(folder)
        if now is not None:
            self.snapshots[folder] = now
        if before is not None and _too_late(before, now, result):
            before = None
        compiled = tuple(name for name in result.rebuilt if name != result.path.name)
        sources = State.load(folder / "state.json").objects
        cached = tuple(name for name in sources if name not in compiled)
        return Facts(mpy, _sizes(result, before), _symbols(before, now), compiled, cached)


def _snapshot(folder: Path, name: str | None = None) -> Snapshot | None:
    with disk_errors(folder):
        return size_diff.snapshot(folder, name)


def _too_late(before: Snapshot, now: Snapshot | None, result: BuildResult) -> bool:
    """Whether ``before`` is no older than the build, which says that something changed."""
    change = result.change
    changed = change is not None and any((change.text, change.rodata, change.bss, change.got))
    return changed and now is not None and before.sections == now.sections


def _sizes(result: BuildResult, before: Snapshot | None) -> tuple[Size, ...]:
    sections = before.sections if before is not None else {}
    found = []
    for name in SECTIONS:
        if name == "file":
            found.append(Size(name, result.file_size, sections.get(name)))
            continue
        now: int = getattr(result.sizes, name)
        last: int | None = sections.get(name)
        if result.change is not None:  # it knows; after everything was removed it does not
            last = now - getattr(result.change, name)
        found.append(Size(name, now, last))
    return tuple(found)


def _symbols(before: Snapshot | None, now: Snapshot | None) -> tuple[Symbol, ...]:
    """The largest first. A symbol that went is there with nothing."""
    if now is None or now.symbols is None:
        return ()
    old: Mapping[tuple[str, str], int] | None = before.symbols if before is not None else None
    keys = {**now.symbols, **(old or {})}
    found = [
        Symbol(kind, Size(name, now.symbols.get((kind, name), 0), None if old is None else old.get((kind, name), 0)))
        for kind, name in keys
    ]
    return tuple(sorted(found, key=lambda one: (-one.size.now, one.size.name)))


def commands(ctx: JobContext, toolbox: Toolbox, root: Path, result: BuildResult, wishes: Wishes | None) -> str:
    """The exact command lines of a build, as a text for a terminal. Raises what a build raises before it compiles."""
    proj, sdk = project.load(root), toolbox.sdks.ensure(ctx, result.sdk_version)
    arch = arch_named(result.arch)
    request = BuildRequest(proj, arch, sdk, result.compiler, None, wishes or NO_WISHES, arch.name)
    what = natmod.describe(ctx, request, toolbox.linkers)
    return command_lines.script_of(ctx.host, command_lines.lines_of(ctx.host, what))
