"""The Packages panel: a line to search or to name a package in, one table, and the chosen one beside it."""

from __future__ import annotations

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QStackedWidget, QVBoxLayout, QWidget

from ide import controls
from ide.commands import Command
from ide.context import IdeContext
from ide.package_work import is_local
from ide.page_parts import ask_folder, big, say, sentence
from ide.panels.packages.reports import sentence_of
from ide.panels.packages.rows import Row, rows_of
from ide.panels.packages.side import Side
from ide.panels.packages.table import Table
from ide.words import bind, words
from toolchains.jobs import Progress
from toolchains.text import Text, _
from toolchains.units import percent_text

_SHARES = (760, 420)
_WHAT = _(
    "Libraries for MicroPython: this computer fetches them and puts them on the board, which needs no network. The "
    "list comes from micropython.org; it is kept, and a pack of a room without internet has its own."
)
_ADDRESSES = ("http://", "https://", "github:", "gitlab:", "codeberg:")


class PackagesPanel(QWidget):
    """Shows the window's :class:`~ide.package_work.PackageWork`, and starts its work."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.work = ctx.packages
        self._known = False
        self.search = controls.field(self, _("Search, or github:owner/repository, an address, a folder"))
        self.search.setClearButtonEnabled(True)
        self.install_typed = controls.button(self, _("Install it"), self._install_typed)
        self.folder = controls.button(self, _("Folder…"), self._ask_folder)
        self.renew = controls.button(self, _("Renew the list"), self.work.get_list)
        self.said = sentence(self)
        self.cancel = controls.button(self, _("Cancel"), self.work.cancel)
        self.table = Table(ctx, self)
        self.side = Side(self, self._install, self._remove, self._build)
        self.stack = QStackedWidget(self)
        self.empty = self._empty()
        self._lay_out()
        self._connect()
        self._register()
        self.render()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _empty(self) -> QWidget:
        page = QWidget(self)
        self.get = big(page, _("Get the list of packages"), self.work.get_list)
        words = sentence(page, _WHAT, "muted")
        column = QVBoxLayout(page)
        column.addStretch(1)
        column.addWidget(words)
        column.addWidget(self.get, 0, Qt.AlignmentFlag.AlignLeft)
        column.addStretch(2)
        return page

    def _lay_out(self) -> None:
        bind(self.folder, "setToolTip", _("Install a folder of this computer that has a package.json or built modules"))
        bind(self.renew, "setToolTip", _("Get the list of packages from its index once more"))
        row = QHBoxLayout()
        row.setSpacing(8)
        row.addWidget(self.search, 1)
        for button in (self.install_typed, self.folder, self.renew):
            row.addWidget(button)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        for part in (self.table, self.side):
            split.addWidget(part)
        split.setSizes(list(_SHARES))
        split.setStretchFactor(0, 1)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(split)
        self._there = split
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        column.addLayout(row)
        line = QHBoxLayout()
        line.addWidget(self.said, 1)
        line.addWidget(self.cancel)
        column.addLayout(line)
        column.addWidget(self.stack, 1)
        self.setFocusProxy(self.search)

    def _connect(self) -> None:
        self.work.changed.connect(self.render)
        self.work.ended.connect(self._ended)
        self.search.textChanged.connect(lambda _text: self.render())
        self.search.returnPressed.connect(self._entered)
        self.table.chosen.connect(self._chosen)
        self.table.itemActivated.connect(lambda _item, _column: self.side.install() if self._free else None)
        self.table.wanted.connect(self._menu)
        self._ctx.board.changed.connect(self._look_if_seen)
        words.changed.connect(self.render)

    def _register(self) -> None:
        def shown() -> None:
            self._ctx.layout.show_panel("packages", focus=True)

        self._ctx.commands.register(
            Command("packages.search", _("Search packages for the board"), shown),
            Command("packages.list", _("Renew the list of packages"), self.work.get_list,
                    enabled=lambda: not self.work.busy),
            Command("packages.look", _("Look which packages the board has"), self.work.look),
            Command("packages.folder", _("Install a package from a folder…"), self._ask_folder),
        )  # fmt: skip

    # --- what is shown --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """The list that is here, and what the board has."""
        super().showEvent(event)
        if not self._known:
            self._known = True
            self.work.know()
        self._look_if_seen()

    def _look_if_seen(self) -> None:
        if self.isVisible() and self.work.on_board is None and self._ctx.board.identity is not None:
            self.work.look()

    @property
    def _free(self) -> bool:
        """Whether a package can be put on the board now."""
        return self._ctx.board.connected and not self.work.busy

    @property
    def _typed(self) -> str:
        """What was typed, if it has the form of an address or of a place on this computer."""
        text = self.search.text().strip()
        return text if text.startswith(_ADDRESSES) or is_local(text) else ""

    def render(self) -> None:
        """Show what is known now."""
        typed = self._typed
        rows = rows_of(self.work.listing, self.work.on_board, "" if typed else self.search.text())
        there = self.work.listing is not None or bool(rows)
        self.stack.setCurrentWidget(self._there if there else self.empty)
        self.table.show_rows(rows)
        self.install_typed.setVisible(bool(typed))
        self.install_typed.setEnabled(self._free)
        self.folder.setEnabled(self._free)
        for button in (self.renew, self.get):
            button.setEnabled(not self.work.busy)
        self.cancel.setVisible(self.work.busy)
        self.renew.setVisible(there)
        bind(self.renew, "setText", _("Renew the list") if self.work.listing else _("Get the list of packages"))
        self._say(bool(rows))

    def _say(self, found: bool) -> None:
        work = self.work
        if work.doing is not None:
            say(self.said, _with_percent(work.doing, work.progress))
        elif work.error is not None:
            say(self.said, str(work.error), "bad")
        elif work.listing is not None and work.listing.stale:
            say(self.said, _("The index could not be reached: this is the list that was kept."), "look")
        elif work.listing is None and found:
            say(self.said, _WHAT, "muted")
        elif work.listing is not None and not found:
            say(self.said, _("No package has these words in its name or description."))
        elif not self._ctx.board.connected and work.listing is not None:
            say(self.said, _("To install a package, choose a board at the top of the window."), "muted")
        else:
            say(self.said, None)

    def _chosen(self, row: Row | None) -> None:
        needs: tuple[str, ...] = ()
        if row is not None and row.listed is not None:
            self.work.find_needs(row.name)
            needs = self.work.needed.get(row.name, ())
        self.side.show_row(row, needs, free=self._free)

    # --- what is done ---------------------------------------------------------------------------------------------

    def _entered(self) -> None:
        """Enter: install what was typed, or go to the first row that was found."""
        if self._typed and self._free:
            self._install_typed()
            return
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)
        section = self.table.topLevelItem(0)
        if section is not None:
            self.table.setCurrentItem(section.child(0))

    def _install(self, word: str, python: bool, compiled: bool) -> None:
        self.work.install([word], python=python, compiled=compiled)

    def _install_typed(self) -> None:
        self._install(self._typed, *self.side.form)

    def _remove(self, name: str) -> None:
        self.work.remove([name])

    def _build(self, name: str) -> None:
        self.work.build(name)

    def _ask_folder(self) -> None:
        ask_folder(self, _("Install a package from a folder"), lambda folder: self.work.install([folder]))

    def _ended(self, report: object) -> None:
        self._ctx.notices.tell(sentence_of(report), kind="good")

    def _menu(self, row: Row, where: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        put = menu.addAction(self.side.put.text(), self.side.install)
        put.setEnabled(self.side.put.isEnabled())
        if row.installed is not None:
            take = menu.addAction(self.side.take.text(), self.side.remove)
            take.setEnabled(self._free)
        menu.popup(where)


def _with_percent(doing: Text, progress: Progress | None) -> Text:
    """What is being done, and how far it is where that is known."""
    if progress is None or not progress.total:
        return doing
    return _("{doing} {percent}", doing=doing, percent=percent_text(progress.done, progress.total))
