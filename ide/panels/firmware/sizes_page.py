"""What the firmware weighs: whether it fits, a treemap, and a tree that says the same."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QSignalBlocker, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QHeaderView, QSplitter, QTreeView, QVBoxLayout, QWidget

from ide import controls, page_parts
from ide.context import IdeContext
from ide.flow import Flow
from ide.panels.firmware.fit_bars import FitBars
from ide.panels.firmware.size_model import NAME, SizeModel
from ide.panels.firmware.size_nodes import TOKENS, Node, group_title
from ide.panels.firmware.weighed import BASES, Base, Room, Weighed
from ide.treemap import Tile, Treemap
from ide.words import bind, words
from toolchains.errors import StudioError
from toolchains.text import Text, _, sentences
from toolchains.units import signed_size_text, size_text

#: Below this width in pixels, the tree is under the map.
_WIDE = 720
_LETTERS = 26
_STORED = ("code", "constants", "data")


class SizesPage(QWidget):
    """The map above, the tree below; what is chosen in one is chosen in the other."""

    def __init__(
        self, ctx: IdeContext, compare: Callable[[Base], object], enlarge: Callable[[str], object],
        copy: Callable[[], object], parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._ctx = ctx
        self.weighed: Weighed | None = None
        self._message: Text | StudioError | None = None
        self._nodes: list[Node] = []  # of each tile
        self.head = page_parts.sentence(self, role="muted")
        self.base = QComboBox(self)
        bind(self.base, "setAccessibleName", _("Compared with"))
        self.base.activated.connect(lambda at: compare(BASES[at][0]))
        self.copy = controls.button(self, _("Copy build report"), copy)
        self.fit = FitBars(ctx, self)
        self.larger = controls.button(self, _("Take a larger layout"), self._enlarge)
        self._enlarging = enlarge
        self.treemap = Treemap(ctx.themes, self)
        bind(self.treemap, "setAccessibleName", _("Bytes of the firmware as areas"))
        self.model = SizeModel(ctx.themes, self)
        self.tree = QTreeView(self)
        self._lay_out()
        self.treemap.chosen.connect(self._in_tree)
        self.tree.selectionModel().currentChanged.connect(self._in_map)
        words.changed.connect(self.render)
        ctx.themes.changed.connect(self.tree.viewport().update)
        self.show_nothing()

    def _lay_out(self) -> None:
        tree, header = self.tree, self.tree.header()
        tree.setModel(self.model)
        tree.setUniformRowHeights(True)
        tree.setAllColumnsShowFocus(True)
        tree.setMinimumHeight(60)
        bind(tree, "setAccessibleName", _("Bytes of the firmware"))
        header.setStretchLastSection(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NAME, QHeaderView.ResizeMode.Stretch)
        header.setMinimumSectionSize(_LETTERS * self.fontMetrics().averageCharWidth() // 3)
        self.split = QSplitter(Qt.Orientation.Vertical, self)
        self.split.addWidget(self.treemap)
        self.split.addWidget(tree)
        self.split.setChildrenCollapsible(False)
        self.split.setSizes([240, 300])
        self.acts = QWidget(self)
        flow = Flow(self.acts)
        for widget in (self.base, self.larger, self.copy):
            flow.addWidget(widget)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 4, 8, 4)
        column.setSpacing(4)
        row = QHBoxLayout()
        row.setSpacing(12)
        row.addWidget(self.head, 2)
        row.addWidget(self.acts, 3)
        column.addLayout(row)
        column.addWidget(self.fit)
        column.addWidget(self.split, 1)
        column.addStretch(0)
        self.setFocusProxy(tree)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Side by side where there is room."""
        super().resizeEvent(event)
        wide = self.width() >= _WIDE
        self.split.setOrientation(Qt.Orientation.Horizontal if wide else Qt.Orientation.Vertical)

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_nothing(self) -> None:
        """Nothing was built for this target yet."""
        self.show_message(_("Build the firmware: all that is in it shows here, as large as it is."))

    def show_message(self, message: Text | StudioError) -> None:
        """There is nothing to see, and why."""
        self.weighed, self._message = None, message
        self.render()

    def show_weighed(self, weighed: Weighed) -> None:
        """A firmware."""
        self.weighed, self._message = weighed, None
        self.render()

    def render(self) -> None:
        """All of it, in the person's language."""
        found = self.weighed
        for widget in (self.split, self.acts):
            widget.setVisible(found is not None)
        self.head.setText(str(self._message if self._message is not None else self._said()))
        self.fit.show_rooms(_rooms(found))
        self._show_bases()
        self.larger.setVisible(bool(found is not None and found.larger))
        if found is not None and found.larger:
            bind(self.larger, "setText", _("Take the layout {name}", name=found.larger[0]))
        self._fill()

    def _said(self) -> Text | str:
        found = self.weighed
        if found is None:
            return ""
        said = [_("{flash} of flash, {ram} of RAM", flash=size_text(found.flash), ram=size_text(found.ram))]
        if found.change is not None:
            base = dict(BASES)[found.base]
            said.append(_("{change} against {base}", change=signed_size_text(found.change), base=base))
        return sentences(*(_("{said}.", said=one) for one in said))

    def _show_bases(self) -> None:
        with QSignalBlocker(self.base):
            self.base.clear()
            self.base.addItems([str(_("Compared with {base}", base=name)) for _base, name in BASES])
            if self.weighed is not None:
                self.base.setCurrentIndex([base for base, _name in BASES].index(self.weighed.base))

    def _fill(self) -> None:
        nodes = self.weighed.nodes if self.weighed is not None else ()
        before = self.model.node(self.tree.currentIndex())
        with QSignalBlocker(self.tree.selectionModel()):
            self.model.show_nodes(nodes)
            for row in range(self.model.rowCount()):
                self.tree.expand(self.model.index(row, 0))
            if before is not None:
                self.tree.setCurrentIndex(self.model.index_of(before.place))
        self._nodes = [
            leaf for region in nodes if region.place[0] in _STORED for group in region.children
            for leaf in group.children or (group,)
        ]  # fmt: skip
        self.treemap.show_tiles([_tile(one) for one in self._nodes])

    # --- one in the other -----------------------------------------------------------------------------------------

    def _in_tree(self, number: int) -> None:
        index = self.model.index_of(self._nodes[number].place)
        with QSignalBlocker(self.tree.selectionModel()):
            self.tree.setCurrentIndex(index)
        self.tree.scrollTo(index)
        self.tree.viewport().update()

    def _in_map(self, index: QModelIndex, _before: object) -> None:
        node = self.model.node(index)
        place = node.place[:3] if node is not None else ()
        self.treemap.go_to(next((at for at, one in enumerate(self._nodes) if one.place == place), -1))

    def _enlarge(self) -> None:
        if self.weighed is not None and self.weighed.larger:
            self._enlarging(self.weighed.larger[0])


def _rooms(found: Weighed | None) -> tuple[Room, ...]:
    return found.rooms if found is not None else ()


def _tile(node: Node) -> Tile:
    region, group = node.place[0], node.place[1]
    name = node.place[2].rpartition("/")[2] if len(node.place) > 2 else ""
    change = node.change if node.before is not None else None
    return Tile(group_title(group), name or group_title(group), node.size, change, _token(region))


def _token(region: str) -> str:
    return next(token for name, token in TOKENS.items() if name == region)
