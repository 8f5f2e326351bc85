"""The project panel: ways to other projects on top, the tree, and one line for what happened."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import (
    QFrame,
    QLabel,
    QMenu,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ide.button_grid import ButtonGrid
from ide.file_model import FileModel
from ide.file_tree import FileTree
from ide.panels.project.deeds import KEYS, MENU, Deeds
from ide.project_session import DESCRIPTIONS
from ide.said_label import SaidLabel
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext

_WAYS = (
    ("project.open_folder", _("Open…")),
    ("project.new", _("New…")),
    ("project.examples", _("Examples…")),
    ("project.recent", _("Recent…")),
)
_DESCRIPTION = "natmod.toml"


class ProjectPanel(QWidget):
    """Made once for the project of the window."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._root_error: StudioError | None = None
        self._said: Text | StudioError | None = None
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(ButtonGrid(ctx.commands, _WAYS, self))
        layout.addWidget(self._make_trouble())
        self.model = FileModel(ctx.jobs, ctx.project.folder, self)
        self.tree = FileTree(self.model, _("Files of the project"), self)
        layout.addWidget(self.tree, 1)
        self.message = SaidLabel(self)
        layout.addWidget(self.message)
        layout.addStretch()  # where there is no tree, the rest is at the top
        self.setFocusProxy(self.tree)
        self._make_deeds()
        self._connect()
        self._render_trouble()

    # --- what it is made of ----------------------------------------------------------------------------------------

    def _make_trouble(self) -> QFrame:
        """Shown while the project cannot be read: why, and what to do."""
        self.trouble = QFrame(self)
        box = QVBoxLayout(self.trouble)
        box.setContentsMargins(8, 4, 8, 8)
        self.why = QLabel(self.trouble)
        self.why.setWordWrap(True)
        self.why.setProperty("role", "bad")
        self.why.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        bind(self.why, "setAccessibleName", _("Why the project cannot be read"))
        box.addWidget(self.why)
        self.mend = QPushButton(self.trouble)
        self.mend.clicked.connect(self._mend)
        box.addWidget(self.mend)
        self.again = QPushButton(self.trouble)
        bind(self.again, "setText", _("Try again"))
        self.again.clicked.connect(self.refresh)
        box.addWidget(self.again)
        return self.trouble

    def _make_deeds(self) -> None:
        self.deeds = Deeds(self._ctx, self.tree, self.model)
        self.deeds.said.connect(self.say)
        self.deeds.changed.connect(self.model.look)
        self.deeds.made.connect(lambda path: self.model.look(path.parent, lambda: self.tree.select(path)))
        self._ctx.commands.register(*self.deeds.commands(self.refresh))
        self.tree.menu_wanted.connect(self._show_menu)
        self.tree.selectionModel().selectionChanged.connect(lambda _new, _old: self._ctx.commands.refresh())

    def _connect(self) -> None:
        ctx = self._ctx
        ctx.project.changed.connect(self._render_trouble)
        ctx.editors.current_changed.connect(lambda _view: self._follow())
        self.model.listed.connect(self._listed)
        self.model.failed.connect(self._failed)
        words.changed.connect(self._render)

    # --- what happens ----------------------------------------------------------------------------------------------

    def refresh(self) -> None:
        """Read everything again."""
        self.model.list_again()
        self._ctx.project.read()

    def _listed(self, folder: Path, first: bool) -> None:
        root = folder == self.model.root
        if root and self._root_error is not None:
            self._root_error = None
            self._render_trouble()
        if not first:
            self._ctx.project.files_changed.emit()
            if root:  # a source came or went, or what describes the project
                self._ctx.project.read()
        if first:
            self._follow()

    def _failed(self, folder: Path, error: StudioError) -> None:
        if folder == self.model.root:
            self._root_error = error
            self._render_trouble()

    def _follow(self) -> None:
        """Show where the file of the editor is, unless the person is in the tree."""
        path = self._ctx.editors.current_path()
        if path is not None and not self.tree.hasFocus() and not self.tree.is_naming():
            self.tree.select(path)

    # --- what is said ----------------------------------------------------------------------------------------------

    def say(self, sentence: Text | StudioError | None) -> None:
        """How it went, under the tree, until the next thing is done."""
        self._said = sentence
        self.message.say(sentence)

    def _render(self) -> None:
        self.say(self._said)
        self._render_trouble()

    def _render_trouble(self) -> None:
        error = self._ctx.project.error or self._root_error
        self.trouble.setVisible(error is not None)
        self.why.setText("" if error is None else str(error))
        self.tree.setVisible(self._root_error is None)
        self.message.setVisible(self._said is not None and self._root_error is None)
        broken = self._broken_file()
        can_write = error is not None and self._root_error is None
        self.mend.setVisible(can_write)
        if can_write:
            text = _("Open {name}", name=broken.name) if broken else _("Write {name}", name=_DESCRIPTION)
            self.mend.setText(str(text))
        self.again.setVisible(self._root_error is not None)

    def _broken_file(self) -> Path | None:
        """The file that the error is about; None where there is none yet."""
        error = self._ctx.project.error
        path = error.fields.get("path") if error is not None else None
        found = self._ctx.project.folder / path if isinstance(path, str) else None
        return found if found is not None and found.name in DESCRIPTIONS else None

    def _mend(self) -> None:
        """Open the description at the line that is wrong, or write one."""
        broken, error = self._broken_file(), self._ctx.project.error
        if broken is not None and error is not None:
            line = error.fields.get("line")
            self._ctx.editors.open(broken, line if isinstance(line, int) else None)
            return
        target = self._ctx.project.folder / _DESCRIPTION

        def work(_ctx: JobContext) -> Path:
            from toolchains.errors import disk_errors

            with disk_errors(target), target.open("x", encoding="utf-8") as file:
                file.write("schema = 1\n")
            return target

        def done(path: Path) -> None:
            self.model.look(path.parent)
            self._ctx.project.read()
            self._ctx.editors.open(path)

        self._ctx.jobs.start(_("Write {name}", name=_DESCRIPTION), work, on_done=done, on_error=self.say, quiet=True)

    # --- menu ------------------------------------------------------------------------------------------------------

    def _show_menu(self, at: QPoint) -> None:
        menu = self.menu()
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(at)

    def menu(self) -> QMenu:
        """What can be done with what is selected."""
        menu = QMenu(self)
        for command_id in MENU:
            command = self._ctx.commands.records.get(command_id) if command_id is not None else None
            if command_id is None or command is None:
                menu.addSeparator()
                continue
            key = KEYS.get(command_id, "")
            action = menu.addAction(f"{command.title}\t{key}" if key else str(command.title))
            action.setEnabled(command.enabled())
            action.triggered.connect(lambda _on=False, command_id=command_id: self._ctx.commands.run(command_id))
        return menu
