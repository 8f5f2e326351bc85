"""What a program that starts by itself replaced on its board: the note on the board, the old files on this computer.

The note lies on the board (:data:`PATH`), so that it is true of this very board and flash, and is gone with them; it
names each file with the hashes of what was there before and of what we put. The old files themselves lie on this
computer, in a folder of the note's own: a board has little room. The note is written before the first file is touched,
so whatever happens then, it tells the way on and the way back.
"""

from __future__ import annotations

import json
import os
import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from ide.board.file_session import sha256_of
from toolchains.errors import BoardError, disk_errors
from toolchains.host import Host
from toolchains.paths import Paths
from toolchains.text import _

SCHEMA = 1
PATH = "/.natmod-start.json"


class RecordUnreadable(BoardError):
    """The note on the board is not one of ours, or of a newer Natmod Studio."""

    code = "board.start-record"

    def __init__(self) -> None:
        super().__init__(
            _("The note on the board that tells which files were there before ({path}) cannot be read.", path=PATH),
            next_step=_("Update Natmod Studio; or remove that file, and what is on the board now counts as yours."),
            path=PATH,
        )


@dataclass(frozen=True)
class Entry:
    """One file of the board. Hashes are sha256 in hex, None for "no such file".

    ``before``: what lay there when we first came. ``ours``: what we put, the latest first; more than one while, or
    after, something was exchanged.
    """

    before: str | None
    ours: tuple[str | None, ...]


@dataclass(frozen=True)
class Record:
    """The whole note: ``token`` names the folder with the old files, ``folders`` are those that we made."""

    token: str
    name: str
    files: Mapping[str, Entry] = field(default_factory=dict)
    folders: tuple[str, ...] = ()

    @staticmethod
    def new(name: str) -> Record:
        """An empty note with a name that no other has."""
        return Record(secrets.token_hex(8), name)

    def to_bytes(self) -> bytes:
        """The form on the board."""
        files = {path: [entry.before, *entry.ours] for path, entry in self.files.items()}
        whole = {"schema": SCHEMA, "id": self.token, "name": self.name, "files": files, "folders": list(self.folders)}
        return json.dumps(whole, separators=(",", ":"), ensure_ascii=False).encode()

    @staticmethod
    def from_bytes(data: bytes) -> Record:
        """The note that :meth:`to_bytes` wrote. Raises :class:`RecordUnreadable`."""
        try:
            whole = json.loads(data)
            files = {str(path): Entry(hashes[0], tuple(hashes[1:])) for path, hashes in whole["files"].items()}
            record = Record(str(whole["id"]), str(whole["name"]), files, tuple(map(str, whole["folders"])))
            right = whole["schema"] == SCHEMA and record.token.isalnum()
        except (ValueError, KeyError, TypeError, AttributeError, IndexError) as error:
            raise RecordUnreadable from error
        if not right:
            raise RecordUnreadable
        return record


@dataclass(frozen=True)
class Shelf:
    """The folder of this computer where old files of boards are kept, by the note's token and their hash."""

    root: Path
    host: Host

    @staticmethod
    def of(paths: Paths, host: Host) -> Shelf:
        """The shelf of this user."""
        return Shelf(paths.state / "replaced", host)

    def folder(self, token: str) -> Path:
        """Where the old files of one note are."""
        return self.root / token

    def put(self, token: str, data: bytes) -> None:
        """Keep a file, safe from a power cut from then on."""
        target = self.folder(token) / sha256_of(data)
        with disk_errors(target):
            target.parent.mkdir(parents=True, exist_ok=True)
            part = target.with_name(target.name + ".part")
            with part.open("wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            self.host.replace(part, target)

    def get(self, token: str, sha256: str) -> bytes | None:
        """A file that was kept, whole; None if it is not here."""
        try:
            data = (self.folder(token) / sha256).read_bytes()
        except OSError:
            return None
        return data if sha256_of(data) == sha256 else None

    def forget(self, token: str, hashes: Iterable[str | None]) -> bool:
        """Remove kept files that were put back, and the folder when it is empty; whether something is left in it."""
        folder = self.folder(token)
        with disk_errors(folder):
            for sha256 in set(hashes) - {None}:
                (folder / str(sha256)).unlink(missing_ok=True)
            left = folder.is_dir() and any(folder.iterdir())
            if folder.is_dir() and not left:
                folder.rmdir()
        return left
