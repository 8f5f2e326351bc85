"""The tree of files as a model: folders are listed in a worker when they are opened, and again when they change."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import QFileSystemWatcher, QModelIndex, QObject, Qt, Signal
from PySide6.QtGui import QStandardItem, QStandardItemModel

from ide.job_queue import Jobs
from ide.panels.project.listing import Listing, list_folder
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

PATH = Qt.ItemDataRole.UserRole
KIND = Qt.ItemDataRole.UserRole + 1
#: Values of KIND: ``new`` is the row in which a new file gets its name; a ``note`` stands for no file.
FOLDER, FILE, NEW, NOTE = "folder", "file", "new", "note"
_FIXED = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
_NAMED = _FIXED | Qt.ItemFlag.ItemIsEditable
#: Letters from which on a name may not fit.
_LONG = 16


class FileModel(QStandardItemModel):
    """One root row, the project's folder.

    ``listed(folder, first)``: its rows are there, for the first time or because they changed.
    ``failed(folder, error)``: it cannot be read.
    """

    listed = Signal(object, bool)
    failed = Signal(object, object)

    def __init__(self, jobs: Jobs, root: Path, parent: QObject) -> None:
        super().__init__(parent)
        self._jobs, self.root = jobs, root
        self._items: dict[Path, QStandardItem] = {}
        self._listed: set[Path] = set()
        self._failed: set[Path] = set()
        self._rows: dict[Path, list[tuple[str, str]]] = {}
        self._asked: set[Path] = set()
        self._again: set[Path] = set()
        self._held: set[Path] | None = None
        self._then: dict[Path, list[Callable[[], object]]] = {}
        self._watcher = QFileSystemWatcher(self)
        self._watcher.directoryChanged.connect(lambda name: self.look(Path(name)))
        self.appendRow(self._make(root, FOLDER))

    # --- what the view asks ----------------------------------------------------------------------------------------

    def hasChildren(self, parent: QModelIndex = QModelIndex()) -> bool:  # noqa: B008 - as Qt has it
        """A folder that nobody looked into may have some."""
        unknown = parent.data(KIND) == FOLDER and Path(parent.data(PATH)) not in self._listed
        return unknown or super().hasChildren(parent)

    def canFetchMore(self, parent: QModelIndex) -> bool:
        """Whether it is a folder that nobody looked into."""
        return parent.data(KIND) == FOLDER and Path(parent.data(PATH)) not in self._listed

    def fetchMore(self, parent: QModelIndex) -> None:
        """Look into a folder."""
        self.look(Path(parent.data(PATH)))

    def index_of(self, path: Path) -> QModelIndex:
        """Where a file is in the tree; not valid where it was not listed."""
        item = self._items.get(path)
        return item.index() if item is not None else QModelIndex()

    # --- listing ---------------------------------------------------------------------------------------------------

    def look(self, folder: Path, then: Callable[[], object] | None = None) -> None:
        """List a folder in a worker, one worker at a time; ``then()`` once it is in the tree."""
        if then is not None:
            self._then.setdefault(folder, []).append(then)
        if folder in self._asked:
            self._again.add(folder)
            return
        if folder not in self._items:
            self._watcher.removePath(str(folder))
            return
        self._asked.add(folder)

        def work(_ctx: JobContext) -> Listing:
            return list_folder(folder)

        self._jobs.start(
            _("List a folder"), work, quiet=True,
            on_done=lambda found: self._done(folder, found), on_error=lambda error: self._fail(folder, error),
        )  # fmt: skip

    def list_again(self) -> None:
        """List every folder that was listed before."""
        for folder in [self.root, *self._listed]:
            self.look(folder)

    def let_go(self, path: Path) -> None:
        """Do not watch a folder and what is below it any more: on Windows it could not be moved."""
        names = [str(one) for one in self._listed if one == path or path in one.parents]
        if names:
            self._watcher.removePaths(names)

    def look_below(self, path: Path) -> None:
        """It stayed where it is: look at it, and watch it again."""
        for folder in [one for one in self._listed if one == path or path in one.parents]:
            self.look(folder)

    def hold(self) -> None:
        """A name is being typed: no row may move."""
        self._held = set() if self._held is None else self._held

    def release(self) -> None:
        """Rows may move again."""
        held, self._held = self._held, None
        for folder in held or ():
            self.look(folder)

    def _done(self, folder: Path, found: Listing) -> None:
        if not self._answered(folder):
            return
        item = self._items[folder]
        first = folder not in self._listed
        rows = [(entry.name, FOLDER if entry.is_folder else FILE) for entry in found.entries]
        if found.more:
            rows.append((str(_("and {n} more", n=found.more)), NOTE))
        changed = self._fill(item, folder, rows)
        self._listed.add(folder)
        self._failed.discard(folder)
        self._watch(folder)
        for child in [one for one in self._failed if one.parent == folder]:
            self.look(child)
        if first or changed:
            self.listed.emit(folder, first)
        for then in self._then.pop(folder, []):
            then()

    def _fail(self, folder: Path, error: StudioError) -> None:
        if not self._answered(folder):
            return
        self._then.pop(folder, None)
        self._fill(self._items[folder], folder, [(str(_("cannot be read")), NOTE)])
        note = self._items[folder].child(0)
        note.setToolTip(str(error))
        self._listed.add(folder)  # or the view would ask for it again, at once
        self._failed.add(folder)
        self.failed.emit(folder, error)

    def _answered(self, folder: Path) -> bool:
        """Whether the answer is wanted: still in the tree, and rows may move."""
        self._asked.discard(folder)
        if folder in self._again:  # it changed meanwhile: what we have now is shown, then looked at again
            self._again.discard(folder)
            self.look(folder)
        if self._held is not None:
            self._held.add(folder)
            return False
        return folder in self._items

    def _watch(self, folder: Path) -> None:
        if str(folder) not in self._watcher.directories():
            self._watcher.addPath(str(folder))

    # --- rows ------------------------------------------------------------------------------------------------------

    def _fill(self, parent: QStandardItem, folder: Path, wanted: list[tuple[str, str]]) -> bool:
        """Make the rows what they must be; those that stay are not touched. Whether anything changed."""
        if self._rows.get(folder) == wanted:  # a file was saved: nothing to see
            return False
        self._rows[folder] = wanted
        keep, changed = set(wanted), False
        for row in reversed(range(parent.rowCount())):
            if _key(parent.child(row)) not in keep:
                self._forget(parent.child(row))
                parent.removeRow(row)
                changed = True
        fresh: list[QStandardItem] = []
        if parent.rowCount() == 0:  # all at once: each insertion makes the view look at its rows
            fresh = [self._make(folder / name, kind) for name, kind in wanted]
            parent.insertRows(0, fresh)
            return changed or bool(fresh)
        for at, (name, kind) in enumerate(wanted):
            here = parent.child(at)
            if here is None or _key(here) != (name, kind):
                parent.insertRow(
                    at, [self._make(folder / name, kind)]
                )  # a list: a lone item stays Python's, and is lost
                changed = True
        return changed

    def _make(self, path: Path, kind: str) -> QStandardItem:
        item = QStandardItem(f"{path.name}/" if kind == FOLDER else path.name)
        item.setData(kind, KIND)
        item.setData(str(path), PATH)
        if kind == NOTE:
            item.setFlags(Qt.ItemFlag.ItemIsEnabled)
            return item
        item.setFlags(_NAMED if path != self.root else _FIXED)
        if len(path.name) > _LONG:  # it may be cut off
            item.setToolTip(path.name)
        self._items[path] = item
        return item

    def _forget(self, item: QStandardItem) -> None:
        for row in range(item.rowCount()):
            self._forget(item.child(row))
        if item.data(KIND) in (FOLDER, FILE):
            path = Path(item.data(PATH))
            self._items.pop(path, None)
            self._failed.discard(path)
            self._rows.pop(path, None)
            if path in self._listed:
                self._listed.discard(path)
                self._watcher.removePath(str(path))

    # --- a row for a new file --------------------------------------------------------------------------------------

    def add_new(self, folder: Path) -> QModelIndex:
        """An empty row in a folder that was listed, to type a name into; rows are held until :meth:`remove_new`."""
        self.hold()
        item = QStandardItem("")
        item.setData(NEW, KIND)
        item.setData(str(folder), PATH)
        item.setFlags(_NAMED)
        item.setData(str(_("Name of the new file or folder")), Qt.ItemDataRole.AccessibleTextRole)
        self._items[folder].insertRow(0, [item])
        return item.index()

    def remove_new(self, folder: Path) -> None:
        """Take that row away."""
        parent = self._items.get(folder)
        first = parent.child(0) if parent is not None else None
        if parent is not None and first is not None and first.data(KIND) == NEW:
            parent.removeRow(0)
        self.release()


def _key(item: QStandardItem) -> tuple[str, str]:
    kind = str(item.data(KIND))
    return item.text().removesuffix("/") if kind == FOLDER else item.text(), kind


def path_of(index: QModelIndex) -> Path | None:
    """The file or folder of a row; None for a note and for a row that has no name yet."""
    data: Any = index.data(PATH)
    return Path(data) if index.isValid() and index.data(KIND) in (FOLDER, FILE) else None


def is_folder(index: QModelIndex) -> bool:
    """Whether a row is a folder."""
    return index.isValid() and index.data(KIND) == FOLDER
