"""Which compiler serves an architecture: the candidates of this computer, tried, and the choice with its reason."""

from __future__ import annotations

import json
import os
import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from pathlib import Path
from typing import Any

from toolchains.chips import Arch
from toolchains.compiler_probe import Compiler, Unfit, probe_gcc, probe_zig, watched
from toolchains.contents import digest_of
from toolchains.errors import CompilerError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import Text, _
from toolchains.zig import Zig, compiler_data

__all__ = ["Candidate", "Choice", "Compiler", "CompilerFinder", "NoCompiler"]

#: Raise it when probing learns something new, so that cached answers are asked again.
_PROBE = 2


class NoCompiler(CompilerError):
    """No compiler on this computer serves the architecture, or not the one that the project pins."""

    code = "compiler.none"


@dataclass(frozen=True)
class Candidate:
    """A program that might serve: the compiler it turned out to be, or the problem with it."""

    command: tuple[str, ...]
    compiler: Compiler | None
    problem: Text | None


@dataclass(frozen=True)
class Choice:
    """The compiler that is used, and why this one."""

    compiler: Compiler
    reason: Text


class CompilerFinder:
    """Finds and tries compilers. What was learnt is cached, by the signature of each program."""

    def __init__(self, paths: Paths, host: Host) -> None:
        self._paths = paths
        self._host = host
        self._cache = _ProbeCache(paths.cache / "compilers.json")
        self._zig = Zig.bundled(host)

    def candidates(self, ctx: JobContext, arch: Arch) -> list[Candidate]:
        """What might serve ``arch``, tried, in the order of preference of ``resources/compilers.json``."""
        return list(self._candidates(ctx, arch))

    def choose(self, ctx: JobContext, arch: Arch, pin: str | None = None, sdk: SdkTree | None = None) -> Choice:
        """The first candidate that works and fits ``pin`` (``zig``, ``gcc``, ``gcc-12`` or a program's name).

        With ``sdk``, one whose objects the linker of that tree cannot read is passed over.
        """
        seen: list[Candidate] = []
        for tried in self._candidates(ctx, arch):
            candidate = _for_tree(tried, arch, sdk)
            seen.append(candidate)
            compiler = candidate.compiler
            if compiler is not None and (pin is None or _fits(compiler, pin)):
                return Choice(compiler, _reason(compiler, pin, seen, arch))
        raise _no_compiler(arch, pin, seen, self._host)

    def _candidates(self, ctx: JobContext, arch: Arch) -> Iterator[Candidate]:
        """Lazily, so that choosing tries no more programs than it needs to."""
        for name in _order(arch):
            if name == "zig":
                if self._zig is not None and arch.zig_target:
                    yield self._try_zig(ctx, self._zig, arch)
            else:
                for program, origin in self._programs(name):
                    yield self._try_gcc(ctx, program, origin, arch)

    def _programs(self, name: str) -> Iterator[tuple[Path, str]]:
        """The programs of this name: those we installed first, then the one on PATH."""
        file = f"{name}{self._host.exe_suffix}"
        root = self._paths.store / "toolchains"
        for pattern in (f"*/bin/{file}", f"*/*/bin/{file}"):
            found = (program for program in sorted(root.glob(pattern), reverse=True) if program.is_file())
            yield from ((program, "store") for program in found)
        on_path = self._host.which(name)
        if on_path is not None:
            yield on_path, "PATH"

    def _try_zig(self, ctx: JobContext, zig: Zig, arch: Arch) -> Candidate:
        key = _key(zig.program, arch, None)
        record = self._cache.get(key)
        if record is None:
            record = _tried(lambda: probe_zig(ctx, zig, arch))
            self._cache.put(key, record, ())
        return _candidate(zig.command(arch), record)

    def _try_gcc(self, ctx: JobContext, program: Path, origin: str, arch: Arch) -> Candidate:
        key = _key(program, arch, self._zig)
        record = self._cache.get(key)
        if record is None:
            record = _tried(lambda: probe_gcc(ctx, program, arch, origin, self._zig))
            self._cache.put(key, record, watched(ctx, program, arch.cflags))
        return _candidate((str(program),), record)


def _for_tree(candidate: Candidate, arch: Arch, sdk: SdkTree | None) -> Candidate:
    compiler = candidate.compiler
    if compiler is None or compiler.kind != "zig" or sdk is None or sdk.key[:2] >= Zig.since(arch):
        return candidate
    problem = _(
        "the linker of MicroPython {version} cannot read what it makes for {arch}; that of {since} can",
        version=sdk.version,
        arch=arch.name,
        since=".".join(map(str, Zig.since(arch))),
    )
    return Candidate(candidate.command, None, problem)


def _order(arch: Arch) -> tuple[str, ...]:
    return tuple(compiler_data()["arches"].get(arch.name, {}).get("order", arch.gcc))


def _fits(compiler: Compiler, pin: str) -> bool:
    for name in (compiler.kind, compiler.program):
        rest = pin.removeprefix(name)
        if pin.startswith(name) and (not rest or f"{compiler.version}.".startswith(f"{rest.lstrip('-')}.")):
            return True
    return f"{compiler.version}.".startswith(f"{pin}.")


def _reason(compiler: Compiler, pin: str | None, seen: list[Candidate], arch: Arch) -> Text:
    if pin is not None:
        return _("chosen by the name {pin}", pin=pin)
    if len(seen) == 1 and compiler.program == _order(arch)[0]:
        return _("the first choice for {arch}", arch=arch.name)
    if compiler.kind == "zig":
        return _("comes with Natmod Studio; no other compiler that is preferred for {arch} was found", arch=arch.name)
    return _("the first for {arch} that works on this computer", arch=arch.name)


def _no_compiler(arch: Arch, pin: str | None, seen: list[Candidate], host: Host) -> NoCompiler:
    from toolchains.compiler_offers import offer_for  # here, because only who lacks one asks: 8 ms of each command

    tried = "; ".join(f"{candidate.command[0]}: {candidate.problem or candidate.compiler}" for candidate in seen)
    if pin is not None and pin.startswith("zig") and any("zig" in Path(one.command[0]).name for one in seen):
        what = _("The compiler {pin} cannot build this for {arch}.", pin=pin, arch=arch.name)
    elif pin is not None:
        what = _("The compiler {pin} for {arch} is not on this computer.", pin=pin, arch=arch.name)
    else:
        what = _("No compiler for {arch} was found on this computer.", arch=arch.name)
    command = "" if pin is not None else offer_for(host, arch).command
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


def _candidate(command: tuple[str, ...], record: Mapping[str, Any]) -> Candidate:
    if "problem" in record:
        msgid, fields = record["problem"]
        return Candidate(command, None, Text(msgid, fields))
    values = dict(record["compiler"])
    for key in ("command", "cflags"):
        values[key] = tuple(values[key])
    for key in ("libgcc", "libm"):
        values[key] = Path(values[key]) if values[key] else None
    return Candidate(command, Compiler(**values), None)


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
