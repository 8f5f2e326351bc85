"""What MicroPython documents in a module: read from the SDK tree's pages and the board's stubs, as text only."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from toolchains.text import Text, _
from toolchains.toolbox import Toolbox

#: Bounds of what is read: bytes of a file, files of a module, entries of a file, letters of a signature.
_LARGEST, _MOST_FILES, _MOST_ENTRIES, _LONGEST = 1 << 20, 80, 2000, 200
_MODULE = re.compile(r"[A-Za-z_]\w{0,63}(?:\.[A-Za-z_]\w{0,63}){0,3}")
_DIRECTIVE = re.compile(
    r"( {0,12})\.\. (function|class|method|classmethod|staticmethod|data|attribute|exception):: *(\S.*)"
)
_NAMED = re.compile(r"([A-Za-z_]\w*(?:\.[A-Za-z_]\w*){0,4})\s*(\(.*)?")
_KINDS = {"classmethod": "method", "staticmethod": "method", "attribute": "data"}


@dataclass(frozen=True)
class Entry:
    """A documented name (``Pin.value``), its kind (``function``, ``class``, ``method``, ``data``, ``exception``).

    ``signature``: ``(fmt, data)`` as it is documented; empty for what is not called.
    """

    name: str
    kind: str
    signature: str = ""


@dataclass(frozen=True)
class Documented:
    """All entries of a module, and files that could not be read."""

    entries: tuple[Entry, ...] = ()
    faults: tuple[Text, ...] = ()


def pages(tree: Path | None) -> tuple[str, ...]:
    """Modules that have a page in a tree's documentation; none where the tree came without it."""
    found = sorted((tree / "docs" / "library").glob("*.rst"))[:500] if tree is not None else ()
    return tuple(path.stem for path in found if path.stem.isidentifier() and path.stem != "index")


def best_tree(toolbox: Toolbox, version: str) -> Path | None:
    """The SDK tree nearest to a board's MicroPython."""
    tree = toolbox.sdks.best_for(version)
    return tree.path if tree is not None else None


def look_up(toolbox: Toolbox, module: str, platform: str, version: str) -> Documented:
    """A module's entries: from the tree that is nearest to the board, and from stubs of the board's own port."""
    if not _MODULE.fullmatch(module):
        return Documented()
    faults: list[Text] = []
    entries: dict[str, Entry] = {}
    for path in _files(best_tree(toolbox, version), _stubs(toolbox, platform, version), module):
        try:
            with path.open("rb") as file:
                text = file.read(_LARGEST).decode("utf-8", "replace")
            found = from_pyi(text) if path.suffix == ".pyi" else from_rst(text, module)
        except (OSError, SyntaxError, ValueError, RecursionError, MemoryError) as error:
            reason = getattr(error, "strerror", None) or error
            faults.append(_("{file} cannot be read ({reason}).", file=path.name, reason=reason))
            continue
        for entry in found:
            entries.setdefault(entry.name, entry)
    return Documented(tuple(entries.values()), tuple(faults))


def _stubs(toolbox: Toolbox, platform: str, version: str) -> Path | None:
    from toolchains import board_stubs  # here: an archive's and a table's readers come with it

    stubs = board_stubs.best(toolbox.paths, platform, version)
    return stubs.folder if stubs is not None and stubs.platform == platform else None


def _files(tree: Path | None, stubs: Path | None, module: str) -> Iterator[Path]:
    """The module's page, those of its classes, its stub. Stubs of the standard library are CPython's: left out."""
    if tree is not None:
        library = tree / "docs" / "library"
        every = [library / f"{module}.rst", *sorted(library.glob(f"{module}.*.rst"))[:_MOST_FILES]]
        yield from (path for path in every if path.is_file())
    if stubs is not None:
        inner = stubs.joinpath(*module.split("."))
        found = (inner.with_name(f"{inner.name}.pyi"), inner / "__init__.pyi")
        yield from (path for path in found if path.is_file())


def from_rst(text: str, module: str) -> tuple[Entry, ...]:
    """Entries of a page: its directives, several signatures of one included; names like ``__init__`` are left out."""
    entries: list[Entry] = []
    owner, depth = "", 0
    for indent, directive, signatures in _directives(text.splitlines()):
        if indent <= depth:
            owner = ""
        for name, signature in _named(signatures):
            name = name.removeprefix(f"{module}.")
            if directive == "class":
                owner, depth = name, indent
            elif owner and indent > depth and "." not in name:
                name = f"{owner}.{name}"
            if not name.rpartition(".")[2].startswith("__"):
                entries.append(Entry(name, _KINDS.get(directive, directive), signature))
        if len(entries) >= _MOST_ENTRIES:
            break
    if any(entry.name == module for entry in entries):  # socket.send is the class's of that name
        entries = [
            replace(one, name=f"{module}.{one.name}") if one.kind == "method" and "." not in one.name else one
            for one in entries
        ]
    return tuple(entries[:_MOST_ENTRIES])


def _directives(lines: list[str]) -> Iterator[tuple[int, str, list[str]]]:
    """Indentation, directive and its lines of argument; a bracket that is open goes on in the next line."""
    at = 0
    while at < len(lines):
        found = _DIRECTIVE.fullmatch(lines[at].rstrip()[:1000])
        at += 1
        if found is None:
            continue
        indent, directive, signatures = len(found[1]), found[2], [found[3]]
        while at < len(lines) and len(signatures) < 40 and _goes_on(lines[at], indent):
            more = lines[at].strip()[:1000]
            if _open(signatures[-1]) and len(signatures[-1]) < 1000:
                signatures[-1] += f" {more}"
            else:
                signatures.append(more)
            at += 1
        yield indent, directive, signatures


def _goes_on(line: str, indent: int) -> bool:
    text = line.strip()
    return bool(text) and line[: indent + 1].isspace() and not text.startswith((":", ".. "))


def _open(text: str) -> bool:
    return text.count("(") > text.count(")")


def _named(signatures: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Name and signature of each; ``EEXIST, EAGAIN, etc.`` is several names, a word with a colon is none."""
    for text in signatures:
        for part in [text] if "(" in text else text.split(","):
            if found := _NAMED.fullmatch(part.strip()):
                yield found[1], _to_its_end(found[2] or "")


def _to_its_end(text: str) -> str:
    """A signature up to the bracket that closes it."""
    depth = 0
    for at, letter in enumerate(text[:_LONGEST]):
        depth += (letter == "(") - (letter == ")")
        if not depth:
            return text[: at + 1]
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def from_pyi(text: str) -> tuple[Entry, ...]:
    """Entries of a stub: functions, classes with their methods, constants; without types, and no private names.

    Raises what :func:`ast.parse` raises.
    """
    return tuple(_in_body(ast.parse(text).body, ""))[:_MOST_ENTRIES]


def _in_body(body: Iterable[ast.stmt], owner: str) -> Iterator[Entry]:
    for node in body:
        if isinstance(node, ast.AnnAssign):
            name, alias = ast.unparse(node.target), getattr(node.annotation, "id", "") == "TypeAlias"
            found = [] if alias else [Entry(f"{owner}{name}", "data")]
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            name, kind = node.name, "method" if owner else "function"
            bound = bool(owner) and not any(getattr(one, "id", "") == "staticmethod" for one in node.decorator_list)
            found = [Entry(f"{owner}{name}", kind, _signature(node.args, bound))]
        elif isinstance(node, ast.ClassDef) and not owner:
            name = node.name
            found = [Entry(name, "class", _arguments_of(node)), *_in_body(node.body, f"{name}.")]
        else:
            continue
        if not name.startswith("_"):
            yield from found


def _arguments_of(node: ast.ClassDef) -> str:
    makers = (one for one in node.body if isinstance(one, ast.FunctionDef) and one.name == "__init__")
    maker = next(makers, None)
    return _signature(maker.args, bound=True) if maker is not None else "()"


def _signature(args: ast.arguments, bound: bool) -> str:
    """``(a, b=1)`` without types, and without the first argument where Python gives it."""
    for one in (*args.posonlyargs, *args.args, *args.kwonlyargs, args.vararg, args.kwarg):
        if one is not None:
            one.annotation = None
    if bound:
        del (args.posonlyargs or args.args)[:1]
    text = f"({ast.unparse(args)})"
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"
