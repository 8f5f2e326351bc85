"""Names and values that change: laid out anew only when they do, so that what is marked in them stays."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QVBoxLayout, QWidget

from ide import value_rows


class Values(QWidget):
    """Rows of :mod:`ide.value_rows`; hidden while there are none."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._rows: list[tuple[str, str]] = []
        self._inner = QWidget(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._inner)
        self.hide()

    @property
    def rows(self) -> dict[str, str]:
        """What is shown."""
        return dict(self._rows)

    def show_rows(self, rows: Sequence[tuple[object, object]]) -> None:
        """Replace all."""
        said = [(str(name), str(value)) for name, value in rows]
        if said == self._rows:
            return
        self._rows = said
        fresh = value_rows.rows_widget(said, self)
        fresh.layout().setContentsMargins(0, 2, 0, 2)
        self._column.replaceWidget(self._inner, fresh)
        self._inner.hide()
        self._inner.deleteLater()
        self._inner = fresh
        fresh.show()
        self.setVisible(bool(said))
