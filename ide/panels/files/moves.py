"""Files to the board and from it: by button, drag, clipboard or a dialog of the system. Nothing is replaced unasked."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QMimeData, QObject, Signal
from PySide6.QtWidgets import QFileDialog

from ide.context import IdeContext
from ide.panels.files.model import local_files, paths_on_board
from ide.panels.files.questions import ask
from ide.panels.files.work import Work
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.files.records import TransferReport
    from ide.board.link import Board
    from ide.panels.files.asks import Gathered, Room


class Moves(QObject):
    """``said(sentence or error)``: how it went. ``fetched(paths)``: files of this computer that came.

    ``move_wanted(pairs)``: (old, new) on the board itself.
    """

    said = Signal(object)
    fetched = Signal(object)
    move_wanted = Signal(object)

    def __init__(self, ctx: IdeContext, work: Work, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx, self._work = ctx, work

    # --- what comes in by mouse or clipboard -----------------------------------------------------------------------

    def dropped_on_board(self, data: QMimeData, folder: PurePosixPath) -> None:
        """Files of this computer are put there; the board's own are moved there."""
        own = paths_on_board(data)
        if own:
            self.move_wanted.emit([(path, folder / path.name) for path in own])
        else:
            self.upload(local_files(data), folder)

    def pasted_on_board(self, data: QMimeData, folder: PurePosixPath) -> None:
        """The same from the clipboard; there the board's own are copied."""
        own = paths_on_board(data)
        if own:
            self._copy(own, folder)
        elif local_files(data):
            self.upload(local_files(data), folder)
        else:
            self.said.emit(_("There is no file in the clipboard."))

    def came_to_project(self, data: QMimeData, folder: Path) -> None:
        """Board files are fetched there."""
        own = paths_on_board(data)
        if own:
            self.download(own, folder)

    # --- to the board ----------------------------------------------------------------------------------------------

    def upload(self, paths: Sequence[Path], folder: PurePosixPath) -> None:
        """Put files, and folders with all in them, into a folder of the board."""
        if not paths:
            return
        self.said.emit(None)
        if self._ctx.settings.on("run.save_first"):  # what the editor has of them, too
            self._ctx.editors.save_all_then(lambda good: self._gather(paths, folder) if good else None)
        else:
            self._gather(paths, folder)

    def _gather(self, paths: Sequence[Path], folder: PurePosixPath) -> None:
        from ide.panels.files import asks

        self._ctx.jobs.start(
            _("Look at the files"), lambda ctx: asks.gather(ctx, paths, str(folder)),
            on_done=self._look_for_room, on_error=self.said.emit, quiet=True,
        )  # fmt: skip

    def upload_dialog(self, folder: PurePosixPath) -> None:
        """Choose files anywhere on this computer."""
        dialog = QFileDialog(self._ctx.window, str(_("Put files on the board")))
        dialog.setFileMode(QFileDialog.FileMode.ExistingFiles)
        dialog.setDirectory(str(self._ctx.project.folder))
        dialog.filesSelected.connect(lambda names: self.upload([Path(name) for name in names], folder))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _look_for_room(self, gathered: Gathered) -> None:
        def work(ctx: JobContext, board: Board) -> Room:
            from ide.panels.files import asks

            return asks.room_for(ctx, board, gathered.files)

        self._work.start(
            _upload_title(gathered), work, done=lambda room: self._ask_to_upload(gathered, room),
            failed=self.said.emit, way="look",
        )  # fmt: skip

    def _ask_to_upload(self, gathered: Gathered, room: Room) -> None:
        if not room.there:
            self._upload(gathered)
            return
        n = len(room.there)
        question = _n(
            "This file is on the board already. Replace it?",
            "These {n} files are on the board already. Replace them?",
            n,
        )
        self.box = ask(
            self._ctx.window, _("Put on the board"), question, room.there, _("Replace"),
            lambda: self._upload(gathered), more=_space(gathered.n_bytes, room), harmless=True,
        )  # fmt: skip

    def _upload(self, gathered: Gathered) -> None:
        def work(ctx: JobContext, board: Board) -> TransferReport:
            from ide.board.files import transfer

            return transfer.upload(ctx, board, gathered.files)

        self._work.start(
            _upload_title(gathered), work,
            done=lambda report: self.said.emit(told(report)), failed=self.said.emit,
        )  # fmt: skip

    def _copy(self, paths: Sequence[PurePosixPath], folder: PurePosixPath) -> None:
        def work(ctx: JobContext, board: Board) -> TransferReport:
            from ide.panels.files import asks

            return asks.copy_on_board(ctx, board, [str(path) for path in paths], str(folder))

        self.said.emit(None)
        self._work.start(
            _("Copy on the board"), work, done=lambda report: self.said.emit(told(report)),
            failed=self.said.emit,
        )  # fmt: skip

    # --- from the board --------------------------------------------------------------------------------------------

    def download(self, paths: Sequence[PurePosixPath], folder: Path) -> None:
        """Fetch files, and folders with all in them, into a folder of this computer."""
        if not paths:
            return
        self.said.emit(None)

        def work(_ctx: JobContext) -> list[str]:
            return [path.name for path in paths if (folder / path.name).exists()]

        self._ctx.jobs.start(
            _("Look at the files"), work, on_done=lambda there: self._ask_to_download(paths, folder, there),
            on_error=self.said.emit, quiet=True,
        )  # fmt: skip

    def download_dialog(self, paths: Sequence[PurePosixPath]) -> None:
        """Choose the folder."""
        dialog = QFileDialog(self._ctx.window, str(_("Fetch into a folder")))
        dialog.setFileMode(QFileDialog.FileMode.Directory)
        dialog.setOption(QFileDialog.Option.ShowDirsOnly)
        dialog.setDirectory(str(self._ctx.project.folder))
        dialog.fileSelected.connect(lambda name: self.download(paths, Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _ask_to_download(self, paths: Sequence[PurePosixPath], folder: Path, there: list[str]) -> None:
        if not there:
            self._download(paths, folder)
            return
        question = _n(
            "This file is in {folder} already. Replace it by the board's?",
            "These {n} files are in {folder} already. Replace them by the board's?", len(there), folder=folder,
        )  # fmt: skip
        more = _("What is replaced on this computer is lost, unless it is kept elsewhere.")
        self.box = ask(
            self._ctx.window, _("Fetch from the board"), question, there, _("Replace"),
            lambda: self._download(paths, folder), more=more,
        )  # fmt: skip

    def _download(self, paths: Sequence[PurePosixPath], folder: Path) -> None:
        def work(ctx: JobContext, board: Board) -> TransferReport:
            from ide.board.files import transfer

            return transfer.download(ctx, board, [str(path) for path in paths], folder)

        def done(report: TransferReport) -> None:
            self.fetched.emit([file.local for file in report.files if file.local is not None])
            self.said.emit(self._fetched(report, folder))

        self._work.start(
            _("Fetch {names} from the board", names=_names(paths)), work, done=done,
            failed=self.said.emit,
        )  # fmt: skip

    def _fetched(self, report: TransferReport, folder: Path) -> Text:
        """Names that this computer cannot have are another sentence."""
        other = [file for file in report.files if file.local and file.local.name != posixpath.basename(file.path)]
        if other and other[0].local is not None:
            first = other[0]
            return _(
                "{path} is here as {name}: this computer cannot have its own name.", path=first.path,
                name=cast(Path, first.local).name,
            )  # fmt: skip
        return told(report, folder)


def _upload_title(gathered: Gathered) -> Text:
    return _n("Put {n} file on the board", "Put {n} files on the board", len(gathered.files))


def told(report: TransferReport, folder: Path | None = None) -> Text:
    """How a transfer went: onto the board, or (``folder``) into a folder of this computer."""
    size, n = size_text(report.n_bytes), len(report.files)
    if report.files and all(file.skipped for file in report.files):
        return _n("{n} file is the same already.", "{n} files are the same already.", n)
    if n == 1 and folder is None:
        return _("{name} is on the board, {size}.", name=posixpath.basename(report.files[0].path), size=size)
    if n == 1:
        return _("{name} is in {folder}, {size}.", name=posixpath.basename(report.files[0].path), size=size,
                 folder=folder.name if folder else "")  # fmt: skip
    if folder is None:
        return _n("{n} file is on the board, {size}.", "{n} files are on the board, {size}.", n, size=size)
    return _n("{n} file is in {folder}, {size}.", "{n} files are in {folder}, {size}.", n, size=size,
              folder=folder.name)  # fmt: skip


def _space(n_bytes: int, room: Room) -> Text:
    """What it takes and what there is."""
    if room.filesystem is None:
        return _("They take {size}.", size=size_text(n_bytes))
    return _("They take {size}; {free} are free.", size=size_text(n_bytes), free=size_text(room.filesystem.free))


def _names(paths: Sequence[PurePosixPath]) -> str:
    """The first of them."""
    return ", ".join(path.name for path in paths[:3]) + (" …" if len(paths) > 3 else "")
