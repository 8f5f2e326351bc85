"""The Toolchains panel: a line that says what lacks, one table of all toolchains, and the chosen one beside it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QSplitter, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ide import controls
from ide.commands import Command
from ide.context import IdeContext
from ide.output_view import OutputView
from ide.panels.toolchains.acts import Acts
from ide.panels.toolchains.details import pairs_of
from ide.panels.toolchains.forms import Form, MirrorForm, PackForm
from ide.panels.toolchains.head import Head
from ide.panels.toolchains.more import More
from ide.panels.toolchains.rows import Row, rows_of
from ide.panels.toolchains.side import Side
from ide.panels.toolchains.tree import Table
from ide.words import bind, words
from toolchains.mirrors import Mirrors
from toolchains.text import Text, _

_FIELD = 150
_SHARES = (740, 500)


class ToolchainsPanel(QWidget):
    """Shows :class:`ide.toolchain_session.ToolchainSession`, and starts its work."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.head = Head(ctx, self)
        self.filter = controls.field(self, _("Filter"))
        self.filter.setClearButtonEnabled(True)
        self.filter.setFixedWidth(_FIELD)
        self.log_switch = controls.button(self, _("Log"), self._show_side)
        self.log_switch.setCheckable(True)
        bind(self.log_switch, "setToolTip", _("What was done so far, line by line"))
        self.more = QToolButton(self)
        self.table = Table(ctx, self)
        self.side = Side(ctx, self)
        self.acts = Acts(ctx, self.side.question.ask)
        self.log = OutputView(
            ctx, _("Log of the toolchains"), _("What downloading and installing say appears here."), self
        )
        self.packs, self.mirrors = PackForm(self), MirrorForm(self)
        self.pages = QStackedWidget(self)
        self.services = More(ctx)
        self._lay_out()
        self._connect()
        self._register()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _lay_out(self) -> None:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.head, 1)
        for widget in (self.filter, self.log_switch, self.more):
            row.addWidget(widget)
        for page in (self.side, self.log, self.packs, self.mirrors):
            self.pages.addWidget(page)
        split = QSplitter(Qt.Orientation.Horizontal, self)
        split.setChildrenCollapsible(False)
        split.addWidget(self.table)
        split.addWidget(self.pages)
        split.setSizes(list(_SHARES))
        split.setStretchFactor(0, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(split, 1)
        self.setFocusProxy(self.table)

    def _connect(self) -> None:
        session = self._ctx.toolchains
        session.changed.connect(self.render)
        session.tasks_changed.connect(self._show_current)
        session.said.connect(self._said)
        self._ctx.add_drain(self.log.flush)
        self._ctx.project.changed.connect(self._look_if_seen)
        self._ctx.board.changed.connect(self._board_changed)
        self._board = self._board_now()
        self.filter.textChanged.connect(self.table.filter)
        self.table.chosen.connect(lambda _row: self._show_current())
        self.table.itemActivated.connect(lambda _item, _column: self._activate())
        self.table.wanted.connect(self._menu)
        self.packs.chosen.connect(self.services.open_pack)
        self.mirrors.saved.connect(self.services.save_mirrors)
        for form in (self.packs, self.mirrors):
            form.left.connect(self._leave_form)
        words.changed.connect(self.render)

    def _register(self) -> None:
        """Each has a command, so that it is found by its name; the menu shows the same ones."""
        entries: tuple[tuple[str, Text, Callable[[], object]], ...] = (
            ("import", _("Import Espressif's tools.json…"), lambda: self.services.ask_tools_json(self)),
            ("pack", _("Install from a pack…"), lambda: self._show_form(self.packs)),
            ("mirror", _("Mirror…"), self._show_mirror),
            ("prune", _("Remove downloads and leftovers"), self.acts.prune),
            ("look", _("Look again"), self._ctx.toolchains.look),
        )
        menu = QMenu(self.more)
        for name, title, run in entries:
            self._ctx.commands.register(Command(f"toolchains.{name}", title, self._in_front(run)))
            action = QAction(menu)
            bind(action, "setText", title)
            action.triggered.connect(lambda _on=False, name=name: self._ctx.commands.run(f"toolchains.{name}"))
            menu.addAction(action)
        self._ctx.commands.register(
            Command("toolchains.needed", _("Get what this project needs"), self._in_front(self.head.get)),
            Command("toolchains.show_missing", _("Toolchains for what was lacking"), self._show_missing),
        )
        bind(self.more, "setText", _("More"))
        self.more.setMenu(menu)
        self.more.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.more.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _in_front(self, run: Callable[[], object]) -> Callable[[], object]:
        def shown() -> None:
            self._ctx.layout.show_panel("toolchains")
            run()

        return shown

    # --- what is shown --------------------------------------------------------------------------------------------

    def showEvent(self, event: QShowEvent) -> None:
        """Other programs install toolchains too: who looks is told what is here now."""
        super().showEvent(event)
        self._ctx.toolchains.look()

    def _look_if_seen(self) -> None:
        if self.isVisible():
            self._ctx.toolchains.look()

    def _board_now(self) -> object:
        identity = self._ctx.board.identity
        return (identity.arch, identity.version) if identity is not None else None

    def _board_changed(self) -> None:
        """Its memory changes all the time; what it is does not."""
        now = self._board_now()
        if now != self._board:
            self._board = now
            self._look_if_seen()

    def render(self) -> None:
        """The facts or the language changed."""
        facts = self._ctx.toolchains.facts
        self.table.show_rows(rows_of(facts) if facts is not None else ())

    def _show_current(self) -> None:
        facts, row = self._ctx.toolchains.facts, self.table.current()
        self.side.show_acts(row.thing if row is not None else None, self.acts.of(row))
        self.side.show_pairs(pairs_of(facts, row) if facts is not None else [])

    def _activate(self) -> None:
        """Enter on a row: what one would do with it, if that is to get it."""
        button = self.side.buttons.get("get") or self.side.buttons.get("copy")
        if button is not None:
            button.click()

    def _menu(self, _row: Row, place: QPoint) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        for act in self.acts.of(self.table.current()):
            menu.addAction(str(act.title)).triggered.connect(lambda _on=False, run=act.run: run())
        if not menu.isEmpty():
            menu.popup(place)

    # --- the right half -------------------------------------------------------------------------------------------

    def _show_side(self) -> None:
        self.pages.setCurrentWidget(self.log if self.log_switch.isChecked() else self.side)

    def _show_form(self, form: Form) -> None:
        self.log_switch.setChecked(False)
        self.pages.setCurrentWidget(form)
        form.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_mirror(self) -> None:
        def show(mirrors: Mirrors) -> None:
            self.mirrors.show_mirrors(mirrors)
            self._show_form(self.mirrors)

        self.services.read_mirrors(show)

    def _said(self, lines: list[str]) -> None:
        self.log.say(*lines)

    def _leave_form(self) -> None:
        self._show_side()
        self.table.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show_missing(self) -> None:
        """With the architecture in front that the last build had no compiler for."""
        self._ctx.layout.show_panel("toolchains", focus=True)
        error = self._ctx.runs.last.error if self._ctx.runs.last is not None else None
        arch = error.fields.get("arch") if error is not None else None
        if isinstance(arch, str) and not self.table.choose(f"need {arch}"):
            self.filter.setText(arch)
