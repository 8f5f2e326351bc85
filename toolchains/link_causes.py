"""Why a module cannot be linked, in the terms of its sources: from the linker's words to names, files and lines."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from toolchains.build_errors import (
    HiddenVariables,
    InitialisedData,
    LinkFailed,
    MixedConstants,
    NoEntry,
    StaticVariables,
    ThreadVariables,
    UnknownSymbols,
)
from toolchains.compile_step import Compilation, compiled_again
from toolchains.diagnostics import Diagnostic
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.link_stopped import stopped
from toolchains.linker import LinkRefused, LinkStopped

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


#: How mpy_ld.py refuses thread-local variables, by way of what compilers make of them.
_THREADS = re.compile(
    r"undefined symbol: (__tls_get_addr|___tls_get_addr|__emutls_get_address)\b|RISC-V T(LS|P-relative)"
)


def object_names(what: Compilation) -> list[str]:
    """The objects in the order in which they are linked, relative to the build's folder or absolute."""
    return [_object_name(what, name) for name in what.recipe.objects]


def _object_name(what: Compilation, name: str) -> str:
    if name.endswith(".o"):
        return str(what.recipe.root / name)
    return what.object_of(name).relative_to(what.folder.path).as_posix()


def source_of(what: Compilation, file: str) -> str | None:
    """The source, or the ready-made object, that the linker knows as ``file``; None for a part of a library."""
    return next((name for name in what.recipe.objects if _object_name(what, name) == file), None)


def explain(ctx: JobContext, what: Compilation, refused: LinkRefused | LinkStopped) -> LinkFailed:
    """The cause of a refusal, in the terms of the sources."""
    if isinstance(refused, LinkStopped):
        return stopped(what.sdk, refused, source_of(what, refused.file))
    output = "\n".join(refused.lines)
    if refused.mixed:
        files = [source_of(what, name) or name for name in refused.mixed[0]]
        return MixedConstants(*files)
    if refused.statics or refused.hidden:
        found = refused.statics or refused.hidden
        kind = StaticVariables if refused.statics else HiddenVariables
        return kind(_plain_names(found), list(_variable_places(ctx, what, found, "in .bss")))
    if _THREADS.search(output):
        return _threads(what, output)
    if refused.undefined:
        wanted = list(dict.fromkeys(written(what, name) for name in refused.undefined))
        return UnknownSymbols(wanted, list(_undefined_places(what, refused)), output, what.sdk)
    if "unknown symbol: mpy_init" in output:
        return NoEntry(what.recipe.name, output)
    places = [Diagnostic("error", *_source_and_words(what, line)) for line in refused.lines]
    if re.search(r": \.data\S* non-empty", output):
        return _initialised(ctx, what, places, output)
    return LinkFailed(places, output)


def _initialised(ctx: JobContext, what: Compilation, places: list[Diagnostic], output: str) -> LinkFailed:
    from toolchains.elf_variables import initialised_names  # pyelftools: 50 ms that a build does not need

    objects = {name: tuple(initialised_names(str(what.folder.path / name))) for name in object_names(what)}
    found = {name: names for name, names in objects.items() if names}
    if any(one.startswith("__emutls") for names in found.values() for one in names):  # GCC for Xtensa
        return _threads(what, output)
    return InitialisedData(_plain_names(found), list(_variable_places(ctx, what, found, "in .data")) or places, output)


def _threads(what: Compilation, output: str) -> ThreadVariables:
    words = r"\b(_Thread_local|thread_local|__thread)\b"
    lines = ((source, _line_of(what, source, words)) for source in what.recipe.sources)
    return ThreadVariables(
        [Diagnostic("error", source, line, None, "thread-local variable") for source, line in lines if line], output
    )


def _source_and_words(what: Compilation, line: str) -> tuple[str | None, int | None, int | None, str]:
    """``build/x.c.o: words`` as the source's place and the words."""
    file, colon, words = line.partition(": ")
    source = source_of(what, file) if colon else None
    return (source, None, None, words) if source else (None, None, None, line)


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


def _line_of(what: Compilation, source: str | None, pattern: str) -> int | None:
    """The first line of a source where the pattern begins."""
    if source is None or source.endswith(".o"):
        return None
    try:
        text = (what.recipe.root / source).read_text("utf-8", "replace")
    except OSError:
        return None
    found = re.search(pattern, text)
    return text.count("\n", 0, found.start()) + 1 if found else None


# --- variables and their lines --------------------------------------------------------------------------------------


def _plain_names(found: Mapping[str, Sequence[str]]) -> list[str]:
    return list(dict.fromkeys(_plain(name) for names in found.values() for name in names))


def _plain(name: str) -> str:
    """A variable as it is written: GCC calls a function's static ``count.0`` or ``count$0``, clang ``f.count``."""
    parts = [part for part in re.split(r"[.$]", name) if not part.isdigit()]
    return parts[-1] if parts else name


def _variable_places(
    ctx: JobContext, what: Compilation, found: Mapping[str, Sequence[str]], words: str
) -> Iterable[Diagnostic]:
    for file, names in found.items():
        source = source_of(what, file)
        lines = _declared(ctx, what, source) if source else {}
        for name in names:
            path, line = lines.get(name) or (source, _label(what, source, name))
            yield Diagnostic("error", path, line, None, f"variable '{_plain(name)}' {words}")


def _label(what: Compilation, source: str | None, name: str) -> int | None:
    """Assembler's variables are not in DWARF; a label begins a line."""
    assembler = source is not None and not source.endswith(".c")
    return _line_of(what, source, rf"(?m)^[ \t]*(?:\.\w*comm[ \t]+)?{re.escape(name)}\b") if assembler else None


def _declared(ctx: JobContext, what: Compilation, source: str) -> dict[str, tuple[str, int]]:
    """File and line of each variable of a source, by symbol, from the DWARF of an object of it.

    Objects are compiled without DWARF: it would cost a RISC-V link five times its time (2000 symbols more to read), and
    with GCC 13 for Xtensa it changes the code. So the one source that a person will look at is compiled again with it.
    """
    from toolchains.elf_variables import places  # pyelftools: 50 ms that a build does not need

    if source.endswith(".o"):
        path = what.recipe.root / source
        with disk_errors(path):
            data = path.read_bytes()
    else:
        data = compiled_again(ctx, what, source, ("-g", "-gdwarf-4"))
    return {name: (shown_path(what.recipe.root, place.path), place.line) for name, place in places(data).items()}


def shown_path(root: Path, path: str) -> str:
    """A path of DWARF as the project has it: relative to it if it lies inside."""
    full = root.joinpath(path)
    inside = Path(*_without_dots(full.parts))
    return inside.relative_to(root).as_posix() if inside.is_relative_to(root) else str(inside)


def _without_dots(parts: Iterable[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if part == ".." and kept:
            kept.pop()
        elif part != ".":
            kept.append(part)
    return kept
