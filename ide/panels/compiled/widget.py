"""The panel: an architecture and a source, and two pages of what became of them. It works only while it is seen."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QTabWidget, QVBoxLayout, QWidget

from ide.commands import Command
from ide.context import IdeContext
from ide.flow import Flow
from ide.panels.compiled import work
from ide.panels.compiled.assembly_page import AssemblyPage
from ide.panels.compiled.bytes_page import BytesPage
from ide.panels.compiled.work import Seen, Wanted
from ide.words import bind, words
from toolchains import size_map
from toolchains.assembly import Listings
from toolchains.build_records import BuildResult
from toolchains.chips import arches
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.size_map import SizeMap
from toolchains.text import Text, _

_DEFAULT_ARCH = "rv32imc"


class CompiledPanel(QWidget):
    """Looks again after a build, a save, another choice; while it is hidden, when it is next seen."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._listings = Listings()
        self._stale = True
        #: Jobs that are at work.
        self.busy = 0
        self._chose = False  # the person picked an architecture: the board's does not take its place
        self.arch = self._picker(_("Architecture"))
        self.arch.addItems(list(arches()))
        self.source = self._picker(_("Source"))
        self.assembly = AssemblyPage(ctx, self)
        self.bytes = BytesPage(ctx, self)
        self.pages = QTabWidget(self)
        self._titles: tuple[tuple[QWidget, Text], ...] = ((self.assembly, _("Assembly")), (self.bytes, _("Bytes")))
        for page, title in self._titles:
            self.pages.addTab(page, str(title))
        self.pages.setDocumentMode(True)
        bind(self.pages, "setAccessibleName", _("What the compiler did"))
        choices = QWidget(self)
        row = Flow(choices)
        row.addWidget(self.arch)
        row.addWidget(self.source)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        around = QVBoxLayout()  # Flow knows no margins
        around.setContentsMargins(8, 4, 8, 4)
        around.addWidget(choices)
        column.addLayout(around)
        column.addWidget(self.pages, 1)
        self.setFocusProxy(self.arch)
        self._follow_board()
        self._connect()

    def _picker(self, name: Text) -> QComboBox:
        made = QComboBox(self)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(9)
        bind(made, "setAccessibleName", name)
        bind(made, "setToolTip", name)
        return made

    def _connect(self) -> None:
        ctx = self._ctx
        self.arch.activated.connect(self._picked)
        self.source.activated.connect(lambda _at: self.look())
        ctx.board.changed.connect(self._follow_board)
        ctx.project.changed.connect(self.look)
        ctx.editors.saved.connect(lambda _path: self.look())
        ctx.runs.built.connect(lambda outcome: self._note(outcome.result))
        ctx.runs.made.connect(lambda made: self._note(made.build))
        ctx.runs.ended.connect(lambda _ended: self.look())
        words.changed.connect(self._render)
        ctx.commands.register(
            Command("compiled.assembly", _("Assembly beside the C source"), lambda: self._show(self.assembly)),
            Command("compiled.bytes", _("Bytes of the module as a map"), lambda: self._show(self.bytes)),
        )

    def _show(self, page: QWidget) -> None:
        self.pages.setCurrentWidget(page)
        self._ctx.layout.show_panel("compiled", focus=True)

    def _picked(self, _at: int) -> None:
        self._chose = True
        self.look()

    def _follow_board(self) -> None:
        """The board's architecture, until the person picks one."""
        identity = self._ctx.board.identity
        known = identity.arch.name if identity is not None and identity.arch is not None else ""
        wish = known or self.arch.currentText() or _DEFAULT_ARCH
        if self._chose:
            return
        if not known and self.arch.findText(_DEFAULT_ARCH) >= 0 and self._stale:
            wish = _DEFAULT_ARCH
        if wish != self.arch.currentText():
            self.arch.setCurrentIndex(self.arch.findText(wish))
            self.look()

    def showEvent(self, event: QShowEvent) -> None:
        """Now somebody looks."""
        super().showEvent(event)
        if self._stale:
            self.look()

    def _note(self, result: BuildResult | None) -> None:
        """Remember the sizes of each build, seen or not: the next one is compared with it."""
        if result is not None:
            folder = result.path.parent
            self._ctx.jobs.start(
                _("Look at the module"), lambda job: size_map.look(job, folder, result.name),
                on_error=lambda _error: None, quiet=True,
            )  # fmt: skip

    # --- looking --------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Find out anew, if somebody sees it and no build is at work (its end comes back here)."""
        self._stale = True
        if not self.isVisible() or self.busy or self._ctx.runs.busy:
            return
        self._stale = False
        wanted = Wanted(self._ctx.project.folder, self.arch.currentText(), self.source.currentText())
        self._ask_sizes(wanted)
        self._ask_assembly(wanted)

    def _ask_assembly(self, wanted: Wanted) -> None:
        ctx, listings = self._ctx, self._listings
        toolbox, identity, wishes = ctx.engine.toolbox, ctx.board.identity, ctx.runs.wishes

        def find(job: JobContext) -> Seen:
            return work.assembly(job, toolbox(), wanted, identity, wishes, listings)

        def done(seen: Seen) -> None:
            self._sources(seen)
            self.assembly.show_seen(seen)
            self._over()

        def failed(error: StudioError) -> None:
            if not isinstance(error, Cancelled):
                self.assembly.show_message(error)
            self._over()

        self.busy += 1
        ctx.jobs.start(_("Look at the assembly"), find, on_done=done, on_error=failed, quiet=True)

    def _ask_sizes(self, wanted: Wanted) -> None:
        def done(found: SizeMap | None) -> None:
            self.bytes.show_map(found)
            self._over()

        def failed(_error: StudioError) -> None:  # another build took the file away: its end looks again
            self.bytes.show_map(None)
            self._over()

        self.busy += 1
        self._ctx.jobs.start(
            _("Look at the module"), lambda job: work.sizes(job, wanted),
            on_done=done, on_error=failed, quiet=True,
        )  # fmt: skip

    def _over(self) -> None:
        self.busy -= 1
        if not self.busy and self._stale:
            self.look()

    def _sources(self, seen: Seen) -> None:
        if [self.source.itemText(at) for at in range(self.source.count())] != list(seen.sources):
            self.source.clear()
            self.source.addItems(list(seen.sources))
        if seen.listing is not None:
            self.source.setCurrentText(seen.listing.source)

    def _render(self) -> None:
        for at, (_page, title) in enumerate(self._titles):
            self.pages.setTabText(at, str(title))
