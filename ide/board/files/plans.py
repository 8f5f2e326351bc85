"""What is done with a board's files in one conversation; carried out by :class:`ide.board.file_session.Session`."""

from __future__ import annotations

import posixpath
from collections.abc import Callable, Generator, Mapping, Sequence
from dataclasses import dataclass, field

from ide.board.errors import BoardFull
from ide.board.file_session import (
    ENODEV,
    BoardFileError,
    Plan,
    Session,
    batches,
    clear_temporary,
    look,
    read,
    remove_file,
    sha256_of,
    write,
)
from ide.board.files.errors import AlreadyThere, ChangedOnBoard, IsFolder, NotOnBoard
from ide.board.files.records import Moved, Upload
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext

#: What ``q`` of ``resources/board/files.py`` says of a folder.
_FOLDER = -1
#: The size of no file: what lies there is not hashed.
_ANY = -1

#: What is under a name: None, -1 (a folder), a size, or size and sha256 (hex; None where the board cannot hash).
There = int | tuple[int, str | None] | None


@dataclass
class Put:
    """Files go to the board; with ``again`` also what it has already.

    ``expected``: what has to be there for the work to begin, where that matters.
    """

    ctx: JobContext
    session: Session
    wanted: Mapping[str, Upload]
    overwrite: bool = True
    again: bool = False
    expected: Mapping[str, tuple[int, str | None] | None] = field(default_factory=dict)
    done: list[Moved] = field(default_factory=list)
    sizes: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for path, file in self.wanted.items():
            with disk_errors(path if isinstance(file.source, bytes) else file.source):
                self.sizes[path] = file.size
        self.session.total = sum(self.sizes.values())

    def run(self) -> Plan:
        """Look, refuse what cannot go well, write what differs."""
        there = yield from look_at({path: size if self._matters(path) else _ANY for path, size in self.sizes.items()})
        yield from self._check(there)
        same = yield from self._same(there)
        stale = {path: size for path, size in self.sizes.items() if path not in same}
        yield from check_space(stale, {path: _size(there[path]) for path in stale})
        yield from clear_temporary(stale)
        for path, upload in self.wanted.items():
            yield from self._put(path, upload, skipped=path in same)

    def _matters(self, path: str) -> bool:
        """Whether it is worth a hash what lies under the name: not if it is replaced anyway."""
        return not self.again or not self.overwrite or path in self.expected

    def _check(self, there: Mapping[str, There]) -> Plan:
        for path, found in there.items():
            if found == _FOLDER:
                raise IsFolder(path)
            if path in self.expected:
                yield from _check_seen(self.session, path, found, self.expected[path])

    def _same(self, there: Mapping[str, There]) -> Generator[str, object, set[str]]:
        """The paths that have the right content already; others are refused if they may not be replaced."""
        same: set[str] = set()
        for path, found in there.items():
            if isinstance(found, tuple):
                data = self._data(path)
                copy = found if found[1] else (yield from look(self.session, path, len(data)))
                if copy == (len(data), sha256_of(data)):
                    same.update(() if self.again else (path,))
                    continue
            if found is not None and not self.overwrite:
                raise AlreadyThere(path)
        return same

    def _put(self, path: str, upload: Upload, *, skipped: bool) -> Plan:
        self.ctx.check()
        data = self._data(path)
        if not skipped:
            yield from write(self.session, path, data)
        self.session.done += len(data)
        local = upload.source if not isinstance(upload.source, bytes) else None
        self.done.append(Moved(path, len(data), sha256_of(data), skipped, local))

    def _data(self, path: str) -> bytes:
        upload = self.wanted[path]
        with disk_errors(path if isinstance(upload.source, bytes) else upload.source):
            return upload.data


def still_as_seen(session: Session, seen: Mapping[str, tuple[int, str | None]]) -> Plan:
    """Raise ChangedOnBoard, or IsFolder, where something else lies than was seen; what is gone does not matter."""
    there = yield from look_at({path: size for path, (size, _sha256) in seen.items()})
    for path, found in there.items():
        if found == _FOLDER:
            raise IsFolder(path)
        if found is not None:
            yield from _check_seen(session, path, found, seen[path])


def _check_seen(session: Session, path: str, found: There, seen: tuple[int, str | None] | None) -> Plan:
    if not _as_seen(found, seen):
        now = yield from look(session, path)
        if now != seen:
            raise ChangedOnBoard(path, now[1] if now else None)


def _as_seen(found: There, seen: tuple[int, str | None] | None) -> bool:
    """Whether what is there is what was seen; a size alone is compared with a size."""
    if found is None or seen is None:
        return found is seen
    if isinstance(found, tuple) and found[1] is not None and seen[1] is not None:
        return found == seen
    return seen[1] is None and _size(found) == seen[0]


def _size(found: There) -> int | None:
    return found[0] if isinstance(found, tuple) else found


def look_at(sizes: Mapping[str, int]) -> Generator[str, object, dict[str, There]]:
    """What there is under each path, many in one round trip; hashed only where the size is the right one."""
    found: dict[str, There] = {}
    for batch in batches(sizes.items()):
        said = yield f"[q(*x)for x in{batch!r}]"
        assert isinstance(said, list)
        found.update(zip((path for path, _size in batch), said, strict=True))
    return found


def check_space(needed: Mapping[str, int], old: Mapping[str, int | None]) -> Plan:
    """Raise BoardFull if files of these sizes do not fit where files of the ``old`` sizes are (None: nothing).

    Raises BoardFileError where there is no filesystem.
    Old and new lie on the board together for a moment, one file after the other. Every filesystem by itself.
    """
    tops = sorted({_top(path) for path in needed})
    spaces: dict[str, object] = {}
    for batch in batches(tops):
        said = yield f"[v(p)for p in{batch!r}]"
        assert isinstance(said, list)
        spaces.update(zip(batch, said, strict=True))
    left: dict[object, int] = {space: space[1] for space in spaces.values() if isinstance(space, tuple)}
    for path, size in needed.items():
        space = spaces[_top(path)]
        if not isinstance(space, tuple):
            continue
        block = space[0]
        if not block:  # the root of a board on which nothing is mounted
            raise BoardFileError(path, ENODEV)
        blocks = -(-size // block)
        if blocks > left[space]:
            raise BoardFull(path, blocks * block, left[space] * block)
        left[space] += -(-(old[path] or 0) // block) - blocks


def _top(path: str) -> str:
    """The folder under "/" that holds a path: filesystems are mounted there."""
    folder = posixpath.dirname(path)
    return "/" + folder.split("/")[1]


def fetch(ctx: JobContext, session: Session, paths: Sequence[str], keep: Callable[[str, bytes], None]) -> Plan:
    """Read files one after the other; ``keep`` is given each as it is whole. Raises NotOnBoard, and what it raises."""
    for path in paths:
        ctx.check()
        data = yield from read(session, path)
        if data is None:
            raise NotOnBoard(path)
        session.done += len(data)
        keep(path, data)


def remove_all(files: Sequence[str], folders: Sequence[str], gone: list[str]) -> Plan:
    """Remove files, then folders in which nothing is left."""
    for path in files:
        if (yield from remove_file(path)):
            gone.append(path)
    for batch in batches(sorted(folders, key=len, reverse=True)):
        yield f"[k(p)for p in{batch!r}]"
        left = yield f"[s(p)for p in{batch!r}]"
        assert isinstance(left, list)
        gone += [path for path, there in zip(batch, left, strict=True) if not there]
