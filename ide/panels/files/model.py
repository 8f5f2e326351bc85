"""The board's files as a model, and what goes with a drag out of it or into it."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QMimeData, QModelIndex, QObject, Qt, Signal

from ide.file_model import FileModel
from ide.folder_model import FILE, FOLDER, KIND, NOTE, FolderModel, Row
from ide.job_queue import Jobs
from ide.panels.files.looker import Looker
from toolchains.text import _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.files.records import Entry, Filesystem, Listing
    from ide.panels.files.asks import Looked

#: What is dragged or copied out of the board's tree: a list of paths, in JSON.
BOARD_FILES = "application/x-natmod-board-files"
_URLS = "text/uri-list"
ROOT = PurePosixPath("/")
#: A tree with more rows helps nobody.
MOST = 500
#: Files that are being written; they have their name in an instant.
_TEMPORARY = ".natmod-tmp-"
_LONGEST = 100_000


class BoardModel(FolderModel):
    """``dropped(mime data, folder)``: something was dropped there. What the board said of each file is kept."""

    dropped = Signal(object, object)

    def __init__(self, looker: Looker, parent: QObject) -> None:
        super().__init__(ROOT, parent, columns=2)
        self.setColumnCount(2)
        self._looker = looker
        self.entries: dict[PurePath, Entry] = {}
        self.filesystems: dict[PurePath, Filesystem] = {}
        looker.looked.connect(self._looked)
        looker.new_board.connect(self.start_over)
        looker.stale.connect(self.list_again)

    def list_folder(self, folder: PurePath) -> None:
        """When the board is free."""
        self._looker.want(str(folder))

    def start_over(self) -> None:
        """Another board."""
        self.entries.clear()
        self.filesystems.clear()
        super().start_over()
        self.look(ROOT)

    def _looked(self, found: Looked) -> None:
        for name, listing in found.listings.items():
            folder = PurePosixPath(name)
            if listing.filesystem is not None:
                self.filesystems[folder] = listing.filesystem
            self.entries.update((PurePosixPath(entry.path), entry) for entry in listing.entries)
            self.done(folder, _rows(listing))
        for name, error in found.errors.items():
            self.fail(PurePosixPath(name), error)

    def filesystem(self, folder: PurePath) -> Filesystem | None:
        """The one that holds a folder, as far as the board told."""
        return next((self.filesystems[one] for one in (folder, *folder.parents) if one in self.filesystems), None)

    # --- drag and drop ---------------------------------------------------------------------------------------------

    def flags_of(self, path: PurePath) -> Qt.ItemFlag:
        """Everything can be dragged, and dropped upon: on a file is in its folder."""
        return super().flags_of(path) | Qt.ItemFlag.ItemIsDragEnabled | Qt.ItemFlag.ItemIsDropEnabled

    def mimeTypes(self) -> list[str]:
        """Files from elsewhere, and our own."""
        return [BOARD_FILES, _URLS]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """The paths on the board."""
        return board_files([path for one in indexes if one.column() == 0 and (path := self.path_of(one)) is not None])

    def canDropMimeData(self, data: QMimeData, _action: Any, _row: int, _column: int, _parent: Any) -> bool:  # noqa: ANN401 - Qt's
        """Whether it is files."""
        return bool(paths_on_board(data) or local_files(data))

    def dropMimeData(self, data: QMimeData, action: Any, _row: int, _column: int, parent: QModelIndex) -> bool:  # noqa: ANN401 - Qt's
        """Tell; False, so that the view does not remove what was dragged."""
        path = self.path_of(parent)
        folder = ROOT if path is None else path if parent.siblingAtColumn(0).data(KIND) == FOLDER else path.parent
        if self.canDropMimeData(data, action, 0, 0, parent):
            self.dropped.emit(data, folder)
        return False


class ComputerModel(FileModel):
    """The project's files, as the panel's lower tree has them. ``dropped(mime data, folder)``: board files came."""

    dropped = Signal(object, object)

    def __init__(self, jobs: Jobs, root: Path, parent: QObject) -> None:
        super().__init__(jobs, root, parent)

    def flags_of(self, path: PurePath) -> Qt.ItemFlag:
        """Names are changed in the project's own panel."""
        flags = super().flags_of(path) | Qt.ItemFlag.ItemIsDropEnabled
        return flags & ~Qt.ItemFlag.ItemIsEditable

    def mimeTypes(self) -> list[str]:
        """What it takes besides what it gives."""
        return [_URLS, BOARD_FILES]

    def canDropMimeData(self, data: QMimeData, _action: Any, _row: int, _column: int, _parent: Any) -> bool:  # noqa: ANN401 - Qt's
        """Whether it is from the board."""
        return bool(paths_on_board(data))

    def dropMimeData(self, data: QMimeData, _action: Any, _row: int, _column: int, parent: QModelIndex) -> bool:  # noqa: ANN401 - Qt's
        """Tell."""
        path = self.path_of(parent)
        folder = self.root if path is None else path if parent.data(KIND) == FOLDER else path.parent
        if paths_on_board(data):
            self.dropped.emit(data, folder)
        return False


def board_files(paths: Iterable[PurePath]) -> QMimeData:
    """Paths on the board for a drag or the clipboard; as text, too."""
    names = [str(path) for path in paths]
    data = QMimeData()
    data.setData(BOARD_FILES, json.dumps(names).encode())
    data.setText("\n".join(names))
    return data


def paths_on_board(data: QMimeData) -> list[PurePosixPath]:
    """The board's files in a drag or the clipboard; nothing where there are none, or garbage."""
    raw = bytes(data.data(BOARD_FILES).data()) if data.hasFormat(BOARD_FILES) else b""
    try:
        names = json.loads(raw) if 0 < len(raw) <= _LONGEST else []
    except (ValueError, RecursionError):
        return []
    return [PurePosixPath(name) for name in names if isinstance(name, str)] if isinstance(names, list) else []


def local_files(data: QMimeData) -> list[Path]:
    """The files of this computer in a drag or the clipboard."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()] if data.hasUrls() else []


def _rows(listing: Listing) -> list[Row]:
    shown = [entry for entry in listing.entries if not entry.name.startswith(_TEMPORARY)]
    rows = [
        Row(entry.name, FOLDER if entry.is_folder else FILE, "" if entry.size is None else size_text(entry.size))
        for entry in shown[:MOST]
    ]
    if len(shown) > MOST or listing.cut:
        rows.append(Row(str(_("and {n} more", n=max(1, len(shown) - MOST))), NOTE))
    return rows
