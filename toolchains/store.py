"""What is installed: folders with a stamp inside, so that the disk itself says what is there.

An install is filled beside its final place, stamped, and then renamed into it in one step. A second install of the
same name gets a folder of its own (``1.26.1~2``), and only then does the older one go: whenever a process is killed,
either the old or the new one is there, whole. Folders whose name starts with a dot are leftovers and never listed.
The pattern is hatch's (``python/core.py``), with a rename instead of a swap.
"""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked

STAMP = "natmod-stamp.json"
_LOCK = ".lock"


@dataclass(frozen=True)
class Entry:
    """One installed thing: its name, its folder, and what its stamp says."""

    name: str
    folder: Path
    stamp: Mapping[str, object]


def _read_stamp(folder: Path) -> Mapping[str, object] | None:
    try:
        stamp = json.loads((folder / STAMP).read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return stamp if isinstance(stamp, dict) else None


def _serial(folder: Path) -> tuple[str, int] | None:
    name, tilde, number = folder.name.rpartition("~")
    if not tilde:
        return folder.name, 1
    return (name, int(number)) if number.isdecimal() else None


class Store:
    """The installed things below one root folder."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def entries(self) -> list[Entry]:
        """What is installed, by name; half-installed and foreign folders are ignored."""
        newest: dict[str, tuple[int, Entry]] = {}
        for folder in self._folders():
            serial, stamp = _serial(folder), _read_stamp(folder)
            if serial is None or stamp is None:
                continue
            name, number = serial
            if name not in newest or newest[name][0] < number:
                newest[name] = (number, Entry(name, folder, stamp))
        return [entry for _number, entry in sorted(newest.values(), key=lambda pair: pair[1].name)]

    def get(self, name: str) -> Entry | None:
        """The entry of that name, or None."""
        return next((entry for entry in self.entries() if entry.name == name), None)

    def install(self, ctx: JobContext, fill: Callable[[Path], tuple[str, Mapping[str, object]]]) -> Entry:
        """Let ``fill`` put everything into a fresh folder and return its name and stamp; it then replaces the old one.

        An exception of ``fill``, a cancel, or the end of this process at any point leaves the old one in place.
        """
        with disk_errors(self.root), locked(ctx, self._lock()):
            self._sweep()
            beside = Path(tempfile.mkdtemp(prefix=".new-", dir=self.root))
            try:
                tree = beside / "it"
                tree.mkdir()
                name, stamp = fill(tree)
                (tree / STAMP).write_text(json.dumps({"schema": 1, "name": name, **stamp}, indent=1), "utf-8")
                ctx.check()
                folder = self._next_folder(name)
                ctx.host.replace(tree, folder)
            finally:
                shutil.rmtree(beside, ignore_errors=True)
            self._drop(ctx, [old for old in self._named(name) if old != folder])
        return Entry(name, folder, _read_stamp(folder) or {})

    def remove(self, ctx: JobContext, name: str) -> bool:
        """Remove ``name``; whether it was there."""
        if not self._named(name):
            return False
        with disk_errors(self.root), locked(ctx, self._lock()):
            self._drop(ctx, self._named(name))
        return True

    def _folders(self) -> list[Path]:
        try:
            return [p for p in self.root.iterdir() if p.is_dir() and not p.name.startswith(".")]
        except OSError:
            return []

    def _named(self, name: str) -> list[Path]:
        return [folder for folder in self._folders() if (_serial(folder) or ("", 0))[0] == name]

    def _next_folder(self, name: str) -> Path:
        numbers = [(_serial(folder) or ("", 0))[1] for folder in self._named(name)]
        return self.root / (f"{name}~{max(numbers) + 1}" if numbers else name)

    def _drop(self, ctx: JobContext, folders: list[Path]) -> None:
        """Take folders away: first out of sight in one step, then their content."""
        for folder in sorted(folders, key=lambda f: (_serial(f) or ("", 0))[1]):
            trash = Path(tempfile.mkdtemp(prefix=".old-", dir=self.root))
            ctx.host.replace(folder, trash / "it")
            shutil.rmtree(trash, ignore_errors=True)

    def _sweep(self) -> None:
        """Remove what a killed process left; called under the lock, so nobody is still working in it."""
        for left in [*self.root.glob(".new-*"), *self.root.glob(".old-*")]:
            shutil.rmtree(left, ignore_errors=True)

    def _lock(self) -> Path:
        """The lock of the one installer at a time."""
        self.root.mkdir(parents=True, exist_ok=True)
        return self.root / _LOCK
