"""What can be done to the files of the tree: each as a command; the work is done in a worker."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QProcess, Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import QMessageBox

from ide.commands import Command
from ide.file_model import FileModel
from ide.file_tree import FileTree
from ide.panels.project import acts
from toolchains.errors import StudioError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.context import IdeContext

#: In the order of the menu; ``None`` is a line.
MENU: tuple[str | None, ...] = (
    "tree.open", "tree.new_file", "tree.new_folder", None, "tree.rename", "tree.trash", None, "tree.copy_path",
    "tree.show", "tree.refresh",
)  # fmt: skip
#: The keys that work in the tree only, for the menu.
KEYS = {"tree.open": "Return", "tree.rename": "F2", "tree.trash": "Del"}


class Deeds(QObject):
    """``said(sentence or error)``: how it went. ``changed(folder)``: list it again. ``made(path)``: select it."""

    said = Signal(object)
    changed = Signal(object)
    made = Signal(object)

    def __init__(self, ctx: IdeContext, tree: FileTree, files: FileModel) -> None:
        super().__init__(tree)
        self._ctx, self._tree, self._files = ctx, tree, files
        tree.wanted.connect(ctx.editors.open)
        tree.trash_wanted.connect(self.trash)
        tree.typed.connect(self._typed)

    def commands(self, refresh: Callable[[], object]) -> list[Command]:
        """For the registry. They act on what is selected in the tree."""
        tree = self._tree

        def some() -> bool:
            return bool(tree.selected())

        def one() -> bool:
            return len(tree.selected()) == 1

        return [
            Command(
                "tree.open", _("Open the selected file"), lambda: tree.wanted.emit(tree.current()), "", "",
                enabled=lambda: one() and tree.current() is not None and not tree.is_folder_current(),
            ),
            Command("tree.new_file", _("New file"), lambda: self._new(is_folder=False), "", "project/40"),
            Command("tree.new_folder", _("New folder"), lambda: self._new(is_folder=True), "", "project/41"),
            Command("tree.rename", _("Rename"), self._rename, "", "project/42", enabled=one),
            Command("tree.trash", _("Move to the trash"), self.trash, "", "project/43", enabled=some),
            Command("tree.copy_path", _("Copy the path"), self.copy_path, "", "project/50"),
            Command("tree.show", _("Show in the file manager"), self.show_outside, "", "project/51"),
            Command("tree.refresh", _("Read the folders again"), refresh, "", "project/52"),
        ]  # fmt: skip

    # --- names -----------------------------------------------------------------------------------------------------

    def _new(self, *, is_folder: bool) -> None:
        self._ctx.layout.show_panel("project", focus=True)
        self._tree.begin_new(is_folder=is_folder)

    def _rename(self) -> None:
        self._ctx.layout.show_panel("project", focus=True)
        self._tree.rename_current()

    def _typed(self, folder: Path, old: Path | None, name: str, is_folder: bool) -> None:
        problem = acts.name_problem(name, self._ctx.engine.host.system)
        if problem is not None:
            self.said.emit(UsageError(problem, next_step=_("Choose another name.")))
            return
        if old is not None:
            self._files.let_go(old)
            self._do(_("Rename"), lambda: acts.rename(old, name), lambda new: self._renamed(old, new), old)
        elif is_folder:
            self._do(_("New folder"), lambda: acts.make_folder(folder / name), self._appeared)
        else:
            self._do(_("New file"), lambda: acts.make_file(folder / name), self._appeared)

    def _renamed(self, old: Path, new: Path) -> None:
        self._ctx.editors.file_moved(old, new)
        self._appeared(new, show=False)

    def _appeared(self, path: Path, *, show: bool = True) -> None:
        self._ctx.project.files_changed.emit()
        self.changed.emit(path.parent)
        self.made.emit(path)
        if show and path.suffix:
            self._tree.wanted.emit(path)

    def _do(
        self, title: Text, work: Callable[[], Path], done: Callable[[Path], object], old: Path | None = None
    ) -> None:
        def failed(error: StudioError) -> None:
            if old is not None:
                self._files.look_below(old)
            self.said.emit(error)

        self.said.emit(None)
        self._ctx.jobs.start(title, lambda _ctx: work(), on_done=done, on_error=failed, quiet=True)

    # --- away ------------------------------------------------------------------------------------------------------

    def trash(self) -> None:
        """Nothing is asked: the system's trash gives it back."""
        self._throw(_tops([Path(path) for path in self._tree.selected()]))

    def _throw(self, paths: list[Path]) -> None:
        if not paths:
            return
        self.said.emit(None)
        for path in paths:
            self._files.let_go(path)
        unsaved = set(self._ctx.editors.modified_paths())

        def work(ctx: JobContext) -> list[acts.NoTrash]:
            refused = []
            for path in paths:
                ctx.check()
                try:
                    acts.trash(path)
                except acts.NoTrash as error:
                    refused.append(error)
            return refused

        def done(refused: list[acts.NoTrash]) -> None:
            kept = {Path(str(error.fields["path"])) for error in refused}
            self._close([path for path in paths if path not in kept], unsaved)
            for path in kept:
                self._files.look_below(path)
            self._gone(paths)
            if refused:
                self._ask_to_delete(refused)
            elif len(paths) == 1:
                self.said.emit(_("{name} is in the system's trash.", name=paths[0].name))
            else:
                self.said.emit(
                    _n("{n} file is in the system's trash.", "{n} files are in the system's trash.", len(paths))
                )

        self._ctx.jobs.start(_("Move to the trash"), work, on_done=done, on_error=self.said.emit)

    def _close(self, paths: list[Path], unsaved: set[Path]) -> None:
        """Close the texts that went, or the next Run would save them again; unsaved ones stay."""
        editors, gone = self._ctx.editors, set(paths)
        for document in list(editors.documents):
            path = document.path
            if path is not None and path not in unsaved and not gone.isdisjoint((path, *path.parents)):
                for view in list(document.views):
                    editors.drop(view)

    def _gone(self, paths: list[Path]) -> None:
        self._ctx.project.files_changed.emit()
        for folder in {path.parent for path in paths}:
            self.changed.emit(folder)

    def _ask_to_delete(self, refused: list[acts.NoTrash]) -> None:
        box = QMessageBox(self._ctx.window)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setIcon(QMessageBox.Icon.Warning)
        box.setWindowTitle(str(_("Move to the trash")))
        box.setText("\n".join(str(error) for error in refused[:5]))
        delete = box.addButton(str(_("Delete for good")), QMessageBox.ButtonRole.DestructiveRole)
        keep = box.addButton(str(_("Keep")), QMessageBox.ButtonRole.RejectRole)
        box.setDefaultButton(keep)
        paths = [Path(str(error.fields["path"])) for error in refused]
        delete.clicked.connect(lambda: self._delete(paths))
        box.open()

    def _delete(self, paths: list[Path]) -> None:
        def work(_ctx: JobContext) -> None:
            for path in paths:
                acts.delete(path)

        def failed(error: StudioError) -> None:
            self._gone(paths)
            self.said.emit(error)

        self._ctx.jobs.start(_("Delete for good"), work, on_done=lambda _none: self._gone(paths), on_error=failed)

    # --- elsewhere -------------------------------------------------------------------------------------------------

    def copy_path(self) -> None:
        """The paths of what is selected, a line each; the project's own where nothing is."""
        paths = self._tree.selected() or [self._ctx.project.folder]
        QGuiApplication.clipboard().setText("\n".join(map(str, paths)))
        self.said.emit(_("The path is in the clipboard."))

    def show_outside(self) -> None:
        """The system's file manager, at the current file."""
        path = self._tree.current() or self._ctx.project.folder
        command = {"windows": ["explorer", f"/select,{path}"], "macos": ["open", "-R", str(path)]}.get(
            self._ctx.engine.host.system
        )
        folder = path if self._tree.is_folder_current() else path.parent
        if command is not None:
            done = QProcess.startDetached(command[0], command[1:])
        else:
            done = QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
        if not done:
            self.said.emit(_("The system has no file manager to show {path}.", path=folder))


def _tops(paths: list[Path]) -> list[Path]:
    """Without what lies in a folder that is in the list, too."""
    chosen = set(paths)
    return [path for path in paths if chosen.isdisjoint(path.parents)]
