"""A tree of files on the screen: keys, the line in which a name is typed, what is selected."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import PurePath

from PySide6.QtCore import QAbstractItemModel, QEvent, QModelIndex, QPoint, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLineEdit,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTreeView,
    QWidget,
)

from ide.folder_model import KIND, NEW, FolderModel, is_folder
from ide.words import bind
from toolchains.text import Text, _

_ENTER = (Qt.Key.Key_Return, Qt.Key.Key_Enter)


class NameEditor(QStyledItemDelegate):
    """The line for a name: of a file that is there, or of a new one.

    ``named(index, name)`` once it was typed; the model is not changed. ``ended``: with a name or without.
    """

    named = Signal(QModelIndex, str)
    ended = Signal()

    def createEditor(self, parent: QWidget, _option: QStyleOptionViewItem, _index: QModelIndex) -> QWidget:
        """A plain line; input methods work in it as everywhere."""
        line = QLineEdit(parent)
        line.setStyleSheet("padding: 0 2px; border-radius: 0")  # it has only a row's height
        bind(line, "setAccessibleName", _("Name"))
        return line

    def setEditorData(self, editor: QWidget, index: QModelIndex) -> None:
        """The name that it has, up to its ending selected."""
        model = index.model()
        path = model.path_of(index) if isinstance(model, FolderModel) else None
        if path is None or not isinstance(editor, QLineEdit):
            return
        editor.setText(path.name)
        stem = len(path.name) if is_folder(index) else len(path.stem)
        QTimer.singleShot(0, editor, lambda: editor.setSelection(0, stem))  # Qt selects all when this returns

    def setModelData(self, editor: QWidget, _model: QAbstractItemModel, index: QModelIndex) -> None:
        """Tell the name."""
        if isinstance(editor, QLineEdit):
            self.named.emit(index, editor.text())

    def destroyEditor(self, editor: QWidget, index: QModelIndex) -> None:
        """It is over."""
        super().destroyEditor(editor, index)
        self.ended.emit()


class FileTree(QTreeView):
    """The view. ``wanted(path)``: open this file; ``menu_wanted(point)``: on the screen; ``trash_wanted``.

    ``typed(folder, old, name, is_folder)``: a name for ``old``, or (None) for something new in ``folder``.
    ``keys``: more keys that are the tree's while it has the keyboard, as ``Ctrl+C``, and what they do.
    """

    wanted = Signal(object)
    trash_wanted = Signal()
    menu_wanted = Signal(QPoint)
    typed = Signal(object, object, str, bool)

    def __init__(self, model: FolderModel, name: Text, parent: QWidget) -> None:
        """``name``: what it is called by whoever does not see it."""
        super().__init__(parent)
        self._files = model
        self._new: tuple[PurePath, bool] | None = None
        self.keys: dict[str, Callable[[], object]] = {}
        self.setModel(model)
        self.setHeaderHidden(True)
        self.setIndentation(14)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setExpandsOnDoubleClick(False)
        self.setDragEnabled(True)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(lambda at: self.menu_wanted.emit(self.viewport().mapToGlobal(at)))
        self.doubleClicked.connect(self._open)
        self._names = NameEditor(self)
        self._names.named.connect(self._named)
        self._names.ended.connect(self._ended)
        self.setItemDelegate(self._names)
        bind(self, "setAccessibleName", name)
        self.expand(model.index(0, 0))

    # --- what is selected ------------------------------------------------------------------------------------------

    def selected(self) -> list[PurePath]:
        """The files and folders that are selected, without the project's own folder."""
        found = [self._files.path_of(index) for index in self.selectionModel().selectedRows()]
        return [path for path in found if path is not None and path != self._files.root]

    def current(self) -> PurePath | None:
        """The one that the keyboard is at."""
        return self._files.path_of(self.currentIndex())

    def is_folder_current(self) -> bool:
        """Whether that is a folder."""
        return is_folder(self.currentIndex())

    def folder(self) -> PurePath:
        """Where something new goes: the current folder, or that of the current file."""
        path = self.current()
        if path is None:
            return self._files.root
        return path if is_folder(self.currentIndex()) else path.parent

    def select(self, path: PurePath) -> None:
        """Put the keyboard at a file, if it was listed."""
        index = self._files.index_of(path)
        if index.isValid():
            self.setCurrentIndex(index)
            self.scrollTo(index)

    # --- keys and clicks -------------------------------------------------------------------------------------------

    def event(self, event: QEvent) -> bool:
        """Our keys are ours while the tree has the keyboard, whatever shortcuts the window has."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent) and self._key_of(event):
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter opens, Delete moves to the trash, F2 renames, the menu key shows what can be done."""
        run = self._key_of(event) if self.state() != QAbstractItemView.State.EditingState else None
        if run is not None:
            run()
            event.accept()
        else:
            super().keyPressEvent(event)

    def _key_of(self, event: QKeyEvent) -> Callable[[], object] | None:
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return self.keys.get(QKeySequence(event.keyCombination()).toString())
        if event.key() in _ENTER:
            return lambda: self._open(self.currentIndex())
        if event.key() == Qt.Key.Key_Delete:
            return self.trash_wanted.emit
        if event.key() == Qt.Key.Key_F2:
            return self.rename_current
        return None

    def _open(self, index: QModelIndex) -> None:
        path = self._files.path_of(index)
        if path is None:
            return
        if is_folder(index):
            index = index.siblingAtColumn(0)
            self.setExpanded(index, not self.isExpanded(index))
        else:
            self.wanted.emit(path)

    def is_naming(self) -> bool:
        """Whether a name is being typed."""
        return self.state() == QAbstractItemView.State.EditingState

    # --- names -----------------------------------------------------------------------------------------------------

    def rename_current(self) -> None:
        """Type another name for the current file."""
        index = self.currentIndex().siblingAtColumn(0)
        if index.flags() & Qt.ItemFlag.ItemIsEditable:
            self._files.hold()
            self.edit(index)

    def begin_new(self, *, is_folder: bool) -> None:
        """Type the name of a new file or folder, beside what is current."""
        folder = self.folder()
        self.expand(self._files.index_of(folder))
        self._files.look(folder, lambda: self._begin_new(folder, is_folder))

    def _begin_new(self, folder: PurePath, is_folder: bool) -> None:
        if self._new is not None or not self._files.index_of(folder).isValid():
            return
        index = self._files.add_new(folder)
        self._new = folder, is_folder
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.setCurrentIndex(index)
        self.scrollTo(index)
        self.edit(index)

    def _named(self, index: QModelIndex, name: str) -> None:
        if index.data(KIND) == NEW:
            if name.strip() and self._new is not None:
                self.typed.emit(self._new[0], None, name, self._new[1])
            return
        path = self._files.path_of(index)
        if path is not None and name != path.name:
            self.typed.emit(path.parent, path, name, is_folder(index))

    def _ended(self) -> None:
        """Once Qt is done with the line, its row goes and the others may move again."""
        QTimer.singleShot(0, self, self._settle)

    def _settle(self) -> None:
        new, self._new = self._new, None
        if new is not None:
            self._files.remove_new(new[0])
            if not self.selected():
                self.select(new[0])
        else:
            self._files.release()
