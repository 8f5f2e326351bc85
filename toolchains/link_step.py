"""Objects to the native part of a module, with what they need from the compiler's libraries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from toolchains.build_errors import NoExterns, NoLibraries
from toolchains.chips import Arch
from toolchains.compile_step import Compilation
from toolchains.jobs import JobContext
from toolchains.link_causes import explain, object_names, written
from toolchains.linker import Linked, Linker, LinkRefused, LinkStopped
from toolchains.recipe import CONFIG, Recipe
from toolchains.runtime import HELPED, Runtime
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

#: The release whose mpy_ld.py writes the file's own name into it, no longer the path it was given (facts.md 0.11).
_PLAIN_NAME_SINCE = (1, 29, 0)


def check_externs(recipe: Recipe, arch: Arch, sdk: SdkTree) -> None:
    """Raise :class:`NoExterns` or :class:`NoLibraries` if this tree's linker cannot serve what the module needs."""
    if recipe.libs and not sdk.links_libraries:
        raise NoLibraries(sdk.version)
    if recipe.externs is None:
        return
    if not sdk.links_externs:
        raise NoExterns(_("The linker of MicroPython {version} is too old; 1.26 can.", version=sdk.version))
    if not arch.name.startswith("xtensa"):  # mpy_ld.py follows such symbols in Xtensa code only, elsewhere it crashes
        raise NoExterns(_("MicroPython's linker can do it for Xtensa chips only, not for {arch}.", arch=arch.name))


@dataclass(frozen=True)
class NativePart:
    """A link that worked: the linker's figures, and what was added to the objects of the project."""

    linked: Linked
    added: tuple[Path, ...]
    helped: tuple[str, ...]


@dataclass
class _Extras:
    """What is linked besides the project's own objects and libraries. ``zig``: None where it cannot help."""

    zig: Zig | None
    helped: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    libraries: tuple[Path, ...] = ()
    spoilt: bool = False
    externs: Path | None = None
    rom: set[str] = field(default_factory=set)
    asked: set[str] = field(default_factory=set)
    maths: set[str] = field(default_factory=set)


def native_name(what: Compilation) -> str:
    """Where the native part goes, relative to the build's folder: upstream's own name, since it ends up in the file."""
    name = what.recipe.name
    return f"build/{name}.mpy" if what.sdk.key >= _PLAIN_NAME_SINCE else f"build/{name}.native.mpy"


def link(ctx: JobContext, what: Compilation, linker: Linker, runtime: Runtime) -> NativePart:
    """Link the project's objects. Each symbol that stays undefined is looked for in the runtime, and linked again.

    Raises the leaves of :class:`LinkFailed`.
    """
    extras = _Extras(Zig.bundled(ctx.host) if runtime.arch.zig_target else None)
    extras.externs = what.recipe.root / what.recipe.externs if what.recipe.externs else None
    if what.recipe.runtime == "on":
        extras.libraries = runtime.libraries()
    while True:
        added = _objects(ctx, linker, runtime, extras)
        outcome = _attempt(ctx, what, linker, added, extras)
        if isinstance(outcome, Linked):
            inputs = runtime.maths.inputs() if extras.maths else ()
            names = {*extras.helped, *(written(what, name) for name in extras.maths)}
            externs = (extras.externs,) if extras.externs else ()
            return NativePart(outcome, (*added, *extras.libraries, *externs, *inputs), tuple(sorted(names)))
        if what.recipe.runtime == "off" or not _more(outcome, runtime, extras):
            served = what.recipe.runtime != "off"
            raise explain(ctx, what, _unserved(outcome, runtime, extras) if served else outcome)


def _attempt(
    ctx: JobContext, what: Compilation, linker: Linker, added: Sequence[Path], extras: _Extras
) -> Linked | LinkRefused | LinkStopped:
    recipe, folder = what.recipe, what.folder.path
    return linker.link(
        ctx,
        arch=what.arch.name,
        qstrs=f"build/{CONFIG}",
        objects=[*object_names(what), *map(str, added)],
        output=native_name(what),
        cwd=folder,
        libs=[*(recipe.root / lib for lib in recipe.libs), *extras.libraries],
        externs=extras.externs,
        arch_flags=recipe.arch_flags,
        source_name=recipe.source_name,
    )


def _objects(ctx: JobContext, linker: Linker, runtime: Runtime, extras: _Extras) -> list[Path]:
    found = []
    if extras.needed and extras.zig is not None:
        found.append(runtime.picked(ctx, extras.zig, extras.needed, maths=bool(extras.maths)))
    if extras.helped:
        found.append(runtime.helper(ctx, linker, extras.helped))
    return found


def _more(outcome: LinkRefused | LinkStopped, runtime: Runtime, extras: _Extras) -> bool:
    """Ask the runtime for what is missing; whether there is anything left to try."""
    if isinstance(outcome, LinkStopped):
        return False
    twice = {line.partition("duplicate symbol: ")[2] for line in outcome.lines} & extras.helped
    if twice:  # a library brings its own
        extras.helped -= twice
        return True
    if extras.libraries and runtime.arch.zig_target and _spoilt(outcome):
        extras.libraries, extras.needed, extras.spoilt = (), set(extras.asked), True
        return True
    undefined = set(outcome.undefined)
    helped = (undefined & set(HELPED)) - extras.helped
    rest = undefined - set(HELPED)
    extras.helped |= helped
    # What only a library asks for does not count: zig's library takes its place.
    wanted = {line.rpartition("undefined symbol: ")[2] for line in outcome.lines if ".a:" not in line} & rest
    return _more_libraries(rest, wanted, runtime, extras) or bool(helped)


def _spoilt(outcome: LinkRefused) -> bool:
    """Whether a library itself cannot be linked: newlib's maths for Arm come with a variable that has a value."""
    own = (" non-empty", "(bss variables can't be static)")
    return any(".a:" in file for file in (*outcome.statics, *outcome.hidden)) or any(
        ".a:" in line and line.endswith(own) for line in outcome.lines
    )


def _more_libraries(rest: set[str], wanted: set[str], runtime: Runtime, extras: _Extras) -> bool:
    """The compiler's own libraries first, then the chip's ROM; or zig's in their place, then the tree's maths too.

    ``rest`` is missing, and the module itself asks for ``wanted``.
    """
    if not rest:
        return False
    if rest <= extras.needed:
        new = runtime.maths.offers(rest) - extras.maths
        extras.maths |= new
        return bool(new)
    extras.asked |= rest
    if not (extras.libraries or extras.needed or extras.spoilt) and runtime.libraries():
        extras.libraries = runtime.libraries()
        return True
    in_rom = rest & runtime.rom.keys() - extras.rom
    if in_rom and (extras.rom or extras.externs is None):
        extras.rom |= in_rom
        extras.externs = runtime.addresses(extras.rom)
        return True
    if extras.zig is None or not wanted <= runtime.offered(extras.zig, wanted):
        return False
    extras.libraries, extras.needed = (), set(extras.asked)
    return True


def _unserved(outcome: LinkRefused | LinkStopped, runtime: Runtime, extras: _Extras) -> LinkRefused | LinkStopped:
    """A refusal without the functions that would have been added if others were not missing for good."""
    if isinstance(outcome, LinkStopped) or extras.zig is None:
        return outcome
    missing = set(outcome.undefined) - extras.needed
    served = {*HELPED, *runtime.offered(extras.zig, missing)} & missing
    lines = tuple(line for line in outcome.lines if line.rpartition("undefined symbol: ")[2] not in served)
    return replace(outcome, lines=lines) if lines else outcome
