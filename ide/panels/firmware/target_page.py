"""For what the firmware is: port, board, variant, MicroPython version; its name, partitions, defines, sdkconfig."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QSignalBlocker
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from ide import page_parts
from ide.panels.firmware.columns import Columns
from ide.panels.firmware.lines import Lines
from ide.panels.firmware.work import Survey
from ide.words import bind, words
from toolchains.firmware.boards import PORTS
from toolchains.firmware.table import FirmwareTable
from toolchains.project import Project
from toolchains.text import Text, _

#: ``(title, key, value)``: give a key of [firmware] a value; None takes it out.
Change = Callable[[Text, dict[str, "str | None"]], object]
_PORT_WITH_PARTITIONS = "esp32"


def picker(parent: QWidget, name: Text) -> QComboBox:
    """A list to choose from, as wide as there is room."""
    made = QComboBox(parent)
    made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
    made.setMinimumContentsLength(8)
    made.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    bind(made, "setAccessibleName", name)
    return made


def fill(box: QComboBox, values: Sequence[str], chosen: str, plain: Text | None = None) -> None:
    """These values, of which one is chosen; ``plain``: the name of none. A value that is not among them is added."""
    entries = [(str(plain), "")] if plain is not None else []
    entries += [(value, value) for value in values]
    if chosen and chosen not in values:
        entries.append((chosen, chosen))
    with QSignalBlocker(box):
        if [(box.itemText(at), box.itemData(at)) for at in range(box.count())] != entries:
            box.clear()
            for text, value in entries:
                box.addItem(text, value)
        box.setCurrentIndex(max(0, box.findData(chosen)))


class Pickers(QWidget):
    """Port, board and variant. ``chosen`` is called with what the person picked: port, board, variant (None: none)."""

    def __init__(self, chosen: Callable[[FirmwareTable], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._chosen = chosen
        self._survey = Survey()
        self._table = FirmwareTable("unix")
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(12)
        self._grid.setVerticalSpacing(4)
        self._grid.setColumnStretch(1, 1)
        self.port, self.board, self.variant = (self.row(title) for title in (_("Port"), _("Board"), _("Variant")))
        self.port.activated.connect(lambda _at: self._picked(self.port))
        self.board.activated.connect(lambda _at: self._picked(self.board))
        self.variant.activated.connect(lambda _at: self._picked(self.variant))
        words.changed.connect(self._render)

    def row(self, title: Text) -> QComboBox:
        """One more row of the form."""
        label, box, row = QLabel(self), picker(self, title), self._grid.rowCount()
        bind(label, "setText", title)
        self._grid.addWidget(label, row, 0)
        self._grid.addWidget(box, row, 1)
        return box

    def show_target(self, survey: Survey, table: FirmwareTable) -> None:
        """What there is, and what is chosen."""
        self._survey, self._table = survey, table
        self._render()

    @property
    def target(self) -> FirmwareTable:
        """What is chosen now."""
        return self._table

    def _render(self) -> None:
        survey, table = self._survey, self._table
        boards = survey.boards.get(table.port, ())
        shown = table.board or (PORTS.get(table.port) if boards else None) or ""
        fill(self.port, list(survey.boards), table.port)
        fill(self.board, boards, shown, None if shown else _("none"))
        self.board.setEnabled(bool(boards))
        fill(self.variant, survey.variants.get((table.port, shown), ()), table.variant or "", _("the plain one"))
        self.variant.setEnabled(self.variant.count() > 1)

    def _picked(self, box: QComboBox) -> None:
        """A port has other boards, a board other variants: what was chosen of them goes."""
        port = str(self.port.currentData())
        board = str(self.board.currentData()) or None
        variant = str(self.variant.currentData()) or None
        if box is self.port:
            boards = self._survey.boards.get(port, ())
            wish = PORTS.get(port)
            board, variant = (wish if wish in boards else boards[0]) if boards else None, None
        elif box is self.board:
            variant = None
        picked = FirmwareTable(port, board, variant)
        if (picked.port, picked.board, picked.variant) != (self._table.port, self._table.board, self._table.variant):
            self._chosen(picked)


class TargetPage(page_parts.Page):
    """A form: each field is a key of natmod.toml, written when it is left."""

    def __init__(
        self, change: Change, pin: Callable[[str], object], lines: Callable[[str, QWidget], Lines], parent: QWidget
    ) -> None:
        super().__init__(_("What the firmware is for"), parent)
        self._change = change
        self._table: FirmwareTable | None = None
        self._names: dict[str, Text] = {}
        self._labels: dict[str, QLabel] = {}
        self.pickers = Pickers(self._picked, self.inner)
        self.version = self.pickers.row(_("MicroPython"))
        self.version.activated.connect(lambda _at: pin(str(self.version.currentData())))
        self.fields = {
            "name": self._field("name", _("Name of the firmware")),
            "version": self._field("version", _("Version of the firmware")),
            "partitions": self._field("partitions", _("Partition table (CSV file)")),
        }
        self.defines, self.sdkconfig = lines("defines", self.inner), lines("sdkconfig", self.inner)
        self.sdkconfig_title = page_parts.sentence(self.inner, _("Lines of sdkconfig"), "heading")
        self._lay_out()

    def _field(self, key: str, name: Text) -> QLineEdit:
        made = QLineEdit(self.inner)
        bind(made, "setAccessibleName", name)
        self._names[key] = name
        made.editingFinished.connect(lambda: self._typed(key, made))
        return made

    def _lay_out(self) -> None:
        parts = Columns(self.inner, 4, 3, 4)
        left, middle, right = parts.columns
        left.addWidget(self.pickers)
        left.addStretch(1)
        for key, field in self.fields.items():
            self._labels[key] = page_parts.sentence(self.inner, self._names[key], "muted")
            middle.addWidget(self._labels[key])
            middle.addWidget(field)
        middle.addStretch(1)
        right.addWidget(page_parts.sentence(self.inner, _("Defines for the C compiler"), "heading"))
        right.addWidget(self.defines)
        right.addWidget(self.sdkconfig_title)
        right.addWidget(self.sdkconfig)
        right.addStretch(1)
        self.column.addWidget(parts)
        self.column.addStretch(1)
        self.setFocusProxy(self.pickers.port)

    def show_project(self, project: Project, survey: Survey) -> None:
        """The values of natmod.toml."""
        table = project.firmware
        self._table = table
        if table is None:
            return
        self.pickers.show_target(survey, table)
        plain = _("the usual one ({version})", version=survey.version) if survey.version else _("the usual one")
        fill(self.version, survey.versions, project.pin_micropython or "", plain)
        for key, field in self.fields.items():
            if not field.hasFocus() or not field.isModified():
                field.setText(getattr(table, key) or "")
        self.defines.show_values(table.defines)
        self.sdkconfig.show_values(table.sdkconfig)
        esp = table.port == _PORT_WITH_PARTITIONS
        for widget in (self.sdkconfig_title, self.sdkconfig, self.fields["partitions"], self._labels["partitions"]):
            widget.setVisible(esp)

    def _picked(self, target: FirmwareTable) -> None:
        values: dict[str, str | None] = {"port": target.port, "board": target.board, "variant": target.variant}
        self._change(_("Choose what the firmware is for"), values)

    def _typed(self, key: str, field: QLineEdit) -> None:
        text = field.text().strip()
        field.setModified(False)
        if self._table is not None and text != (getattr(self._table, key) or ""):
            self._change(_("Change {key} of the firmware", key=key), {key: text or None})
