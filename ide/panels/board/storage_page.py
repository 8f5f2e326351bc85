"""The board's flash as its firmware sees it: a bar, the partitions, the filesystems, and why they are so large."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QHBoxLayout, QWidget

from ide import controls
from ide.context import IdeContext
from ide.flash_bar import FlashBar, Piece, legend
from ide.page_parts import Page, ask_save, say, sentence
from ide.panels.board import wording
from ide.panels.board.asked import Asked
from ide.panels.board.tables import Cell, Rows
from ide.words import bind, words
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

if TYPE_CHECKING:
    from ide.board.link import Board
    from ide.board.storage.on_board import Part, Storage


def _look(ctx: JobContext, board: Board) -> Storage:
    from ide.board.storage import on_board

    return on_board.look(ctx, board)


class StoragePage(Page):
    """Asked when the page is seen and a program ran since the last time; and when the person wants it."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Storage"), parent)
        self._ctx = ctx
        self.asked: Asked[Storage] = Asked(ctx, _("Look at the storage"), _look, parent=self)
        inner = self.inner
        self.said, self.flash = sentence(inner, role="muted"), sentence(inner, role="heading")
        self.bar = FlashBar(ctx, inner)
        bind(self.bar, "setAccessibleName", _("Flash of the board"))
        self.legend = legend(ctx, inner)
        self.parts = Rows(
            _("Partitions"),
            (_("Name"), _("Size"), _("Used"), _("Remark"), _("Type"), _("Subtype"), _("Offset")),
            inner, numbers=(1, 2, 6),
        )  # fmt: skip
        self.mounts_title = sentence(inner, _("Filesystems"), "heading")
        self.mounts = Rows(
            _("Filesystems"), (_("Folder"), _("Free"), _("Size"), _("Kind"), _("Blocks"), _("Partition")),
            inner, numbers=(1, 2),
        )  # fmt: skip
        self.why = sentence(inner)
        self.again = controls.button(inner, _("Look again"), self.asked.ask)
        self.export = controls.button(inner, _("Save as CSV…"), self.save)
        row = QHBoxLayout()
        row.addWidget(self.again)
        row.addWidget(self.export)
        row.addStretch(1)
        for widget in (
            self.said, self.flash, self.bar, self.legend, self.parts, self.mounts_title, self.mounts, self.why
        ):  # fmt: skip
            self.column.addWidget(widget)
        self.column.addLayout(row)
        self.column.addStretch(1)
        self.asked.changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    def look(self, *, anew: bool) -> None:
        """Somebody sees the page; ``anew``: it has just come to the front."""
        if (self.asked.stale or (anew and self.asked.used)) and self.asked.error is None:
            self.asked.ask()

    # --- what is shown --------------------------------------------------------------------------------------------

    def render(self) -> None:
        """Say everything anew."""
        found, board, error = self.asked.value, self._ctx.board, self.asked.error
        if error is not None:
            say(self.said, str(error), "bad")
        elif not board.connected:
            say(self.said, _("Connect a board: its partitions and filesystems show here."), "muted")
        elif found is None and board.state == "running":
            say(self.said, _("A program runs on the board. It is not stopped for this."), "muted")
        else:
            say(self.said, _("Looking…") if self.asked.busy and found is None else None, "muted")
        parts = found.parts if found is not None else ()
        for widget in (self.flash, self.bar, self.legend):
            widget.setVisible(bool(parts))
        self._show_parts(found, parts)
        self._show_mounts(found)
        self._show_why(found)
        self.again.setVisible(board.connected)
        self.again.setEnabled(self.asked.can)
        self.export.setVisible(bool(parts))

    def _show_parts(self, found: Storage | None, parts: tuple[Part, ...]) -> None:
        if found is None or not parts:
            self.parts.show_rows(())
            return
        end = max(found.table.end, found.flash_size or 0)
        self.bar.show_pieces(_pieces(found, parts), end)
        self.flash.setText(str(_flash(found)))
        self.parts.show_rows([
            (
                Cell(part.partition.name, hint=wording.part_remarks(part)), size_text(part.partition.size),
                _used(part), wording.part_remarks(part), part.partition.type_text, part.partition.subtype_text,
                f"0x{part.partition.offset:x}",
            )
            for part in parts
        ])  # fmt: skip

    def _show_mounts(self, found: Storage | None) -> None:
        mounts = found.mounts if found is not None else ()
        self.mounts_title.setVisible(bool(mounts))
        self.mounts.show_rows([
            (
                mount.path, wording.size_or_none(mount.free), wording.size_or_none(mount.total),
                f"{mount.kind} ({_('read only')})" if mount.read_only else mount.kind,
                wording.mount_blocks(mount), mount.partition,
            )
            for mount in mounts
        ])  # fmt: skip

    def _show_why(self, found: Storage | None) -> None:
        if found is None:
            self.why.hide()
            return
        from ide.board.storage.explain import why

        self.why.setText("\n\n".join(str(one) for one in why(found)))
        self.why.show()

    # --- export ---------------------------------------------------------------------------------------------------

    def save(self) -> None:
        """Ask for a file and write the table to it."""
        ask_save(self, _("Save the partition table"), "partitions.csv", "csv", lambda name: self.save_to(Path(name)))

    def save_to(self, path: Path) -> None:
        """Write the table to a file, in a worker."""
        found = self.asked.value
        if found is None:
            return

        def work(_ctx: JobContext) -> None:
            from ide.board.storage.on_board import csv

            with disk_errors(path):
                path.write_text(csv(found), "utf-8")

        self._ctx.jobs.start(
            _("Save the partition table"), work,
            on_done=lambda _none: self._ctx.notices.tell(_("Saved as {path}.", path=path)),
        )  # fmt: skip


def _flash(found: Storage) -> Text:
    taken = found.table.end
    if found.flash_size is None:
        return _("The table uses {size}", size=size_text(taken))
    return _(
        "{flash} of flash, {size} of it in use by the table", flash=size_text(found.flash_size), size=size_text(taken)
    )


def _used(part: Part) -> str:
    if part.used is None:
        return ""
    return f"{size_text(part.used)} ({percent_text(part.used, part.partition.size)})"


def _pieces(found: Storage, parts: tuple[Part, ...]) -> list[Piece]:
    from ide.board.flash.table import FIRST_OFFSET, TABLE_OFFSET

    vfs = found.vfs
    return [
        Piece(str(_("loader")), 0, TABLE_OFFSET, "boot"),
        Piece(str(_("table")), TABLE_OFFSET, FIRST_OFFSET - TABLE_OFFSET, "boot"),
        *(
            Piece(
                part.partition.name, part.partition.offset, part.partition.size,
                "app" if part.partition.is_app else "files" if part.partition == vfs else "data",
                current=part.running,
            )
            for part in parts
        ),
    ]  # fmt: skip
