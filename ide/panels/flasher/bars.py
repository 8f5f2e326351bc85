"""The layout of a flash before and after an edit, with one legend for both."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ide.context import IdeContext
from ide.flash_bar import FlashBar, Piece, legend
from ide.words import bind, words
from toolchains.text import _
from toolchains.units import size_text


class Bars(QWidget):
    """Before and after, one below the other, to the same scale."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self.before, self.after = FlashBar(ctx, self), FlashBar(ctx, self)
        self._ends = (QLabel(self), QLabel(self))
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (title, bar) in enumerate(((_("Before"), self.before), (_("After"), self.after))):
            label = QLabel(self)
            bind(label, "setText", title)
            bind(bar, "setAccessibleName", title)
            grid.addWidget(label, row, 0)
            grid.addWidget(bar, row, 1)
            grid.addWidget(self._ends[row], row, 2)
        grid.addWidget(legend(ctx, self), 2, 1, 1, 2)
        words.changed.connect(self._say_ends)

    def show_tables(self, before: Sequence[Piece], after: Sequence[Piece], size_before: int, size_after: int) -> None:
        """Two layouts; sizes of the flash in bytes. The scale is the larger one's."""
        self.before.show_pieces(before, max(size_before, size_after))
        self.after.show_pieces(after, max(size_before, size_after))
        self._sizes = (size_before, size_after)
        self._say_ends()

    _sizes = (0, 0)

    def _say_ends(self) -> None:
        for label, size in zip(self._ends, self._sizes, strict=True):
            label.setText(size_text(size) if size else "")
