"""A native module from C and Python sources, without make: interned strings, objects, link, merge.

Design.md section 11 and facts.md c.2. What did not change is not made again, and "changed" always means content: of the
sources, the headers they include, the flags, the compiler, the SDK. The linker's child is warm or warms up while the
compiler runs.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

from toolchains import bytecode
from toolchains.build_errors import CompileFailed, MissingSource, MixedConstants, TooBig
from toolchains.build_folder import BuildFolder, State, beside
from toolchains.build_records import BuildRequest, BuildResult, Sizes
from toolchains.bytecode_errors import check_mergeable
from toolchains.compile_step import Compilation, compile_all
from toolchains.contents import MEMO, MISSING, digest_of
from toolchains.diagnostics import Diagnostic
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.link_causes import object_names
from toolchains.link_step import check_externs, link, native_name
from toolchains.linker import Linker, LinkerPool
from toolchains.one_unit import c_files, can_join, joined, joined_scan, own_names
from toolchains.paths import Paths
from toolchains.qstrs import Scan, hide_table, scan
from toolchains.recipe import CONFIG, Recipe
from toolchains.recipes import recipe_for
from toolchains.runtime import Runtime
from toolchains.sdk_tree import SDK_NAME
from toolchains.undo import on_failure

__all__ = ["BuildRequest", "BuildResult", "Sizes", "build"]


def build(ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> BuildResult:
    """Build the module, or find it up to date. One build per folder at a time, in this process and in others.

    Raises :class:`~toolchains.build_errors.CompileFailed`, ``LinkFailed`` and its leaves, ``MissingSource``,
    ``TooBig``, ``NoExterns``, ``FolderElsewhere``, ``LinkerBroken``, ``DiskError``. After any of them,
    and after a kill, the next build is right.
    """
    with _opened(ctx, request, linkers) as work:
        return work.run()


def describe(ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> Compilation:
    """What a build would compile, without compiling: of its files, only the header with the interned strings is made.

    Raises what :func:`build` raises before it compiles.
    """
    with _opened(ctx, request, linkers) as work:
        work.make_header()
        return work.what


@contextmanager
def _opened(ctx: JobContext, request: BuildRequest, linkers: LinkerPool) -> Iterator[_Build]:
    project = request.project
    request = replace(request, sdk=request.sdk.afresh())
    recipe = recipe_for(ctx, request)
    for note in recipe.notes:
        ctx.note(note)
    check_externs(recipe, request.arch, request.sdk)
    folder = BuildFolder(ctx.host, request.build_folder)
    if request.out is None:
        folder.check_inside(project.root)
    with folder.locked(ctx):
        folder.sweep()
        with on_failure(folder.sweep):  # a compiler that was ended leaves its own temporary files
            yield _Build(ctx, request, recipe, folder, linkers.get(request.sdk))


@dataclass
class _Build:
    """One build in its locked folder."""

    ctx: JobContext
    request: BuildRequest
    recipe: Recipe
    folder: BuildFolder
    linker: Linker
    steps: list[tuple[str, float]] = field(default_factory=list)
    rebuilt: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        request = self.request
        self.what = Compilation(self.recipe, request.arch, request.sdk, request.compiler, self.folder)
        self.old = State.load(self.folder.state_file)
        self.new = State()
        self.target = self.folder.path / f"{self.recipe.name}.mpy"

    def run(self) -> BuildResult:
        """All steps, each only if its input changed; the state is written when something was made."""
        with self._step("qstrs"):
            self.before = self._qstrs()
        if described := {name: MEMO.of(self.recipe.root / name) for name in self.recipe.described}:
            self.new.steps["recipe"] = {"inputs": described}  # for those who wait for a save (toolchains/saves.py)
        try:
            libraries = self._runtime().libraries() if self.recipe.runtime == "on" else ()
            self.linker.expect(libraries, merge=bool(self.recipe.python))
            with self._step("compile"):
                self.rebuilt += compile_all(self.ctx, self.what, self.old.objects, self.new.objects, self.before)
            with self._step("link"):
                self._link()
            with self._step("merge"):
                self._merge()
        except StudioError:
            # Objects that were just made are worth keeping, even if others do not compile or they do not link.
            self._save(State({**self.old.objects, **self.new.objects}, {**self.old.steps, **self.new.steps}))
            raise
        if self.new != self.old:
            self._save(self.new)
        return self._result()

    def make_header(self) -> None:
        """The first step alone; what other steps made stays known."""
        with self._step("qstrs"):
            self._qstrs()
        self._save(State(self.old.objects, {**self.old.steps, **self.new.steps}))

    @contextmanager
    def _step(self, name: str) -> Iterator[None]:
        self.ctx.check()
        start = time.perf_counter()
        yield
        self.steps.append((name, time.perf_counter() - start))

    def _save(self, state: State) -> None:
        self.folder.write(self.folder.state_file, state.dump())

    # --- qstrs ---

    def _qstrs(self) -> Scan:
        """Make the header with the interned strings if their set changed; what is in the project's files."""
        recipe = self.recipe
        found = scan(recipe.root, (*recipe.sources, *recipe.python), recipe.include)
        for path in (*recipe.sources, *recipe.python):
            if found.hashes[path] == MISSING:
                raise MissingSource(path)
        header = self.folder.build / CONFIG
        key = digest_of(self.request.sdk.identity, self.what.arch.name, sorted(found.qstrs))
        record = self.old.steps.get("qstrs")
        if record is None or record["key"] != key or not self.folder.made(record, header):
            files = [recipe.root / path for path in found.mentioning] or [recipe.root / recipe.sources[0]]
            files += [path for path in (self.request.sdk.path / SDK_NAME,) if path.is_file()]
            record = {"key": key, "made": self._preprocess(files, header)}
        self.new.steps["qstrs"] = record
        return found

    def _preprocess(self, files: list[Path], header: Path) -> str:
        temporary = beside(header)
        try:
            self.linker.preprocess(self.ctx, arch=self.what.arch.name, files=files, output=temporary)
            if self.what.arch.name == "xtensa":
                hide_table(temporary)
            made = MEMO.of(temporary)
            # The same content keeps its file: no object has to be made again.
            if MEMO.of(header) != made:
                self.ctx.host.replace(temporary, header)
        finally:
            temporary.unlink(missing_ok=True)
        return made

    # --- link ---

    def _link(self) -> None:
        record = self.old.steps.get("link")
        key = self._link_key()
        native = self.folder.path / native_name(self.what)
        if (
            record is None
            or record["key"] != key
            or not self._same_inputs(record)
            or not self.folder.made(record, native)
        ):
            record = self._link_now(key, native)
        self.new.steps["link"] = record

    def _link_key(self) -> str:
        recipe = self.recipe
        made = [self.new.objects[source]["made"] for source in recipe.sources]
        ready = tuple(name for name in recipe.objects if name.endswith(".o"))
        extras = (*ready, *recipe.libs, *((recipe.externs,) if recipe.externs else ()))
        files = [(path, MEMO.of(recipe.root / path)) for path in extras]
        request, qstrs = self.request, self.new.steps["qstrs"]["made"]
        return digest_of(
            request.sdk.identity,
            request.arch.name,
            request.compiler.identity,
            recipe.name,
            recipe.runtime,
            recipe.arch_flags,
            recipe.source_name,
            object_names(self.what),
            made,
            files,
            qstrs,
        )

    def _same_inputs(self, record: Mapping[str, Any]) -> bool:
        return all(MEMO.of(path) == content for path, content in record["inputs"].items())

    def _link_now(self, key: str, native: Path) -> dict[str, Any]:
        runtime = self._runtime()
        self.ctx.log(f"link {self.recipe.name}")
        together, inputs = tuple[str, ...](), dict[str, str]()
        try:
            part = link(self.ctx, self.what, self.linker, runtime)
        except MixedConstants as mixed:
            what = self._join(mixed)
            part, together = link(self.ctx, what, self.linker, runtime), c_files(self.what)
            inputs = {str(self.recipe.root / path): MEMO.of(self.recipe.root / path) for path in self._read(what)}
        return {
            "key": key,
            "made": MEMO.of(native),
            "inputs": {**inputs, **{str(path): MEMO.of(path) for path in part.added}},
            "objects": {name: MEMO.of(self.folder.path / name) for name in object_names(self.what)},
            "helped": list(part.helped),
            "together": list(together),
            "moved": list(part.linked.moved),
            "layout": [list(piece) for piece in part.linked.layout],
            "sizes": asdict(Sizes(part.linked.text, part.linked.rodata, part.linked.bss, part.linked.got)),
        }

    def _runtime(self) -> Runtime:
        request = self.request
        return Runtime(request.arch, request.sdk, request.compiler, Paths.of(self.ctx.host))

    def _join(self, mixed: MixedConstants) -> Compilation:
        """The C files compiled as one; the constants of one file are never mixed up."""
        if not can_join(self.what, mixed.files):
            raise mixed
        what = joined(self.what)
        known = {**self.old.objects, **self.new.objects}
        try:
            compile_all(self.ctx, what, known, self.new.objects, joined_scan(self.what, self.before))
        except CompileFailed as cause:
            raise MixedConstants(*mixed.files, cause=own_names(self.what, cause)) from cause
        return what

    def _read(self, what: Compilation) -> Iterable[str]:
        """All files that the compiler read or looked for."""
        return (path for source in what.recipe.sources for path in self.new.objects[source]["inputs"])

    # --- merge ---

    def _merge(self) -> None:
        """The native part and the byte code of the .py files become one file."""
        parts = [self.folder.path / native_name(self.what), *(self._bytecode(path) for path in self.recipe.python)]
        key = digest_of([MEMO.of(path) for path in parts], self.request.sdk.identity)
        record = self.old.steps.get("module")
        if record is None or record["key"] != key or not self.folder.made(record, self.target):
            data = self._merged(parts)
            self._check_limits(len(data))
            self.folder.write(self.target, data)
            record = {
                "key": key,
                "made": MEMO.of(self.target),
                "last": record and record.get("sizes"),
                "sizes": self._sizes(),
            }
            self.rebuilt.append(self.target.name)
        else:
            self._check_limits(self.target.stat().st_size)  # the limits may be new
        self.new.steps["module"] = record

    def _merged(self, parts: list[Path]) -> bytes:
        if len(parts) == 1:
            return parts[0].read_bytes()
        output = beside(self.target)
        try:
            names = [part.relative_to(self.folder.path).as_posix() for part in parts]
            self.linker.merge(self.ctx, files=names, output=output.name, cwd=self.folder.path)
            return output.read_bytes()
        finally:
            output.unlink(missing_ok=True)

    def _bytecode(self, source: str) -> Path:
        output = self.folder.build / f"{source}.mpy"
        sdk, arch = self.request.sdk, self.what.arch.name
        mpy = (sdk.mpy_version, sdk.mpy_sub_version)
        compiler = bytecode.program(self.ctx.host, mpy)
        embedded_name, flags = self.recipe.bytecode_of(source)
        key = digest_of(MEMO.of(self.recipe.root / source), embedded_name, mpy, MEMO.of(compiler), flags)
        record = self.old.objects.get(source)
        if record is None or record["key"] != key or not self.folder.made(record, output):
            output.parent.mkdir(parents=True, exist_ok=True)
            temporary = beside(output)
            try:
                bytecode.compile_py(
                    self.ctx,
                    self.recipe.root / source,
                    temporary,
                    embedded_name=embedded_name,
                    shown_as=source,
                    arch=arch,
                    mpy=mpy,
                    flags=flags,
                )
                check_mergeable(temporary.read_bytes(), (self.recipe.root / source).read_bytes(), source)
                self.ctx.host.replace(temporary, output)
            finally:
                temporary.unlink(missing_ok=True)
            record = {"key": key, "made": MEMO.of(output)}
            self.rebuilt.append(source)
        self.new.objects[source] = record
        return output

    def _check_limits(self, file_size: int) -> None:
        found = {**self._sizes(), "file": file_size}
        for what, limit in self.request.project.limits.items():
            if found[what] > limit:
                raise TooBig(what, found[what], limit)

    # --- result ---

    def _sizes(self) -> dict[str, int]:
        sizes: dict[str, int] = self.new.steps["link"]["sizes"]
        return sizes

    def _result(self) -> BuildResult:
        request, module = self.request, self.new.steps["module"]
        sizes = Sizes(**self._sizes())
        last = module["last"] if self.target.name in self.rebuilt else module["sizes"]
        complaints = [one for source in self.recipe.sources for one in self.new.objects[source]["warnings"]]
        return BuildResult(
            path=self.target,
            name=self.recipe.name,
            arch=request.arch.name,
            sizes=sizes,
            file_size=self.target.stat().st_size,
            change=sizes - Sizes(**last) if last else None,
            steps=tuple(self.steps),
            compiler=request.compiler,
            sdk_version=request.sdk.version,
            rebuilt=tuple(self.rebuilt),
            warnings=tuple(Diagnostic.from_json(one) for one in complaints),
            helped=tuple(self.new.steps["link"]["helped"]),
            together=tuple(self.new.steps["link"]["together"]),
            moved=tuple(self.new.steps["link"]["moved"]),
        )
