"""C and assembler files to objects: only those whose content, or whose headers', flags' or compiler's, changed."""

from __future__ import annotations

import os
import re
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from toolchains import submodules
from toolchains.build_errors import CompileFailed, CompilerDied, MissingSource
from toolchains.build_folder import BuildFolder, beside
from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler
from toolchains.contents import MEMO, MISSING, digest_of
from toolchains.diagnostics import Diagnostic, parse_compiler, warnings
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.plain import PlainNames, plain_name
from toolchains.qstrs import Scan
from toolchains.recipe import CONFIG, Recipe
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _

_MOST_AT_ONCE = 4
#: A file that changed so shortly before the compiler started may have changed while it ran (coarse clocks).
_TICK_NS = 10_000_000
#: Of one file's warnings so many are kept for the builds that find it up to date; nobody reads more.
_MOST_WARNINGS = 1000
_HEADERS = (".h", ".hpp", ".inc", ".def")
_ROOM = 1 << 18
_NO_HEADER = re.compile(r"No such file or directory|file not found")

Record = dict[str, Any]


@dataclass(frozen=True)
class Compilation:
    """What is the same for all sources of a build."""

    recipe: Recipe
    arch: Arch
    sdk: SdkTree
    compiler: Compiler
    folder: BuildFolder

    def command(self, source: str) -> tuple[str, ...]:
        """The argv up to the file names."""
        return (*self.compiler.command, *self.recipe.own_flags.get(source, self.recipe.flags))

    def object_of(self, source: str) -> Path:
        """Where a source's object is kept: a plain path, and another for each of ``x.c``, ``x.S`` and ``../x.c``."""
        parts = ["_up" if part == ".." else plain_name(part) for part in source.split("/") if part]
        return self.folder.build.joinpath(*parts[:-1], f"{parts[-1]}.o")


def compile_all(
    ctx: JobContext, what: Compilation, known: dict[str, Record], records: dict[str, Record], before: Scan
) -> tuple[str, ...]:
    """Put the records of all sources' objects into ``records``; the sources that were compiled now.

    ``known`` are the records of earlier builds, ``before`` is what was in the project's files before. Raises
    :class:`CompileFailed` with the complaints about all sources; ``records`` then has those that did compile.
    """
    stale: list[str] = []
    same = (what.compiler.identity, what.sdk.identity, _header_names(what.recipe))
    keys = {source: digest_of(what.command(source), *same) for source in what.recipe.sources}
    for source, key in keys.items():
        if before.hashes.get(source) == MISSING:
            raise MissingSource(source)
        record = known.get(source)
        if record is not None and _fresh(what, source, record, key):
            records[source] = record
        else:
            stale.append(source)
    outcomes = _run_all(ctx, what, stale, before)
    records.update({one.source: {**one.record, "key": keys[one.source]} for one in outcomes if not one.failed})
    failed = [outcome for outcome in outcomes if outcome.failed]
    if failed:
        _check_room(what.folder.build)
        complaints = [one for outcome in outcomes for one in outcome.diagnostics]
        output = "".join(outcome.output for outcome in failed)
        raise CompileFailed(complaints, output, _advice(what, complaints))
    return tuple(stale)


def _advice(what: Compilation, complaints: Sequence[Diagnostic]) -> Text | None:
    """What else than the line itself may be at fault."""
    if any(_NO_HEADER.search(one.message) for one in complaints if one.severity == "error"):
        folders = [flag[2:] for flag in what.recipe.flags if flag.startswith("-I")]
        return submodules.advice(what.recipe.root, folders)
    return _without_floats(what, complaints)


def _without_floats(what: Compilation, complaints: Sequence[Diagnostic]) -> Text | None:
    """The advice for code with floats that is built without them: upstream's default on rv32imc (facts.md 0.4)."""
    wanted = any("_float'" in one.message for one in complaints if one.severity == "error")
    if not wanted or "-DMICROPY_FLOAT_IMPL=MICROPY_FLOAT_IMPL_NONE" not in what.recipe.flags:
        return None
    if what.arch.float_board == "none":
        return _("Do without floats: MicroPython has none on {arch}.", arch=what.arch.name)
    return _(
        "The module is built without floats: write MICROPY_FLOAT_IMPL = float into the Makefile before its include"
        ' of dynruntime.mk, or float = "board" into natmod.toml.'
    )


def _fresh(what: Compilation, source: str, record: Record, key: str) -> bool:
    if record.get("key") != key or not what.folder.made(record, what.object_of(source)):
        return False
    root = what.recipe.root
    return all(MEMO.of(root / path) == content for path, content in record["inputs"].items())


def _header_names(recipe: Recipe) -> tuple[str, ...]:
    """The headers beside the sources and in the include folders: a new one may hide another from the compiler."""
    folders = {"", *recipe.include, *(os.path.dirname(source) for source in recipe.sources)}
    names: list[str] = []
    for folder in sorted(folders):
        with disk_errors(recipe.root / folder), os.scandir(recipe.root / folder) as entries:
            names += sorted(f"{folder}/{entry.name}" for entry in entries if entry.name.endswith(_HEADERS))
    return tuple(names)


@dataclass(frozen=True)
class _Outcome:
    source: str
    failed: bool
    diagnostics: tuple[Diagnostic, ...]
    output: str
    record: Record


def _run_all(ctx: JobContext, what: Compilation, sources: Sequence[str], before: Scan) -> list[_Outcome]:
    workers = min(_MOST_AT_ONCE, os.cpu_count() or 1, len(sources))
    if workers <= 1:
        return [_compile(ctx, what, source, before) for source in sources]
    from concurrent.futures import ThreadPoolExecutor  # 3 ms, for several files only

    with ThreadPoolExecutor(workers, thread_name_prefix="compile") as pool, _cancelled_by_ctrl_c(ctx):
        return list(pool.map(lambda source: _compile(ctx, what, source, before), sources))


@contextmanager
def _cancelled_by_ctrl_c(ctx: JobContext) -> Iterator[None]:
    """Ctrl-C reaches this thread only: the compilers of the others have to be ended as well."""
    try:
        yield
    except KeyboardInterrupt:
        ctx.cancel()
        raise


def _compile(ctx: JobContext, what: Compilation, source: str, before: Scan) -> _Outcome:
    target = what.object_of(source)
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
    output, depends = beside(target), beside(target.with_suffix(".d"))
    # -pipe: a compiler that is killed leaves nothing in /tmp.
    argv = [
        *what.command(source),
        "-pipe",
        f"-I{what.folder.build}",
        "-MD",
        "-MF",
        str(depends),
        "-o",
        str(output),
        "-c",
        source,
    ]
    ctx.log(f"{what.compiler.program} {source}")
    started, names = time.time_ns(), PlainNames(ctx.host)
    try:
        done = names.run(ctx, argv, cwd=what.recipe.root, check=False)
        complaints = parse_compiler(done.text)
        for line in done.text.splitlines():
            ctx.log(line)
        if done.returncode < 0:
            raise CompilerDied(source, -done.returncode, done.text)
        if done.returncode:
            if not any(one.severity == "error" for one in complaints):
                words = f"the compiler ended with code {done.returncode}"
                complaints = (*complaints, Diagnostic("error", source, None, None, words))
            return _Outcome(source, True, complaints, done.text, {})
        with disk_errors(target):
            read = [names.back(path, what.recipe.root) for path in _dependencies(depends)]
            inputs = _inputs(what, source, read, before, started)
            made = MEMO.of(output)
            # Not replaced in one step: some file systems flush a file that is renamed over another (1 ms), and an
            # object that is missing is only made again.
            what.folder.host.remove(target)
            what.folder.host.replace(output, target)
        kept = [one.to_json() for one in warnings(complaints)[:_MOST_WARNINGS]]
        return _Outcome(source, False, complaints, done.text, {"made": made, "inputs": inputs, "warnings": kept})
    finally:
        for path in (output, depends):
            what.folder.host.remove(path)


def compiled_again(ctx: JobContext, what: Compilation, source: str, flags: Sequence[str], step: str = "-c") -> bytes:
    """The object of a source that has compiled, made with more flags to be looked at; empty if that fails.

    ``step``: ``-S`` for its assembly instead (zig takes the last of two such words, so there is only one).
    """
    output = beside(what.object_of(source))
    argv = [*what.command(source), *flags, "-pipe", "-w", f"-I{what.folder.build}", "-o", str(output), step, source]
    try:
        done = PlainNames(ctx.host).run(ctx, argv, cwd=what.recipe.root, check=False)
        with disk_errors(output):
            return output.read_bytes() if not done.returncode else b""
    finally:
        what.folder.host.remove(output)


def _inputs(what: Compilation, source: str, read: Sequence[str], before: Scan, started: int) -> dict[str, str]:
    """Content hashes of all files that the compiler read or looked for; an impossible one for one that changed now."""
    found = before.reach(source)
    for path in read:
        full = what.recipe.root / path
        content = MEMO.of(full)
        known = before.hashes.get(_as_scanned(path))
        if (known is not None and known != content) or (known is None and _changed_after(full, started)):
            content = "changed"
        found[path] = content
    return found


def _as_scanned(path: str) -> str:
    return os.path.normpath(path).replace(os.sep, "/")


def _changed_after(path: Path, started: int) -> bool:
    try:
        stat = path.stat()
    except OSError:
        return True
    return path.name != CONFIG and max(stat.st_mtime_ns, stat.st_ctime_ns) >= started - _TICK_NS


def _dependencies(path: Path) -> list[str]:
    """The files in a make rule, as ``-MD`` writes it: ``\\ `` is a space, ``$$`` a dollar, a backslash ends a line."""
    # There is no such list for an assembler file that is not preprocessed (.s).
    text = path.read_text("utf-8", "surrogateescape") if path.exists() else ""
    _target, _colon, files = text.replace("\\\r\n", " ").replace("\\\n", " ").partition(": ")
    words = re.findall(r"(?:\\[ #]|[^\s])+", files)
    return [re.sub(r"\\([ #])", r"\1", word).replace("$$", "$") for word in words]


def _check_room(folder: Path) -> None:
    """A full disk makes compilers fail in words of their own: find out, and say it in ours."""
    probe = beside(folder / "room")
    with disk_errors(folder):
        try:
            probe.write_bytes(bytes(_ROOM))
        finally:
            probe.unlink(missing_ok=True)
