"""What a setting is changed with: a box to tick, a list, a number, a line of text."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit, QSpinBox, QWidget

from ide.settings import Setting, Value
from ide.words import words
from toolchains.text import Text, _

_WIDTH = 200
_FONT = "editor.font_family"

Put = Callable[[Value], None]


@dataclass(frozen=True)
class Field:
    """A widget, and how it is made to show a value."""

    widget: QWidget
    show: Callable[[Value], None]


class _NoWheel(QObject):
    """Whoever scrolls the page does not change a setting on the way."""

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Leave the wheel to the page, unless the field was chosen before."""
        if event.type() == QEvent.Type.Wheel and isinstance(watched, QWidget) and not watched.hasFocus():
            event.ignore()
            return True
        return False


def field_of(setting: Setting, parent: QWidget, put: Put) -> Field:
    """The field for a kind of setting; ``put`` is called with what the person chose."""
    if setting.key == _FONT:
        return _list(parent, put, _fonts())
    if setting.choices:
        return _list(parent, put, setting.choices)
    if isinstance(setting.default, bool):
        return _tick(parent, put)
    if isinstance(setting.default, int):
        return _number(setting, parent, put)
    return _line(parent, put)


def _fonts() -> tuple[tuple[str, Text], ...]:
    """The monospace fonts of the system; the first entry leaves the choice to it."""
    families = [family for family in QFontDatabase.families() if QFontDatabase.isFixedPitch(family)]
    return (("", _("as the system")), *((family, Text(family)) for family in families))


def _tick(parent: QWidget, put: Put) -> Field:
    box = QCheckBox(parent)
    box.clicked.connect(put)
    return Field(box, lambda value: box.setChecked(bool(value)))


def _number(setting: Setting, parent: QWidget, put: Put) -> Field:
    box = QSpinBox(parent)
    box.setRange(setting.low, setting.high)
    box.setKeyboardTracking(False)
    box.setGroupSeparatorShown(True)
    _steady(box)
    box.valueChanged.connect(put)

    def show(value: Value) -> None:
        box.blockSignals(True)
        box.setValue(int(value))
        box.blockSignals(False)

    return Field(box, show)


def _line(parent: QWidget, put: Put) -> Field:
    line = QLineEdit(parent)
    line.setMinimumWidth(_WIDTH)
    line.editingFinished.connect(lambda: put(line.text()))
    return Field(line, lambda value: line.setText(str(value)))


def _list(parent: QWidget, put: Put, choices: tuple[tuple[str, Text], ...]) -> Field:
    box = _Choices(choices, parent)
    _steady(box)
    box.activated.connect(lambda at: put(box.itemData(at)))
    return Field(box, box.show_value)


class _Choices(QComboBox):
    """A list whose words change with the language."""

    def __init__(self, choices: tuple[tuple[str, Text], ...], parent: QWidget) -> None:
        super().__init__(parent)
        self._choices = choices
        for value, title in choices:
            self.addItem(str(title), value)
        words.changed.connect(self._rename)

    def _rename(self) -> None:
        for at, (_value, title) in enumerate(self._choices):
            self.setItemText(at, str(title))

    def show_value(self, value: Value) -> None:
        """Choose an entry; a value that is not in the list any more (a font) is added."""
        at = self.findData(value)
        if at < 0:
            self.addItem(str(value), value)
            at = self.count() - 1
        self.setCurrentIndex(at)


def _steady(box: QWidget) -> None:
    box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
    box.setMinimumWidth(_WIDTH)
    box.installEventFilter(_NoWheel(box))
