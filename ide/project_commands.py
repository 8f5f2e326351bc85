"""Open, make, find again: the commands that lead to another project, and back to an example's original."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QFileDialog, QMenu, QWidget

from ide.commands import Command
from ide.notify import Action
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.origins import Origin


def register(ctx: IdeContext) -> ProjectCommands:
    """Add them."""
    doing = ProjectCommands(ctx)
    ctx.commands.register(
        Command(
            "project.new", _("New project"), doing.new, "Ctrl+Shift+N", "file/1",
            hint=_("Say what you want to make; a project that works is made for it"),
        ),
        Command(
            "project.open_folder", _("Open a project"), doing.open_folder, "Ctrl+Alt+O", "file/2",
            hint=_("Open a folder with natmod.toml, a Makefile of a native module, or Python files"),
        ),
        Command("project.recent", _("Recent projects"), doing.recent, "", "file/3"),
        Command(
            "project.examples", _("Examples"), doing.examples, "", "file/4",
            hint=_("Open a copy of an example: ours, and those of MicroPython"),
        ),
        Command(
            "project.firmware", _("Firmware of this project"),
            lambda: ctx.layout.show_panel("firmware", focus=True), "", "project/63",
            hint=_("A whole firmware of this project: C modules, frozen Python, any board; and what takes its room"),
        ),
        Command(
            "project.reset", _("Reset to the original"), doing.reset, "", "project/60",
            enabled=lambda: doing.origin is not None and not ctx.runs.busy,
            hint=_("Make this example what it was; what you wrote is kept in a folder beside it"),
        ),
    )  # fmt: skip
    return doing


class ProjectCommands:
    """What those commands do. ``origin``: the example that this project is a copy of."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx
        self.origin: Origin | None = None
        ctx.project.changed.connect(self._look_for_origin)

    @property
    def _window(self) -> QWidget:
        return self._ctx.window

    def new(self) -> None:
        """The wizard."""
        from ide.wizard import Wizard

        Wizard(self._ctx, self._window).open()

    def examples(self) -> None:
        """The gallery."""
        from ide.gallery_dialog import GalleryDialog

        GalleryDialog(self._ctx, self._window).open()

    # --- a folder --------------------------------------------------------------------------------------------------

    def open_folder(self) -> None:
        """Ask for a folder."""
        dialog = choose_folder(self._window, self._ctx.project.folder.parent)
        dialog.fileSelected.connect(lambda name: self.open_checked(Path(name)))
        dialog.open()

    def open_checked(self, folder: Path) -> None:
        """Open a folder if it is a project; one that is none can be opened too, once that was said."""

        def look(_ctx: JobContext) -> StudioError | None:
            return why_no_project(folder)

        def looked(error: StudioError | None) -> None:
            if error is None:
                self._ctx.open_project(folder)
                return
            self._ctx.notices.error(error, (Action(_("Open it all the same"), lambda: self._open_anyway(folder)),))

        self._ctx.jobs.start(_("Open a project"), look, on_done=looked, quiet=True)

    def _open_anyway(self, folder: Path) -> None:
        self._ctx.notices.dismiss()
        self._ctx.open_project(folder)

    # --- the last ones ---------------------------------------------------------------------------------------------

    def recent(self) -> None:
        """A list of the projects that were open."""

        def read(_ctx: JobContext) -> list[Path]:
            from ide.session_state import Recent

            return Recent(self._ctx.state_folder).folders()

        self._ctx.jobs.start(_("Recent projects"), read, on_done=self._show_recent, quiet=True)

    def _show_recent(self, folders: list[Path]) -> None:
        others = [folder for folder in folders if folder != self._ctx.project.folder]
        if not others:
            self._ctx.notices.tell(_("No other project was open yet."))
            return
        menu = RecentMenu(others, self._ctx, self._window)
        menu.popup(self._window.mapToGlobal(QPoint(self._window.width() // 4, 80)))

    # --- back to the original --------------------------------------------------------------------------------------

    def _look_for_origin(self) -> None:
        ctx = self._ctx

        def read(_ctx: JobContext) -> Origin | None:
            from ide.origins import Origins

            return Origins(ctx.state_folder).of(ctx.project.folder)

        def known(origin: Origin | None) -> None:
            if origin != self.origin:
                self.origin = origin
                ctx.commands.refresh()

        ctx.jobs.start(_("Read the project"), read, on_done=known, quiet=True)

    def reset(self) -> None:
        """The original again; the person's own beside it. Nothing is lost, so nothing is asked."""
        if self.origin is not None:
            self._ctx.editors.save_all_then(lambda saved: self._reset() if saved else None)

    def _reset(self) -> None:
        ctx, origin = self._ctx, self.origin
        assert origin is not None
        folder = ctx.project.folder

        def work(_ctx: JobContext) -> Path:
            from ide import gallery, gallery_cards

            return gallery.reset(folder, gallery_cards.original_of(origin, ctx.engine.toolbox().sdks))

        ctx.jobs.start(_("Reset to the original"), work, on_done=self._was_reset)

    def _was_reset(self, mine: Path) -> None:
        ctx = self._ctx
        ctx.project.files_changed.emit()
        ctx.project.read()
        ctx.notices.tell(
            _("This is the original again. What you wrote is kept in {folder}.", folder=mine), kind="good",
            actions=(Action(_("Open mine"), lambda: ctx.open_project(mine)),),
        )  # fmt: skip


class RecentMenu(QMenu):
    """Projects to open, newest first; it goes away when one was chosen."""

    def __init__(self, folders: list[Path], ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.setAccessibleName(str(_("Recent projects")))
        for folder in folders:
            title = f"{folder.name} — {folder.parent}".replace("&", "&&")
            self.addAction(title, lambda folder=folder: ctx.open_project(folder))
        self.aboutToHide.connect(self.deleteLater)


def why_no_project(folder: Path) -> StudioError | None:
    """Why a folder is no project; None for one that is, even if its natmod.toml has a mistake (the panel tells)."""
    from toolchains import project

    try:
        project.load(folder)
    except project.NoProject as error:
        return error
    except StudioError:
        return None
    return None


def choose_folder(parent: QWidget, start: Path) -> QFileDialog:
    """A dialog for a folder, that holds nothing up; its owner connects ``fileSelected`` and opens it."""
    from PySide6.QtCore import Qt

    dialog = QFileDialog(parent, str(_("Choose a folder")), str(start))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    dialog.setOption(QFileDialog.Option.ShowDirsOnly)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return dialog
