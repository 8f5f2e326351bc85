"""What there is on a board, and what was moved. Sizes in bytes; paths on the board are absolute, with ``/``."""

from __future__ import annotations

import posixpath
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

Kind = Literal["file", "folder"]
Action = Literal["create", "replace", "same", "delete", "conflict"]
Direction = Literal["to_board", "from_board"]


@dataclass(frozen=True)
class Entry:
    """A file or a folder. ``size``: None for a folder. ``modified``: Unix time in s by the board's clock, or None."""

    path: str
    kind: Kind
    size: int | None = None
    modified: int | None = None

    @property
    def name(self) -> str:
        """The last part of the path; "/" of the root."""
        return posixpath.basename(self.path) or "/"

    @property
    def is_folder(self) -> bool:
        """Whether there may be something in it."""
        return self.kind == "folder"

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"path": self.path, "kind": self.kind, "size": self.size, "modified": self.modified}


@dataclass(frozen=True)
class Filesystem:
    """The filesystem that holds a path. ``mount``: its folder, "/" or "/flash". ``block``: bytes of an allocation unit.

    ``read_only``: None where it was not tried.
    """

    mount: str
    free: int
    total: int
    block: int
    read_only: bool | None = None

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"mount": self.mount, "free": self.free, "total": self.total, "block": self.block,
                "read_only": self.read_only}  # fmt: skip


@dataclass(frozen=True)
class Listing:
    """What is in a folder, folders first, then by name. ``filesystem``: None where the board cannot tell.

    ``cut``: there is more than is listed (:data:`ide.board.files.browse.MOST_ENTRIES`).
    """

    folder: str
    entries: tuple[Entry, ...]
    filesystem: Filesystem | None = None
    cut: bool = False

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        space = self.filesystem.to_json() if self.filesystem else None
        entries = [entry.to_json() for entry in self.entries]
        return {"schema": 1, "folder": self.folder, "entries": entries, "filesystem": space, "cut": self.cut}


@dataclass(frozen=True)
class Properties:
    """All about one file or folder. ``sha256`` (hex): None of a folder."""

    entry: Entry
    sha256: str | None
    filesystem: Filesystem | None


@dataclass(frozen=True)
class FileContent:
    """A file as it was read, and its sha256 (hex): what :func:`ide.board.files.transfer.write_file` expects again."""

    data: bytes
    sha256: str


@dataclass(frozen=True)
class Upload:
    """A file for the board: from where, and its path there."""

    source: Path | bytes
    path: str

    @property
    def data(self) -> bytes:
        """The content. Raises OSError."""
        return self.source if isinstance(self.source, bytes) else self.source.read_bytes()

    @property
    def size(self) -> int:
        """Bytes of the content. Raises OSError."""
        return len(self.source) if isinstance(self.source, bytes) else self.source.stat().st_size


@dataclass(frozen=True)
class Moved:
    """One file that went one way or the other. ``skipped``: it was there already. ``local``: its place here, if any."""

    path: str
    n_bytes: int
    sha256: str
    skipped: bool = False
    local: Path | None = None

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        local = str(self.local) if self.local else None
        return {"path": self.path, "bytes": self.n_bytes, "sha256": self.sha256, "skipped": self.skipped,
                "local": local}  # fmt: skip


@dataclass(frozen=True)
class TransferReport:
    """What was moved, and what was removed (paths), in how many seconds."""

    files: tuple[Moved, ...]
    seconds: float
    removed: tuple[str, ...] = ()
    folders: tuple[str, ...] = ()

    @property
    def n_bytes(self) -> int:
        """Bytes of the files that really went over the line."""
        return sum(file.n_bytes for file in self.files if not file.skipped)

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {"schema": 1, "files": [file.to_json() for file in self.files], "removed": list(self.removed),
                "folders": list(self.folders), "seconds": round(self.seconds, 4)}  # fmt: skip


@dataclass(frozen=True)
class Step:
    """What a sync does with one path on the board. ``size``: bytes of the new file (of the old one when deleted).

    ``local``: the file on this computer, whether it is there or not. A ``conflict`` (a file here and a folder there, or
    a name that this computer cannot have) is left alone and told. ``old``: size and sha256 (hex; None when the size
    alone told the difference) of what it takes the place of or deletes, as it was seen when the plan was made.
    """

    action: Action
    path: str
    size: int
    local: Path
    old: tuple[int, str | None] | None = None
    kind: Kind = "file"


@dataclass(frozen=True)
class SyncPlan:
    """What a sync would do. ``needs``: bytes that the board's filesystem must have free; ``free``: what it has."""

    steps: tuple[Step, ...]
    needs: int
    free: int | None
    direction: Direction
    folder: Path
    target: str

    def of(self, *actions: Action) -> tuple[Step, ...]:
        """The steps of these kinds."""
        return tuple(step for step in self.steps if step.action in actions)

    @property
    def changes(self) -> tuple[Step, ...]:
        """What :func:`ide.board.files.sync.apply` will do."""
        return self.of("create", "replace", "delete")

    @property
    def fits(self) -> bool:
        """Whether there is room for it, as far as the board told."""
        return self.free is None or self.needs <= self.free

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        steps = [{"action": step.action, "path": step.path, "size": step.size, "local": str(step.local)}
                 for step in self.steps]  # fmt: skip
        return {"schema": 1, "direction": self.direction, "folder": str(self.folder), "target": self.target,
                "steps": steps, "needs": self.needs, "free": self.free}  # fmt: skip
