"""Objects to the native part of a module, and a link failure to its cause in the sources."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from toolchains.build_errors import InitialisedData, LinkFailed, NoEntry, NoExterns, StaticVariables, UnknownSymbols
from toolchains.chips import Arch
from toolchains.compile_step import Compilation
from toolchains.diagnostics import Diagnostic
from toolchains.jobs import JobContext
from toolchains.linker import Linked, Linker, LinkRefused
from toolchains.recipe import CONFIG, Recipe
from toolchains.runtime import HELPED, Runtime
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

#: The release whose mpy_ld.py writes the file's own name into it, no longer the path it was given (facts.md 0.11).
_PLAIN_NAME_SINCE = (1, 29, 0)
#: The release whose mpy_ld.py knows ``--externs``; it follows such symbols in Xtensa code only, elsewhere it crashes.
_EXTERNS_SINCE = (1, 26, 0)
#: What compilers and C library headers make symbols from (GCC's and clang's simplification of library calls).
_ORIGINS = {
    "__assert_fail": ("assert",),
    "__errno_location": ("errno",),
    "__fpclassify": ("fpclassify",),
    "__fpclassifyf": ("fpclassify",),
    "exp10": ("pow",),
    "exp2": ("pow",),
    "fputc": ("fprintf", "fputs"),
    "fwrite": ("fprintf", "fputs"),
    "ldexp": ("pow", "exp2", "scalbn"),
    "putchar": ("printf",),
    "puts": ("printf",),
    "sincos": ("sin", "cos"),
    "stpcpy": ("strcpy", "sprintf"),
}


def check_externs(recipe: Recipe, arch: Arch, sdk: SdkTree) -> None:
    """Raise :class:`NoExterns` if the module needs ``externs`` and the linker of this tree cannot serve them."""
    if recipe.externs is None:
        return
    if sdk.key < _EXTERNS_SINCE:
        raise NoExterns(_("The linker of MicroPython {version} is too old; 1.26 can.", version=sdk.version))
    if not arch.name.startswith("xtensa"):
        raise NoExterns(_("MicroPython's linker can do it for Xtensa chips only, not for {arch}.", arch=arch.name))


@dataclass(frozen=True)
class NativePart:
    """A link that worked: the linker's figures, and what was added to the objects of the project."""

    linked: Linked
    added: tuple[Path, ...]
    helped: tuple[str, ...]


@dataclass
class _Extras:
    """What is linked besides the project's own objects and libraries."""

    helped: set[str] = field(default_factory=set)
    needed: set[str] = field(default_factory=set)
    libraries: tuple[Path, ...] = ()
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
    extras = _Extras()
    if what.recipe.runtime == "on":
        extras.libraries = runtime.libraries()
    while True:
        added = _objects(ctx, linker, runtime, extras)
        outcome = _attempt(ctx, what, linker, added, extras.libraries)
        if isinstance(outcome, Linked):
            inputs = runtime.maths.inputs() if extras.maths else ()
            names = {*extras.helped, *(written(what, name) for name in extras.maths)}
            return NativePart(outcome, (*added, *extras.libraries, *inputs), tuple(sorted(names)))
        if what.recipe.runtime == "off" or not _more(outcome, runtime, extras):
            raise explain(what, outcome)


def _attempt(
    ctx: JobContext, what: Compilation, linker: Linker, added: Sequence[Path], libraries: Sequence[Path]
) -> Linked | LinkRefused:
    recipe, folder = what.recipe, what.folder.path
    return linker.link(
        ctx,
        arch=what.arch.name,
        qstrs=f"build/{CONFIG}",
        objects=[*object_names(what), *map(str, added)],
        output=native_name(what),
        cwd=folder,
        libs=[*(recipe.root / lib for lib in recipe.libs), *libraries],
        externs=recipe.root / recipe.externs if recipe.externs else None,
    )


def object_names(what: Compilation) -> list[str]:
    """The objects in the order in which they are linked, relative to the build's folder or absolute."""
    return [_object_name(what, name) for name in what.recipe.objects]


def _object_name(what: Compilation, name: str) -> str:
    if name.endswith(".o"):
        return str(what.recipe.root / name)
    return what.object_of(name).relative_to(what.folder.path).as_posix()


def _objects(ctx: JobContext, linker: Linker, runtime: Runtime, extras: _Extras) -> list[Path]:
    found = []
    zig = Zig.bundled(ctx.host)
    if extras.needed and zig is not None:
        found.append(runtime.picked(ctx, zig, extras.needed, maths=bool(extras.maths)))
    if extras.helped:
        found.append(runtime.helper(ctx, linker, extras.helped))
    return found


def _more(outcome: LinkRefused, runtime: Runtime, extras: _Extras) -> bool:
    """Ask the runtime for what is missing; whether there is anything left to try."""
    twice = {line.partition("duplicate symbol: ")[2] for line in outcome.lines} & extras.helped
    if twice:  # a library brings its own
        extras.helped -= twice
        return True
    undefined = set(outcome.undefined)
    helped = (undefined & set(HELPED)) - extras.helped
    rest = undefined - set(HELPED)
    extras.helped |= helped
    return _more_libraries(rest, runtime, extras) or bool(helped)


def _more_libraries(rest: set[str], runtime: Runtime, extras: _Extras) -> bool:
    """The compiler's own libraries first; then zig's in their place, with some maths; then the tree's maths as well."""
    if not rest:
        return False
    if rest <= extras.needed:
        new = runtime.maths.offers(rest) - extras.maths
        extras.maths |= new
        return bool(new)
    extras.asked |= rest
    if not (extras.libraries or extras.needed) and runtime.libraries():
        extras.libraries = runtime.libraries()
        return True
    if runtime.arch.zig_target:
        extras.libraries, extras.needed = (), set(extras.asked)
    return bool(runtime.arch.zig_target)


# --- why it failed --------------------------------------------------------------------------------------------------


def explain(what: Compilation, refused: LinkRefused) -> LinkFailed:
    """The cause of a refusal, in the terms of the sources."""
    output = "\n".join(refused.lines)
    if refused.statics:
        names = [_plain(name) for one in refused.statics.values() for name in one]
        return StaticVariables(names, list(_static_places(what, refused)), output)
    if refused.undefined:
        wanted = list(dict.fromkeys(written(what, name) for name in refused.undefined))
        return UnknownSymbols(wanted, list(_undefined_places(what, refused)), output, what.sdk)
    if "unknown symbol: mpy_init" in output:
        return NoEntry(what.recipe.name, output)
    places = [Diagnostic("error", *_source_and_words(what, line)) for line in refused.lines]
    if re.search(r": \.data\S* non-empty", output):
        return InitialisedData(places, output)
    return LinkFailed(places, output)


def _source_and_words(what: Compilation, line: str) -> tuple[str | None, int | None, int | None, str]:
    """``build/x.c.o: words`` as the source's place and the words."""
    for source in what.recipe.sources:
        name = what.object_of(source).relative_to(what.folder.path).as_posix()
        if line.startswith(f"{name}: "):
            return source, None, None, line.removeprefix(f"{name}: ")
    return None, None, None, line


def _static_places(what: Compilation, refused: LinkRefused) -> Iterable[Diagnostic]:
    for file, names in refused.statics.items():
        source = _source_and_words(what, f"{file}: ")[0]
        for name in names:
            pattern = rf"\bstatic\b[^;(]*\b{re.escape(_plain(name))}\b"
            words = f"static variable '{_plain(name)}' in .bss"
            yield Diagnostic("error", source, _line_of(what, source, pattern), None, words)


def _undefined_places(what: Compilation, refused: LinkRefused) -> Iterable[Diagnostic]:
    seen: set[tuple[str | None, str]] = set()
    for line in refused.lines:
        source, _line, _column, words = _source_and_words(what, line)
        name = words.rpartition("undefined symbol: ")[2]
        if (source, name) not in seen:
            seen.add((source, name))
            origin = written(what, name)
            number = _line_of(what, source, rf"\b{re.escape(origin)}\b")
            note = f" (for {origin})" if origin != name else ""
            yield Diagnostic("error", source, number, None, f"undefined symbol: {name}{note}")


def written(what: Compilation, name: str) -> str:
    """What the sources call a symbol: a compiler or a header may have made another one of it; ``name`` if unknown."""
    plain = name.removesuffix("f")
    # <tgmath.h> adds the f; a name that is in the sources is what was meant.
    for candidate in (name, *_ORIGINS.get(name, ()), *(f"{one}f" for one in _ORIGINS.get(plain, ())), plain):
        if any(_line_of(what, source, rf"\b{re.escape(candidate)}\b") for source in what.recipe.sources):
            return candidate
    return name


def _plain(name: str) -> str:
    """A variable as it is written: GCC calls a function's static ``count.0``, clang ``function.count``."""
    parts = [part for part in name.split(".") if not part.isdigit()]
    return parts[-1] if parts else name


def _line_of(what: Compilation, source: str | None, pattern: str) -> int | None:
    """The first line of a source where the pattern begins; the object itself has no lines (it is built without -g)."""
    if source is None:
        return None
    try:
        text = (what.recipe.root / source).read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(pattern, text)
    return text.count("\n", 0, found.start()) + 1 if found else None
