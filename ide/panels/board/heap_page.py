"""The heap map: taken when it is asked for, drawn block by block, and put beside an earlier one."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QProgressBar, QSplitter, QToolButton, QWidget

from ide import controls
from ide.context import IdeContext
from ide.elided import Elided
from ide.flow import Flow
from ide.page_parts import Page, big, say, sentence
from ide.panels.board import heap_colors, heap_files, heap_words
from ide.panels.board.asked import Asked
from ide.panels.board.heap_grid import Block, Drawn, HeapGrid
from ide.panels.board.swatches import marks_legend
from ide.panels.board.tables import Cell, Rows
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.link import Board
    from ide.board.memory.heap_map import HeapChange
    from ide.panels.board.heap_paint import Snapshot

#: How many maps are kept, to be compared.
_KEPT = 8
#: From this width on, two maps are side by side.
_WIDE = 560


class HeapPage(Page):
    """``snapshots``: the maps so far, the newest last."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Heap map"), parent)
        self._ctx = ctx
        self.snapshots: deque[Snapshot] = deque(maxlen=_KEPT)
        self.change: HeapChange | None = None
        self._collect = True
        #: The board that the maps are of; they stay while it restarts, or is plugged in again.
        self._of: str | None = None
        self._changed_data: tuple[bytes, ...] = ()
        self.asked: Asked[Snapshot] = Asked(ctx, _("Take a map of the heap"), self._take, parent=self)
        self._build()
        self.asked.changed.connect(self._told)
        ctx.themes.changed.connect(self._themed)
        words.changed.connect(self.render)
        self.render()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _build(self) -> None:
        inner, head = self.inner, self._head()
        self.progress = QProgressBar(inner)
        bind(self.progress, "setAccessibleName", _("Work in progress"))
        self.said, self.summary = sentence(inner, role="muted"), sentence(inner)
        self.pointed = Elided(inner)
        bind(self.pointed, "setAccessibleName", _("The block at the cursor"))
        self.tools, self.split = self._tools(), self._grids()
        self.marks = marks_legend(self._ctx, inner)
        self.legend = Rows(
            _("Kinds of objects"), (_("Kind"), _("Size"), _("Blocks"), _("Change")), inner, numbers=(1, 2, 3), most=14
        )
        self.runs = Rows(_("Largest free runs"), (_("Free at"), _("Size"), _("Blocks")), inner, numbers=(1, 2), most=6)
        for widget in (head, self.progress, self.said, self.tools):
            self.column.addWidget(widget)
        self.column.addWidget(self.split, 1)
        for widget in (self.pointed, self.marks, self.summary, self.legend, self.runs):
            self.column.addWidget(widget)
        self.column.addLayout(self._foot())
        self.column.addStretch(0)

    def _head(self) -> QWidget:
        head = QWidget(self.inner)
        line = Flow(head)
        self.act = big(head, _("Take a heap map"), self.take)
        self.collect = QCheckBox(head)
        self.collect.setChecked(True)
        self.collect.setMinimumHeight(self.act.sizeHint().height())
        bind(self.collect, "setText", _("Collect garbage first"))
        line.addWidget(self.act)
        line.addWidget(self.collect)
        return head

    def _tools(self) -> QWidget:
        tools = QWidget(self.inner)
        self.now, self.before = QComboBox(tools), QComboBox(tools)
        bind(self.now, "setAccessibleName", _("Which map"))
        bind(self.before, "setAccessibleName", _("Compared with"))
        row = Flow(tools)
        for widget in (
            _sign(tools, "−", _("Smaller blocks"), lambda: self._zoom(-1)),
            _sign(tools, "+", _("Larger blocks"), lambda: self._zoom(1)),
            controls.button(tools, _("Fit"), self._fit),
            self.now,
            self.before,
        ):
            row.addWidget(widget)
        for box in (self.now, self.before):
            box.activated.connect(lambda _at: self._chosen())
        return tools

    def _grids(self) -> QSplitter:
        split = QSplitter(Qt.Orientation.Vertical, self.inner)
        split.setChildrenCollapsible(False)
        self.grid, self.other = HeapGrid(self._ctx, split), HeapGrid(self._ctx, split)
        bind(self.grid, "setAccessibleName", _("Heap map"))
        bind(self.other, "setAccessibleName", _("The earlier heap map"))
        self.grid.pointed.connect(lambda block: self._point(block, earlier=False))
        self.other.pointed.connect(lambda block: self._point(block, earlier=True))
        self.grid.pair(self.other)
        split.addWidget(self.other)
        split.addWidget(self.grid)
        return split

    def _foot(self) -> QHBoxLayout:
        self.save = controls.button(self.inner, _("Save…"), self._save)
        bind(self.save, "setToolTip", _("Keep this map in a file"))
        self.open = controls.button(self.inner, _("Open…"), self._open)
        bind(self.open, "setToolTip", _("Open a map from a file, to compare with it"))
        foot = QHBoxLayout()
        foot.addWidget(self.save)
        foot.addWidget(self.open)
        foot.addStretch(1)
        return foot

    # --- what the person does -------------------------------------------------------------------------------------

    def take(self) -> None:
        """Ask the board."""
        self._collect = self.collect.isChecked()  # the worker asks no widget
        self.asked.ask()

    def _take(self, ctx: JobContext, board: Board) -> Snapshot:
        from ide.board.memory import heap_map
        from ide.panels.board.heap_paint import snapshot

        return snapshot(heap_map.take(ctx, board, _Steps(ctx).tell, collect=self._collect))

    def _zoom(self, steps: int) -> None:
        for grid in (self.grid, self.other):
            grid.zoom(steps)

    def _fit(self) -> None:
        for grid in (self.grid, self.other):
            grid.fit()

    def _save(self) -> None:
        if self.shown is not None:
            heap_files.save(self._ctx, self.shown, self)

    def _open(self) -> None:
        heap_files.open_one(self._ctx, self.opened, self)

    def opened(self, snapshot: Snapshot) -> None:
        """A map from a file is the oldest one; the others are compared with it."""
        if len(self.snapshots) == _KEPT:
            self.snapshots.popleft()
        self.snapshots.appendleft(snapshot)
        self._fill()
        if len(self.snapshots) > 1:
            self.before.setCurrentIndex(1)
            self._chosen()

    # --- what happens ---------------------------------------------------------------------------------------------

    def _told(self) -> None:
        """The board answered, or cannot."""
        value = self.asked.value
        identity = self._ctx.board.identity
        if self._ctx.board.address is None:
            self._forget()
        elif identity is not None and identity.unique_id != self._of:
            self._of = identity.unique_id
            self._forget()
        if value is not None and (not self.snapshots or self.snapshots[-1] is not value):
            self.snapshots.append(value)
            self._fill()
        self._render_work()

    def _forget(self) -> None:
        if not self.snapshots:
            return
        self.snapshots.clear()
        self.change = None
        self._fill()

    def _fill(self) -> None:
        """The newest is shown; it is compared with what it was compared with before."""
        kept = self.before.currentIndex()
        for box in (self.now, self.before):
            box.clear()
        self.before.addItem(str(_("compare with…")))
        for one in self.snapshots:
            moment = time.strftime("%H:%M:%S", time.localtime(one.map.at))
            self.now.addItem(str(_("Map of {time}", time=moment)))
            self.before.addItem(str(_("with {time}", time=moment)))
        self.now.setCurrentIndex(len(self.snapshots) - 1)
        self.before.setCurrentIndex(kept if 0 <= kept < len(self.snapshots) else 0)
        self._chosen()

    @property
    def shown(self) -> Snapshot | None:
        """The map that is shown."""
        at = self.now.currentIndex()
        return self.snapshots[at] if 0 <= at < len(self.snapshots) else None

    @property
    def earlier(self) -> Snapshot | None:
        """The map that it is compared with."""
        at = self.before.currentIndex() - 1
        return self.snapshots[at] if 0 <= at < len(self.snapshots) else None

    def _chosen(self) -> None:
        """Others: what changed is found in a worker."""
        shown, earlier = self.shown, self.earlier
        self.change = None
        if shown is None or earlier is None:
            self.render()
            return

        def work(_ctx: JobContext) -> tuple[HeapChange, tuple[bytes, ...]]:
            from ide.board.memory.heap_map import compare
            from ide.panels.board.heap_paint import changed

            change = compare(earlier.map, shown.map)
            return change, changed(shown.map, change)

        def done(found: tuple[HeapChange, tuple[bytes, ...]]) -> None:
            if self.shown is shown and self.earlier is earlier:
                self.change = found[0]
                self._changed_data = found[1]
                self.render()

        self._ctx.jobs.start(_("Compare the heap maps"), work, on_done=done, quiet=True)
        self.render()

    # --- what is shown --------------------------------------------------------------------------------------------

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        wide = self.viewport().width() >= _WIDE
        self.split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    def render(self) -> None:
        """Say and draw everything anew."""
        shown = self.shown
        self._render_work()
        for widget in (self.summary, self.tools, self.split, self.pointed, self.save):
            widget.setVisible(shown is not None)
        self.before.setVisible(len(self.snapshots) > 1)
        self.marks.setVisible(self.change is not None)
        if self.other.isHidden() != (self.earlier is None):
            self.other.setVisible(self.earlier is not None)
            self.split.setSizes([1000, 1000])
        if shown is None:
            self.legend.show_rows(())
            self.runs.show_rows(())
            return
        self.summary.setText(heap_words.summary(shown.map, self.change))
        self._draw(shown)
        self._list(shown)

    def _render_work(self) -> None:
        """How far the board is, or why it is not asked: said often, so nothing is drawn anew."""
        asked, shown = self.asked, self.shown
        self.act.setEnabled(asked.can)
        self.progress.setVisible(asked.busy)
        if asked.busy:
            event = asked.progress
            self.progress.setRange(0, 100 if event is not None and event.total else 0)
            if event is not None and event.total:
                self.progress.setValue(min(100, 100 * event.done // event.total))
        self._say(shown)

    def _say(self, shown: Snapshot | None) -> None:
        board, error = self._ctx.board, self.asked.error
        if error is not None:
            say(self.said, str(error), "bad")
        elif not board.connected:
            say(self.said, _("Connect a board: its heap is drawn here, block by block."), "muted")
        elif board.state == "running":
            say(self.said, _("A program runs on the board. It is not stopped for this."), "muted")
        elif shown is not None and shown.map.info.truncated:
            say(self.said, _("Some lines of it did not arrive; they are drawn as unknown."), "look")
        else:
            hint: Text | None = None
            if shown is None and not self.asked.busy:
                hint = _("Press the button: the heap of the board is drawn here, block by block.")
            say(self.said, hint, "muted")

    def _draw(self, shown: Snapshot) -> None:
        theme, earlier = self._ctx.themes.theme, self.earlier
        if self.change is not None:
            marks = (self._changed_data, self.change.marks)
            self.grid.show_areas(_drawn(shown, marks), heap_colors.of_changes(theme))
        else:
            self.grid.show_areas(_drawn(shown, None), heap_colors.of_kinds(theme))
        self.grid.setAccessibleDescription(self.summary.text())
        if earlier is not None:
            self.other.show_areas(_drawn(earlier, None), heap_colors.of_kinds(theme))
            self.other.setAccessibleDescription(heap_words.summary(earlier.map, None))

    def _list(self, shown: Snapshot) -> None:
        theme, block = self._ctx.themes.theme, shown.map.block_size
        rows = heap_words.kinds(shown.map, self.change)
        self.legend.show_rows([
            (Cell(f"{symbol}  {title}", heap_colors.color_of(theme, symbol)), size_text(n * block), str(n), change)
            for symbol, title, n, change in rows
        ])  # fmt: skip
        self.legend.setColumnHidden(3, self.change is None)
        self.runs.show_rows(
            [(f"0x{run.address:x}", size_text(run.n_blocks * block), str(run.n_blocks)) for run in shown.free_runs]
        )

    def _themed(self) -> None:
        self.render()

    def _point(self, block: Block | None, *, earlier: bool) -> None:
        snapshot = self.earlier if earlier else self.shown
        if block is None or snapshot is None or block.area >= len(snapshot.map.areas):
            self.pointed.setText("")
            return
        marks = self.change.marks if self.change is not None and not earlier else ()
        said = heap_words.block(snapshot.map, block.area, block.at, marks)
        self.pointed.setText(said)
        (self.other if earlier else self.grid).viewport().setToolTip(said)


def _sign(parent: QWidget, sign: str, name: Text, run: Callable[[], object]) -> QToolButton:
    made = controls.button(parent, Text(sign), run)
    bind(made, "setToolTip", name)
    bind(made, "setAccessibleName", name)
    return made


class _Steps:
    """Tells of progress now and then: every line of a heap would be a lot."""

    def __init__(self, ctx: JobContext) -> None:
        self._ctx, self._told = ctx, -1

    def tell(self, done: int, total: int) -> None:
        percent = 100 * done // total if total else 0
        if percent != self._told:
            self._told = percent
            self._ctx.progress(done, total or None, "B")


def _drawn(snapshot: Snapshot, changed: tuple[tuple[bytes, ...], tuple[bytes, ...]] | None) -> list[Drawn]:
    """The areas with a colour and a letter a block: by kind, or by what happened to it."""
    return [
        Drawn(
            heap_words.area(snapshot.map, at),
            changed[0][at] if changed is not None else snapshot.symbols[at].translate(heap_colors.PLACES),
            changed[1][at] if changed is not None else area.blocks,
        )
        for at, area in enumerate(snapshot.map.areas)
    ]
