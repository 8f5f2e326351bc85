"""What a window remembers from one start to the next, one file a project. No Qt; garbage is forgotten, not fatal."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from toolchains.errors import disk_errors

_SCHEMA = 1
_RECENT = 20


def project_key(folder: Path) -> str:
    """A short name for a project's folder, for files and sockets."""
    return hashlib.sha256(os.path.realpath(folder).encode()).hexdigest()[:16]


def read(path: Path) -> dict[str, Any]:
    """What was written there; empty if nothing sensible was."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return {}
    return found if isinstance(found, dict) and found.get("schema") == _SCHEMA else {}


def write(path: Path, state: Mapping[str, Any]) -> None:
    """Write it, whole or not at all. Raises DiskError."""
    with disk_errors(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        fresh = path.with_name(f"{path.name}.{os.getpid()}.new")
        fresh.write_text(json.dumps({"schema": _SCHEMA, **state}), "utf-8")
        os.replace(fresh, path)


class Recent:
    """Projects that were open, the last one first."""

    def __init__(self, state_folder: Path) -> None:
        self._path = state_folder / "recent.json"

    def folders(self) -> list[Path]:
        """Those that are still there."""
        found = read(self._path).get("folders")
        names = found if isinstance(found, list) else []
        return [Path(name) for name in names if isinstance(name, str) and Path(name).is_dir()]

    def add(self, folder: Path) -> None:
        """It was opened now. Raises DiskError."""
        others = [one for one in self.folders() if one != folder]
        write(self._path, {"folders": [str(one) for one in [folder, *others][:_RECENT]]})


def state_file(state_folder: Path, project: Path) -> Path:
    """Where the window of a project keeps what it remembers."""
    return state_folder / "sessions" / f"{project_key(project)}.json"
