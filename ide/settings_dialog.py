"""The settings as a person changes them: one row each, found by typing, applied at once."""

from __future__ import annotations

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QDialog,
    QFrame,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QScrollArea,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.elided import Elided
from ide.setting_fields import Field, field_of
from ide.settings import GROUPS, TABLE, Setting, Settings
from ide.words import bind, words
from toolchains.text import _

_SIZE = (640, 560)


class SettingsDialog(QDialog):
    """All settings, by group. It stands beside the window and holds nothing up."""

    def __init__(self, settings: Settings, parent: QWidget) -> None:
        super().__init__(parent)
        self.settings = settings
        self.rows: list[Row] = []
        self._headings: dict[str, QLabel] = {}
        bind(self, "setWindowTitle", _("Settings"))
        self.resize(*_SIZE)
        self.search = QLineEdit(self)
        self.search.setClearButtonEnabled(True)
        bind(self.search, "setPlaceholderText", _("Find a setting"))
        bind(self.search, "setAccessibleName", _("Find a setting"))
        self.search.textChanged.connect(self._filter)
        self._nothing = QLabel(self)
        self._nothing.setProperty("role", "muted")
        bind(self._nothing, "setText", _("No setting has these words in it."))
        self._nothing.hide()
        layout = QVBoxLayout(self)
        layout.setSpacing(8)
        layout.addWidget(self.search)
        layout.addWidget(self._nothing)
        layout.addWidget(self._list(), 1)
        layout.addLayout(self._bottom())
        settings.listeners.append(self._changed)
        words.changed.connect(self._filter)
        self.search.setFocus()

    def _list(self) -> QScrollArea:
        page = QWidget(self)
        grid = QGridLayout(page)
        grid.setColumnStretch(0, 1)
        grid.setHorizontalSpacing(12)
        for name, title in GROUPS:
            heading = QLabel(page)
            heading.setProperty("role", "heading")
            bind(heading, "setText", title)
            grid.addWidget(heading, grid.rowCount(), 0, 1, 3)
            self._headings[name] = heading
            for setting in TABLE:
                if setting.key.partition(".")[0] == name:
                    self.rows.append(Row(setting, self.settings, grid, page))
        grid.setRowStretch(grid.rowCount(), 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setWidget(page)
        bind(area, "setAccessibleName", _("Settings"))
        return area

    def _bottom(self) -> QHBoxLayout:
        self.where = Elided(self)
        self.where.setProperty("role", "muted")
        bind(self.where, "setText", _("Kept in {path}", path=self.settings.path))
        folder = QPushButton(self)
        bind(folder, "setText", _("Open the folder"))
        folder.setAutoDefault(False)
        folder.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self.settings.path.parent))))
        close = QPushButton(self)
        bind(close, "setText", _("Close"))
        close.setAutoDefault(False)
        close.clicked.connect(self.close)
        line = QHBoxLayout()
        line.addWidget(self.where, 1)
        line.addWidget(folder)
        line.addWidget(close)
        return line

    def row(self, key: str) -> Row:
        """The row of a setting."""
        return next(row for row in self.rows if row.setting.key == key)

    def _filter(self) -> None:
        wanted = self.search.text().casefold().split()
        shown: set[str] = set()
        for row in self.rows:
            group = row.setting.key.partition(".")[0]
            about = f"{row.setting.title} {self._headings[group].text()} {row.setting.key}".casefold()
            visible = all(word in about for word in wanted)
            row.show_if(visible)
            if visible:
                shown.add(group)
        for group, heading in self._headings.items():
            heading.setVisible(group in shown)
        self._nothing.setVisible(not shown)

    def _changed(self, key: str) -> None:
        for row in self.rows:
            if row.setting.key == key:
                row.render()

    def done(self, result: int) -> None:
        """Closed, in whichever way."""
        if self._changed in self.settings.listeners:
            self.settings.listeners.remove(self._changed)
        super().done(result)
        self.deleteLater()


class Row:
    """A setting: its sentence, its field, and the way back to the default."""

    def __init__(self, setting: Setting, settings: Settings, grid: QGridLayout, parent: QWidget) -> None:
        self.setting, self._settings = setting, settings
        self.label = QLabel(parent)
        self.label.setWordWrap(True)
        bind(self.label, "setText", setting.title)
        self.field: Field = field_of(setting, parent, lambda value: settings.set(setting.key, value))
        bind(self.field.widget, "setAccessibleName", setting.title)
        self.label.setBuddy(self.field.widget)
        self.back = QToolButton(parent)
        self.back.setProperty("flat", True)
        bind(self.back, "setText", _("Back to the default"))
        bind(self.back, "setAccessibleName", _("Back to the default: {title}", title=setting.title))
        self.back.clicked.connect(lambda: settings.reset(setting.key))
        place = self.back.sizePolicy()
        place.setRetainSizeWhenHidden(True)
        self.back.setSizePolicy(place)
        line = grid.rowCount()
        for column, widget in enumerate((self.label, self.field.widget, self.back)):
            grid.addWidget(widget, line, column)
        self._hidden = False
        self.render()

    def render(self) -> None:
        """Show the value as it is."""
        self.field.show(self._settings.get(self.setting.key))
        self.back.setVisible(not self._hidden and not self._settings.is_default(self.setting.key))

    def show_if(self, visible: bool) -> None:
        """Show or hide the row."""
        self._hidden = not visible
        self.label.setVisible(visible)
        self.field.widget.setVisible(visible)
        place = self.back.sizePolicy()
        place.setRetainSizeWhenHidden(visible)
        self.back.setSizePolicy(place)
        self.render()
