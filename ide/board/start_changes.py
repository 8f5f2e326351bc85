"""What putting a program on a board and taking it back have in common: what is told of it, and the small steps."""

from __future__ import annotations

import posixpath
from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field

from ide.board.file_session import Copy, Plan, Session, look, read, remove_file, temporary_of, write
from ide.board.install import Installed
from ide.board.start_record import Entry, Record, RecordUnreadable
from toolchains.board_python import STARTERS
from toolchains.errors import BoardError
from toolchains.text import _

Looks = Generator[str, object, dict[str, Copy | None]]


class FolderInTheWay(BoardError):
    """A folder on the board would be imported instead of a module. Field: ``path``."""

    code = "board.folder-in-the-way"

    def __init__(self, path: str, wanted: str) -> None:
        super().__init__(
            _("The board has a folder {path}: import would find it before {wanted}.", path=path, wanted=wanted),
            next_step=_("Rename the module, or remove the folder from the board if nothing needs it."),
            path=path,
        )


class KeptElsewhere(BoardError):
    """The old files of this board are not on this computer. Field: ``paths``."""

    code = "board.kept-elsewhere"

    def __init__(self, paths: tuple[str, ...], folder: str) -> None:
        super().__init__(
            _("What was on the board before is not on this computer: {paths}.", paths=", ".join(paths)),
            why=_(
                "It is kept where the program was put on the board from (here it would be in {folder}).", folder=folder
            ),
            next_step=_("Take it back from that computer."),
            paths=paths,
        )


@dataclass
class Changes:
    """What a plan has done so far. Paths on the board.

    ``files``: those of the program. ``replaced``: that were there before, and are kept on this computer. ``restored``
    and ``removed``: as they were before again. ``theirs``: changed by somebody else since; a put keeps them like any
    old file, a taking back leaves them alone. ``kept_in``: the folder with old files that could not be put back.
    ``begun``: the first change was made. ``name``: the program that was there, by its project's name.
    """

    files: list[Installed] = field(default_factory=list)
    replaced: list[str] = field(default_factory=list)
    restored: list[str] = field(default_factory=list)
    removed: list[str] = field(default_factory=list)
    theirs: list[str] = field(default_factory=list)
    kept_in: str | None = None
    begun: bool = False
    name: str | None = None


def starters(home: str) -> list[str]:
    """The files that MicroPython starts by itself."""
    return [f"{home}/{name}" for name in STARTERS]


def go_back(session: Session, home: str, back: Mapping[str, bytes | None], changes: Changes) -> Plan:
    """Give the files ``back`` their old content; None: there was no such file."""
    first = starters(home)
    for path in sorted(back, key=lambda path: path not in first):  # main.py, before what it needs goes
        data = back[path]
        if data is None:
            yield from remove_file(path)
            changes.removed.append(path)
        else:
            yield from write(session, path, data)
            changes.restored.append(path)


def record_at(session: Session, path: str) -> Generator[str, object, Record | None]:
    """The note. On FAT, where a new one cannot be renamed over the old, it may be there under its first name only."""
    data = yield from read(session, path)
    if data is not None:
        return Record.from_bytes(data)
    data = yield from read(session, temporary_of(path))
    if data is None:
        return None
    try:
        record = Record.from_bytes(data)
    except RecordUnreadable:  # half of the very first one: nothing was changed yet
        return None
    folder, name = posixpath.split(path)
    yield f"m({folder!r},{posixpath.basename(temporary_of(path))!r},{name!r})"
    return record


def look_at(session: Session, paths: Iterable[str]) -> Looks:
    """What the board has at each path."""
    found: dict[str, Copy | None] = {}
    for path in dict.fromkeys(paths):
        found[path] = yield from look(session, path)
    return found


def folders_of(paths: Iterable[str]) -> list[str]:
    """The folders above files, the outer ones first, without the root."""
    found: dict[str, None] = {}
    for path in paths:
        parts = posixpath.dirname(path).strip("/").split("/")
        found |= dict.fromkeys("/" + "/".join(parts[:n]) for n in range(1, len(parts) + 1) if parts[0])
    return list(found)


def may_change(now: str | None, entry: Entry) -> bool:
    """Whether a file is not as it was before, and nothing is lost when it is again: it is ours, or gone.

    Gone it is after a power cut on FAT, which has no rename over a file; or somebody removed it.
    """
    return now != entry.before and (now is None or now in entry.ours)


def covers(old: Record, new: Record) -> bool:
    """Whether the note ``old`` is as good as ``new``."""
    return set(new.folders) <= set(old.folders) and all(
        (known := old.files.get(path)) is not None and known.before == entry.before and {*entry.ours} <= {*known.ours}
        for path, entry in new.files.items()
    )
