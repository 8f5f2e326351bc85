"""Find and replace in the project: what is looked for, the places in a tree, what each would become."""

from __future__ import annotations

from collections import deque
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ide import controls
from ide.editor import edits, search
from ide.editor.hit_rows import HIT, MarkedText
from ide.editor.search import FileHits, Hit, Query, Replaced, Summary
from ide.job_queue import Job
from ide.words import bind, words
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from ide.context import IdeContext

_PATH = Qt.ItemDataRole.UserRole + 1
#: Rows added in one go: more would hold the window up.
_A_DRAIN = 200


class FindFiles(QWidget):
    """The panel. Enter searches; a click goes to a place, Enter or a double click also takes the keyboard there."""

    def __init__(self, ctx: IdeContext, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._job: Job[Summary] | Job[Replaced] | None = None
        self._round = 0
        self._found: deque[tuple[int, FileHits]] = deque()
        self._query = Query("")
        self._said: Text | StudioError = _("Type what to look for in the files of this project.")
        self.text = controls.field(self, _("Find in the project"))
        self.fresh = controls.field(self, _("Replace with"))
        self.only = controls.field(self, _("Only in files such as *.c, src/*"))
        for field in (self.text, self.fresh, self.only):
            field.returnPressed.connect(self.search)
        self.case = controls.switch(self, "Aa", _("Match case"))
        self.word = controls.switch(self, "|ab|", _("Whole words"))
        self.regex = controls.switch(self, ".*", _("Regular expression"))
        self.replacing = controls.switch(self, "\u2192", _("Replace"))
        self.go = controls.button(self, _("Search"), self.search)
        self.apply = controls.button(self, _("Replace what is ticked"), self.replace)
        self.answer = QLabel(self)
        self.answer.setWordWrap(True)
        self.tree = QTreeWidget(self)
        self._lay_out()
        self._listen()
        self._show_replacing(False)
        self._say()

    def _lay_out(self) -> None:
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        grid = QGridLayout()
        grid.setSpacing(4)
        grid.addWidget(self.text, 0, 0)
        grid.addWidget(self.fresh, 1, 0)
        grid.addWidget(self.only, 0, 2)
        switches = QHBoxLayout()
        for widget in (self.case, self.word, self.regex, self.replacing, self.go):
            switches.addWidget(widget)
        grid.addLayout(switches, 0, 1)
        grid.addWidget(self.apply, 1, 1, Qt.AlignmentFlag.AlignLeft)
        grid.setColumnStretch(0, 3)
        grid.setColumnStretch(2, 2)
        column.addLayout(grid)
        column.addWidget(self.answer)
        column.addWidget(self.tree, 1)
        self.tree.setColumnCount(2)
        self.tree.setUniformRowHeights(True)
        self.tree.setItemDelegate(MarkedText(self.tree))
        bind(self.tree, "setAccessibleName", _("Places found"))
        self.setFocusProxy(self.text)

    def _listen(self) -> None:
        self.replacing.toggled.connect(self._show_replacing)
        self.tree.itemClicked.connect(lambda item: self._jump(item, focus=False))
        self.tree.itemActivated.connect(lambda item: self._jump(item, focus=True))
        self._undo = self._ctx.add_drain(self._drain)
        self.destroyed.connect(self._undo)
        self._ctx.editors.search_wanted.connect(self.wanted)
        words.changed.connect(self._say)

    def wanted(self, text: str) -> None:
        """Somebody wants to look for this."""
        if text and "\n" not in text:
            self.text.setText(text)
        self.text.selectAll()
        self.text.setFocus()

    # --- search ------------------------------------------------------------------------------------------------------

    def query(self) -> Query:
        """What is looked for, as the fields say."""
        only = tuple(part.strip() for part in self.only.text().split(",") if part.strip())
        return Query(
            self.text.text(), self.regex.isChecked(), self.case.isChecked(), self.word.isChecked(), only,
            replacement=self.fresh.text() if self.replacing.isChecked() else None,
        )  # fmt: skip

    def search(self) -> None:
        """Look into all files, in a worker; stops a search that is under way."""
        self.stop()
        self.tree.clear()
        self._query = query = self.query()
        if not query.text:
            return
        self._round += 1
        number, root, unsaved = self._round, self._ctx.project.folder, self._ctx.editors.unsaved_texts()

        def found(hits: FileHits) -> None:
            self._found.append((number, hits))
            self._ctx.ring()

        self._job = self._ctx.jobs.start(
            _("Search for {text}", text=query.text),
            lambda ctx: search.find(ctx, root, query, found, unsaved),
            on_done=self._ended,
            on_error=self._failed,
        )
        self._tell(_("Searching."))

    def stop(self) -> None:
        """End what is under way."""
        if self._job is not None and not self._job.over:
            self._job.cancel()
        self._found.clear()

    def _ended(self, summary: Summary) -> None:
        while self._drain():
            pass
        if summary.cut:
            self._tell(_("The first {n} places; there are more.", n=summary.n_hits))
        elif summary.n_hits:
            places = _n("{n} place", "{n} places", summary.n_hits)
            self._tell(_("{places} in {files}.", places=places, files=_n("{n} file", "{n} files", summary.n_files)))
        else:
            self._tell(_("Not found in {files}.", files=_n("{n} file", "{n} files", summary.n_looked)))
        self.apply.setEnabled(summary.n_hits > 0)

    def _failed(self, error: StudioError) -> None:
        if not isinstance(error, Cancelled):
            self._tell(error)

    def _tell(self, said: Text | StudioError) -> None:
        self._said = said
        self._say()

    def _say(self) -> None:
        self.answer.setText(str(self._said))
        self.tree.setHeaderLabels([str(_("Place")), str(_("With the replacement"))])

    def _drain(self) -> bool:
        rows = 0
        while self._found and rows < _A_DRAIN:
            number, hits = self._found.popleft()
            if number == self._round:
                rows += len(hits.hits)
                self._add(hits)
        return rows > 0

    def _add(self, found: FileHits) -> None:
        name = found.path.relative_to(self._ctx.project.folder).as_posix()
        top = QTreeWidgetItem([f"{name}  ({len(found.hits)})"])
        top.setData(0, _PATH, found.path)
        flags = Qt.ItemFlag.ItemIsUserCheckable
        top.setFlags(top.flags() | flags | Qt.ItemFlag.ItemIsAutoTristate)
        rows = []
        for hit in found.hits:
            row = QTreeWidgetItem([f"{hit.line}: {hit.shown}", _after(hit)])
            row.setData(0, HIT, hit)
            row.setFlags(row.flags() | flags)
            row.setCheckState(0, Qt.CheckState.Checked)
            rows.append(row)
        top.addChildren(rows)
        self.tree.addTopLevelItem(top)
        top.setExpanded(True)

    def _jump(self, item: QTreeWidgetItem, *, focus: bool) -> None:
        hit, parent = item.data(0, HIT), item.parent()
        if isinstance(hit, Hit) and parent is not None:
            self._ctx.editors.open(parent.data(0, _PATH), hit.line, hit.column, focus)

    # --- replace -----------------------------------------------------------------------------------------------------

    def _show_replacing(self, on: bool) -> None:
        self.fresh.setVisible(on)
        self.apply.setVisible(on)
        self.apply.setEnabled(False)
        self.tree.setColumnHidden(1, not on)
        self.tree.setColumnWidth(0, self.tree.width() // 2 if on else self.tree.width())
        if self.tree.topLevelItemCount():
            self.search()

    def chosen(self) -> list[FileHits]:
        """The places that are ticked."""
        found = []
        for index in range(self.tree.topLevelItemCount()):
            top = self.tree.topLevelItem(index)
            rows = [top.child(at) for at in range(top.childCount())]
            hits = tuple(row.data(0, HIT) for row in rows if row.checkState(0) == Qt.CheckState.Checked)
            if hits:
                found.append(FileHits(top.data(0, _PATH), hits))
        return found

    def replace(self) -> None:
        """Replace what was previewed: in open texts to be undone there, in other files on the disk."""
        if self.query() != self._query:
            self.search()  # something else was previewed
            return
        closed, n_open, changed = [], 0, []
        for one in self.chosen():
            document = self._ctx.editors.document_of(one.path)
            if document is None:
                closed.append(one)
                continue
            text = search.replaced(document.text(), one.hits)
            if text is None:
                changed.append(one.path)
            else:
                edits.replace_all_text(document.views[0].sci, text)
                n_open += len(one.hits)

        def done(result: Replaced) -> None:
            self._replaced(result, n_open, changed)

        self.apply.setEnabled(False)
        self._job = self._ctx.jobs.start(
            _("Replace in the project"), lambda ctx: search.replace(ctx, closed), on_done=done, on_error=self._failed
        )

    def _replaced(self, result: Replaced, n_open: int, changed: list[Path]) -> None:
        self.tree.clear()
        n_places = result.n_places + n_open
        self._tell(_n("{n} place replaced.", "{n} places replaced.", n_places))
        left = [*changed, *result.changed]
        if left:
            names = ", ".join(path.name for path in left)
            self._ctx.notices.tell(
                _("These files have changed since the search and were left alone: {names}", names=names)
            )
        for error in result.failed:
            self._ctx.notices.error(error)


def _after(hit: Hit) -> str:
    if hit.fresh is None:
        return ""
    start, end = hit.mark
    return f"{hit.shown[:start]}{hit.fresh}{hit.shown[end:]}".strip()
