"""Copies of board files that are edited here: which file of which board each is, and whether the board has it yet.

No Qt. The copies and their list (``kept.json``) lie in the state folder, one place a project: they outlive the window,
and what the board does not have yet is never lost.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import asdict, dataclass, replace
from pathlib import Path, PurePosixPath
from typing import Any

from ide import session_state

_LIST = "kept.json"
#: So many copies are remembered; older ones that the board has, too, go first.
MOST = 200
_FIELDS = ("board", "path", "local", "sha256")


@dataclass(frozen=True)
class Kept:
    """A copy. ``board``: its unique id, else its address; ``sha256``: of the board's file when it was read or written
    last ("" when there was none). ``waiting``: what was saved here is not on the board."""

    board: str
    path: str
    local: Path
    sha256: str
    waiting: bool = False

    @property
    def name(self) -> str:
        """The file's name on the board."""
        return PurePosixPath(self.path).name


class KeptCopies:
    """All of a project, the oldest first. Changing it is done in the window; :meth:`write` belongs into a worker."""

    def __init__(self, state_folder: Path, project: Path) -> None:
        self.folder = state_folder / "board-files" / session_state.project_key(project)
        self._found: dict[Path, Kept] = {}

    def read(self) -> list[Kept]:
        """What the list holds; garbage is passed over. A copy that is not what the board had last waits: it may
        have been saved while nobody was there to send it. For a worker."""
        entries = session_state.read(self.folder / _LIST).get("files")
        return [kept for entry in entries if (kept := self._made(entry))] if isinstance(entries, list) else []

    def _made(self, entry: Any) -> Kept | None:  # noqa: ANN401 - from a file
        if not isinstance(entry, dict) or not all(isinstance(entry.get(key), str) for key in _FIELDS):
            return None
        local = Path(entry["local"])
        if self.folder not in local.parents or ".." in local.parts or not local.is_file():
            return None
        try:
            apart = hashlib.sha256(local.read_bytes()).hexdigest() != entry["sha256"]
        except OSError:
            return None
        return Kept(entry["board"], entry["path"], local, entry["sha256"], apart or entry.get("waiting") is True)

    def use(self, found: Iterable[Kept]) -> None:
        """These were read; what is known already is newer."""
        self._found = {**{kept.local: kept for kept in found}, **self._found}

    def all(self) -> list[Kept]:
        """Every copy."""
        return list(self._found.values())

    def waiting(self) -> list[Kept]:
        """Those that the board does not have yet."""
        return [kept for kept in self._found.values() if kept.waiting]

    def of(self, local: Path) -> Kept | None:
        """The one that is this file."""
        return self._found.get(local)

    def find(self, board: str, path: str) -> Kept | None:
        """The copy of a board's file."""
        return next((kept for kept in self._found.values() if (kept.board, kept.path) == (board, path)), None)

    def put(self, kept: Kept) -> list[Path]:
        """Remember it as the newest; files of copies that are not remembered any more."""
        self._found.pop(kept.local, None)
        self._found[kept.local] = kept
        spare = [one for one in self._found.values() if not one.waiting][: max(0, len(self._found) - MOST)]
        for one in spare:
            del self._found[one.local]
        return [one.local for one in spare]

    def renamed(self, board: str, old: str, new: str) -> None:
        """A file, or a folder with files, has another name on the board."""
        for kept in self.all():
            if kept.board == board and (kept.path == old or kept.path.startswith(f"{old}/")):
                self._found[kept.local] = replace(kept, path=new + kept.path[len(old) :])

    def place(self, board: str, path: str) -> Path:
        """Where the copy of a file lies, under a name that this computer can have. Its folder says that it is a
        board's: tabs show that where two files are called alike."""
        from ide.board.flash.safe_names import safe_names  # here, because the window opens before it

        key = hashlib.sha256(f"{board}\n{path}".encode("utf-8", "surrogateescape")).hexdigest()[:12]
        return self.folder / f"board-{key}" / safe_names([(PurePosixPath(path).name, "file")])[0]

    def write(self, kept: Iterable[Kept]) -> None:
        """Write the list. Raises DiskError."""
        files = [{**asdict(one), "local": str(one.local)} for one in kept]
        session_state.write(self.folder / _LIST, {"files": files})


def beside(local: Path, word: str) -> Path:
    """A free name beside a copy, for what would be lost otherwise: ``main.board.py``, ``main.board-2.py``."""
    stem, ending = local.stem, local.suffix
    names = (f"{stem}.{word}{f'-{number}' if number > 1 else ''}{ending}" for number in range(1, 1000))
    return next(path for name in names if not (path := local.with_name(name)).exists())
