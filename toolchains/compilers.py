"""Which compiler serves an architecture: the candidates of this computer, tried, and the choice with its reason."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import Any

from toolchains import on_this_machine, toolchain_defaults
from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler, Unfit, probe_gcc, probe_zig, watched
from toolchains.contents import digest_of
from toolchains.errors import CompilerError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.on_this_machine import ON_PATH, Place
from toolchains.paths import Paths
from toolchains.sdk_tree import SUPPORTED, SdkTree, version_key
from toolchains.text import Text, _
from toolchains.zig import Zig, compiler_data

__all__ = ["Candidate", "Choice", "Compiler", "CompilerFinder", "NoCompiler"]

#: Raise it when probing learns something new, so that cached answers are asked again.
_PROBE = 3


class NoCompiler(CompilerError):
    """No compiler on this computer serves the architecture, or not the one that the project pins."""

    code = "compiler.none"


@dataclass(frozen=True)
class Candidate:
    """A program that might serve: the compiler it turned out to be, or the problem with it.

    ``toolchain``: the id of the toolchain that has it, ``tool@version``; the tool alone where its version is not known.
    """

    command: tuple[str, ...]
    compiler: Compiler | None
    problem: Text | None
    toolchain: str = ""


@dataclass(frozen=True)
class Choice:
    """The compiler that is used, why this one, and the id of the toolchain that has it."""

    compiler: Compiler
    reason: Text
    toolchain: str = ""


class CompilerFinder:
    """Finds and tries compilers. What was learnt is cached, by the signature of each program."""

    def __init__(self, paths: Paths, host: Host) -> None:
        self._paths = paths
        self._host = host
        self._cache = _ProbeCache(paths.cache / "compilers.json")
        self._zig = Zig.bundled(host)

    def candidates(self, ctx: JobContext, arch: Arch) -> list[Candidate]:
        """What might serve ``arch``, tried: the person's choice, then in the order of ``resources/compilers.json``."""
        return list(self._candidates(ctx, arch))

    def choose(
        self,
        ctx: JobContext,
        arch: Arch,
        pin: str | None = None,
        sdk: SdkTree | None = None,
        release: str | None = None,
    ) -> Choice:
        """The first candidate that works and fits ``pin``.

        ``pin`` is ``zig``, ``gcc``, ``gcc-12``, a program's name, a version, or a toolchain's id. With ``sdk``, or with
        a MicroPython ``release``, one whose objects its linker cannot read is passed over.
        """
        version = release if sdk is None else sdk.version
        seen: list[Candidate] = []
        for tried in self._candidates(ctx, arch, pin):
            candidate = for_release(tried, arch, version)
            seen.append(candidate)
            compiler = candidate.compiler
            if compiler is not None and (pin is None or _fits(candidate, pin)):
                return Choice(compiler, self._reason(candidate, pin, seen, arch), candidate.toolchain)
        raise _no_compiler(arch, pin, seen, self._host, self._paths)

    def _candidates(self, ctx: JobContext, arch: Arch, pin: str | None = None) -> Iterator[Candidate]:
        """Lazily, so that choosing tries no more programs than it needs to. With an id as ``pin``, only that one."""
        chosen = pin if pin is not None and "@" in pin else toolchain_defaults.read(self._paths).get(arch.name)
        seen: set[Path] = set()
        for place, program in self._named(chosen, arch) if chosen else ():
            seen.add(program)
            yield self._try_gcc(ctx, program, place, arch)
        if chosen and chosen.startswith("zig"):
            yield from self._tried_zig(ctx, arch)
        if chosen == pin and chosen is not None:
            return
        for name in _order(arch):
            if name == "zig" and not (chosen or "").startswith("zig"):
                yield from self._tried_zig(ctx, arch)
            for place, program in self._programs(name):
                if program not in seen:
                    yield self._try_gcc(ctx, program, place, arch)

    def _named(self, name: str, arch: Arch) -> Iterator[tuple[Place, Path]]:
        """The program for ``arch`` in the toolchain of that id, wherever it is."""
        places = [*on_this_machine.in_store(self._paths), *on_this_machine.elsewhere(self._host)]
        on_path = (found for program in _order(arch) for found in self._on_path(program))
        places += [place for place, _program in on_path]
        for place in places:
            if place.id == name:
                found = (place.program(program, self._host) for program in _order(arch))
                yield from [(place, program) for program in found if program is not None][:1]

    def _programs(self, name: str) -> Iterator[tuple[Place, Path]]:
        """The programs of this name: those we installed first, then other programs', then the one on PATH."""
        for places in (on_this_machine.in_store(self._paths), on_this_machine.elsewhere(self._host)):
            for place in places:
                program = place.program(name, self._host)
                if program is not None:
                    yield place, program
        yield from self._on_path(name)

    def _on_path(self, name: str) -> Iterator[tuple[Place, Path]]:
        found = self._host.which(name)
        if found is not None:
            yield Place(name, "", found.parent, found.parent, ON_PATH), found

    def _reason(self, candidate: Candidate, pin: str | None, seen: list[Candidate], arch: Arch) -> Text:
        chosen = toolchain_defaults.read(self._paths).get(arch.name)
        if pin is None and chosen and chosen == candidate.toolchain:
            return _("chosen for {arch} on this computer", arch=arch.name)
        return _reason(candidate, pin, seen, arch)

    def _tried_zig(self, ctx: JobContext, arch: Arch) -> Iterator[Candidate]:
        if self._zig is not None and arch.zig_target:
            yield self._try_zig(ctx, self._zig, arch)

    def _try_zig(self, ctx: JobContext, zig: Zig, arch: Arch) -> Candidate:
        key = _key(zig.program, arch, None)
        record = self._cache.get(key)
        if record is None:
            record = _tried(lambda: probe_zig(ctx, zig, arch))
            self._cache.put(key, record, ())
        found = _candidate(zig.command(arch), record, "zig")
        version = found.compiler.version if found.compiler is not None else ""
        return replace(found, toolchain=f"zig@{version}")

    def _try_gcc(self, ctx: JobContext, program: Path, place: Place, arch: Arch) -> Candidate:
        key = _key(program, arch, self._zig)
        record = self._cache.get(key)
        if record is None:
            record = _tried(lambda: self._asked(ctx, program, place, arch))
            self._cache.put(key, record, watched(ctx, program, arch.cflags))
        return _candidate((str(program),), record, place.id)

    def _asked(self, ctx: JobContext, program: Path, place: Place, arch: Arch) -> Compiler:
        """The compiler, and for which MicroPython's linkers its objects are, where our catalogue knows its version."""
        compiler = probe_gcc(ctx, program, arch, place.where, self._zig)
        if not compiler.version.startswith("esp-"):
            return compiler
        from toolchains.catalog import Catalog  # here, because what was learnt is kept

        known = [one for one in Catalog.of(self._paths).releases if one.version == compiler.version]
        span = next((one.natmod for one in known if arch.name in one.arches and one.natmod[0]), None)
        return replace(compiler, natmod=span)


def for_release(candidate: Candidate, arch: Arch, version: str | None) -> Candidate:
    """The candidate, with a problem instead where that MicroPython's linker does not read its objects."""
    compiler = candidate.compiler
    if compiler is None or version is None:
        return candidate
    release = min(_minor(version), SUPPORTED[1])
    if compiler.kind == "zig":
        first, last = Zig.since(arch), release
    elif compiler.natmod is not None:
        first, last = _minor(compiler.natmod[0]), _minor(compiler.natmod[1])
    else:
        return candidate
    if first <= release <= last:
        return candidate
    problem = _(
        "the linker of MicroPython {version} cannot read what it makes for {arch}; that of {since} can",
        version=version,
        arch=arch.name,
        since=".".join(map(str, first if release < first else last)),
    )
    return replace(candidate, compiler=None, problem=problem)


def _minor(version: str) -> tuple[int, int]:
    """The release of a version: ``1.26.1`` is of (1, 26)."""
    return version_key(version)[:2]


def _order(arch: Arch) -> tuple[str, ...]:
    return tuple(compiler_data()["arches"].get(arch.name, {}).get("order", arch.gcc))


def _fits(candidate: Candidate, pin: str) -> bool:
    compiler = candidate.compiler
    if compiler is None or "@" in pin:
        return compiler is not None and candidate.toolchain == pin
    for name in (compiler.kind, compiler.program):
        rest = pin.removeprefix(name)
        if pin.startswith(name) and (not rest or f"{compiler.version}.".startswith(f"{rest.lstrip('-')}.")):
            return True
    return f"{compiler.version}.".startswith(f"{pin}.")


def _reason(candidate: Candidate, pin: str | None, seen: list[Candidate], arch: Arch) -> Text:
    compiler = candidate.compiler
    assert compiler is not None
    if pin is not None:
        return _("chosen by the name {pin}", pin=pin)
    if len(seen) == 1 and compiler.program == _order(arch)[0]:
        return _("the first choice for {arch}", arch=arch.name)
    if compiler.kind == "zig":
        return _("comes with Natmod Studio; no other compiler that is preferred for {arch} was found", arch=arch.name)
    return _("the first for {arch} that works on this computer", arch=arch.name)


def _no_compiler(arch: Arch, pin: str | None, seen: list[Candidate], host: Host, paths: Paths) -> NoCompiler:
    from toolchains.manager import way_to_get  # here, because only who lacks one asks: 8 ms of each command

    tried = "; ".join(f"{candidate.command[0]}: {candidate.problem or candidate.compiler}" for candidate in seen)
    if pin is not None and pin.startswith("zig") and any("zig" in Path(one.command[0]).name for one in seen):
        what = _("The compiler {pin} cannot build this for {arch}.", pin=pin, arch=arch.name)
    elif pin is not None:
        what = _("The compiler {pin} for {arch} is not on this computer.", pin=pin, arch=arch.name)
    else:
        what = _("No compiler for {arch} was found on this computer.", arch=arch.name)
    command = way_to_get(host, paths, arch, pin)
    if command:
        step = _("Install one with: {command}", command=command)
    else:
        # zig is part of this program: there is nothing to install.
        names = ", ".join(name for name in _order(arch) if name != "zig")
        step = _("Install one of these and put it on PATH: {names}.", names=names)
    why = _("Tried: {tried}.", tried=tried) if tried else None
    return NoCompiler(what, why=why, next_step=step, arch=arch.name, pin=pin, tried=tried)


# --- what was learnt ------------------------------------------------------------------------------------------------

_Record = dict[str, Any]


def _tried(probe: Callable[[], Compiler]) -> _Record:
    """The outcome of a probe as plain data: ``{"compiler": …}`` or ``{"problem": [msgid, fields]}``."""
    try:
        compiler = probe()
    except Unfit as unfit:
        fields = {key: str(value) for key, value in unfit.problem.fields.items()}
        return {"problem": [unfit.problem.msgid, fields]}
    record = asdict(compiler)
    for key in ("libgcc", "libm"):
        record[key] = str(record[key]) if record[key] else None
    return {"compiler": record}


def _candidate(command: tuple[str, ...], record: Mapping[str, Any], toolchain: str) -> Candidate:
    if "problem" in record:
        msgid, fields = record["problem"]
        return Candidate(command, None, Text(msgid, fields), toolchain)
    values = dict(record["compiler"])
    for key in ("command", "cflags"):
        values[key] = tuple(values[key])
    for key in ("libgcc", "libm"):
        values[key] = Path(values[key]) if values[key] else None
    values["natmod"] = tuple(values["natmod"]) if values["natmod"] else None
    return Candidate(command, Compiler(**values), None, toolchain)


def _key(program: Path, arch: Arch, zig: Zig | None) -> str:
    """The signature of a program and of all that decides how it is asked."""
    stat = program.stat()
    return digest_of(
        _PROBE, str(program), stat.st_size, stat.st_mtime_ns, repr(arch), str(zig), repr(compiler_data()["arches"])
    )


class _ProbeCache:
    """Outcomes of probes on disk. An entry counts as long as the files and folders it depends on were not touched."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._records: dict[str, _Record] | None = None

    def get(self, key: str) -> _Record | None:
        record = self._load().get(key)
        if record is None or any(_mtime(path) != at for path, at in record["watch"].items()):
            return None
        return record

    def put(self, key: str, record: _Record, watch: tuple[str, ...]) -> None:
        # Read again: another process may have learnt something meanwhile.
        self._records = None
        records = {**self._load(), key: {**record, "watch": {path: _mtime(path) for path in watch}}}
        self._records = records
        # A cache that cannot be written only costs time.
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(prefix=".compilers-", dir=self._path.parent)
            with open(descriptor, "w", encoding="utf-8") as file:
                json.dump(records, file)
            os.replace(name, self._path)

    def _load(self) -> dict[str, _Record]:
        if self._records is None:
            try:
                loaded = json.loads(self._path.read_text("utf-8"))
            except (OSError, ValueError):
                loaded = {}
            pairs = loaded.items() if isinstance(loaded, dict) else ()
            self._records = {key: value for key, value in pairs if _is_record(value)}
        return self._records


def _is_record(value: object) -> bool:
    if not isinstance(value, dict) or not isinstance(value.get("watch"), dict):
        return False
    compiler = value.get("compiler")
    return "problem" in value or (isinstance(compiler, dict) and compiler.keys() == {f.name for f in fields(Compiler)})


def _mtime(path: str) -> int | None:
    try:
        return os.stat(path).st_mtime_ns
    except OSError:
        return None
