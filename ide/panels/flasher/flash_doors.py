"""The engine's doors to what is in a flash: backup, restore, rescue, partition tables, files.

Each finds the board that the person was shown where it is now. What writes looks at it again, and refuses another one.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from ide.board.flash.errors import NotInDownloadMode, chip_title
from ide.context import IdeContext
from ide.panels.flasher.backup_page import WHAT, Kept
from ide.panels.flasher.coached import Tell, coached, teach
from ide.panels.flasher.shown import Shown
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.board.flash.backup_manifest import Manifest
    from ide.board.flash.commands import Before
    from ide.board.flash.on_chip import Chip
    from ide.board.flash.records import BoardFacts, Flashed
    from ide.board.flash.rescue import Rescued
    from ide.board.flash.table import Table


@dataclass(frozen=True)
class TableRead:
    """The table of a board, how large its flash is, in bytes, and where the board is."""

    table: Table
    flash_size: int
    port: str


@dataclass(frozen=True)
class Saved:
    """A backup, and where the board is that it was made of."""

    place: Path
    port: str


def kept(place: Path, manifest: Manifest) -> Kept:
    """``2026-11-27 07:05 · ESP32-C3 · The whole flash · 7c:df:a1:…``."""
    what = _("Partition {name}", name=manifest.partition) if manifest.kind == "partition" else _WHAT[manifest.kind]
    when = manifest.created[:16].replace("T", " ")
    return Kept(place, (when, chip_title(manifest.chip), what, manifest.mac))


_WHAT = dict(WHAT)


def _facts(chip: Chip) -> BoardFacts:
    """As much as is known of a board of which only the chip was asked."""
    from ide.board.flash.records import BoardFacts

    return BoardFacts(chip.port, chip.facts, None, "", "", chip.track)


def _now(ctx: JobContext, facts: BoardFacts) -> str:
    """The port of the board between two steps."""
    from ide.board.flash import follow

    return follow.now(ctx, facts).port


class FlashDoors:
    """For one window."""

    def __init__(self, ctx: IdeContext, shown: Shown) -> None:
        self._ctx, self._shown = ctx, shown

    @contextmanager
    def _looked_at(self, ctx: JobContext, port: str, before: Before) -> Iterator[Chip]:
        """The chip at a port, asked who it is. Raises AnotherBoard where the person was shown another one."""
        from ide.board.flash import on_chip

        with on_chip.opened(ctx, self._ctx.engine.toolbox(), port, before=before) as chip:
            self._shown.check(ctx, port, chip.facts)
            yield chip

    def backup_folder(self) -> Path:
        """Where backups are kept."""
        from ide.board.flash.backup_place import folder_of

        return folder_of(self._ctx.engine.paths)

    def backups(self, _ctx: JobContext) -> list[Kept]:
        """What there is to put back, the newest first."""
        from ide.board.flash.backup_place import backups

        return [kept(one.place, one.manifest) for one in backups(self.backup_folder())]

    def backup(self, ctx: JobContext, tell: Tell, port: str, what: str) -> Saved:
        """Save ``files``, ``flash`` or ``partition:NAME``."""
        from ide.board.flash import backup

        box = self._ctx.engine.toolbox()
        kind, _colon, name = what.partition(":")

        def save(at: str, before: Before) -> Saved:
            if kind == "partition":
                made = backup.partition(ctx, box, at, name, before=before)
            else:
                made = (backup.flash if kind == "flash" else backup.files)(ctx, box, at, before=before)
            return Saved(made.place, at)

        return coached(ctx, tell, box, self._shown.where(ctx, port), save)

    def keep_files(self, ctx: JobContext, tell: Tell, port: str, facts: BoardFacts | None) -> None:
        """Save the files of a board that is to be erased, if it has any."""
        from ide.board.flash import by_hand
        from ide.board.flash.detect import detect
        from ide.board.flash.keep import keep_files

        box = self._ctx.engine.toolbox()

        def keep(at: str, before: Before) -> None:
            found = detect(ctx, box, at) if facts is None or facts.chip is None else replace(facts, port=at)
            keep_files(ctx, box, found, before=before)

        coached(ctx, tell, box, port, keep, waiting=by_hand.waits(facts))

    def restore(self, ctx: JobContext, tell: Tell, port: str, path: Path, saves: bool) -> Flashed:
        """Put a backup back, if it is of the same chip and fits. ``saves``: first what it replaces."""
        from ide.board.flash import restore
        from ide.board.flash.backup_place import open_backup, prove
        from ide.board.flash.keep import keep_replaced

        box = self._ctx.engine.toolbox()

        def put_back(at: str, before: Before) -> Flashed:
            with self._looked_at(ctx, at, before) as chip:
                if saves:
                    coming, there = open_backup(path), _facts(chip)
                    prove(ctx, coming)
                    restore.check(at, coming, chip.facts)
                    keep_replaced(ctx, box, there, coming, before=before)
                    at = _now(ctx, there)
                asks = before != "no-reset"  # a hand has to start it
                return restore.restore(ctx, box, at, path, facts=chip.facts, before=before, prove_it=asks)

        return coached(ctx, tell, box, self._shown.where(ctx, port), put_back)

    def rescue(self, ctx: JobContext, tell: Tell, port: str, allow_erase: bool) -> Rescued:
        """Bring a board to its prompt, step by step; each :class:`~ide.board.flash.rescue.RescueStep` is told."""
        from ide.board.flash.rescue import rescue

        box = self._ctx.engine.toolbox()
        at = self._shown.where(ctx, port)
        if self._shown.at(at) and not self._shown.stayed(ctx, at):
            with suppress(NotInDownloadMode), self._looked_at(ctx, at, "default-reset"):
                pass
        return rescue(ctx, box, at, tell, allow_erase, wait_for_download=lambda inner, at: teach(inner, tell, box, at))

    def read_table(self, ctx: JobContext, tell: Tell, port: str) -> TableRead:
        """The table of a board. Raises BadTable where there is none."""
        from ide.board.flash import on_chip

        box = self._ctx.engine.toolbox()

        def read(at: str, before: Before) -> TableRead:
            with on_chip.opened(ctx, box, at, before=before) as chip:
                chip.check_readable()
                self._shown.keep(ctx, at, chip.facts)
                return TableRead(chip.table(), chip.flash_size, at)

        return coached(ctx, tell, box, self._shown.where(ctx, port), read)

    def write_table(self, ctx: JobContext, tell: Tell, port: str, table: Table) -> TableRead:
        """Save the flash, write a table alone, start the board."""
        from ide.board.flash import backup, restore

        box = self._ctx.engine.toolbox()

        def write(at: str, before: Before) -> TableRead:
            with self._looked_at(ctx, at, before) as chip:
                backup.flash(ctx, box, at, facts=chip.facts, before=before)
                asks = before != "no-reset"  # a hand has to start it
                done = restore.write_table(ctx, box, at, table, facts=chip.facts, before=before, reconnect=asks)
                return TableRead(table, chip.flash_size, done.port)

        return coached(ctx, tell, box, self._shown.where(ctx, port), write)

    def write_folder(self, ctx: JobContext, tell: Tell, port: str, folder: Path) -> Flashed:
        """Save every filesystem of a board, and make the files of a folder those of MicroPython."""
        from ide.board.flash import restore
        from ide.board.flash.keep import keep_files

        box = self._ctx.engine.toolbox()

        def write(at: str, before: Before) -> Flashed:
            with self._looked_at(ctx, at, before) as chip:
                there = _facts(chip)
                keep_files(ctx, box, there, before=before)
                at = _now(ctx, there)
                asks = before != "no-reset"
                return restore.write_folder(ctx, box, at, folder, facts=chip.facts, before=before, reconnect=asks)

        return coached(ctx, tell, box, self._shown.where(ctx, port), write)

    def open_csv(self, ctx: JobContext, path: Path) -> Table:
        """A table from a CSV file, or a binary one."""
        from ide.board.flash.table import read_binary
        from ide.board.flash.table_csv import read_csv
        from toolchains.errors import disk_errors

        with disk_errors(path):
            data = path.read_bytes()
        ctx.check()
        return read_binary(data) if data[:2] == b"\xaa\x50" else read_csv(data.decode("utf-8", "replace"))

    def save_csv(self, _ctx: JobContext, path: Path, table: Table) -> None:
        """A table as a CSV file."""
        from ide.board.flash.table_csv import write_csv
        from toolchains.errors import disk_errors

        with disk_errors(path):
            path.write_text(write_csv(table), "utf-8")
