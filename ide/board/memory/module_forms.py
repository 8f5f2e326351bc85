"""A module of a project in the forms that a board can import: as source, as bytecode, as machine code."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ide.board.boards import Boards
from ide.board.inspect import Identity
from ide.board.library import loads_of
from ide.board.pipeline import RunRequest, board_arch, prepare
from toolchains import project
from toolchains.board_python import STARTERS, compiled
from toolchains.bytecode import PythonFailed, compile_py
from toolchains.errors import UsageError, disk_errors
from toolchains.imports import LIB, program_of
from toolchains.jobs import JobContext
from toolchains.mpy_loads import NotLoadable
from toolchains.project import Project
from toolchains.text import Text, _

Way = Literal["py", "mpy", "native", "frozen"]


@dataclass(frozen=True)
class Candidate:
    """A module in one form, with what it imports of the project in the same form.

    ``files``: path on the board, below a folder of ``sys.path``, to content. ``why_not``: why it cannot be had in this
    form; ``files`` is empty then.
    """

    way: Way
    files: Mapping[str, bytes] = field(default_factory=dict)
    why_not: Text | None = None


def candidates(ctx: JobContext, boards: Boards, address: str, folder: Path, module: str) -> tuple[Candidate, ...]:
    """The forms that ``module`` of the project in ``folder`` can have on the board at ``address``: source, bytecode,
    machine code (the project's native module if it has this name, else what mpy-cross makes of the source).

    Raises UsageError for a module that the project does not have, and what building the native module raises.
    """
    forms = _Forms(ctx, boards, address, project.load(folder), module)
    return tuple(forms.all())


def modules_of(folder: Path) -> tuple[str, ...]:
    """The modules of a project that can be measured: its Python files and packages, and its native module."""
    proj = project.load(folder)
    names = [proj.name] if proj.native else []
    with disk_errors(folder):
        for place in (folder, folder / LIB):
            found = place.iterdir() if place.is_dir() else ()
            names += [path.stem for path in found if _is_module(path)]
    return tuple(sorted(set(names)))


def _is_module(path: Path) -> bool:
    plain = path.suffix == ".py" and path.name not in STARTERS and path.is_file()
    return (plain or (path / "__init__.py").is_file()) and path.stem.isidentifier()


class _Forms:
    def __init__(self, ctx: JobContext, boards: Boards, address: str, proj: Project, module: str) -> None:
        self._ctx, self._boards, self._address = ctx, boards, address
        self._proj, self._module = proj, module
        self._source = self._find()
        self._is_native = proj.native and proj.name == module
        if self._source is None and not self._is_native:
            raise UsageError(
                _("The project in {folder} has no module called {module}.", folder=proj.root, module=module),
                next_step=_("It has: {names}.", names=", ".join(modules_of(proj.root)) or "-"),
            )

    def _find(self) -> str | None:
        """The file of the module, relative to the project."""
        inner = self._module.replace(".", "/")
        places = [f"{folder}{inner}{end}" for folder in ("", f"{LIB}/") for end in (".py", "/__init__.py")]
        return next((path for path in places if (self._proj.root / path).is_file()), None)

    def all(self) -> Iterator[Candidate]:
        identity = self._boards.open(self._ctx, self._address).identity(self._ctx)
        if self._source is None:
            none = _("The project has no {file}.", file=f"{self._module}.py")
            yield Candidate("py", why_not=none)
            yield Candidate("mpy", why_not=none)
            yield self._built()
            return
        program = program_of(self._proj.root, (self._source,))
        paths = [path for path in program.files if path not in STARTERS]
        wants_native = any(one.name == self._proj.name for one in program.outside) and self._proj.native
        needed = self._built().files if wants_native else {}
        with disk_errors(self._proj.root):
            plain = {path: (self._proj.root / path).read_bytes() for path in paths}
        yield Candidate("py", {**_on_board(plain), **needed})
        yield self._bytecode(identity, paths, needed)
        yield self._built() if self._is_native else self._machine_code(identity, paths, needed)

    def _built(self) -> Candidate:
        """The project's native module."""
        try:
            made = prepare(self._ctx, self._boards, self._proj, RunRequest(self._proj.root, self._address))
        except NotLoadable as error:
            return Candidate("native", why_not=error.what)
        return Candidate("native", made.modules)

    def _bytecode(self, identity: Identity, paths: list[str], needed: Mapping[str, bytes]) -> Candidate:
        try:
            files = compiled(self._ctx, self._proj.root, paths, loads_of(identity))
        except PythonFailed as error:
            return Candidate("mpy", why_not=error.what)
        if any(path.endswith(".py") for path in files):
            return Candidate("mpy", why_not=_("This board loads no .mpy files that we can make."))
        return Candidate("mpy", {**_on_board(files), **needed})

    def _machine_code(self, identity: Identity, paths: list[str], needed: Mapping[str, bytes]) -> Candidate:
        try:
            arch = board_arch(identity).name
            files = {
                f"{path.removesuffix('.py')}.mpy": self._compiled(path, arch, identity.mpy_version)
                for path in paths
                if path.endswith(".py")
            }
        except (NotLoadable, PythonFailed, UsageError) as error:
            return Candidate("native", why_not=error.what)
        return Candidate("native", {**_on_board(files), **needed})

    def _compiled(self, path: str, arch: str, mpy: tuple[int, int]) -> bytes:
        with tempfile.TemporaryDirectory(prefix="natmod-") as folder:
            output = Path(folder) / "made.mpy"
            source = self._proj.root / path
            compile_py(self._ctx, source, output, embedded_name=path, arch=arch, emit="native", mpy=mpy)
            return output.read_bytes()


def _on_board(files: Mapping[str, bytes]) -> dict[str, bytes]:
    """By the path on the board: what is in the project's lib is imported by its bare name."""
    return {path.removeprefix(f"{LIB}/"): data for path, data in files.items()}
