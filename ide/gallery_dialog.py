"""The gallery: examples with a picture and a one-line lesson; what is chosen is opened as a copy."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QLabel,
    QListWidget,
    QListWidgetItem,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from ide import gallery_cards
from ide.gallery_cards import Card
from ide.gallery_pictures import SIZE, picture
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from pathlib import Path

    from ide.context import IdeContext

_CARD = Qt.ItemDataRole.UserRole


class GalleryDialog(QDialog):
    """Our examples first, then those of the MicroPython tree in use: the project's, the board's, or the usual one."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._cards: list[Card] = gallery_cards.ours()
        self._version: str | None = None
        self._gone = False
        self._sentence: Text | StudioError | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(760, 560)
        bind(self, "setWindowTitle", _("Examples"))
        self._make()
        self.finished.connect(self._leave)
        words.changed.connect(self.render_cards)
        ctx.themes.changed.connect(self.render_cards)
        self.render_cards()
        self._look_for_theirs()

    def _make(self) -> None:
        layout = QVBoxLayout(self)
        hint = QLabel(self)
        hint.setWordWrap(True)
        bind(hint, "setText", _("Each opens as a copy of your own, in a window of its own. Change it as you like."))
        layout.addWidget(hint)
        self.list = QListWidget(self)
        self.list.setIconSize(QSize(*SIZE))
        self.list.setWordWrap(True)
        self.list.setUniformItemSizes(False)
        bind(self.list, "setAccessibleName", _("Examples"))
        self.list.itemActivated.connect(lambda _item: self.open_chosen())
        self.list.currentRowChanged.connect(lambda _row: self._update())
        layout.addWidget(self.list, 1)
        row = QHBoxLayout()
        layout.addLayout(row)
        self.said = QLabel(self)
        self.said.setWordWrap(True)
        row.addWidget(self.said, 1)
        self.get_tree = self._button(row, _("Get them"), self._get_tree)
        self.get_tree.hide()
        self.open_button = self._button(row, _("Open a copy"), self.open_chosen)
        self.open_button.setDefault(True)
        self._button(row, _("Close"), self.reject)

    def _button(self, row: QHBoxLayout, title: Text, run: object) -> QPushButton:
        button = QPushButton(self)
        button.setAutoDefault(False)
        bind(button, "setText", title)
        button.clicked.connect(run)
        row.addWidget(button)
        return button

    def _leave(self) -> None:
        self._gone = True
        words.changed.disconnect(self.render_cards)
        self._ctx.themes.changed.disconnect(self.render_cards)

    # --- what is shown ---------------------------------------------------------------------------------------------

    def render_cards(self) -> None:
        """Every example in the list, as language and colours are now; what was chosen stays chosen."""
        row = max(self.list.currentRow(), 1)
        self.list.clear()
        ours = [card for card in self._cards if card.origin.kind == "ours"]
        theirs = [card for card in self._cards if card.origin.kind == "sdk"]
        self._heading(_("Natmod Studio"))
        for card in ours:
            self._add(card)
        if theirs:
            self._heading(_("MicroPython {version}", version=self._version))
        for card in theirs:
            self._add(card)
        self.list.setCurrentRow(row)
        self._say(self._sentence)
        self._update()

    def _heading(self, title: Text) -> None:
        item = QListWidgetItem(str(title), self.list)
        item.setFlags(Qt.ItemFlag.NoItemFlags)
        font = item.font()
        font.setBold(True)
        item.setFont(font)

    def _add(self, card: Card) -> None:
        drawn = picture(card.picture, self._ctx.themes, self.devicePixelRatioF())
        item = QListWidgetItem(QIcon(drawn), f"{card.title}\n{card.lesson}", self.list)
        item.setData(_CARD, card)

    def chosen(self) -> Card | None:
        """The example that is chosen."""
        item = self.list.currentItem()
        card = item.data(_CARD) if item is not None else None
        return card if isinstance(card, Card) else None

    def _update(self) -> None:
        self.open_button.setEnabled(self.chosen() is not None)

    def _say(self, text: Text | StudioError | None) -> None:
        self._sentence = text
        self.said.setText("" if text is None else str(text))

    # --- MicroPython's own -----------------------------------------------------------------------------------------

    def _look_for_theirs(self, *, fetch: bool = False) -> None:
        identity, project, engine = self._ctx.board.identity, self._ctx.project.project, self._ctx.engine
        version = project.pin_micropython if project is not None else None
        if version is None and identity is not None:
            version = identity.version

        def work(ctx: JobContext) -> tuple[str, list[Card]] | None:
            sdks = engine.toolbox().sdks
            tree = sdks.ensure(ctx) if fetch else gallery_cards.tree_for(sdks, version)
            return (tree.version, gallery_cards.theirs(tree)) if tree is not None else None

        self._ctx.jobs.start(_("Look for examples"), work, on_done=self._found, on_error=self._failed, quiet=not fetch)

    def _found(self, found: tuple[str, list[Card]] | None) -> None:
        if self._gone:
            return
        self.get_tree.setVisible(found is None)
        if found is None:
            self._say(_("MicroPython's own examples come with its source tree, which is not here yet."))
            return
        self._version, theirs = found
        self._cards = [*gallery_cards.ours(), *theirs]
        missing = _("The MicroPython tree {version} has no examples of native modules.", version=self._version)
        self._say(None if theirs else missing)
        self.render_cards()

    def _get_tree(self) -> None:
        self.get_tree.setEnabled(False)
        self._say(_("Getting MicroPython…"))
        self._look_for_theirs(fetch=True)

    def _failed(self, error: StudioError) -> None:
        if self._gone:
            self._ctx.notices.error(error)
            return
        self.get_tree.setEnabled(True)
        self.open_button.setEnabled(True)
        self._say(error)

    # --- open ------------------------------------------------------------------------------------------------------

    def open_chosen(self) -> None:
        """Copy the chosen one and open the copy."""
        card = self.chosen()
        if card is None:
            return
        self.open_button.setEnabled(False)
        ctx = self._ctx

        def work(_ctx: JobContext) -> Path:
            from ide import gallery
            from ide.origins import Origins

            into = gallery.projects_folder(ctx.engine.host)
            return gallery.copy_example(card.origin, card.folder, into, Origins(ctx.state_folder))

        ctx.jobs.start(_("Copy the example"), work, on_done=self._opened, on_error=self._failed, quiet=True)

    def _opened(self, folder: Path) -> None:
        self._ctx.open_project(folder)
        if not self._gone:
            self.accept()
