"""Which threads read or write a project's files."""

from __future__ import annotations

import os
import threading
from pathlib import Path
from typing import Any

import pytest


def watch(monkeypatch: pytest.MonkeyPatch, folder: Path) -> list[tuple[str, bool]]:
    """From now on: the name of every file that is opened, listed or written in ``folder``, and whether the window's
    thread did it."""
    found: list[tuple[str, bool]] = []

    def note(path: Path) -> None:
        if path == folder or folder in path.parents:
            found.append((path.name, threading.current_thread() is threading.main_thread()))

    def noted(name: str) -> Any:
        real = getattr(Path, name)

        def call(self: Path, *args: Any, **kwargs: Any) -> Any:
            note(self)
            return real(self, *args, **kwargs)

        return call

    for name in ("open", "read_text", "read_bytes", "glob"):
        monkeypatch.setattr(Path, name, noted(name))
    real_open = os.open  # of the editor, and of tempfile

    def opened(path: Any, *args: Any, **kwargs: Any) -> int:
        if isinstance(path, (str, Path)):
            note(Path(path))
        return real_open(path, *args, **kwargs)

    monkeypatch.setattr(os, "open", opened)
    return found
