"""The files of the project as a model: folders are listed in a worker, and watched."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path, PurePath

from PySide6.QtCore import QFileSystemWatcher, QMimeData, QModelIndex, QObject, Qt, QUrl

from ide import file_listing
from ide.file_listing import Listing
from ide.folder_model import FILE, FOLDER, NOTE, FolderModel, Row
from ide.job_queue import Jobs
from toolchains.jobs import JobContext
from toolchains.text import _


class FileModel(FolderModel):
    """One root row, the project's folder. What is dragged from it are files, as any file manager's are."""

    def __init__(self, jobs: Jobs, root: Path, parent: QObject) -> None:
        self._jobs = jobs
        self._watcher = QFileSystemWatcher()
        super().__init__(root, parent)
        self._watcher.setParent(self)
        self._watcher.directoryChanged.connect(lambda name: self.look(Path(name)))

    def list_folder(self, folder: PurePath) -> None:
        """In a worker."""

        def work(_ctx: JobContext) -> Listing:
            return file_listing.list_folder(Path(folder))

        self._jobs.start(
            _("List a folder"), work, quiet=True,
            on_done=lambda found: self.done(folder, _rows(found)), on_error=lambda error: self.fail(folder, error),
        )  # fmt: skip

    def watch(self, folder: PurePath) -> None:
        """Be told by the system when it changes."""
        if str(folder) not in self._watcher.directories():
            self._watcher.addPath(str(folder))

    def unwatch(self, folders: Sequence[PurePath]) -> None:
        """On Windows a folder that is watched cannot be moved."""
        if folders:
            self._watcher.removePaths([str(one) for one in folders])

    def flags_of(self, path: PurePath) -> Qt.ItemFlag:
        """All but the project's folder can be dragged."""
        flags = super().flags_of(path)
        return flags if path == self.root else flags | Qt.ItemFlag.ItemIsDragEnabled

    def mimeTypes(self) -> list[str]:
        """What is dragged from here."""
        return ["text/uri-list"]

    def mimeData(self, indexes: Iterable[QModelIndex]) -> QMimeData:
        """Files and folders, by their addresses."""
        paths = [path for index in indexes if index.column() == 0 and (path := self.path_of(index)) is not None]
        data = QMimeData()
        data.setUrls([QUrl.fromLocalFile(str(path)) for path in paths])
        return data


def _rows(found: Listing) -> list[Row]:
    rows = [Row(entry.name, FOLDER if entry.is_folder else FILE) for entry in found.entries]
    return [*rows, Row(str(_("and {n} more", n=found.more)), NOTE)] if found.more else rows
