"""A heap map in a file, to be compared with one of another day or another computer; ``natmod heap`` reads the same."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.page_parts import ask_open, ask_save
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.panels.board.heap_paint import Snapshot


def save(ctx: IdeContext, snapshot: Snapshot, parent: QWidget) -> None:
    """Ask for a file, and write the map to it."""
    ask_save(parent, _("Save the heap map"), "heap.json", "json", lambda name: save_to(ctx, snapshot, Path(name)))


def save_to(ctx: IdeContext, snapshot: Snapshot, path: Path) -> None:
    """Write the map to a file, in a worker."""

    def work(job: JobContext) -> None:
        from ide.board.memory import heap_file

        heap_file.save(job, path, snapshot.map)

    ctx.jobs.start(
        _("Save the heap map"), work, on_done=lambda _none: ctx.notices.tell(_("Saved as {path}.", path=path))
    )


def open_one(ctx: IdeContext, done: Callable[[Snapshot], object], parent: QWidget) -> None:
    """Ask for a file with a map; ``done`` gets it."""
    filters = (_("Heap maps (*.json)"),)
    ask_open(parent, _("Open a heap map"), filters, lambda name: open_from(ctx, Path(name), done))


def open_from(ctx: IdeContext, path: Path, done: Callable[[Snapshot], object]) -> None:
    """Read a map, in a worker. What is no map is told."""

    def work(_job: JobContext) -> Snapshot:
        from ide.board.memory import heap_file
        from ide.panels.board.heap_paint import snapshot

        return snapshot(heap_file.load(path))

    ctx.jobs.start(_("Open a heap map"), work, on_done=done)
