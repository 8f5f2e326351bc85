"""Where a project came from, if it is a copy of an example: remembered with the person's state, not in the project."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from ide import session_state

Kind = Literal["ours", "sdk"]
_KEPT = 500


@dataclass(frozen=True)
class Origin:
    """An example: ours by name, or MicroPython's by name and ``version``."""

    kind: Kind
    name: str
    version: str = ""


class Origins:
    """The origins of this user's copies, by folder. Every method reads or writes a small file: not for the GUI thread.

    One writer at a time is enough here: what two windows write at the same moment may lose one entry.
    """

    def __init__(self, state_folder: Path) -> None:
        self._path = state_folder / "origins.json"

    def of(self, folder: Path) -> Origin | None:
        """What the folder is a copy of; None where nobody knows."""
        row = self._rows().get(os.path.realpath(folder))
        if not isinstance(row, dict):
            return None
        kind, name, version = row.get("kind"), row.get("name"), row.get("version", "")
        if kind not in ("ours", "sdk") or not isinstance(name, str) or not isinstance(version, str):
            return None
        return Origin(kind, name, version) if _plain(name) else None

    def record(self, folder: Path, origin: Origin) -> None:
        """The folder is a copy of ``origin`` now. Raises DiskError."""
        rows = self._rows()
        rows.pop(os.path.realpath(folder), None)
        rows[os.path.realpath(folder)] = {"kind": origin.kind, "name": origin.name, "version": origin.version}
        session_state.write(self._path, {"origins": dict(list(rows.items())[-_KEPT:])})

    def _rows(self) -> dict[str, object]:
        found = session_state.read(self._path).get("origins")
        return dict(found) if isinstance(found, dict) else {}


def _plain(name: str) -> bool:
    """A folder's name and nothing more: the file may have been edited."""
    return name not in ("", ".", "..") and Path(name).name == name
