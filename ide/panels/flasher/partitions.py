"""Partitions: the table of a board or a file, edited in place, with the layout before and after as two bars."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path

from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QSizePolicy,
    QTableView,
    QWidget,
)

from ide import controls
from ide import page_parts as parts
from ide.board.flash import table_edit
from ide.board.flash.table import (
    DATA,
    FIRST_OFFSET,
    SECTOR,
    TABLE_OFFSET,
    Partition,
    Table,
    subtypes_of,
    with_implicit_vfs,
)
from ide.board.flash.table_check import Complaint, check
from ide.board.flash.templates import TableTemplate, templates
from ide.context import IdeContext
from ide.flash_bar import Piece
from ide.flow import Flow
from ide.panels.flasher.bars import Bars
from ide.panels.flasher.table_model import SIZE, SUBTYPE, TYPE, Choices, TableModel
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.text import _, _n, sentences
from toolchains.units import size_text

_WIDTHS = (110, 70, 90, 90, 90)
_SIZES = (2, 4, 8, 16, 32)
_MB = 1 << 20
#: Rows that are seen in a low panel.
_LINES, _LETTERS = 4, 8
#: Pixels of a row beside its letters.
_SPARE = 6
#: A partition begins with so many bytes.
_NEW = 0x10000


@dataclass(frozen=True)
class Acts:
    """What the panel does for this page: ``read`` and ``write`` the board's table, a ``folder`` onto its files.

    ``write_with``: the table together with the firmware that is chosen.
    """

    read: Callable[[], object]
    write: Callable[[Table], object]
    write_with: Callable[[Table], object]
    folder: Callable[[Path], object]
    open_csv: Callable[[Path], object]
    save_csv: Callable[[Path, Table], object]


class PartitionsPage(QWidget):
    """``table`` is what would be written; ``before`` what the board has, if somebody read it."""

    def __init__(self, ctx: IdeContext, acts: Acts, parent: QWidget) -> None:
        super().__init__(parent)
        self._acts = acts
        self.busy = False
        self.port = self.firmware = ""
        self.before: Table | None = None
        self.flash_size = 4 * _MB
        self.before_size = 0
        self.complaints: list[Complaint] = []
        self.model = TableModel(ctx, self._edited, self)
        self.table_view = self._table()
        self.bars = Bars(ctx, self)
        self.wrong = parts.sentence(self)
        self._templates: tuple[TableTemplate, ...] = templates()
        self._make()
        self._lay_out()
        words.changed.connect(self._name)
        ctx.themes.changed.connect(self.table_view.viewport().update)
        self._name()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _table(self) -> QTableView:
        view = QTableView(self)
        view.setModel(self.model)
        choices = Choices(view)
        for column in (TYPE, SUBTYPE):
            view.setItemDelegateForColumn(column, choices)
        view.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        controls.table_of_rows(view, _("Partition table"))
        controls.low_rows(view, _SPARE)
        view.horizontalHeader().setStretchLastSection(True)
        for column, width in enumerate(_WIDTHS):
            view.setColumnWidth(column, width)
        view.selectionModel().currentChanged.connect(lambda _now, _before: self.render())
        return view

    def _make(self) -> None:
        self.read = controls.button(self, _("Read from the board"), self._acts.read)
        self.template = QComboBox(self)
        self.template.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.template.setMinimumContentsLength(_LETTERS)
        bind(self.template, "setAccessibleName", _("Template"))
        self.template.activated.connect(self._take_template)
        self.size = QComboBox(self)
        self.size.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        bind(self.size, "setAccessibleName", _("Size of the flash"))
        for megabytes in _SIZES:
            self.size.addItem("", megabytes * _MB)
        self.size.activated.connect(lambda _at: self._size_chosen())
        self.shift = QCheckBox(self)
        self.shift.setChecked(True)
        self.shift.setMinimumHeight(self.read.sizeHint().height())  # in one line with buttons
        bind(self.shift, "setText", _("What follows makes room"))
        bind(self.shift, "setToolTip", _("When a partition gets another size, those behind it move"))
        self.add = controls.button(self, _("Add"), self._add)
        self.remove = controls.button(self, _("Remove"), self._remove)
        self.fill = controls.button(self, _("Fill the gap"), self._grow)
        bind(self.fill, "setToolTip", _("Make the chosen partition as large as it can be where it is"))
        self.undo = controls.button(self, _("As before"), self._undo)
        self.open = controls.button(self, _("Open…"), self._open)
        self.save = controls.button(self, _("Save as…"), self._save)
        self.folder = controls.button(self, _("Files from a folder…"), self._folder)
        bind(self.folder, "setToolTip", _("Make a filesystem of a folder and write it to the partition for files"))
        self.both = controls.button(self, _("Write the table and the firmware"), self._write_both)
        self.act = parts.big(self, _("Write the table"), self._write)

    def _lay_out(self) -> None:
        page = parts.Page(_("Partitions"), self)
        top = QWidget(page.inner)
        flow = Flow(top)
        for widget in (self.read, self.template, self.size, self.add, self.remove, self.fill, self.shift, self.undo,
                       self.open, self.save, self.folder):  # fmt: skip
            flow.addWidget(widget)
        lines = self.table_view.verticalHeader().defaultSectionSize()
        self.table_view.setMinimumHeight(lines * _LINES + self.table_view.horizontalHeader().sizeHint().height())
        self.table_view.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Ignored)  # as high as is left
        page.column.addWidget(top)
        page.column.addWidget(self.table_view, 1)
        page.column.addWidget(self.bars)
        parts.stacked(self, page, parts.foot(self.wrong, self.both, self.act))
        self.setFocusProxy(self.read)

    def _name(self) -> None:
        self.template.clear()
        self.template.addItem(str(_("Template…")))
        self.template.addItems([f"{size_text(one.flash)} · {one.title}" for one in self._templates])
        self.template.view().setMinimumWidth(self.template.view().sizeHintForColumn(0) + 24)
        for at in range(self.size.count()):
            self.size.setItemText(at, str(_("{size} flash", size=size_text(self.size.itemData(at)))))
        self.render()

    # --- the table ------------------------------------------------------------------------------------------------

    @property
    def table(self) -> Table | None:
        """As it is now."""
        return self.model.table

    def show_read(self, table: Table, flash_size: int) -> None:
        """What the board has."""
        self.before, self.before_size = table, flash_size
        self.use_size(flash_size)
        self.use(table)

    def show_firmware(self, name: str) -> None:
        """What is chosen on the page of one board; empty for nothing."""
        self.firmware = name
        bind(self.both, "setToolTip", _("Write {firmware} with this table in it. The whole flash is erased; the files "
                                        "on the board are saved first.", firmware=name))  # fmt: skip
        self.render()

    def use_size(self, n_bytes: int) -> None:
        """The flash has so many bytes."""
        at = self.size.findData(n_bytes)
        if at < 0:
            self.size.addItem(str(_("{size} flash", size=size_text(n_bytes))), n_bytes)
            at = self.size.count() - 1
        self.size.setCurrentIndex(at)
        self.flash_size = n_bytes

    def use(self, table: Table | None) -> None:
        """Edit this one from now on."""
        self.complaints = check(table.written, self.flash_size) if table is not None else []
        chosen = self._current()
        shown = with_implicit_vfs(table.written, self.flash_size) if table is not None else None
        self.model.show(shown, self.complaints)
        if chosen is not None and self._current() is None:  # there are more rows, or fewer
            self._choose(chosen.name)
        self.render()

    def _edited(self, row: int, part: Partition) -> None:
        """Typed in. What is wrong then stands in the row; nothing is refused."""
        table = self.table
        assert table is not None
        before = table.partitions[row]
        rows = list(table.partitions)
        rows[row] = part
        changed = replace(table, partitions=tuple(rows))
        if self.shift.isChecked() and part.size != before.size:
            with suppress(table_edit.EditRefused):  # then the row says why
                changed = table_edit.resize(table.written, part.name, part.size, self.flash_size, shift=True)
        self.use(changed)

    def _choose(self, name: str) -> None:
        row = next((at for at, one in enumerate(self.model.rows) if one.name == name), -1)
        self.table_view.setCurrentIndex(self.model.index(row, SIZE))

    def _current(self) -> Partition | None:
        at = self.table_view.currentIndex().row()
        return self.model.rows[at] if 0 <= at < len(self.model.rows) else None

    def _take_template(self, at: int) -> None:
        self.template.setCurrentIndex(0)
        if at > 0:
            chosen = self._templates[at - 1]
            self.use_size(max(chosen.flash, self.before_size))
            self.use(chosen.table)

    def _size_chosen(self) -> None:
        self.flash_size = self.size.currentData()
        self.use(self.table)

    def _do(self, change: Callable[[Table], Table]) -> None:
        """An edit; what cannot be done is said in place."""
        try:
            self.use(change((self.table or Table(())).written))
        except StudioError as error:
            parts.say(self.wrong, str(error), "bad")

    def _add(self) -> None:
        table = self.table or Table(())
        name = next(name for n in range(1, 100) if table.find(name := f"part{n}") is None)
        part = Partition(name, DATA, subtypes_of(DATA)["undefined"], 0, _NEW)
        self._do(lambda now: table_edit.add(now, part, self.flash_size))
        self._choose(name)

    def _remove(self) -> None:
        current = self._current()
        if current is not None:
            self._do(lambda table: table_edit.remove(table, current.name))

    def _grow(self) -> None:
        current = self._current()
        if current is not None:
            behind = [one.offset for one in self.model.rows if one.offset > current.offset and not one.implicit]
            size = (min([self.flash_size, *behind]) - current.offset) // SECTOR * SECTOR
            self._do(lambda table: table_edit.resize(table, current.name, size, self.flash_size))

    def _undo(self) -> None:
        if self.before is not None:
            self.use(self.before)

    # --- what is shown --------------------------------------------------------------------------------------------

    def render(self) -> None:
        """The table, the work or the language changed."""
        table, current = self.table, self._current()
        on_board = bool(self.port) and not self.busy
        fatal = any(one.fatal for one in self.complaints)
        changed = table is not None and (self.before is None or table.written != self.before.written)
        self.read.setEnabled(on_board)
        self.remove.setEnabled(current is not None and not current.implicit)
        self.fill.setEnabled(current is not None and not current.implicit)
        self.undo.setEnabled(self.before is not None and changed)
        self.save.setEnabled(table is not None)
        self.folder.setEnabled(on_board and table is not None and not changed and table.vfs is not None)
        self.act.setEnabled(on_board and table is not None and changed and not fatal)
        self.both.setEnabled(on_board and table is not None and not fatal)
        self.both.setVisible(bool(self.firmware))
        self._say(table, changed=changed)
        now = self._pieces(table, current)
        was = self._pieces(self.before, None)
        self.bars.show_tables(was, now, self.before_size, self.flash_size)

    def _say(self, table: Table | None, *, changed: bool) -> None:
        general = [one for one in self.complaints if not one.partition]
        fatal = sum(one.fatal for one in self.complaints)
        if table is None:
            parts.say(self.wrong, _("Read the table of the board, take a template, or open a file."), "muted")
        elif fatal:
            more = _n("{n} thing is wrong; such a table is not written.",
                      "{n} things are wrong; such a table is not written.", fatal)  # fmt: skip
            parts.say(self.wrong, sentences(next(one.text for one in self.complaints if one.fatal), more), "bad")
        elif general:
            parts.say(self.wrong, " ".join(str(one.text) for one in general), "look")
        elif changed and self.before is not None:
            lost = [one.text for one in table_edit.changes(self.before, table.written, self.flash_size) if one.loses]
            saved = _("The flash is saved on this computer first.")
            parts.say(
                self.wrong, sentences(*lost, saved) if lost else _("Nothing is lost."), "look" if lost else "good"
            )
        else:
            parts.say(self.wrong, _("Nothing is wrong with this table."), "good")

    def _pieces(self, table: Table | None, current: Partition | None) -> list[Piece]:
        if table is None:
            return []
        seen = with_implicit_vfs(table, self.flash_size)
        wrong = {one.partition for one in self.complaints if one.fatal} if table is self.table else set()
        chosen = current.name if current is not None else None
        return [
            Piece(str(_("loader")), 0, TABLE_OFFSET, "boot"),
            Piece(str(_("table")), TABLE_OFFSET, FIRST_OFFSET - TABLE_OFFSET, "boot"),
            *(Piece(one.name, one.offset, one.size, "app" if one.is_app else "files" if one is seen.vfs else "data",
                    one.name in wrong, one.name == chosen) for one in seen.partitions),
        ]  # fmt: skip

    # --- files and the board --------------------------------------------------------------------------------------

    def _open(self) -> None:
        filters = (_("Partition tables (*.csv *.bin)"),)
        parts.ask_open(self, _("Partition table"), filters, lambda name: self._acts.open_csv(Path(name)))

    def _save(self) -> None:
        table = self.table
        if table is not None:
            parts.ask_save(self, _("Partition table"), "partitions.csv", "csv",
                           lambda name: self._acts.save_csv(Path(name), table))  # fmt: skip

    def _folder(self) -> None:
        parts.ask_folder(self, _("Files from a folder…"), lambda name: self._acts.folder(Path(name)))

    def _write_both(self) -> None:
        if self.table is not None:
            self._acts.write_with(self.table.written)

    def _write(self) -> None:
        if self.table is not None:
            self._acts.write(self.table.written)
