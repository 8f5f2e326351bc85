"""The teacher's page: a folder of result files as a table."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QWidget

from ide.context import IdeContext
from ide.learn import lessons, results
from ide.learn.results import Result, Table
from ide.page_parts import Page, ask_folder, big, say, sentence
from ide.panels.learn import table
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n


class ClassPage(Page):
    """Choose a folder; each person is a line."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(_("Who passed what"), parent)
        self._ctx = ctx
        column = self.column
        column.addWidget(
            sentence(
                self,
                _("Each check of a lesson leaves a small file. Collect these in a folder, and see who passed what."),
                "muted",
            )
        )
        self.go = big(self, _("Choose the folder"), self._choose)
        self.said = sentence(self)
        self.said.hide()
        self.table = table.Table(self, _("Who passed what"), (_("person"), _("passed")))
        for part in (self.go, self.said):
            column.addWidget(part)
        column.addWidget(self.table, 1)
        self.setFocusProxy(self.go)

    def _choose(self) -> None:
        ask_folder(self, _("Choose the folder with the result files"), lambda name: self.open_folder(Path(name)))

    def open_folder(self, folder: Path) -> None:
        """Read the results in a folder."""

        def work(_job: JobContext) -> Table:
            return results.table(folder, [one.name for one in lessons.shelf().lessons])

        self._ctx.jobs.start(_("Read results"), work, on_done=self._shown, on_error=self._failed)

    def _failed(self, error: StudioError) -> None:
        say(self.said, str(error), "bad")

    def _shown(self, found: Table) -> None:
        heads = (_("person"), _("passed"), *found.lessons)
        self.table.fill([(row.person, row.passed, *map(_mark, row.results)) for row in found.rows], heads)
        if found.faults:
            say(self.said, "\n".join(map(str, found.faults[:5])), "bad")
        else:
            say(self.said, _n("{n} person", "{n} people", len(found.rows)))


def _mark(result: Result | None) -> Text | str:
    if result is None:
        return ""
    return result.when[:10] if result.passed else _("tried")
