"""Python signatures as a list of declarations, and what becomes of them in C. No Qt.

A declaration is its text in a ``.pyi``: a function, a class or a constant, with comments above it. One that is no
Python harms no other one. Its line in the list is what stands before its body.
"""

from __future__ import annotations

import ast
import warnings
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from toolchains.edits import Fix, TextEdit, read_text
from toolchains.module_names import name_problem
from toolchains.text import Text, _

if TYPE_CHECKING:
    from toolchains.stubs.files import StubError, Target

#: A longer text is one declaration: the signatures' reader says that it is too long.
_LONGEST = 256 * 1024


@dataclass(frozen=True)
class Sheet:
    """A module's signatures: what stands before the first declaration, and the text of each."""

    head: str = ""
    texts: tuple[str, ...] = ()

    def text(self) -> str:
        """All of it as a ``.pyi``."""
        return "\n\n".join([*([self.head] if self.head else []), *self.texts]) + "\n"


@dataclass(frozen=True)
class Change:
    """What becomes of one file: ``new``, or made anew with ``kept`` parts that the person wrote."""

    name: str
    new: bool
    kept: int


@dataclass(frozen=True)
class Outcome:
    """What becomes of signatures. ``problems``: one for each declaration, None where C can say it; ``general``: what
    is wrong with all of it; ``refused``: why the files that are there cannot be made anew without ``force``."""

    c: str = ""
    problems: tuple[Text | None, ...] = ()
    general: Text | None = None
    fix: Fix | None = None
    changes: tuple[Change, ...] = ()
    refused: StubError | None = None


def parsed(text: str) -> ast.Module | None:
    """The text as Python; None when it is none."""
    if len(text) > _LONGEST:
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def split(text: str) -> Sheet:
    """The declarations of a ``.pyi``; a text that is no Python is one declaration."""
    text = text.removeprefix("\ufeff").replace("\r\n", "\n")
    tree = parsed(text)
    if tree is None:
        return Sheet(texts=(text.strip("\n"),))
    lines, at = text.split("\n"), 0
    head, texts = list[str](), list[str]()
    for node in tree.body:
        end = node.end_lineno or at
        chunk, at = "\n".join(lines[at:end]).strip("\n"), max(at, end)
        if chunk:
            before = isinstance(node, ast.Import | ast.ImportFrom | ast.Expr) and not texts
            (head if before else texts).append(chunk)
    rest = "\n".join(lines[at:]).strip()
    if rest:
        where = texts or head
        where[-1:] = [f"{where[-1]}\n{rest}" if where else rest]
    return Sheet("\n".join(head), tuple(texts))


def completed(text: str) -> str:
    """What was typed, with the body that a signature needs: ``add(a: int)`` is ``def add(a: int): ...``."""
    text = text.strip()
    tree = parsed(text)
    is_call = tree is not None and len(tree.body) == 1 and isinstance(getattr(tree.body[0], "value", None), ast.Call)
    if tree is not None and not (is_call and isinstance(tree.body[0], ast.Expr)):
        return text
    for start in ("", "def "):
        for end in (" ...", ": ..."):
            made = parsed(f"{start}{text}{end}")
            if made is not None and len(made.body) == 1:
                return f"{start}{text}{end}"
    return text


def _declared(text: str) -> ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef | None:
    tree = parsed(text)
    for node in tree.body if tree is not None else ():
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            return node
    return None


@lru_cache(512)  # asked for at each painting
def line_of(text: str) -> str:
    """The line that stands for a declaration, without the colon: ``def add(a: int) -> int``."""
    node = _declared(text)
    if node is None:
        plain = [line for line in text.split("\n") if line.strip() and not line.lstrip().startswith("#")]
        return plain[0].strip() if plain else ""
    written = text.split("\n")[node.lineno - 1]
    first = node.body[0]
    if first.lineno == node.lineno:
        written = written.encode()[: first.col_offset].decode()
    if written.rstrip().endswith(":") and parsed(f"{written} ...") is not None:
        return written.rstrip().removesuffix(":")
    node.decorator_list, node.body = [], [ast.Expr(ast.Constant(...))]  # over several lines
    return ast.unparse(node).split("\n")[0].removesuffix(":")


def name_of(text: str) -> str:
    """The name that a declaration declares; "" for what is none."""
    node = _declared(text)
    if node is not None:
        return node.name
    first = line_of(text).replace("=", ":").split(":")[0].strip()
    return first if first.isidentifier() else ""


def with_line(text: str, line: str) -> str:
    """The declaration with another line for it; what stands above and below it, and its body, stay."""
    node, new = _declared(text), completed(line)
    if node is None or _declared(new) is None:
        above = [one for one in text.split("\n") if one.lstrip().startswith("#")] if node is None else []
        return "\n".join([*above, new])
    lines, first, body = text.split("\n"), node.lineno - 1, node.body[0].lineno - 1
    above = lines[:first]
    inline = lines[body].encode()[: node.body[0].col_offset].strip()
    if inline:
        rest = lines[body].encode()[node.body[0].col_offset :].decode()
        return "\n".join([*above, f"{line_of(new)}: {rest}", *lines[body + 1 :]])
    while body > first + 1 and (not lines[body - 1].strip() or lines[body - 1].lstrip().startswith("#")):
        body -= 1
    return "\n".join([*above, f"{line_of(new)}:", *lines[body:]])


def folder_of(project: Path, name: str, kind: Target) -> Path:
    """Where the files of a module go: a firmware's module has a folder of its own."""
    return project / "usermod" / name if kind == "usermod" else project


def outcome(sheet: Sheet, name: str, kind: Target, project: Path, *, force: bool = False) -> Outcome:
    """What becomes of signatures in a project. Takes a tenth of a second. Raises ``DiskError``, ``EditRefused``."""
    from toolchains.stubs import files, signatures
    from toolchains.stubs.c_module import c_source

    wrong = name_problem(name)
    text, starts, problems = _joined(sheet)
    reading = signatures.read(text, name if wrong is None else "module", f"{name}.pyi")
    general = wrong
    for found in files.problems(reading, kind):
        at = bisect_right(starts, found.line) - 1
        if at < 0:
            general = general or found.text
        elif problems[at] is None:
            problems[at] = found.text
    c = c_source(reading.module, kind)
    if general is not None or any(problems) or not sheet.texts:
        return Outcome(c, tuple(problems), general)
    folder, refused = folder_of(project, name, kind), None
    try:
        fix = files.plan(reading.module, kind, folder, force=force)
    except files.StubError as error:
        refused, fix = error, files.plan(reading.module, kind, folder, force=True)
    c_path = folder / f"{name}.c"
    shown = [edit.new for edit in fix.edits if edit.path == c_path]
    c = shown[0] if shown else read_text(c_path)
    fix = Fix(fix.title, (*fix.edits, *_pyi_edit(project / f"{name}.pyi", sheet.text())))
    changes = tuple(_change(edit, project) for edit in fix.edits)
    return Outcome(c, tuple(problems), None, fix, changes, refused)


def _joined(sheet: Sheet) -> tuple[str, list[int], list[Text | None]]:
    """All declarations that are Python as one text, the line where each begins, and what is wrong with the others."""
    from toolchains.stubs import signatures

    parts, starts, line = [sheet.head], list[int](), sheet.head.count("\n") + 2
    problems: list[Text | None] = []
    for text in sheet.texts:
        good = parsed(text) is not None
        first = () if good else signatures.read(text, "module").problems
        problems.append(None if good else first[0].text if first else _("This is no Python."))
        parts.append(text if good else "")
        starts.append(line)
        line += parts[-1].count("\n") + 1
    return "\n".join(parts), starts, problems


def _pyi_edit(path: Path, text: str) -> Sequence[TextEdit]:
    """The signatures stand beside the C code, to be changed another day."""
    old = read_text(path) if path.is_file() else ""
    return () if old.replace("\r\n", "\n") == text else (TextEdit.at(path, old, 0, len(old), text),)


def _change(edit: TextEdit, project: Path) -> Change:
    from toolchains.stubs.kept import written_parts

    kept = len(written_parts(edit.old)) if edit.old else 0
    return Change(edit.path.relative_to(project).as_posix(), not edit.path.exists(), kept)
