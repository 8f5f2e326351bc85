"""What is seen in the dialog of signatures: the list, the chosen one, the C code, and what would be written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QComboBox,
    QDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPlainTextEdit,
    QPushButton,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from ide.flow import Flow
from ide.stub_code import CodeView
from ide.stub_list import DeclarationsModel, LineDelegate
from ide.stub_table import Change, Outcome, name_of
from ide.themes import mono
from ide.words import bind, words
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.settings import Settings
    from toolchains.stubs.files import Target

KINDS: tuple[Target, ...] = ("natmod", "usermod")
_KIND_WORDS = (_("Native module (.mpy)"), _("User C module, for a firmware"))
#: More files are counted only.
_SHOWN = 6


class StubPage:
    """The widgets of ``dialog``, and what they say; what they do is the dialog's business."""

    def __init__(self, settings: Settings, dialog: QDialog) -> None:
        self._dialog = dialog
        self._follow = False
        self.model = DeclarationsModel(dialog)
        column = QVBoxLayout(dialog)
        column.addLayout(self._top())
        parts = QSplitter(Qt.Orientation.Horizontal, dialog)
        parts.setChildrenCollapsible(False)
        parts.addWidget(self._left())
        parts.addWidget(self._right(settings))
        parts.setSizes([460, 640])
        column.addWidget(parts, 1)
        self.preview = self._label()
        column.addWidget(self.preview)
        self.force = QCheckBox(dialog)
        bind(self.force, "setText", _("Make it new all the same; the old file is kept beside it as .old"))
        self.force.hide()
        column.addWidget(self.force)
        column.addLayout(self._bottom())
        words.changed.connect(self._name_kinds)
        dialog.finished.connect(lambda: words.changed.disconnect(self._name_kinds))

    def _label(self) -> QLabel:
        label = QLabel(self._dialog)
        label.setWordWrap(True)
        label.setTextFormat(Qt.TextFormat.PlainText)
        return label

    def _button(self, title: Text) -> QPushButton:
        button = QPushButton(self._dialog)
        button.setAutoDefault(False)  # Enter ends an edit in the list
        bind(button, "setText", title)
        return button

    def _top(self) -> QHBoxLayout:
        row = QHBoxLayout()
        self.name, self.kind = QLineEdit(self._dialog), QComboBox(self._dialog)
        self.kind.addItems(["", ""])
        self._name_kinds()
        for title, widget, wide in ((_("Module"), self.name, 1), (_("Kind"), self.kind, 0)):
            label = QLabel(self._dialog)
            bind(label, "setText", title)
            label.setBuddy(widget)
            bind(widget, "setAccessibleName", title)
            row.addWidget(label)
            row.addWidget(widget, wide)
        return row

    def _name_kinds(self) -> None:
        for at, title in enumerate(_KIND_WORDS):
            self.kind.setItemText(at, str(title))

    def _left(self) -> QWidget:
        side = QWidget(self._dialog)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        buttons = QWidget(side)
        flow = Flow(buttons)
        self.add_function, self.add_constant = self._button(_("Add a function")), self._button(_("Add a constant"))
        self.add_class, self.remove = self._button(_("Add a class")), self._button(_("Remove"))
        for button in (self.add_function, self.add_constant, self.add_class, self.remove):
            flow.addWidget(button)
        column.addWidget(buttons)
        self.empty = self._label()
        bind(
            self.empty,
            "setText",
            _("Nothing is here yet. Add a function, or open a .pyi file; its C code then stands on the right."),
        )
        column.addWidget(self.empty)
        self.list = self._list()
        column.addWidget(self.list, 3)
        label = QLabel(side)
        bind(label, "setText", _("The chosen one, with its docstring and methods:"))
        column.addWidget(label)
        self.whole = QPlainTextEdit(side)
        self.whole.setFont(mono())
        self.whole.setTabChangesFocus(True)
        self.whole.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        bind(self.whole, "setAccessibleName", _("The chosen one, with its docstring and methods:"))
        self.whole.textChanged.connect(self._typed)
        label.setBuddy(self.whole)
        column.addWidget(self.whole, 2)
        return side

    def _list(self) -> QListView:
        view = QListView(self._dialog)
        view.setModel(self.model)
        view.setItemDelegate(LineDelegate(view))
        view.setFont(mono())
        view.setWordWrap(True)
        view.setResizeMode(QListView.ResizeMode.Adjust)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        trigger = QAbstractItemView.EditTrigger
        view.setEditTriggers(trigger.DoubleClicked | trigger.EditKeyPressed | trigger.SelectedClicked)
        bind(view, "setAccessibleName", _("Functions, classes and constants"))
        view.selectionModel().currentChanged.connect(lambda _now, _before: self._moved())
        self.model.dataChanged.connect(lambda _first, _last: self._chosen())
        self.model.modelReset.connect(self._chosen)
        self._delete = QShortcut(QKeySequence(QKeySequence.StandardKey.Delete), view)
        self._delete.setContext(Qt.ShortcutContext.WidgetShortcut)
        self._delete.activated.connect(lambda: self.remove.click())
        return view

    def _right(self, settings: Settings) -> QWidget:
        side = QWidget(self._dialog)
        column = QVBoxLayout(side)
        column.setContentsMargins(0, 0, 0, 0)
        self.code_title = QLabel(side)
        column.addWidget(self.code_title)
        self.code = CodeView(settings, side)
        bind(self.code, "setAccessibleName", _("C code that is made from the signatures"))
        bind(self.code_title, "setText", _("C code that is made from the signatures"))
        column.addWidget(self.code, 1)
        return side

    def _bottom(self) -> QVBoxLayout:
        both = QVBoxLayout()
        self.said, self.undo = self._label(), self._button(_("Undo"))
        telling = QHBoxLayout()
        telling.addWidget(self.said, 1)
        telling.addWidget(self.undo)
        self.undo.hide()
        row = QHBoxLayout()
        self.open_file, self.save_file = self._button(_("Open a .pyi…")), self._button(_("Save as .pyi…"))
        self.write, self.close_button = self._button(_("Write it into the project")), self._button(_("Close"))
        for button in (self.open_file, self.save_file):
            row.addWidget(button)
        row.addStretch(1)
        for button in (self.write, self.close_button):
            row.addWidget(button)
        both.addLayout(telling)
        both.addLayout(row)
        return both

    # --- the list --------------------------------------------------------------------------------------------------

    def row(self) -> int:
        """The chosen row; -1 where none is."""
        index = self.list.currentIndex()
        return index.row() if index.isValid() else -1

    def choose(self, row: int, *, edit: bool = False) -> None:
        """Choose a row, and perhaps type there."""
        index = self.model.index(row)
        self.list.setCurrentIndex(index)
        if edit:
            self.list.setFocus()
            self.list.edit(index)

    def _chosen(self) -> None:
        row = self.row()
        text = self.model.texts[row] if 0 <= row < len(self.model.texts) else ""
        self.whole.setEnabled(bool(text))
        self.remove.setEnabled(row >= 0)
        if self.whole.toPlainText() != text and not self.whole.hasFocus():
            self.whole.setPlainText(text)

    def _moved(self) -> None:
        """Another one is chosen: its C code comes into view."""
        self._chosen()
        self._follow = True
        self._show_code_of_chosen()

    def _show_code_of_chosen(self) -> None:
        row = self.row()
        if 0 <= row < len(self.model.texts):
            self.code.show_name(name_of(self.model.texts[row]))

    def _typed(self) -> None:
        row, text = self.row(), self.whole.toPlainText()
        if row >= 0 and text.strip():
            self.model.change(row, text)

    def update_empty(self) -> None:
        """Say what to do where nothing is."""
        self.empty.setVisible(not self.model.texts)
        self._chosen()

    # --- what would be written -------------------------------------------------------------------------------------

    def show_outcome(self, found: Outcome) -> None:
        """The C code, the problems, and the files."""
        self.model.tell(found.problems)
        self.code.show_code(found.c)
        if self._follow:  # it was chosen before its code was there
            self._follow = False
            self._show_code_of_chosen()
        self.force.setVisible(found.refused is not None or (self.force.isChecked() and found.fix is not None))
        self.preview.setText(_preview(found))


def _preview(found: Outcome) -> str:
    if found.general is not None:
        return str(found.general)
    wrong = sum(one is not None for one in found.problems)
    if wrong:
        said = _n(
            "{n} line must be changed before it can be C.", "{n} lines must be changed before they can be C.", wrong
        )
        return str(said)
    if found.fix is None:
        return ""
    lines = [str(found.refused.what)] if found.refused is not None else []  # what to do next is the box below it
    if not found.changes:
        lines.append(str(_("The project has this already.")))
    else:
        shown = [str(_change(one)) for one in found.changes[:_SHOWN]]
        lines.append(str(_("It would write: {files}", files=", ".join(shown))))
    return "\n".join(lines)


def _change(one: Change) -> Text:
    if one.new:
        return _("{name} (new)", name=one.name)
    if one.kept:
        return _n(
            "{name} ({n} part that you wrote is kept)",
            "{name} ({n} parts that you wrote are kept)",
            one.kept,
            name=one.name,
        )
    return _("{name} (made anew)", name=one.name)
