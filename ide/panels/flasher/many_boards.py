"""Many boards: all that are plugged in, flashed at once, each with its own end; labels, and a sheet to print."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QHBoxLayout, QSplitter, QVBoxLayout, QWidget

from ide import controls
from ide import page_parts as parts
from ide.context import IdeContext
from ide.flow import Flow
from ide.panels.flasher.many_detail import RowDetail
from ide.panels.flasher.many_table import BoardRow, ManyModel, ManyTable
from ide.words import bind, words
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.board.board_list import ListedBoard

#: Of the table, and of what its chosen line says, in pixels.
_SHARES = (760, 520)
_EMPTY = _("No board is plugged in. Plug boards in, or add a port by its name: each gets a line here.")


@dataclass(frozen=True)
class Acts:
    """What the panel does for this page. ``begin(rows)``, ``cancel``, ``look``, ``sheet``, ``relabel(row, text)``."""

    begin: Callable[[list[BoardRow]], object]
    cancel: Callable[[], object]
    look: Callable[[], object]
    identify: Callable[[list[BoardRow]], object]
    sheet: Callable[[], object]
    relabel: Callable[[BoardRow, str], object]


class ManyBoards(QWidget):
    """``version``: the chosen release, empty for the newest that fits; ``file``: firmware from a file instead."""

    def __init__(self, ctx: IdeContext, acts: Acts, parent: QWidget) -> None:
        super().__init__(parent)
        self._acts = acts
        self.busy = False
        self.file: Path | None = None
        self._versions: list[str] = []
        self._added: list[str] = []
        self._state: tuple[int, int, int, int, bool, bool] | None = None
        self.model = ManyModel(ctx, acts.relabel, self)
        self.table = ManyTable(ctx, self.model, self)
        self.detail = RowDetail(ctx, self)
        self.empty = parts.sentence(self, _EMPTY, "muted")
        self._make()
        self._lay_out()
        self.model.ticked.connect(self.render)
        self.erase.toggled.connect(lambda _on: self.show_states())
        self.table.selectionModel().currentChanged.connect(lambda _now, _before: self._show_detail())
        words.changed.connect(self._name_versions)
        self.render()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        self.firmware = QComboBox(self)
        bind(self.firmware, "setAccessibleName", _("Firmware"))
        self.firmware.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToContents)
        self.pick = controls.button(self, _("File…"), self._ask_file)
        self.erase = self._box(_("Erase all"), _("Erase the whole flash of each board, the files on it too"))
        self.deploy = self._box(_("Put the project on them"), _("Build the project and install it on each board"))
        self.smoke = self._box(_("Smoke test"), _("See that each board answers, computes and keeps a file"))
        self.smoke.setChecked(True)
        self.identify = controls.button(self, _("Identify"), lambda: self._acts.identify(self.chosen))
        bind(self.identify, "setToolTip", _("Ask each board what it is; its program is stopped for that"))
        self.look = controls.button(self, _("Look again"), self._acts.look)
        self.add = controls.field(self, _("Add a port: name, Enter"))
        self.add.setFixedWidth(170)
        self.add.returnPressed.connect(self._add)
        self.sheet = controls.button(self, _("Sheet…"), self._acts.sheet)
        bind(self.sheet, "setToolTip", _("A page to print: each board, and whether it passed"))
        self.summary = parts.sentence(self)
        bind(self.summary, "setAccessibleName", _("How many boards are done"))
        self.cancel = controls.button(self, _("Cancel"), self._acts.cancel)
        self.act = parts.big(self, _("Flash"), lambda: self._acts.begin(self.chosen))
        self._name_versions()

    def _box(self, title: Text, hint: Text) -> QCheckBox:
        box = QCheckBox(self)
        bind(box, "setText", title)
        bind(box, "setToolTip", hint)
        box.setMinimumHeight(self.pick.sizeHint().height())  # in one line with buttons
        return box

    def _lay_out(self) -> None:
        top = QWidget(self)
        flow = Flow(top)
        for widget in (self.firmware, self.pick, self.erase, self.deploy, self.smoke, self.identify, self.look,
                       self.add, self.sheet):  # fmt: skip
            flow.addWidget(widget)
        holder = QHBoxLayout()
        holder.setContentsMargins(8, 4, 8, 4)
        holder.addWidget(top, 1)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.detail)
        split.setSizes(list(_SHARES))
        split.setStretchFactor(0, 1)
        self.empty.setContentsMargins(8, 4, 8, 4)
        parts.stacked(self, split, parts.foot(self.summary, self.cancel, self.act))
        column = self.layout()
        assert isinstance(column, QVBoxLayout)
        column.insertLayout(0, holder)
        column.insertWidget(1, self.empty, 0, Qt.AlignmentFlag.AlignTop)
        self.setFocusProxy(self.table)

    # --- choices --------------------------------------------------------------------------------------------------

    def show_versions(self, versions: list[str]) -> None:
        """Releases that there are for boards, the newest first."""
        if versions != self._versions:
            self._versions = list(versions)
            self._name_versions()

    def _name_versions(self) -> None:
        chosen = self.firmware.currentData() or ""
        self.firmware.clear()
        self.firmware.addItem(str(_("Newest that fits each board")), "")
        for version in self._versions:
            self.firmware.addItem(f"MicroPython {version}", version)
        if self.file is not None:
            self.firmware.addItem(self.file.name, str(self.file))
        self.firmware.setCurrentIndex(max(0, self.firmware.findData(chosen)))
        self.render()

    @property
    def version(self) -> str:
        """The chosen release; empty for the newest, or for a file."""
        return "" if self.from_file is not None else self.firmware.currentData() or ""

    @property
    def from_file(self) -> Path | None:
        """The chosen file."""
        chosen = self.file is not None and self.firmware.currentIndex() == self.firmware.count() - 1
        return self.file if chosen else None

    def use_file(self, path: Path) -> None:
        """This firmware for all of them."""
        self.file = path
        self._name_versions()
        self.firmware.setCurrentIndex(self.firmware.count() - 1)

    def _ask_file(self) -> None:
        parts.ask_open(
            self, _("Firmware from a file"), (_("Firmware (*.bin)"),), lambda name: self.use_file(Path(name))
        )

    @property
    def chosen(self) -> list[BoardRow]:
        """The ticked lines."""
        return [row for row in self.model.rows if row.chosen]

    # --- the lines ------------------------------------------------------------------------------------------------

    def show_boards(self, boards: list[ListedBoard]) -> None:
        """What is plugged in now; what is known of a line stays, and added ports stay."""
        if self.busy:
            return
        wanted = [(one.address, one.title) for one in boards if one.available and one.likely]
        wanted += [(port, Text("")) for port in self._added if port not in dict(wanted)]
        known = {row.port: row for row in self.model.rows}
        self.model.show([known.get(port) or BoardRow(port, title) for port, title in wanted])
        self.render()

    def add_ports(self, ports: list[str]) -> None:
        """Lines for ports that the system does not list."""
        for port in ports:
            if port and port not in self._added and self.model.of(port) is None:
                self._added.append(port)
                self.model.show([*self.model.rows, BoardRow(port)])
        self.render()

    def _add(self) -> None:
        self.add_ports([self.add.text().strip()])
        self.add.clear()

    def set_busy(self, busy: bool) -> None:
        """They are being flashed, or are no longer."""
        self.busy = self.model.fixed = busy
        self.render()

    def render(self) -> None:
        """Lines, choices or the language changed."""
        rows, chosen = self.model.rows, self.chosen
        self.empty.setVisible(not rows)
        for widget in (self.firmware, self.pick, self.erase, self.deploy, self.smoke, self.look, self.add):
            widget.setEnabled(not self.busy)
        self.identify.setEnabled(bool(chosen) and not self.busy)
        self.cancel.setVisible(self.busy)
        self.act.setEnabled(bool(chosen) and not self.busy)
        bind(self.act, "setText", _n("Flash {n} board", "Flash {n} boards", len(chosen)) if chosen else _("Flash"))
        self.show_states()

    def show_states(self) -> None:
        """Boards got further: how many are done, and what one of them needs."""
        over = [row for row in self.model.rows if row.state in ("good", "bad", "stopped")]
        good, bad = (sum(row.state == state for row in over) for state in ("good", "bad"))
        self.sheet.setEnabled(bool(over) and not self.busy)
        state = (len(over), good, bad, len(self.chosen), self.busy, self.erase.isChecked())
        if state != self._state:
            self._state = state
            role = "bad" if bad else "good" if over and good == len(over) and not self.busy else ""
            said = _("{good} of {all} are done, {bad} failed.", good=good, all=len(self.chosen), bad=bad)
            parts.say(self.summary, said if over or self.busy else self._promise(), role)
        self._show_detail()

    def _show_detail(self) -> None:
        at = self.table.currentIndex().row()
        rows = self.model.rows
        self.detail.show_row(rows, rows[at] if 0 <= at < len(rows) else None)

    def _promise(self) -> Text:
        return _LOSES if self.erase.isChecked() else _KEEPS


_KEEPS = _("Only the firmware is replaced. The files on the boards stay.")
_LOSES = _("The whole flash is erased. The files on the board are saved on this computer first.")
