"""Changes of source files as data: shown before they are made, made whole or not at all, and taken back exactly.

Places count the characters of a file's text, which is UTF-8 as it stands in the file (:func:`read_text`): line ends are
not translated, a byte order mark is a character, and bytes that are no UTF-8 stay what they are. Every edit says what
must stand at its place; a file where something else stands is refused, never guessed at.

Who has a file open with unsaved changes computes with :func:`edited` on the text that is on the screen, and does not
call :meth:`Fix.apply`.
"""

from __future__ import annotations

import os
import shutil
import tempfile
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

from toolchains.errors import ProjectError, disk_errors
from toolchains.host import Host
from toolchains.text import Text, _
from toolchains.undo import on_failure

#: Nobody wrote a longer one by hand.
_MOST_BYTES = 8 << 20


class EditRefused(ProjectError):
    """A file is not what an edit (or its undo) was made for. Nothing was written. Field: ``path``."""

    code = "edit.refused"

    def __init__(self, path: Path, why: Text) -> None:
        super().__init__(
            _("{name} was not changed.", name=path.name),
            why=why,
            next_step=_("Look at the file, then try again."),
            path=str(path),
        )
        self.path = path


@dataclass(frozen=True, order=True)
class TextEdit:
    """In ``path`` (absolute), the characters ``start`` to ``end`` (0-based, end excluded) are ``old`` and become
    ``new``. Line ends of ``new`` are ``\\n``; the file's own are written. A file that is not there is made by an edit
    of ``old == ""`` at 0."""

    path: Path
    start: int
    end: int
    old: str
    new: str

    @staticmethod
    def at(path: Path, text: str, start: int, end: int, new: str) -> TextEdit:
        """The edit that puts ``new`` in the place of ``text[start:end]``."""
        return TextEdit(path, start, end, text[start:end], new)

    @staticmethod
    def insert(path: Path, start: int, new: str) -> TextEdit:
        """The edit that puts ``new`` before the character ``start``."""
        return TextEdit(path, start, start, "", new)


@dataclass(frozen=True)
class Change:
    """What became of one file: its bytes before and after; None is "not there"."""

    path: Path
    before: bytes | None
    after: bytes | None


@dataclass(frozen=True)
class Undo:
    """Changes that were made, and can be taken back."""

    title: Text
    changes: tuple[Change, ...]

    def undo(self, host: Host | None = None) -> Undo:
        """Put every file back to the byte; gives what takes *that* back.

        Raises :class:`EditRefused` when one of them was changed since (none is written then), ``DiskError``.
        """
        for change in self.changes:
            if _bytes(change.path) != change.after:
                raise EditRefused(change.path, _("It was changed since, and your work would be lost."))
        back = tuple(Change(one.path, one.after, one.before) for one in self.changes)
        _write_all(host or Host.current(), back)
        return Undo(self.title, back)


@dataclass(frozen=True)
class Fix:
    """Edits with a name that says what the person gets: one button, one step of undo."""

    title: Text
    edits: tuple[TextEdit, ...]

    @property
    def paths(self) -> tuple[Path, ...]:
        """The files that it changes, each once."""
        return tuple(dict.fromkeys(edit.path for edit in self.edits))

    def apply(self, host: Host | None = None) -> Undo:
        """Change all files, or none. Raises :class:`EditRefused` and ``DiskError``."""
        return apply(self.title, self.edits, host)


def apply(title: Text, edits: Iterable[TextEdit], host: Host | None = None) -> Undo:
    """Make edits of any number of files: all, or none when one of them does not fit."""
    changes = []
    for path, those in by_file(edits).items():
        before = _bytes(path)
        if before is None and any(edit.old or edit.start for edit in those):
            raise EditRefused(path, _("The file is not there any more."))
        text = "" if before is None else _decoded(before)
        changes.append(Change(path, before, _encoded(edited(text, those))))
    _write_all(host or Host.current(), changes)
    return Undo(title, tuple(changes))


def by_file(edits: Iterable[TextEdit]) -> dict[Path, tuple[TextEdit, ...]]:
    """The edits of each file, in the order in which the files are named first."""
    found: dict[Path, list[TextEdit]] = defaultdict(list)
    for edit in edits:
        found[edit.path].append(edit)
    return {path: tuple(those) for path, those in found.items()}


def edited(text: str, edits: Iterable[TextEdit]) -> str:
    """``text`` (of one file) with its edits made; insertions at one place keep their order.

    Raises :class:`EditRefused` where something else stands than an edit says, and when two edits overlap.
    """
    parts, at = [], 0
    end_of_line = line_end(text)
    for edit in sorted(edits, key=lambda one: (one.start, one.end)):  # stable: the order of insertions is theirs
        if edit.start < at:
            raise EditRefused(edit.path, _("Two of the changes are for the same place."))
        if text[edit.start : edit.end] != edit.old or not 0 <= edit.start <= edit.end <= len(text):
            raise EditRefused(edit.path, _("It was changed since the change was worked out."))
        parts += [text[at : edit.start], edit.new.replace("\r\n", "\n").replace("\n", end_of_line)]
        at = edit.end
    return "".join([*parts, text[at:]])


def difference(path: Path, before: str, after: str) -> TextEdit | None:
    """The smallest edit that makes ``after`` of ``before``; None where there is nothing to do."""
    if before == after:
        return None
    start = len(os.path.commonprefix((before, after)))  # noqa: RUF071 - characters are meant
    tail = len(os.path.commonprefix((before[start:][::-1], after[start:][::-1])))  # noqa: RUF071
    return TextEdit.at(path, before, start, len(before) - tail, after[start : len(after) - tail])


def rebased(fix: Fix, made: Iterable[TextEdit], ends: Mapping[Path, str]) -> Fix | None:
    """The same fix for files in which other edits were ``made`` meanwhile; None where one was at the same place.

    ``ends``: the line end of each file. An edit that both have is not made twice.
    """
    done = tuple(made)
    found = []
    for edit in fix.edits:
        if edit in done:
            continue
        moved = 0
        for one in (one for one in done if one.path == edit.path):
            if one.end <= edit.start:
                new = one.new.replace("\r\n", "\n").replace("\n", ends.get(one.path, "\n"))
                moved += len(new) - len(one.old)
            elif one.start < edit.end:
                return None
        found.append(replace(edit, start=edit.start + moved, end=edit.end + moved))
    return Fix(fix.title, tuple(found)) if found else None


def line_end(text: str) -> str:
    """The line end that a text uses: that of its first line."""
    first = text.find("\n")
    return "\r\n" if first > 0 and text[first - 1] == "\r" else "\n"


def read_text(path: Path) -> str:
    """A file's text as :class:`TextEdit` counts it. Raises ``DiskError``, and :class:`EditRefused` for a huge file."""
    data = _bytes(path)
    if data is None:
        with disk_errors(path):
            raise FileNotFoundError(2, os.strerror(2), str(path))
    return _decoded(data)


def preview(fix: Fix, texts: Mapping[Path, str] | None = None) -> dict[Path, tuple[str, str]]:
    """Each file's text before and after a fix. ``texts`` are those that are open and not saved."""
    found = {}
    for path, those in by_file(fix.edits).items():
        before = (texts or {}).get(path)
        if before is None:
            before = read_text(path) if path.exists() else ""
        found[path] = (before, edited(before, those))
    return found


def _decoded(data: bytes) -> str:
    return data.decode("utf-8", "surrogateescape")


def _encoded(text: str) -> bytes:
    return text.encode("utf-8", "surrogateescape")


def _bytes(path: Path) -> bytes | None:
    with disk_errors(path):
        try:
            with path.open("rb") as file:
                data = file.read(_MOST_BYTES + 1)
        except FileNotFoundError:
            return None
    if len(data) > _MOST_BYTES:
        raise EditRefused(path, _("It is too long for a source file."))
    return data


def _write_all(host: Host, changes: Iterable[Change]) -> None:
    """Write all files or none: first beside them, where a disk that is full is found out, then in their place."""
    with ExitStack() as waiting, ExitStack() as done:
        steps: list[tuple[Change, Callable[[], object]]] = []
        for change in changes:
            steps.append((change, _prepared(host, change.path, change.after, waiting)))
        for change, step in steps:
            back = _prepared(host, change.path, change.before, waiting)
            done.enter_context(on_failure(back))
            with disk_errors(change.path):
                step()


def _prepared(host: Host, path: Path, data: bytes | None, waiting: ExitStack) -> Callable[[], object]:
    """What puts ``data`` at ``path`` without another byte to write; ``waiting`` tidies up."""
    target = Path(os.path.realpath(path))  # a link stays a link
    if data is None:
        return lambda: host.remove(target)
    with disk_errors(path):
        target.parent.mkdir(parents=True, exist_ok=True)
        number, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
        fresh = Path(name)
        waiting.callback(fresh.unlink, missing_ok=True)
        with os.fdopen(number, "wb") as file:
            file.write(data)
        if target.exists():
            shutil.copymode(target, fresh)
        else:
            fresh.chmod(0o644)
    return lambda: host.replace(fresh, target)
