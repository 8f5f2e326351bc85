"""Reading ``natmod.toml``: values with their types checked, and every complaint with its line.

What the keys mean is in ``project.py``; this room knows only TOML, paths inside a folder, and how to say what is wrong.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import NoReturn

from toolchains.errors import ProjectError
from toolchains.text import Text, _
from toolchains.toml_lines import Key, key_lines

#: No project description is this long; a file that is was named by mistake.
MAX_BYTES = 1_000_000

#: What GCC and clang read a word as an option by, or as a file of options: a program, to who wrote the project.
OPTION_MARKS = ("-", "@")

_BOMS = (b"\xef\xbb\xbf", b"\xff\xfe", b"\xfe\xff")


class ProjectFileError(ProjectError):
    """Something in a project file is wrong. Fields: ``path``, ``line`` (from 1, or None), ``problem``."""

    code = "project.file"

    def __init__(self, path: Path, line: int | None, problem: Text, next_step: Text | None = None) -> None:
        what = (
            _("{file} line {line}: {problem}", file=path.name, line=line, problem=problem)
            if line
            else _("{file}: {problem}", file=path.name, problem=problem)
        )
        super().__init__(what, next_step=next_step, path=str(path), line=line, problem=problem)


class MissingFile(ProjectFileError):
    """A file or folder that the project file names does not exist."""

    code = "project.missing-file"


def _type_name(value: object) -> Text:
    if isinstance(value, bool):
        return _("true or false")
    if isinstance(value, str):
        return _("a text in quotes")
    if isinstance(value, int):
        return _("a whole number")
    if isinstance(value, float):
        return _("a number")
    if isinstance(value, list):
        return _("a list")
    if isinstance(value, Mapping):
        return _("a table")
    return _("a date or time")


def _shown(value: str) -> str:
    """A piece of a foreign file, made safe and short enough to stand in a sentence."""
    clean = "".join(c if c.isprintable() else "�" for c in value)
    return clean if len(clean) <= 60 else clean[:57] + "..."


@dataclass(frozen=True)
class Document:
    """One TOML file: where it is, its text, its values."""

    path: Path
    text: str
    data: Mapping[str, object]

    @staticmethod
    def read(path: Path) -> Document:
        """Read and parse ``path``; whatever is wrong with it is a :class:`ProjectFileError`."""
        import tomllib  # 3 ms that a project with a Makefile alone does not need

        text = _decode(path, _bytes_of(path))
        try:
            return Document(path, text, tomllib.loads(text))
        except RecursionError:
            raise ProjectFileError(path, None, _("lists are nested too deeply to be read.")) from None
        except ValueError as error:
            raise _syntax_error(path, text, error) from None

    @property
    def root(self) -> Path:
        """The folder that the file's paths are relative to."""
        return self.path.parent

    @cached_property
    def _lines(self) -> Mapping[Key, int]:
        return key_lines(self.text)

    def line(self, key: Key) -> int | None:
        """The line of ``key``, or of the innermost part of it that has one."""
        return next((self._lines[key[:n]] for n in range(len(key), 0, -1) if key[:n] in self._lines), None)

    def fail(self, key: Key, problem: Text, next_step: Text | None = None) -> NoReturn:
        """Raise the error for ``key``."""
        raise ProjectFileError(self.path, self.line(key), problem, next_step)

    def known(self, key: Key, present: Iterable[str], allowed: Iterable[str], elsewhere: Mapping[str, str]) -> None:
        """Refuse a name among ``present`` that is not ``allowed``; ``elsewhere`` tells in which table it belongs."""
        names = tuple(allowed)
        for name in present:
            if name in names:
                continue
            near = difflib.get_close_matches(name, names, 1)
            if near:
                step = _('Did you mean "{near}"?', near=near[0])
            elif name in elsewhere:
                step = _("It belongs under [{table}].", table=elsewhere[name])
            else:
                step = _("The keys here are: {names}.", names=", ".join(names))
            self.fail((*key, name), _('the key "{name}" is unknown.', name=_shown(name)), step)

    def table(self, key: Key) -> Section:
        """The table ``[key]``, empty when it is absent."""
        node: object = self.data
        for part in key:
            node = node.get(str(part), {}) if isinstance(node, Mapping) else {}
        if not isinstance(node, Mapping):
            self._wrong_type(key, node, _("a table"))
        return Section(self, key, node)

    def _wrong_type(self, key: Key, value: object, wanted: Text) -> NoReturn:
        self.fail(
            key,
            _('"{key}" must be {wanted}, not {found}.', key=key[-1], wanted=wanted, found=_type_name(value)),
        )


@dataclass(frozen=True)
class Section:
    """One table of a document, read key by key."""

    doc: Document
    key: Key
    values: Mapping[str, object]

    def fail(self, name: str, problem: Text, next_step: Text | None = None, index: int | None = None) -> NoReturn:
        """Raise the error for the key ``name`` of this table, or for one element of its list."""
        self.doc.fail((*self.key, name) if index is None else (*self.key, name, index), problem, next_step)

    def text(self, name: str) -> str | None:
        """A text in quotes: not empty, on one line."""
        value = self.values.get(name)
        return None if value is None else self._text(name, value, None)

    def texts(self, name: str) -> tuple[str, ...] | None:
        """A list of texts."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, list):
            self.doc._wrong_type((*self.key, name), value, _("a list of texts in quotes"))
        return tuple(self._text(name, item, index) for index, item in enumerate(value))

    def _text(self, name: str, value: object, index: int | None) -> str:
        if not isinstance(value, str):
            wanted = _("a text in quotes") if index is None else _("a list of texts in quotes")
            if index is None:
                self.doc._wrong_type((*self.key, name), value, wanted)
            self.fail(name, _('"{key}" must be {wanted}.', key=name, wanted=wanted), None, index)
        if not value.strip():
            self.fail(name, _('"{key}" has an empty text.', key=name), None, index)
        if not value.isprintable():
            self.fail(name, _('"{key}" has characters that cannot be printed.', key=name), None, index)
        return value

    def count(self, name: str) -> int | None:
        """A whole number above zero."""
        value = self.values.get(name)
        if value is None:
            return None
        if not isinstance(value, int) or isinstance(value, bool):
            self.doc._wrong_type((*self.key, name), value, _("a whole number"))
        if not 0 < value < 1 << 31:
            self.fail(name, _('"{key}" must be above zero and below two thousand million.', key=name))
        return value

    def choice(self, name: str, options: tuple[str, ...], default: str) -> str:
        """One of a few words."""
        value = self.text(name)
        if value is None:
            return default
        if value not in options:
            near = difflib.get_close_matches(value, options, 1)
            step = (
                _('Did you mean "{near}"?', near=near[0])
                if near
                else _("Use one of: {names}.", names=", ".join(options))
            )
            self.fail(name, _('"{key}" cannot be "{value}".', key=name, value=_shown(value)), step)
        return value

    def paths(self, name: str, exists: Callable[[Path], bool], kind: Text) -> tuple[str, ...] | None:
        """A list of paths inside the project, each existing, none twice, in POSIX form."""
        raw = self.texts(name)
        if raw is None:
            return None
        found: list[str] = []
        for index, item in enumerate(raw):
            path = self._inside(name, item, index, exists, kind)
            if path in found:
                self.fail(name, _('"{path}" is listed twice.', path=_shown(path)), None, index)
            found.append(path)
        return tuple(found)

    def found(self, name: str, paths: Iterable[str], exists: Callable[[Path], bool], kind: Text) -> tuple[str, ...]:
        """Paths that stand in for the list ``name``, held to the rules of :meth:`paths`."""
        return tuple(self._inside(name, path, None, exists, kind) for path in paths)

    def path(self, name: str, exists: Callable[[Path], bool], kind: Text) -> str | None:
        """One existing path inside the project, in POSIX form."""
        raw = self.text(name)
        return None if raw is None else self._inside(name, raw, None, exists, kind)

    def _inside(self, name: str, raw: str, index: int | None, exists: Callable[[Path], bool], kind: Text) -> str:
        shown = _shown(raw)
        windows = PureWindowsPath(raw)
        if windows.drive or windows.root or raw.startswith("~"):
            step = _("Write it relative to the folder of natmod.toml, for example src/name.c.")
            self.fail(name, _('"{path}" is an absolute path.', path=shown), step, index)
        parts: list[str] = []
        for part in raw.replace("\\", "/").split("/"):
            if part == ".." and not parts:
                self._outside(name, shown, index)
            if part == "..":
                parts.pop()
            elif part not in ("", "."):
                parts.append(part)
        stored = PurePosixPath(*parts).as_posix()
        if stored.startswith(OPTION_MARKS):
            problem = _('"{path}" begins with - or @: a compiler would take it for an option.', path=shown)
            self.fail(name, problem, _("Rename it."), index)
        full = self.doc.root / stored
        try:
            there = exists(full)
            real = full.resolve().is_relative_to(self.doc.root.resolve())
        except (OSError, RuntimeError):  # a name too long for the disk, a loop of links
            there, real = False, True
        if not real:
            self._outside(name, shown, index)
        if not there:
            line = self.doc.line((*self.key, name) if index is None else (*self.key, name, index))
            problem = _("the {kind} {path} does not exist.", kind=kind, path=_shown(stored))
            raise MissingFile(self.doc.path, line, problem, self._similar(full, exists))
        return stored

    def _outside(self, name: str, shown: str, index: int | None) -> NoReturn:
        step = _("Copy what is needed into the project.")
        self.fail(name, _('"{path}" is outside the project\'s folder.', path=shown), step, index)

    def _similar(self, wanted: Path, exists: Callable[[Path], bool]) -> Text:
        try:
            names = [p.name for p in wanted.parent.iterdir() if exists(p)]
        except OSError:
            names = []
        near = difflib.get_close_matches(wanted.name, names, 1)
        if near:
            return _('Did you mean "{near}"?', near=_shown(near[0]))
        return _("Create it in {folder}, or correct the line.", folder=wanted.parent)


def _bytes_of(path: Path) -> bytes:
    try:
        with path.open("rb") as stream:
            raw = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise ProjectFileError(
            path, None, _("the file cannot be read: {reason}.", reason=error.strerror or str(error))
        ) from error
    if len(raw) > MAX_BYTES:
        raise ProjectFileError(path, None, _("the file is larger than one megabyte; it is no project file."))
    return raw


def _decode(path: Path, raw: bytes) -> str:
    step = _('Save it again with the encoding "UTF-8" (in Notepad: Save as, Encoding, UTF-8; not "with BOM").')
    if raw.startswith(_BOMS):
        raise ProjectFileError(path, 1, _("the file starts with a byte order mark."), step)
    try:
        return raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise ProjectFileError(path, line, _("the text is not UTF-8."), step) from None


def _syntax_error(path: Path, text: str, error: ValueError) -> ProjectFileError:
    """tomllib says the place in its message only: ``… (at line 3, column 7)`` or ``… (at end of document)``."""
    words, _open, place = str(error).rpartition(" (at ")
    digits = place.removeprefix("line ").split(",")[0]
    line = int(digits) if digits.isdigit() else len(text.splitlines()) or 1
    problem = _("this is not valid TOML ({reason}).", reason=_shown(words or str(error)))
    return ProjectFileError(path, line, problem, _('A line looks like this: name = "factorial"'))
