"""For whom to build: the board, one architecture, or all that there is a compiler for."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtWidgets import QComboBox, QWidget

from ide.context import IdeContext
from ide.panels.builds.survey import Served
from ide.runs import BOARD_ARCH
from ide.words import bind, words
from toolchains.text import Text, _

_ALL = ("all",)


class Targets(QComboBox):
    """The picker. Its value is what :meth:`ide.runs.Runs.build` takes."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._served: tuple[Served, ...] = ()
        self._entries: list[tuple[str, tuple[str, ...]]] = []
        self.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.setMinimumContentsLength(30)
        bind(self, "setAccessibleName", _("Build for"))
        bind(self, "setToolTip", _("Build for"))
        ctx.board.changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    @property
    def wanted(self) -> tuple[str, ...]:
        """Names of architectures; none for the board's."""
        return self._entries[self.currentIndex()][1] if self._entries else BOARD_ARCH

    def know(self, served: Iterable[Served]) -> None:
        """Which compilers there are."""
        self._served = tuple(served)
        self.render()

    def choose(self, arch: str) -> None:
        """Build for this one from now on."""
        at = next((at for at, (_title, data) in enumerate(self._entries) if data == (arch,)), None)
        if at is not None:
            self.setCurrentIndex(at)

    def render(self) -> None:
        """The list anew, unless nothing in it changed; what was chosen stays."""
        entries: list[tuple[str, tuple[str, ...]]] = [(str(self._board()), BOARD_ARCH)]
        entries += [(f"{one.arch.name} · {one.words}", (one.arch.name,)) for one in self._served]
        entries.append((str(_("every architecture with a compiler")), _ALL))
        if entries == self._entries:
            return
        chosen, self._entries = self.wanted, entries
        self.clear()
        self.addItems([title for title, _data in entries])
        self.setCurrentIndex(next((at for at, (_title, data) in enumerate(entries) if data == chosen), 0))

    def _board(self) -> Text:
        identity = self._ctx.board.identity
        if identity is None or identity.arch is None:
            return _("the board's architecture")
        return _("the board: {arch}", arch=identity.arch.name)
