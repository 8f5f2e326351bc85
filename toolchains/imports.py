"""What a Python program consists of: the files of its folder that it imports, found by reading and never by running.

Followed are ``import`` and ``from … import`` wherever they stand, packages, relative imports, and ``__import__`` or
``import_module`` with the name written out, in the folder and in its ``lib``. Files that are opened by a name written
out belong to it too.
"""

from __future__ import annotations

import ast
import warnings
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from toolchains.errors import disk_errors

_CATCH_IMPORT = {"ImportError", "ModuleNotFoundError", "Exception", "BaseException"}
_CATCH_EXIT = {"SystemExit", "BaseException"}
#: Calls that end a program for good, as they are usually written.
_EXITS = {"sys.exit", "exit", "quit", "machine.soft_reset", "soft_reset"}
_SUFFIXES = (".py", ".mpy")
#: The folder of a project whose modules are imported by their bare names, as those of the board's /lib are.
LIB = "lib"


@dataclass(frozen=True)
class Import:
    """A module that a file wants. ``name`` is whole (``drivers.display``), also where the file writes it relatively.

    ``optional``: the program goes on without it (``try: import x`` with ``except ImportError``).
    """

    name: str
    path: str
    line: int
    optional: bool = False


@dataclass(frozen=True)
class Exit:
    """A place where a file ends the whole program, which nothing around it catches. ``what`` as it is written.

    ``at_import``: it stands in no function, so that an import of the file reaches it.
    """

    path: str
    line: int
    what: str
    at_import: bool = False


@dataclass(frozen=True)
class Program:
    """Paths are POSIX and relative to the project.

    ``files``: the .py (and ready-made .mpy) files, those that were asked for first. ``data``: other files that are
    opened by name. ``outside``: the modules that are not in the project, each at the first place that wants it.
    ``unread``: files that are no valid Python, so that their imports are unknown. ``exits``: where it ends itself.
    """

    files: tuple[str, ...]
    data: tuple[str, ...] = ()
    outside: tuple[Import, ...] = ()
    unread: tuple[str, ...] = ()
    exits: tuple[Exit, ...] = ()


def program_of(root: Path, starts: Sequence[str], provided: Collection[str] = ()) -> Program:
    """All that the files ``starts`` need. Modules named in ``provided`` come from elsewhere (the built .mpy).

    What stands below ``if __name__ == "__main__"`` counts in ``starts`` only.
    """
    walk = _Walk(root, frozenset(provided), frozenset(starts))
    walk.todo.extend(starts)
    while walk.todo:
        walk.read(walk.todo.pop(0))
    return Program(
        tuple(walk.files), tuple(walk.data), tuple(walk.outside.values()), tuple(walk.unread), tuple(walk.exits)
    )


@dataclass
class _Walk:
    root: Path
    provided: frozenset[str]
    starts: frozenset[str]
    todo: list[str] = field(default_factory=list)
    files: dict[str, None] = field(default_factory=dict)
    data: dict[str, None] = field(default_factory=dict)
    outside: dict[str, Import] = field(default_factory=dict)
    unread: list[str] = field(default_factory=list)
    exits: list[Exit] = field(default_factory=list)

    def read(self, path: str) -> None:
        if path in self.files:
            return
        self.files[path] = None
        if path.endswith(".mpy"):
            return
        file = self.root / path
        with disk_errors(file):
            text = file.read_bytes()
        tree = _parsed(text)
        if tree is None:
            self.unread.append(path)
            return
        for found in _Finder(path, path in self.starts).all(tree):
            if isinstance(found, str):
                self._open(found)
            elif isinstance(found, Exit):
                self.exits.append(found)
            else:
                self._want(found)

    def _open(self, name: str) -> None:
        parts = name.split("/")
        if name.endswith(_SUFFIXES) or not all(map(plain, parts)) or not inside(self.root, name):
            return
        self.data[name] = None

    def _want(self, wanted: _Wanted) -> None:
        names = wanted.name.split(".")
        if names[0] in self.provided or not names[0]:
            return
        home = next((home for home in ("", f"{LIB}/") if _module(self.root, home + names[0]) is not None), "")
        for n in range(1, len(names) + 1):
            files = _module(self.root, home + "/".join(names[:n]))
            if files is None:
                if n > 1 and wanted.perhaps and n == len(names):
                    return  # "from package import name": an object of the package, not a module
                self._missing(".".join(names[:n]), wanted)
                return
            self.todo += files

    def _missing(self, name: str, wanted: _Wanted) -> None:
        known = self.outside.get(name)
        if known is None or (known.optional and not wanted.optional):
            self.outside[name] = Import(name, wanted.path, wanted.line, wanted.optional)


@dataclass(frozen=True)
class _Wanted(Import):
    #: The last part may be any object of the module before it.
    perhaps: bool = False


def _module(root: Path, path: str) -> tuple[str, ...] | None:
    """The files to read for the module at ``path``, as MicroPython looks for it: a folder, .py, .mpy."""
    if not all(map(plain, path.split("/"))):
        return None
    folder = root / path
    if inside(root, path, folder=True) and any(p.suffix in _SUFFIXES for p in folder.rglob("*")):
        return tuple(f"{path}/__init__{s}" for s in _SUFFIXES if inside(root, f"{path}/__init__{s}"))[:1]
    return next(((path + suffix,) for suffix in _SUFFIXES if inside(root, path + suffix)), None)


def inside(root: Path, path: str, *, folder: bool = False) -> bool:
    """Whether there is such a file (or folder), and it really lies in ``root``."""
    full = root / path
    try:
        there = full.is_dir() if folder else full.is_file()
        return there and full.resolve().is_relative_to(root.resolve())
    except (OSError, ValueError, RuntimeError):  # no name for this system; a loop of links
        return False


def plain(name: str) -> bool:
    """Whether a file of this name is ever sent to a board: not hidden, no way up, nothing odd."""
    return (
        bool(name) and not name.startswith(".") and name != "__pycache__" and not any(c in name for c in '\\:\0\n\t"')
    )


def _parsed(text: bytes) -> ast.Module | None:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of doubtful code; it is the board's to complain
        try:
            return ast.parse(text)
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            return None


@dataclass(frozen=True)
class _Around:
    """What stands around a piece of code: is an import that fails caught, and a SystemExit? Is it in a function?"""

    imports: bool = False
    exits: bool = False
    function: bool = False


@dataclass(frozen=True)
class _Finder:
    """Goes through one file: yields the modules it wants, the names of files that it opens, and where it exits."""

    path: str
    is_main: bool

    def all(self, tree: ast.Module) -> Iterator[_Wanted | Exit | str]:
        """Without recursion: a sum of a thousand numbers is a tree a thousand deep."""
        stack: list[tuple[ast.AST, _Around]] = [(tree, _Around())]
        while stack:
            node, around = stack.pop()
            yield from self._found(node, around)
            if self.is_main or not _only_as_main(node):
                stack += reversed(_below(node, around))

    def _found(self, node: ast.AST, around: _Around) -> Iterator[_Wanted | Exit | str]:
        match node:
            case ast.Import(names=names):
                for alias in names:
                    yield _Wanted(alias.name, self.path, node.lineno, around.imports)
            case ast.ImportFrom():
                yield from self._from(node, around.imports)
            case ast.Call(func=func) if not around.exits and ast.unparse(func) in _EXITS:
                yield Exit(self.path, node.lineno, f"{ast.unparse(func)}()", not around.function)
            case ast.Raise(exc=ast.expr() as raised) if not around.exits and "SystemExit" in ast.unparse(raised):
                yield Exit(self.path, node.lineno, "raise SystemExit", not around.function)
            case ast.Call(func=func, args=[ast.Constant(value=str(name)), *rest]):
                called = func.attr if isinstance(func, ast.Attribute) else func.id if isinstance(func, ast.Name) else ""
                if called in ("__import__", "import_module"):
                    yield _Wanted(name, self.path, node.lineno, around.imports)
                elif called == "open" and not any(map(_writes, rest)):
                    yield name

    def _from(self, node: ast.ImportFrom, optional: bool) -> Iterator[_Wanted]:
        name = node.module or ""
        if node.level:
            package = self.path.split("/")[: -node.level]
            if not package:
                return  # above the top: the board says so
            name = ".".join([*package, name] if name else package)
        yield _Wanted(name, self.path, node.lineno, optional)
        for alias in node.names:
            if alias.name != "*":
                yield _Wanted(f"{name}.{alias.name}", self.path, node.lineno, optional, perhaps=True)


def _only_as_main(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and ast.unparse(node.test) == "__name__ == '__main__'"


def _below(node: ast.AST, around: _Around) -> list[tuple[ast.AST, _Around]]:
    """The parts of a node, and what stands around each."""
    match node:
        case ast.Try(body=body, handlers=handlers, orelse=orelse, finalbody=finalbody):
            names = {name for handler in handlers for name in _caught(handler)}
            imports, exits = bool(names & _CATCH_IMPORT), bool(names & _CATCH_EXIT)
            in_handler = replace(around, imports=around.imports or imports)
            inside_try = replace(in_handler, exits=around.exits or exits)
            parts = ((body, inside_try), (handlers, in_handler), (orelse, around), (finalbody, around))
            return [(part, its) for nodes, its in parts for part in nodes]
        case ast.If(test=ast.Name(id="TYPE_CHECKING") | ast.Attribute(attr="TYPE_CHECKING"), orelse=orelse):
            return [(part, around) for part in orelse]
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
            around = replace(around, function=True)
    return [(part, around) for part in ast.iter_child_nodes(node)]


def _caught(handler: ast.ExceptHandler) -> Iterator[str]:
    """The names of what a handler catches; everything, if it names nothing."""
    kinds = handler.type.elts if isinstance(handler.type, ast.Tuple) else [handler.type]
    for kind in kinds:
        yield "BaseException" if kind is None else ast.unparse(kind)


def _writes(mode: ast.expr) -> bool:
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and any(c in mode.value for c in "wax+")
