"""What a sync would do, as a list: what is lost first, then what is replaced and what is new; what stays on demand."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHeaderView, QTreeWidget, QTreeWidgetItem, QWidget

from ide.themes import themes
from ide.words import bind, words
from toolchains.text import Text, _, _n
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.files.records import Action, Step, SyncPlan

#: In the order of the list: what it is called, and its colour.
ACTIONS: dict[Action, tuple[Text, str]] = {
    "conflict": (_("in the way: left alone"), "amber"),
    "delete": (_("deleted"), "red"),
    "replace": (_("replaced"), "amber"),
    "create": (_("new"), "green"),
    "same": (_("the same"), "muted"),
}
#: A list with more rows helps nobody; the counts are of all.
MOST = 2000


class SyncTable(QTreeWidget):
    """Three columns: what happens, to which file, its size."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._plan: SyncPlan | None = None
        self._all = False
        self.setColumnCount(3)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(True)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        header = self.header()
        header.setStretchLastSection(False)
        for column, mode in enumerate(
            (QHeaderView.ResizeMode.ResizeToContents, QHeaderView.ResizeMode.Stretch,
             QHeaderView.ResizeMode.ResizeToContents)
        ):  # fmt: skip
            header.setSectionResizeMode(column, mode)
        bind(self, "setAccessibleName", _("What would change"))
        words.changed.connect(self._render)
        themes.changed.connect(self._render)
        self._render()

    def show_plan(self, plan: SyncPlan | None) -> None:
        """Show this one."""
        self._plan = plan
        self._render()

    def show_all(self, on: bool) -> None:
        """Whether what stays the same is listed, too."""
        self._all = on
        self._render()

    def _render(self) -> None:
        self.setHeaderLabels([str(_("What happens")), str(_("File")), str(_("Size"))])
        self.clear()
        if self._plan is None:
            return
        kinds = [action for action in ACTIONS if action != "same" or self._all]
        steps = [step for action in kinds for step in self._plan.of(action)]
        self.addTopLevelItems([_row(step) for step in steps[:MOST]])
        if len(steps) > MOST:
            self.addTopLevelItem(QTreeWidgetItem(["", str(_("and {n} more", n=len(steps) - MOST)), ""]))


def _row(step: Step) -> QTreeWidgetItem:
    title, token = ACTIONS[step.action]
    row = QTreeWidgetItem([str(title), step.path, size_text(step.size)])
    row.setForeground(0, themes.color(token))
    row.setTextAlignment(2, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    row.setToolTip(1, step.path)
    return row


def summary(plan: SyncPlan) -> str:
    """``2 new · 1 replaced · 3 deleted · 40 the same · needs 12 kB, 1.9 MB free``."""
    counts = {action: len(plan.of(action)) for action in ACTIONS}
    parts: list[object] = [
        _n("{n} new", "{n} new", counts["create"]),
        _n("{n} replaced", "{n} replaced", counts["replace"]),
        _n("{n} deleted", "{n} deleted", counts["delete"]) if counts["delete"] else None,
        _n("{n} in the way", "{n} in the way", counts["conflict"]) if counts["conflict"] else None,
        _n("{n} the same", "{n} the same", counts["same"]),
    ]
    if plan.direction == "to_board" and plan.free is not None:
        parts.append(_("needs {needs}, {free} free", needs=size_text(plan.needs), free=size_text(plan.free)))
    return " · ".join(str(part) for part in parts if part is not None)
