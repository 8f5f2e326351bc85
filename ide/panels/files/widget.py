"""The files panel: the board's tree on top, the project's below, and what happens between them."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path, PurePath, PurePosixPath
from typing import TYPE_CHECKING

from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide.panels.files import menus
from ide.panels.files.bars import Bar, Offer, Progressing, held_words
from ide.panels.files.deeds import Deeds
from ide.panels.files.editing import Editing
from ide.panels.files.heads import Both, Head
from ide.panels.files.looker import CONNECTED, Looker
from ide.panels.files.model import ROOT, BoardModel, ComputerModel
from ide.panels.files.moves import Moves
from ide.panels.files.trees import BoardTree, ComputerTree
from ide.panels.files.work import Work
from ide.said_label import SaidLabel
from ide.words import words
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.context import IdeContext

#: A sign, since the line is short; its name is in the tooltip, and read aloud.
_REFRESH = Text("\N{CLOCKWISE OPEN CIRCLE ARROW}")
_OF_BOARD = (("files.sync", _("Sync…")), ("files.refresh", _REFRESH))
_OF_PROJECT = (("files.upload", _("Send")), ("files.download", _("Fetch")))
#: Where a board starts whose root holds nothing but filesystems (STM32).
_FLASH = PurePosixPath("/flash")


class FilesPanel(QWidget):
    """Made once for the window; it follows the board that the window has."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._said: Text | StudioError | None = None
        self.looker = Looker(ctx, self)
        self.work = Work(ctx, self)
        self.model = BoardModel(self.looker, self)
        self.local_model = ComputerModel(ctx.jobs, ctx.project.folder, self)
        self.tree, self.local = BoardTree(self.model, self), ComputerTree(self.local_model, self)
        self.deeds = Deeds(ctx, self.tree, self.work)
        self.moves = Moves(ctx, self.work, self)
        self.editing = Editing(ctx, self.work, self)
        ctx.commands.register(*menus.commands(self))
        self._lay_out()
        self._connect()
        self._render()

    # --- what it is made of ----------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.bar = Bar(self)
        self.head = Head(self._ctx.commands, _OF_BOARD, self)
        self.local_head = Head(self._ctx.commands, _OF_PROJECT, self)
        split = Both(self)
        split.addWidget(self._part(self.head, self.bar, self.tree))
        split.addWidget(self._part(self.local_head, self.local))
        split.share()
        column.addWidget(split, 1)
        column.addWidget(Progressing(self.work, self))
        self.message = SaidLabel(self)
        column.addWidget(self.message)
        self.setFocusProxy(self.tree)
        chain = [*self.head.buttons.values(), self.tree, *self.local_head.buttons.values(), self.local]
        for first, second in pairwise(chain):
            QWidget.setTabOrder(first, second)

    def _part(self, *widgets: QWidget) -> QWidget:
        """One above the other; the last one takes what room there is, or, hidden, leaves it empty."""
        part = QWidget(self)
        column = QVBoxLayout(part)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        for widget in widgets:
            column.addWidget(widget)
        column.setStretchFactor(widgets[-1], 1)
        column.addStretch()
        return part

    def _connect(self) -> None:
        ctx = self._ctx
        for speaker in (self.deeds, self.moves, self.editing):
            speaker.said.connect(self.say)
        self.looker.changed.connect(self._render)
        self.model.listed.connect(lambda _folder, _first: self._render())
        self.work.changed.connect(self._render)
        self.editing.changed.connect(self._render)
        self.editing.sent.connect(self.looker.again)
        self.deeds.renamed.connect(self.editing.moved)
        self.deeds.made.connect(self._made)
        self.moves.move_wanted.connect(self.deeds.move)
        self.moves.fetched.connect(self._fetched)
        self.model.dropped.connect(self.moves.dropped_on_board)
        self.local_model.dropped.connect(self.moves.came_to_project)
        self.tree.wanted.connect(self.editing.open)
        self.tree.paste_wanted.connect(self.moves.pasted_on_board)
        self.tree.menu_wanted.connect(lambda at: menus.pop_up(menus.of_board(self, ctx.commands), at))
        self.local.wanted.connect(ctx.editors.open)
        self.local.paste_wanted.connect(self.moves.came_to_project)
        self.local.menu_wanted.connect(lambda at: menus.pop_up(menus.of_project(self, ctx.commands), at))
        for tree in (self.tree, self.local):
            tree.selectionModel().selectionChanged.connect(lambda _new, _old: ctx.commands.refresh())
        self.tree.selectionModel().currentChanged.connect(lambda _new, _old: self._render_head())
        ctx.project.changed.connect(self._render_head)
        words.changed.connect(self._render)

    def showEvent(self, event: QShowEvent) -> None:
        """What is seen is kept up to date."""
        super().showEvent(event)
        self.looker.show(True)
        self._render()

    def hideEvent(self, event: QHideEvent) -> None:
        """What is not seen is left alone."""
        super().hideEvent(event)
        self.looker.show(False)

    # --- what the commands do --------------------------------------------------------------------------------------

    @property
    def connected(self) -> bool:
        """Whether there is a board to do something with."""
        return self._ctx.board.state in CONNECTED

    def home(self) -> PurePosixPath:
        """Where the board starts: "/", or "/flash" where the root holds nothing but filesystems."""
        only_folders = all(self.model.entries[ROOT / name].is_folder for name in self.model.names(ROOT) or ())
        return _FLASH if _FLASH in self.model.entries and only_folders else ROOT

    def target(self) -> PurePosixPath:
        """Where files go that come: the current folder of the board."""
        chosen = self.tree.folder_here()
        return chosen if chosen != ROOT else self.home()

    def upload(self) -> None:
        """What is selected in the project goes to the board's current folder."""
        self.moves.upload(self.local.paths(), self.target())

    def upload_from(self) -> None:
        """Files from anywhere."""
        self.moves.upload_dialog(self.target())

    def current_local(self) -> Path | None:
        """The file in the editor."""
        return self._ctx.editors.current_path()

    def upload_current(self) -> None:
        """The file in the editor goes to the same place on the board as it has in the project."""
        path = self.current_local()
        if path is None:
            return
        if self.editing.copies.of(path) is not None:
            self.editing.send(path)
            return
        folder, root = self.home(), self._ctx.project.folder
        below = path.parent.relative_to(root).as_posix() if path.is_relative_to(root) else "."
        self.moves.upload([path], folder / below)

    def download(self) -> None:
        """What is selected on the board comes to the project's current folder."""
        folder = self.local.folder()
        self.moves.download(self.tree.paths(), Path(folder))

    def download_to(self) -> None:
        """It comes to a folder that is asked for."""
        self.moves.download_dialog(self.tree.paths())

    def edit(self) -> None:
        """Open a file of the board."""
        path = self.tree.current()
        if path is not None and not self.tree.is_folder_current():
            self.editing.open(PurePosixPath(path))

    def open_local(self) -> None:
        """Open a file of the project."""
        path = self.local.current()
        if path is not None:
            self._ctx.editors.open(Path(path))

    def sync(self) -> None:
        """Compare, look, do."""
        from ide.panels.files.sync_dialog import SyncDialog

        found = self._ctx.window.findChild(SyncDialog) if self._ctx.window is not None else None
        dialog = found or SyncDialog(self._ctx, self.work, self.home(), self._ctx.window)
        dialog.show()
        dialog.raise_()
        dialog.activateWindow()

    def refresh(self) -> None:
        """Read what is shown once more."""
        self.say(None)
        if self.looker.occupied:
            self._render()
        else:
            self.looker.again()

    # --- what happens ----------------------------------------------------------------------------------------------

    def _made(self, path: PurePosixPath) -> None:
        """Something new is on the board: the keyboard is put there, and a file is opened."""
        self.model.look(path.parent, lambda: self._show(path))

    def _show(self, path: PurePosixPath) -> None:
        self.tree.select(path)
        if not self.tree.is_folder_current():
            self.editing.open(path)

    def _fetched(self, paths: list[Path]) -> None:
        for folder in {path.parent for path in paths}:
            self.local_model.look(folder)
        self._ctx.project.files_changed.emit()

    def say(self, sentence: Text | StudioError | None) -> None:
        """How it went, at the bottom, until the next thing is done."""
        if isinstance(sentence, Cancelled):
            sentence = _("It was ended. Each file is the old one or the new one.")
        self._said = sentence
        self.message.say(sentence)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def _render(self) -> None:
        self.say(self._said)
        self._render_head()
        listed = self.model.names(ROOT) is not None
        self.tree.setVisible(listed and self.connected)
        error = self.looker.error
        text, offers = held_words(self.work)
        if text is None:
            text, offers = self._state(listed)
        if text is None:
            text, offers = self._waiting()
        self.bar.say(text, *offers, role="bad" if error is not None else "look" if listed else "muted")
        self._ctx.commands.refresh()

    def _state(self, listed: bool) -> tuple[object, tuple[Offer, ...]]:
        """What there is to say of the board, if its files are not simply there; and what can be done."""
        board, stop = self._ctx.board, (_("Stop and look"), self.looker.stop_and_look)
        if self.looker.error is not None:
            return self.looker.error, ((_("Try again"), self.looker.again),)
        if board.state in ("none", "closed"):
            choose = (_("Choose a board"), lambda: self._ctx.commands.run("board.choose"))
            return _("No board. Choose one, and its files show here."), (choose,)
        if board.state == "lent":
            return _("The board is being flashed. Its files show afterwards."), ()
        if board.state == "lost":
            return _("The board is gone. Its files show again when it is back."), ()
        if self.looker.occupied and not self.looker.looking:
            if board.state == "prompt":
                return _("Somebody types at the board's prompt; its files show afterwards."), (stop,)
            if listed:
                return _("The board runs a program."), (stop,)
            return _("The board runs a program. To look at its files would stop it."), (stop,)
        if listed:
            return None, ()
        if board.state == "busy":
            return _("The board is busy. Its files show when it is free."), ()
        return _("Looking at the board…"), ()

    def _render_head(self) -> None:
        """Whose files these are, and how much room there is."""
        board, project = self._ctx.board.address, self._ctx.project.name
        here: PurePath = self.tree.folder_here()
        space = self.model.filesystem(here) if self.connected else None
        short = whole = str(_("Board: {address}", address=board)) if board else str(_("Board"))
        brief = ""
        if space is not None:
            brief = size_text(space.free)
            short = str(_("{free} free", free=brief))
            free = _("{free} of {total} free", free=size_text(space.free), total=size_text(space.total))
            whole = f"{whole} · {space.mount} · {free}"
        self.head.say(short, whole, brief)
        self.local_head.say(str(_("Project")), str(_("Project: {name}", name=project)))

    def _waiting(self) -> tuple[object, tuple[Offer, ...]]:
        waiting = self.editing.copies.waiting()
        if not waiting:
            return None, ()
        names = ", ".join(kept.name for kept in waiting[:3]) + (" …" if len(waiting) > 3 else "")
        return _("Saved here, not yet on the board: {names}", names=names), ((_("Send"), self.editing.send_all),)
