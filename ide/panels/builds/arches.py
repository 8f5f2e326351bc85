"""Every architecture: its boards, its compiler or how to get one, and how its last build ended."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QHBoxLayout, QLabel, QToolButton, QTreeWidget, QTreeWidgetItem, QVBoxLayout, QWidget

from ide.context import IdeContext
from ide.panels.builds import survey, wording
from ide.panels.builds.facts import Product
from ide.panels.builds.survey import Served
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text, time_text

_HEADS: tuple[Text, ...] = (
    _("Architecture"), _("Boards"), _("Compiler"), _("Result"), _("File"), _("Code"), _("Constants"), _("Variables"),
    _("Time"),
)  # fmt: skip
_WIDTHS = (96, 200, 210, 90, 72, 72, 80, 80, 72)
_NUMBERS = range(4, 9)


class Arches(QWidget):
    """``chosen(arch)``: a row was chosen. ``surveyed``: which compilers there are is known (again)."""

    chosen = Signal(str)
    surveyed = Signal()

    def __init__(self, ctx: IdeContext, build: Callable[[str], object], parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._asked = False
        self._wished = ""
        self.served: tuple[Served, ...] = ()
        self.products: dict[str, Product] = {}
        self.table = self._table()
        self.build = self._button(lambda: build(self.selected()))
        bind(self.build, "setText", _("Build for this one"))
        self.get = self._button(self._get)
        bind(self.get, "setText", _("Get a compiler"))
        self.how = QLabel(self)
        self.how.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self.copy = self._button(lambda: QGuiApplication.clipboard().setText(self.how.text()))
        bind(self.copy, "setText", _("Copy"))
        self.how.setWordWrap(True)
        side = QVBoxLayout()
        side.setSpacing(4)
        for widget in (self.build, self.get, self.how, self.copy):
            side.addWidget(widget)
        side.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        row.addWidget(self.table, 4)
        row.addLayout(side, 1)
        words.changed.connect(self.render)
        self.render()

    def _table(self) -> QTreeWidget:
        table = QTreeWidget(self)
        table.setRootIsDecorated(False)
        table.setUniformRowHeights(True)
        table.setColumnCount(len(_HEADS))
        table.header().setStretchLastSection(False)
        for column, width in enumerate(_WIDTHS):
            table.setColumnWidth(column, width)
        bind(table, "setAccessibleName", _("Architectures"))
        table.itemSelectionChanged.connect(self._selected)
        table.itemActivated.connect(lambda _item, _column: self.build.click())
        return table

    def _button(self, run: Callable[[], object]) -> QToolButton:
        button = QToolButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: run())
        return button

    # --- what is known --------------------------------------------------------------------------------------------

    def look(self, *, again: bool = False) -> None:
        """Find out which compilers there are, in a worker, once; or ``again``."""
        if self._asked and not again:
            return
        self._asked = True
        toolbox = self._ctx.engine.toolbox

        def work(ctx: JobContext) -> tuple[Served, ...]:
            return survey.survey(ctx, toolbox())

        self._ctx.jobs.start(_("Look for compilers"), work, on_done=self._surveyed, quiet=True)

    def _surveyed(self, served: tuple[Served, ...]) -> None:
        self.served = served
        self.render()
        if self._wished:
            self.select(self._wished)
        self.surveyed.emit()

    def add(self, product: Product) -> None:
        """How a build ended."""
        self.products[product.arch] = product
        self.render()

    def forget(self) -> None:
        """What was built is gone."""
        self.products.clear()
        self.render()

    def select(self, arch: str) -> None:
        """Put the row of an architecture in front, now or as soon as it is there."""
        self._wished = arch
        for at in range(self.table.topLevelItemCount()):
            if self.table.topLevelItem(at).text(0) == arch:
                self._wished = ""
                self.table.setCurrentItem(self.table.topLevelItem(at))

    # --- on the screen --------------------------------------------------------------------------------------------

    def render(self) -> None:
        """All rows anew, in the person's language; the same one stays selected."""
        selected = self.selected()
        self.table.blockSignals(True)
        self.table.clear()
        self.table.setHeaderLabels([str(head) for head in _HEADS])
        for served in self.served:
            item = QTreeWidgetItem(self._cells(served))
            for column in _NUMBERS:
                item.setTextAlignment(column, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            item.setToolTip(2, str(served.how) or str(served.words))
            self.table.addTopLevelItem(item)
            if served.arch.name == selected:
                item.setSelected(True)
        self.table.blockSignals(False)
        self._selected(tell=False)

    def _cells(self, served: Served) -> list[str]:
        cells = [served.arch.name, served.boards, str(served.words)]
        product = self.products.get(served.arch.name)
        if product is None:
            return [*cells, *[""] * 6]
        cells.append(str(wording.STATUSES[product.status]))
        result = product.result
        if result is not None:
            sizes = (result.file_size, result.sizes.text, result.sizes.rodata, result.sizes.bss)
            cells += [size_text(size) for size in sizes]
        else:
            cells += [""] * 4
        return [*cells, time_text(product.seconds) if product.seconds is not None else ""]

    def selected(self) -> str:
        """The name of the architecture in the chosen row; empty for none."""
        items = self.table.selectedItems()
        return items[0].text(0) if items else ""

    def _selected(self, *, tell: bool = True) -> None:
        arch = self.selected()
        served = next((one for one in self.served if one.arch.name == arch), None)
        offer = served.offer if served is not None else None
        self.build.setEnabled(served is not None and served.compiler is not None)
        self.get.setVisible(offer is not None and offer.by_us)
        if offer is not None:
            size = size_text(offer.size) if offer.size is not None else ""
            title = _("Get {program} ({size})", program=offer.program, size=size)
            bind(self.get, "setText", title if size else _("Get {program}", program=offer.program))
        how = str(served.how) if served is not None else ""
        self.how.setText(how)
        self.how.setVisible(bool(how))
        self.copy.setVisible(bool(offer is not None and offer.command and how))
        if tell and arch:
            self.chosen.emit(arch)

    def _get(self) -> None:
        served = next((one for one in self.served if one.arch.name == self.selected()), None)
        if served is None or served.offer is None:
            return
        self._ctx.layout.show_panel("toolchains")
        self._ctx.toolchains.get([served.offer], then=lambda: self.look(again=True))
