"""The settings as a person changes them: at once, by keyboard, and back again."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtWidgets import QApplication, QCheckBox, QComboBox, QSpinBox, QWidget
from pytestqt.qtbot import QtBot

from ide.settings import TABLE, Settings
from ide.settings_dialog import SettingsDialog
from ide.words import words


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return Settings.load(tmp_path / "settings.toml")


@pytest.fixture
def dialog(settings: Settings, qtbot: QtBot) -> Iterator[SettingsDialog]:
    window = QWidget()
    qtbot.addWidget(window)
    made = SettingsDialog(settings, window)
    made.show()
    yield made
    made.close()


def test_it_holds_nothing_up_and_has_every_setting(dialog: SettingsDialog) -> None:
    assert not dialog.isModal()
    assert [row.setting.key for row in dialog.rows] == [one.key for one in TABLE]
    for row in dialog.rows:
        assert row.field.widget.accessibleName() == str(row.setting.title) == row.label.text()
    assert str(dialog.settings.path) in dialog.where.text()


def test_a_change_holds_at_once_and_can_be_taken_back(dialog: SettingsDialog, settings: Settings, qtbot: QtBot) -> None:
    row = dialog.row("editor.wrap")
    box = row.field.widget
    assert isinstance(box, QCheckBox)
    assert not row.back.isVisible()
    box.setFocus()
    qtbot.keyClick(box, Qt.Key.Key_Space)
    assert settings.on("editor.wrap")
    assert row.back.isVisible()
    qtbot.mouseClick(row.back, Qt.MouseButton.LeftButton)
    assert not settings.on("editor.wrap")
    assert not box.isChecked()
    assert not row.back.isVisible()


def test_numbers_and_lists(dialog: SettingsDialog, settings: Settings, qtbot: QtBot) -> None:
    size = dialog.row("editor.font_size").field.widget
    assert isinstance(size, QSpinBox)
    size.selectAll()
    qtbot.keyClicks(size, "17")
    assert settings.number("editor.font_size") == 11  # not at every digit
    qtbot.keyClick(size, Qt.Key.Key_Return)
    assert settings.number("editor.font_size") == 17
    theme = dialog.row("window.theme").field.widget
    assert isinstance(theme, QComboBox)
    theme.setFocus()
    qtbot.keyClick(theme, Qt.Key.Key_Down)
    assert settings.text("window.theme") == "light"
    assert dialog.isVisible()


def test_what_is_changed_elsewhere_is_shown(dialog: SettingsDialog, settings: Settings) -> None:
    settings.set("window.theme", "contrast")
    theme = dialog.row("window.theme").field.widget
    assert isinstance(theme, QComboBox)
    assert theme.currentData() == "contrast"
    settings.set("editor.font_family", "A font that went away")
    font = dialog.row("editor.font_family").field.widget
    assert isinstance(font, QComboBox)
    assert font.currentText() == "A font that went away"


def test_settings_are_found_by_their_words_their_group_or_their_key(dialog: SettingsDialog) -> None:
    def found(words_typed: str) -> list[str]:
        dialog.search.setText(words_typed)
        return [row.setting.key for row in dialog.rows if row.label.isVisible()]

    assert found("font size") == ["editor.font_size"]
    assert found("console") == ["run.clear_console", "console.lines", "console.baud"]
    assert found("EDITOR.TAB") == ["editor.tab_width"]
    assert found("no such thing") == []
    assert dialog._nothing.isVisible()
    assert len(found("")) == len(TABLE)
    assert not dialog._nothing.isVisible()


def test_the_wheel_scrolls_and_changes_nothing(dialog: SettingsDialog, settings: Settings) -> None:
    dialog.search.setFocus()
    box = dialog.row("editor.font_size").field.widget
    turn = QWheelEvent(
        QPointF(5, 5), QPointF(5, 5), QPoint(0, -120), QPoint(0, -120), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.NoModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(box, turn)
    assert settings.is_default("editor.font_size")


def test_escape_closes_and_the_settings_forget_the_dialog(
    dialog: SettingsDialog, settings: Settings, qtbot: QtBot
) -> None:
    assert settings.listeners
    qtbot.keyClick(dialog, Qt.Key.Key_Escape)
    assert not dialog.isVisible()
    assert settings.listeners == []


def test_its_words_change_with_the_language(dialog: SettingsDialog) -> None:
    theme = dialog.row("window.theme").field.widget
    assert isinstance(theme, QComboBox)
    words.use("zh_TW")
    try:
        assert theme.itemText(1) == str(dialog.row("window.theme").setting.choices[1][1])
        assert dialog.row("window.theme").label.text() == str(dialog.row("window.theme").setting.title)
    finally:
        words.use("en")
