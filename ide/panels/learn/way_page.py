"""Which way?: what one wants above, the ways below, the best one first; one click makes a project of that kind."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QComboBox, QWidget

from ide import gallery
from ide.board import race_kept
from ide.board.race_kept import KeptRace
from ide.context import IdeContext
from ide.learn import doing, lessons, which_way
from ide.page_parts import Page, big, say, sentence
from ide.panels.learn.table import Table
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

_FIRMWARE = ("08-firmware", "firmware/natmod.toml")


class WayPage(Page):
    """Numbers are those of the last race; it is read again whenever the page is seen."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Which way?"), parent)
        self._ctx = ctx
        self.races: tuple[KeptRace, ...] = ()
        self.ways: tuple[which_way.Proposal, ...] = ()
        self.want = QComboBox(self)
        bind(self.want, "setAccessibleName", _("What you want"))
        self.table = Table(self, _("Ways"), (_("way"), _("last race")))
        self.reason, self.source, self.said = sentence(self), sentence(self, role="muted"), sentence(self)
        self.said.hide()
        self.make = big(self, _("New project of this kind"), self.make_project)
        column = self.column
        column.addWidget(sentence(self, _("What matters most to you? The best way comes first."), "muted"))
        for part in (self.want, self.reason):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        for part in (self.source, self.said, self.make):
            column.addWidget(part)
        self.want.activated.connect(lambda _at: self.render())
        words.changed.connect(self._name_wants)
        self.setFocusProxy(self.want)
        self._name_wants()

    def showEvent(self, event: QShowEvent) -> None:
        """Read the last races."""
        super().showEvent(event)
        own = self._ctx.engine.paths

        def work(_job: JobContext) -> tuple[KeptRace, ...]:
            return race_kept.last_races(own)

        self._ctx.jobs.start(_("Read the last races"), work, on_done=self._read, quiet=True)

    def _read(self, races: tuple[KeptRace, ...]) -> None:
        self.races = races
        self.render()

    def _name_wants(self) -> None:
        at = max(0, self.want.currentIndex())
        self.want.clear()
        self.want.addItems([str(one.title) for one in which_way.WANTS])
        self.want.setCurrentIndex(at)
        self.render()

    def render(self) -> None:
        """The proposal for what is wanted."""
        want = which_way.WANTS[max(0, self.want.currentIndex())]
        self.ways = which_way.propose(want, self.races)
        say(self.reason, want.reason)
        say(self.source, which_way.source(self.races), "muted")
        self.table.fill([(which_way.TITLES[one.way], one.measured or "–") for one in self.ways])
        self.table.setCurrentCell(0, 0)

    def make_project(self) -> None:
        """A project of the way that is chosen, in a window of its own."""
        way = self.ways[max(0, self.table.currentRow())].way
        into = gallery.projects_folder(self._ctx.engine.host)

        def work(_job: JobContext) -> Path:
            from ide.wizard_advice import free_name
            from toolchains import scaffold

            template = which_way.TEMPLATES.get(way)
            if template is None:  # a firmware: lesson 8 has one that is explained
                return doing.take_snippet(lessons.shelf().named(_FIRMWARE[0]), _FIRMWARE[1], into)
            taken = frozenset(path.name for path in into.iterdir()) if into.is_dir() else frozenset()
            return scaffold.new_project(into, free_name(taken), template)

        self._ctx.jobs.start(_("New project"), work, on_done=self._ctx.open_project, on_error=self._failed)

    def _failed(self, error: StudioError) -> None:
        say(self.said, str(error), "bad")
