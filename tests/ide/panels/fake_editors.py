"""The editor area as panels see it, without an editor."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QObject, Signal


class FakeEditors(QObject):
    """Remembers what it was asked to open."""

    current_changed = Signal(object)
    saved = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[Path, int | None]] = []
        self.moved: list[tuple[Path, Path]] = []
        self.dropped: list[object] = []
        self.documents: list[Any] = []
        self.path: Path | None = None
        self.saves, self.can_save = 0, True

    def open(self, path: Path, line: int | None = None, column: int | None = None, focus: bool = True) -> None:
        self.opened.append((path, line))

    def save_all_then(self, then: Callable[[bool], object]) -> None:
        self.saves += 1
        then(self.can_save)

    def file_moved(self, old: Path, new: Path) -> None:
        self.moved.append((old, new))

    def modified_paths(self) -> list[Path]:
        return [one.path for one in self.documents if one.dirty]

    def drop(self, view: object) -> None:
        self.dropped.append(view)

    def current_path(self) -> Path | None:
        return self.path
