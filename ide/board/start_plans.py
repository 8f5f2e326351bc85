"""Putting a program on a board so that it can be taken back, and taking it back: the two plans.

Every step leaves the board in a state that the note (:mod:`ide.board.start_record`) describes: each file is as it was
before, or one of ours. So a broken cable does no harm: the next time completes what was begun, or takes it back.
A file that is neither was changed by somebody else. It is never destroyed: when something takes its place it is kept
like any old file, else it is left alone.
"""

from __future__ import annotations

from collections.abc import Generator, Iterable, Mapping
from dataclasses import dataclass, field, replace

from ide.board.errors import BoardGarbled
from ide.board.file_session import Copy, Plan, Session, clear_temporary, home_of, read, remove_file, sha256_of, write
from ide.board.install import Installed, check_room
from ide.board.start_changes import (
    Changes,
    FolderInTheWay,
    KeptElsewhere,
    covers,
    folders_of,
    go_back,
    look_at,
    may_change,
    record_at,
    starters,
)
from ide.board.start_record import PATH, Entry, Record, Shelf

__all__ = ["Changes", "FolderInTheWay", "KeptElsewhere", "put", "take_back"]


def put(session: Session, shelf: Shelf, name: str, wanted: Mapping[str, bytes], changes: Changes) -> Plan:
    """Put the files ``wanted`` (path: content) on the board, and take back what an earlier program left.

    Paths begin with a slash, which stands for the folder where the board looks for main.py.
    """
    home = yield from home_of()
    old = yield from record_at(session, home + PATH)
    there = {home + path: data for path, data in wanted.items()}
    yield from _Put(session, shelf, home, there, changes, old, old or Record.new(name)).run(name)


@dataclass
class _Put:
    session: Session
    shelf: Shelf
    home: str
    wanted: Mapping[str, bytes]
    changes: Changes
    old: Record | None
    base: Record
    there: dict[str, Copy | None] = field(default_factory=dict)

    def run(self, name: str) -> Plan:
        shadows = {path[:-4] + ".py" for path in self.wanted if path.endswith(".mpy")} - self.wanted.keys()
        yield from clear_temporary([*self.wanted, *self.base.files, self.path])
        self.there = yield from look_at(self.session, [*self.wanted, *shadows, *self.base.files, self.path])
        gone = {path for path in shadows if self.there[path] or path in self.base.files}
        goal = {**{path: sha256_of(data) for path, data in self.wanted.items()}, **dict.fromkeys(gone)}
        folders = yield from self._folders()
        files = {path: self._entry(path, sha256) for path, sha256 in goal.items()}
        leftovers = {path: entry for path, entry in self.base.files.items() if path not in goal}
        both = replace(self.base, name=name, files={**leftovers, **files}, folders=folders)
        back = self._ways_back(leftovers)
        yield from self._keep(files)
        stale = {path: data for path, data in self.wanted.items() if self._hash(path) != sha256_of(data)}
        yield from self._check_room({**stale, **{path: data for path, data in back.items() if data}}, both)
        yield from self._note(both)
        for path in gone:
            if self._hash(path) is not None:
                yield from remove_file(path)
        yield from self._write_all(stale)
        yield from go_back(self.session, self.home, back, self.changes)
        yield from self._last_note(both, leftovers.keys() & back.keys(), leftovers)

    @property
    def path(self) -> str:
        """Where the note is."""
        return self.home + PATH

    def _hash(self, path: str) -> str | None:
        copy = self.there[path]
        return copy[1] if copy else None

    def _is_ours(self, path: str, entry: Entry) -> bool:
        return may_change(self._hash(path), entry)

    def _entry(self, path: str, goal: str | None) -> Entry:
        """What the note says of a file from now on; ``goal`` is what comes there."""
        now, known = self._hash(path), self.base.files.get(path)
        if known is None:
            if now is not None and now != goal:
                self.changes.replaced.append(path)
            return Entry(now, (goal,))
        if now in known.ours or now == known.before or now is None:
            return Entry(known.before, tuple(dict.fromkeys((goal, now) if now in known.ours else (goal,))))
        if now != goal:
            self.changes.theirs.append(path)
        return Entry(now, (goal,))

    def _ways_back(self, leftovers: Mapping[str, Entry]) -> dict[str, bytes | None]:
        """What comes in the place of files that the program does not have any more; None: nothing."""
        back: dict[str, bytes | None] = {}
        for path, entry in leftovers.items():
            if not self._is_ours(path, entry):
                continue
            data = self.shelf.get(self.base.token, entry.before) if entry.before else None
            if data is not None or entry.before is None:
                back[path] = data
        return back

    def _folders(self) -> Generator[str, object, tuple[str, ...]]:
        """The folders that we made or will make. Raises :class:`FolderInTheWay`."""
        modules = {
            p.rpartition(".")[0]: p for p in self.wanted if p.endswith((".py", ".mpy")) and p not in starters(self.home)
        }
        asked = [*dict.fromkeys([*folders_of(self.wanted), *modules])]
        said = yield f"[s(x) for x in {asked!r}]"
        there = {
            path for path, is_folder in zip(asked, said if isinstance(said, list) else (), strict=True) if is_folder
        }
        for folder, path in modules.items():
            if folder in there and not any(known.startswith(f"{folder}/") for known in self.base.files):
                raise FolderInTheWay(folder, path)
        new = (path for path in folders_of(self.wanted) if path not in there)
        return tuple(dict.fromkeys((*self.base.folders, *new)))

    def _keep(self, files: Mapping[str, Entry]) -> Plan:
        """Bring to this computer what is about to be replaced."""
        for path, entry in files.items():
            now = self._hash(path)
            needed = now is not None and now == entry.before and now != entry.ours[0]
            if not needed or self.shelf.get(self.base.token, str(now)) is not None:
                continue
            data = yield from read(self.session, path)
            if data is None or sha256_of(data) != now:
                raise BoardGarbled(path)
            self.shelf.put(self.base.token, data)

    def _check_room(self, stale: Mapping[str, bytes], record: Record) -> Plan:
        if stale:
            yield from check_room({self.path: record.to_bytes(), **stale}, self.there)
        self.session.total = sum(map(len, stale.values()))

    def _note(self, record: Record) -> Plan:
        """Write the note, unless the one that is there says as much."""
        self.changes.begun = True
        if self.old is None or not covers(self.old, record):
            yield from write(self.session, self.path, record.to_bytes())

    def _write_all(self, stale: Mapping[str, bytes]) -> Plan:
        last = starters(self.home)
        for path in sorted(self.wanted, key=lambda path: path in last):  # main.py when all that it needs is there
            data = self.wanted[path]
            if path in stale:
                yield from write(self.session, path, data)
                self.session.done += len(data)
            self.changes.files.append(Installed(path, len(data), sha256_of(data), path not in stale))

    def _last_note(self, both: Record, back: Iterable[str], leftovers: Mapping[str, Entry]) -> Plan:
        """Leave out of the note what is as it was before, or somebody else's now."""
        done = {p for p, entry in leftovers.items() if p in back or not self._is_ours(p, entry)}
        files = {path: entry for path, entry in both.files.items() if path not in done}
        needed = {*folders_of(files)}
        for folder in sorted(set(both.folders) - needed, key=len, reverse=True):
            yield f"k({folder!r})"
        final = replace(both, files=files, folders=tuple(f for f in both.folders if f in needed))
        if (final.files.keys(), final.folders) != (both.files.keys(), both.folders):
            yield from write(self.session, self.path, final.to_bytes())
        needed_still = {entry.before for entry in files.values()}
        self.shelf.forget(final.token, {leftovers[path].before for path in back} - needed_still)


def take_back(session: Session, shelf: Shelf, changes: Changes) -> Plan:
    """Have the board as it was before the first :func:`put`. Without a note there is nothing to do."""
    home = yield from home_of()
    record = yield from record_at(session, home + PATH)
    yield from clear_temporary([home + PATH, *(record.files if record else ())])
    if record is None:
        return
    changes.name = record.name
    there = yield from look_at(session, record.files)
    now = {path: copy[1] if copy else None for path, copy in there.items()}
    back: dict[str, bytes | None] = {}
    elsewhere: list[str] = []
    for path, entry in record.files.items():
        if now[path] == entry.before:
            continue
        if not may_change(now[path], entry):
            changes.theirs.append(path)
            continue
        back[path] = data = shelf.get(record.token, entry.before) if entry.before else None
        if data is None and entry.before is not None:
            elsewhere.append(path)
    if elsewhere:
        raise KeptElsewhere(tuple(elsewhere), str(shelf.folder(record.token)))
    yield from check_room({path: data for path, data in back.items() if data}, there)
    changes.begun = True
    yield from go_back(session, home, back, changes)
    for folder in sorted(record.folders, key=len, reverse=True):
        yield f"k({folder!r})"
    yield from remove_file(home + PATH)
    done = (entry.before for path, entry in record.files.items() if path not in changes.theirs)
    if shelf.forget(record.token, done):
        changes.kept_in = str(shelf.folder(record.token))
