"""What is built in: folders with C modules, and the editor of the manifest, which says what Python is frozen."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QSignalBlocker, QSize, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QCheckBox, QComboBox, QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide import controls, page_parts
from ide.flow import Flow
from ide.panels.firmware.columns import Columns
from ide.panels.firmware.doing import Doing
from ide.panels.firmware.work import Survey
from ide.words import bind, words
from toolchains.firmware.manifest_edit import Frozen, Kind, frozen
from toolchains.firmware.table import OWN, FirmwareTable
from toolchains.project import Project
from toolchains.text import Text, _

KINDS: dict[Kind, Text] = {
    "module": _("Python file"),
    "package": _("Package"),
    "library": _("From micropython-lib"),
    "manifest": _("Manifest of your own"),
}
_NAME, _KIND, _NATIVE = range(3)
_ROW, _CHECK = Qt.ItemDataRole.UserRole, Qt.ItemDataRole.CheckStateRole
_ROWS = 3


class _Table(QTreeWidget):
    """Rows of which one can be taken out with Delete. Space turns its last cell over, where that has a check mark."""

    def __init__(self, name: Text, heads: tuple[Text, ...], take: Callable[[], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._heads, self._take = heads, take
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setAllColumnsShowFocus(True)
        self.setColumnCount(len(heads))
        self.setMinimumHeight((_ROWS + 1) * self.fontMetrics().lineSpacing())
        self.header().setStretchLastSection(False)
        self.header().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.header().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        bind(self, "setAccessibleName", name)
        words.changed.connect(self._head)
        self._head()

    def sizeHint(self) -> QSize:
        """Some rows; more where there is room."""
        return QSize(200, self.minimumHeight())

    def _head(self) -> None:
        self.setHeaderLabels([str(head) for head in self._heads])

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete, space, and whatever a table knows."""
        item, last = self.currentItem(), self.columnCount() - 1
        if event.key() == Qt.Key.Key_Delete:
            self._take()
        elif event.key() == Qt.Key.Key_Space and item is not None and item.data(last, _CHECK) is not None:
            on = item.checkState(last) == Qt.CheckState.Checked
            item.setCheckState(last, Qt.CheckState.Unchecked if on else Qt.CheckState.Checked)
        else:
            super().keyPressEvent(event)


class ContentsPage(page_parts.Page):
    """C modules above, what is frozen below."""

    def __init__(self, acts: Doing, parent: QWidget) -> None:
        super().__init__(_("What is built in"), parent)
        self._acts = acts
        self._project: Project | None = None
        self._survey = Survey()
        self.own = QCheckBox(self.inner)
        self.own.toggled.connect(lambda on: acts.own_module(on))
        heads = (_("Folder"), _("Imported as"))
        self.modules = _Table(_("Folders with C modules"), heads, self._take_module, self.inner)
        titles = (_("Name"), _("What it is"), _("Machine code"))
        self.manifest = _Table(_("What is frozen"), titles, self._take_frozen, self.inner)
        self.manifest.itemChanged.connect(self._checked)
        self.libraries = QComboBox(self.inner)
        self.libraries.setEditable(True)
        self.libraries.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.libraries.setMinimumContentsLength(26)
        bind(self.libraries, "setAccessibleName", _("Package of micropython-lib"))
        line = self.libraries.lineEdit()
        assert line is not None
        line.returnPressed.connect(self._require)
        bind(line, "setPlaceholderText", _("Package of micropython-lib"))
        self._lay_out()
        words.changed.connect(self._render)

    def _lay_out(self) -> None:
        inner = self.inner
        parts = Columns(inner, 2, 3)
        left, column = parts.columns
        left.addWidget(page_parts.sentence(inner, _("C modules"), "heading"))
        left.addWidget(self.own)
        left.addWidget(self.modules, 1)
        self.add_folder = controls.button(inner, _("Add a folder…"), self._ask_module)
        self.remove_folder = controls.button(inner, _("Remove"), self._take_module)
        left.addWidget(_line(inner, self.add_folder, self.remove_folder))
        column.addWidget(page_parts.sentence(inner, _("Frozen Python"), "heading"))
        column.addWidget(self.manifest, 1)
        self.add_file = controls.button(inner, _("Add a file…"), self._ask_file)
        self.add_package = controls.button(inner, _("Add a package…"), self._ask_package)
        self.add_manifest = controls.button(inner, _("Manifest of your own…"), self._ask_manifest)
        self.remove = controls.button(inner, _("Remove"), self._take_frozen)
        column.addWidget(_line(inner, self.add_file, self.add_package, self.add_manifest, self.remove))
        column.addWidget(_line(inner, self.libraries, controls.button(inner, _("Add"), self._require)))
        self.column.addWidget(parts, 1)
        for button, what in ((self.remove_folder, _("Folders with C modules")), (self.remove, _("What is frozen"))):
            bind(button, "setAccessibleName", _("Remove: {what}", what=what))
        self.setFocusProxy(self.modules)
        for table, button in ((self.modules, self.remove_folder), (self.manifest, self.remove)):
            table.currentItemChanged.connect(lambda now, _was, button=button: button.setEnabled(now is not None))
            button.setEnabled(False)

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_project(self, project: Project, survey: Survey) -> None:
        """The lists of natmod.toml."""
        self._project, self._survey = project, survey
        self._render()

    def _render(self) -> None:
        project = self._project
        table = project.firmware if project is not None else None
        if project is None or table is None:
            return
        with QSignalBlocker(self.own):
            self.own.setChecked(OWN in table.modules)
        self.own.setVisible(bool(project.sources))
        self.own.setText(str(_("The module of this project: {name}", name=project.name)))
        self._fill_modules(table)
        self._fill_manifest(table, project.root)
        typed = self.libraries.currentText()
        if [self.libraries.itemText(at) for at in range(self.libraries.count())] != list(self._survey.libraries):
            self.libraries.clear()
            self.libraries.addItems(list(self._survey.libraries))
        self.libraries.setCurrentText("" if typed.strip() in table.require else typed)

    def _fill_modules(self, table: FirmwareTable) -> None:
        at = self.modules.indexOfTopLevelItem(self.modules.currentItem()) if self.modules.currentItem() else -1
        self.modules.clear()
        for path in table.modules:
            if path != OWN:
                self.modules.addTopLevelItem(QTreeWidgetItem([path, ", ".join(self._survey.names.get(path, ()))]))
        self._choose(self.modules, at)

    def _fill_manifest(self, table: FirmwareTable, root: Path) -> None:
        at = self.manifest.indexOfTopLevelItem(self.manifest.currentItem()) if self.manifest.currentItem() else -1
        with QSignalBlocker(self.manifest):
            self.manifest.clear()
            for entry in frozen(table, root):
                self.manifest.addTopLevelItem(_row(entry))
        self._choose(self.manifest, at)

    def _choose(self, table: QTreeWidget, at: int) -> None:
        if at >= 0 and table.topLevelItemCount():
            table.setCurrentItem(table.topLevelItem(min(at, table.topLevelItemCount() - 1)))

    # --- what the person does -------------------------------------------------------------------------------------

    def _ask_module(self) -> None:
        page_parts.ask_folder(self, _("A folder with a C module"), lambda name: self._acts.add_module(Path(name)))

    def _ask_file(self) -> None:
        page_parts.ask_open(
            self, _("A Python file to freeze"), (_("Python files (*.py)"),), lambda name: self._acts.freeze(Path(name))
        )

    def _ask_package(self) -> None:
        page_parts.ask_folder(self, _("A package to freeze"), lambda name: self._acts.freeze(Path(name)))

    def _ask_manifest(self) -> None:
        page_parts.ask_open(
            self, _("A manifest of your own"), (_("Python files (*.py)"),),
            lambda name: self._acts.use_manifest(Path(name)),
        )  # fmt: skip

    def _require(self) -> None:
        name = self.libraries.currentText().strip()
        if name:
            self._acts.require(name)

    def _take_module(self) -> None:
        item = self.modules.currentItem()
        if item is not None:
            self._acts.take_module(item.text(_NAME))

    def _take_frozen(self) -> None:
        item = self.manifest.currentItem()
        if item is not None:
            self._acts.take(item.data(_NAME, _ROW))

    def _checked(self, item: QTreeWidgetItem, column: int) -> None:
        if column == _NATIVE:
            self._acts.native(item.data(_NAME, _ROW), item.checkState(_NATIVE) == Qt.CheckState.Checked)


def _row(entry: Frozen) -> QTreeWidgetItem:
    item = QTreeWidgetItem([entry.name, str(KINDS[entry.kind]), ""])
    item.setData(_NAME, _ROW, entry)
    item.setToolTip(_NAME, entry.name)
    if entry.kind in ("module", "package"):
        item.setFlags(item.flags() | Qt.ItemFlag.ItemIsUserCheckable)
        item.setCheckState(_NATIVE, Qt.CheckState.Checked if entry.native else Qt.CheckState.Unchecked)
    return item


def _line(parent: QWidget, *widgets: QWidget) -> QWidget:
    holder = QWidget(parent)
    flow = Flow(holder)
    for widget in widgets:
        flow.addWidget(widget)
    return holder
