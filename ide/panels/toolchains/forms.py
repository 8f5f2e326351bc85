"""Two small forms in place of the details: where a pack is, and which mirror to download from."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QComboBox, QFileDialog, QHBoxLayout, QLabel, QPlainTextEdit, QVBoxLayout, QWidget

from ide import controls
from ide.words import bind, words
from toolchains.mirrors import PRESETS, MirrorError, Mirrors
from toolchains.text import Text, _

_LINES = 3


class Form(QWidget):
    """A title, fields, and two buttons; Escape is the second one. ``left``: it is done with."""

    left = Signal()

    def __init__(self, title: Text, about: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self.column = QVBoxLayout(self)
        self.column.setContentsMargins(8, 0, 8, 4)
        self.column.setSpacing(4)
        heading = self.label(title, "heading")
        self.column.addWidget(heading)
        self.column.addWidget(self.label(about, "muted"))
        escape = QShortcut(QKeySequence(Qt.Key.Key_Escape), self)
        escape.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
        escape.activated.connect(self.left)

    def label(self, text: Text, role: str) -> QLabel:
        """A sentence that wraps."""
        made = QLabel(self)
        made.setWordWrap(True)
        made.setProperty("role", role)
        bind(made, "setText", text)
        return made

    def ends(self, yes: Text, run: Callable[[], object]) -> None:
        """The buttons, at the end."""
        row = QHBoxLayout()
        row.setSpacing(4)
        self.yes = controls.button(self, yes, run)
        self.no = controls.button(self, _("Cancel"), self.left.emit)
        row.addWidget(self.yes)
        row.addWidget(self.no)
        row.addStretch(1)
        self.column.addLayout(row)
        self.column.addStretch(1)


class PackForm(Form):
    """``chosen(where)``: the path of a file or folder, or an address."""

    chosen = Signal(str)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            _("Install from a pack"),
            _("A pack holds toolchains for computers without internet: a .natmodpack file, such a file unpacked in a "
              "folder, or the address of either."),
            parent,
        )  # fmt: skip
        self.where = controls.field(self, _("File, folder or address of the pack"))
        self.where.returnPressed.connect(self._open)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.where, 1)
        row.addWidget(controls.button(self, _("File…"), self._ask_file))
        row.addWidget(controls.button(self, _("Folder…"), self._ask_folder))
        self.column.addLayout(row)
        self.ends(_("Open the pack"), self._open)
        self.setFocusProxy(self.where)

    def _open(self) -> None:
        where = self.where.text().strip()
        if where:
            self.chosen.emit(where)
            self.left.emit()

    def _ask_file(self) -> None:
        dialog = QFileDialog(self, str(_("Install from a pack")))
        dialog.setNameFilters([str(_("Packs (*.natmodpack)")), str(_("All files (*)"))])
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        self._ask(dialog)

    def _ask_folder(self) -> None:
        dialog = QFileDialog(self, str(_("Install from a pack")))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        self._ask(dialog)

    def _ask(self, dialog: QFileDialog) -> None:
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(self.where.setText)
        dialog.open()


class MirrorForm(Form):
    """``saved(Mirrors)``: from where files of Espressif come."""

    saved = Signal(object)

    def __init__(self, parent: QWidget) -> None:
        super().__init__(
            _("Mirror"),
            _("Where Espressif's own address is slow or closed, files come from a mirror; it is asked first, the "
              "address of the catalogue last. Every file is checked alike."),
            parent,
        )  # fmt: skip
        self.preset = QComboBox(self)
        bind(self.preset, "setAccessibleName", _("Mirror"))
        self.assets = controls.field(self, _("Instead of github.com: dl.espressif.com/github_assets"))
        self.map = QPlainTextEdit(self)
        self.map.setTabChangesFocus(True)
        self.map.setFixedHeight(self.map.fontMetrics().lineSpacing() * _LINES + 12)
        bind(self.map, "setAccessibleName", _("Replacements of addresses"))
        bind(self.map, "setPlaceholderText", _("One replacement a line, as in IDF_MIRROR_PREFIX_MAP: pattern,address"))
        self.wrong = self.label(_("Mirror"), "bad")
        self.wrong.hide()
        for widget in (self.preset, self.assets, self.map, self.wrong):
            self.column.addWidget(widget)
        self.ends(_("Save"), self._save)
        self.preset.currentIndexChanged.connect(self._preset)
        words.changed.connect(self._render)
        self._render()
        self.setFocusProxy(self.preset)

    def _render(self) -> None:
        at = max(0, self.preset.currentIndex())
        self.preset.blockSignals(True)
        self.preset.clear()
        self.preset.addItems([str(_("No mirror")), *(str(one.title) for one in PRESETS), str(_("My own"))])
        self.preset.setCurrentIndex(at)
        self.preset.blockSignals(False)
        self._preset(at)

    def show_mirrors(self, mirrors: Mirrors) -> None:
        """What is in use now."""
        known = [Mirrors(), *(Mirrors(one.github_assets) for one in PRESETS)]
        found = known.index(mirrors) if mirrors in known else len(known)
        self.assets.setText(mirrors.github_assets)
        self.map.setPlainText("\n".join(mirrors.prefix_map))
        self.preset.setCurrentIndex(found)
        self._preset(found)

    def _preset(self, at: int) -> None:
        own = at > len(PRESETS)
        self.wrong.hide()
        self.assets.setVisible(own)
        self.map.setVisible(own)

    def _save(self) -> None:
        at = self.preset.currentIndex()
        try:
            mirrors = self._own() if at > len(PRESETS) else Mirrors(PRESETS[at - 1].github_assets if at else "")
        except MirrorError as error:
            self.wrong.setText(str(error))
            self.wrong.show()
            return
        self.saved.emit(mirrors)
        self.left.emit()

    def _own(self) -> Mirrors:
        lines = [line.strip() for line in self.map.toPlainText().splitlines() if line.strip()]
        return Mirrors.from_mapping({"github_assets": self.assets.text(), "prefix_map": lines}, str(_("this form")))
