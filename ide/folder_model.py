"""A tree of folders as a model: each is listed when it is opened, beside the window, and again when it changes."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from PySide6.QtCore import QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel

from toolchains.errors import StudioError
from toolchains.text import _

PATH = Qt.ItemDataRole.UserRole
KIND = Qt.ItemDataRole.UserRole + 1
#: Values of KIND: ``new`` is the row in which a new file gets its name; a ``note`` stands for no file.
FOLDER, FILE, NEW, NOTE = "folder", "file", "new", "note"
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_NAMED = _FIXED | Qt.ItemFlag.ItemIsEditable
#: Letters from which on a name may not fit.
_LONG = 16


@dataclass(frozen=True)
class Row:
    """One row of a folder. ``kind``: FOLDER, FILE or NOTE; ``beside``: what its second column says."""

    name: str
    kind: str
    beside: str = ""

    @property
    def key(self) -> tuple[str, str]:
        """What makes it the same row as before."""
        return self.name, self.kind


class FolderModel(QStandardItemModel):
    """One root row, a folder; its paths are of the kind of ``root``. ``columns``: 2 where a row has something beside
    its name. How a folder is listed, whoever inherits says (:meth:`list_folder`).

    ``listed(folder, first)``: its rows are there, for the first time or because they changed.
    ``failed(folder, error)``: it cannot be read.
    """

    listed = Signal(object, bool)
    failed = Signal(object, object)

    def __init__(self, root: PurePath, parent: QObject, columns: int = 1) -> None:
        super().__init__(parent)
        self.root = root
        self._columns = columns
        self._items: dict[PurePath, QStandardItem] = {}
        self._listed: set[PurePath] = set()
        self._failed: set[PurePath] = set()
        self._rows: dict[PurePath, list[Row]] = {}
        self._asked: set[PurePath] = set()
        self._again: set[PurePath] = set()
        self._held: set[PurePath] | None = None
        self._then: dict[PurePath, list[Callable[[], object]]] = {}
        self.appendRow(self._make(root, FOLDER))

    # --- what whoever inherits says --------------------------------------------------------------------------------

    def list_folder(self, folder: PurePath) -> None:
        """Begin to list a folder; :meth:`done` or :meth:`fail` once that is over."""
        raise NotImplementedError

    def watch(self, folder: PurePath) -> None:
        """It was listed: be told when it changes."""

    def unwatch(self, folders: Sequence[PurePath]) -> None:
        """They are not in the tree any more, or must be left alone."""

    # --- what the view asks ----------------------------------------------------------------------------------------

    def hasChildren(self, parent: QModelIndex = QModelIndex()) -> bool:  # noqa: B008 - as Qt has it
        """A folder that nobody looked into may have some."""
        return self.canFetchMore(parent) or super().hasChildren(parent)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Whether it is a folder that nobody looked into."""
        return parent.data(KIND) == FOLDER and parent.data(PATH) not in self._listed

    def fetchMore(self, parent: QModelIndex) -> None:
        """Look into a folder."""
        self.look(parent.data(PATH))

    def supportedDragActions(self) -> Qt.DropAction:
        """Whoever takes what is dragged takes a copy: the view would remove the rows of what was moved."""
        return Qt.DropAction.CopyAction

    def index_of(self, path: PurePath) -> QModelIndex:
        """Where a file is in the tree; not valid where it was not listed."""
        item = self._items.get(path)
        return item.index() if item is not None else QModelIndex()

    def path_of(self, index: QModelIndex) -> PurePath | None:
        """The file or folder of a row; None for a note and for a row that has no name yet."""
        first = index.siblingAtColumn(0)
        return first.data(PATH) if first.isValid() and first.data(KIND) in (FOLDER, FILE) else None

    def names(self, folder: PurePath) -> list[str] | None:
        """The names in a folder, as they were listed last; None where it was not."""
        if folder not in self._listed or folder in self._failed:
            return None
        return [row.name for row in self._rows.get(folder, []) if row.kind != NOTE]

    # --- listing ---------------------------------------------------------------------------------------------------

    def look(self, folder: PurePath, then: Callable[[], object] | None = None) -> None:
        """List a folder, one time after the other; ``then()`` once it is in the tree."""
        if then is not None:
            self._then.setdefault(folder, []).append(then)
        if folder in self._asked:
            self._again.add(folder)
            return
        if folder not in self._items:
            self.unwatch([folder])
            return
        self._asked.add(folder)
        self.list_folder(folder)

    def list_again(self) -> None:
        """List every folder that was listed before."""
        for folder in dict.fromkeys([self.root, *self._listed]):
            self.look(folder)

    def let_go(self, path: PurePath) -> None:
        """Do not watch a folder and what is below it any more: on Windows it could not be moved."""
        self.unwatch([one for one in self._listed if one == path or path in one.parents])

    def look_below(self, path: PurePath) -> None:
        """It stayed where it is: look at it, and watch it again."""
        for folder in [one for one in self._listed if one == path or path in one.parents]:
            self.look(folder)

    def start_over(self) -> None:
        """All that is known is of no use any more: nothing but the root is left, and nobody has looked into it."""
        root = self._items[self.root]
        for at in reversed(range(root.rowCount())):
            self._forget(root.child(at))
        self.unwatch([one for one in self._listed if one == self.root])
        for known in (self._listed, self._failed, self._asked, self._again):
            known.clear()
        self._rows.clear()
        self._then.clear()
        self._held = None
        root.removeRows(0, root.rowCount())

    def hold(self) -> None:
        """A name is being typed: no row may move."""
        self._held = set() if self._held is None else self._held

    def release(self) -> None:
        """Rows may move again."""
        held, self._held = self._held, None
        for folder in held or ():
            self.look(folder)

    def done(self, folder: PurePath, rows: list[Row]) -> None:
        """A folder was listed."""
        if not self._answered(folder):
            return
        item = self._items[folder]
        first = folder not in self._listed
        changed = self._fill(item, folder, rows)
        self._listed.add(folder)
        self._failed.discard(folder)
        self.watch(folder)
        for child in [one for one in self._failed if one.parent == folder]:
            self.look(child)
        if first or changed:
            self.listed.emit(folder, first)
        for then in self._then.pop(folder, []):
            then()

    def fail(self, folder: PurePath, error: StudioError) -> None:
        """A folder could not be listed."""
        if not self._answered(folder):
            return
        self._then.pop(folder, None)
        self._fill(self._items[folder], folder, [Row(str(_("cannot be read")), NOTE)])
        note = self._items[folder].child(0)
        note.setToolTip(str(error))
        self._listed.add(folder)  # or the view would ask for it again, at once
        self._failed.add(folder)
        self.failed.emit(folder, error)

    def _answered(self, folder: PurePath) -> bool:
        """Whether the answer is wanted: still in the tree, and rows may move."""
        self._asked.discard(folder)
        if folder in self._again:  # it changed meanwhile: what we have now is shown, then looked at again
            self._again.discard(folder)
            self.look(folder)
        if self._held is not None:
            self._held.add(folder)
            return False
        return folder in self._items

    # --- rows ------------------------------------------------------------------------------------------------------

    def _fill(self, parent: QStandardItem, folder: PurePath, wanted: list[Row]) -> bool:
        """Make the rows what they must be; those that stay are not touched. Whether anything changed."""
        if self._rows.get(folder) == wanted:  # a file was saved: nothing to see
            return False
        self._rows[folder] = wanted
        keep, changed = {row.key for row in wanted}, False
        for at in reversed(range(parent.rowCount())):
            if _key(parent.child(at)) not in keep:
                self._forget(parent.child(at))
                parent.removeRow(at)
                changed = True
        if parent.rowCount() == 0:  # all at once: each insertion makes the view look at its rows
            self._insert_all(parent, folder, wanted)
            return changed or bool(wanted)
        for at, row in enumerate(wanted):
            here = parent.child(at)
            if here is None or _key(here) != row.key:
                parent.insertRow(at, self._cells(folder, row))  # a list: a lone item stays Python's, and is lost
                changed = True
            elif self._columns > 1 and parent.child(at, 1).text() != row.beside:
                parent.child(at, 1).setText(row.beside)
        return changed

    def _insert_all(self, parent: QStandardItem, folder: PurePath, wanted: list[Row]) -> None:
        parent.insertRows(0, [self._make(folder / row.name, row.kind) for row in wanted])
        if self._columns > 1:
            self.blockSignals(True)  # the view knows of these rows, and has painted none of them yet
            for at, row in enumerate(wanted):
                parent.setChild(at, 1, _beside(row))
            self.blockSignals(False)

    def _cells(self, folder: PurePath, row: Row) -> list[QStandardItem]:
        cells = [self._make(folder / row.name, row.kind)]
        return [*cells, _beside(row)] if self._columns > 1 else cells

    def _make(self, path: PurePath, kind: str) -> QStandardItem:
        item = QStandardItem(f"{shown(path.name)}/" if kind == FOLDER else shown(path.name))
        item.setData(kind, KIND)
        item.setData(path, PATH)  # the path itself: Qt would lose what is no Unicode in its name
        if kind == NOTE:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            return item
        item.setFlags(self.flags_of(path))
        if len(path.name) > _LONG:  # it may be cut off
            item.setToolTip(path.name)
        self._items[path] = item
        return item

    def flags_of(self, path: PurePath) -> Qt.ItemFlag:
        """What can be done with a row."""
        return _NAMED if path != self.root else _FIXED

    def _forget(self, item: QStandardItem) -> None:
        for row in range(item.rowCount()):
            self._forget(item.child(row))
        if item.data(KIND) in (FOLDER, FILE):
            path = item.data(PATH)
            self._items.pop(path, None)
            self._failed.discard(path)
            self._rows.pop(path, None)
            if path in self._listed:
                self._listed.discard(path)
                self.unwatch([path])

    # --- a row for a new file --------------------------------------------------------------------------------------

    def add_new(self, folder: PurePath) -> QModelIndex:
        """An empty row in a folder that was listed, to type a name into; rows are held until :meth:`remove_new`."""
        self.hold()
        item = QStandardItem("")
        item.setData(NEW, KIND)
        item.setData(folder, PATH)
        item.setFlags(_NAMED)
        item.setData(str(_("Name of the new file or folder")), Qt.ItemDataRole.AccessibleTextRole)
        self._items[folder].insertRow(0, [item])
        return item.index()

    def remove_new(self, folder: PurePath) -> None:
        """Take that row away."""
        parent = self._items.get(folder)
        first = parent.child(0) if parent is not None else None
        if parent is not None and first is not None and first.data(KIND) == NEW:
            parent.removeRow(0)
        self.release()


def _beside(row: Row) -> QStandardItem:
    item = QStandardItem(row.beside)
    item.setFlags(_FIXED)
    item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return item


def shown(name: str) -> str:
    """A name as it can be read: what is no Unicode in it as ``\\xff``, a line break as ``\\n``."""
    plain = name.encode("utf-8", "surrogateescape").decode("utf-8", "backslashreplace")
    return "".join(letter if letter.isprintable() else repr(letter)[1:-1] for letter in plain)


def _key(item: QStandardItem) -> tuple[str, str]:
    return item.data(PATH).name, str(item.data(KIND))


def is_folder(index: QModelIndex) -> bool:
    """Whether a row is a folder."""
    data: Any = index.siblingAtColumn(0).data(KIND)
    return index.isValid() and data == FOLDER
