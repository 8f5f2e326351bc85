"""Colours: everything can be read in every theme, and light and dark follow the system while the window is open."""

from __future__ import annotations

from collections.abc import Iterator
from string import Template

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QGuiApplication
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ide.themes import NAMES, Theme, themes
from toolchains.paths import resources

#: Text by token, and the areas that it stands on.
FRAME = ("window", "panel", "raised")
EDITOR = ("editor", "current_line")
TEXTS = {
    **dict.fromkeys(("text", "muted"), (*FRAME, "hover", "red_area", "amber_area", "green_area")),
    **dict.fromkeys(("accent", "red", "amber", "green"), FRAME),
    "red": (*FRAME, "red_area"),
    "amber": (*FRAME, "amber_area"),
    "green": (*FRAME, "green_area"),
    "accent_text": ("accent",),
    "selection_text": ("selection",),
    "editor_text": (*EDITOR, "brace", "brace_bad", "found"),
    "margin_text": ("margin",),
    **dict.fromkeys(
        ("comment", "keyword", "type", "string", "number", "preprocessor", "function", "operator"), EDITOR
    ),
}  # fmt: skip
#: What is no text but has to be seen (WCAG 1.4.11).
SHAPES = {"accent": FRAME, "caret": EDITOR, "change": ("margin",), "red": EDITOR, "amber": EDITOR}


def luminance(color: QColor) -> float:
    """WCAG 2, relative luminance."""

    def linear(part: float) -> float:
        return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4

    return 0.2126 * linear(color.redF()) + 0.7152 * linear(color.greenF()) + 0.0722 * linear(color.blueF())


def contrast(one: QColor, other: QColor) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


def test_contrast_is_what_the_standard_says() -> None:
    assert contrast(QColor("#000000"), QColor("#ffffff")) == pytest.approx(21)
    assert contrast(QColor("#767676"), QColor("#ffffff")) == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize("name", NAMES)
def test_every_text_can_be_read_on_every_area_where_it_stands(name: str) -> None:
    theme = Theme.load(name)
    low = [
        f"{token} on {area}: {contrast(theme.color(token), theme.color(area)):.2f}"
        for token, areas in TEXTS.items()
        for area in areas
        if contrast(theme.color(token), theme.color(area)) < 4.5
    ]
    low += [
        f"ansi {number}: {contrast(QColor(color), theme.color('panel')):.2f}"
        for number, color in enumerate(theme.ansi)
        if contrast(QColor(color), theme.color("panel")) < 4.5
    ]
    assert low == []


@pytest.mark.parametrize("name", NAMES)
def test_what_is_no_text_can_be_seen(name: str) -> None:
    theme = Theme.load(name)
    pairs = [(token, theme.color(token), area) for token, areas in SHAPES.items() for area in areas]
    pairs += [(f"race {number}", theme.race_color(number), "panel") for number in range(len(theme.race))]
    low = [f"{token} on {area}" for token, color, area in pairs if contrast(color, theme.color(area)) < 3]
    assert low == []


def test_every_token_is_known_to_the_test_or_is_an_area() -> None:
    areas = {area for areas in (*TEXTS.values(), *SHAPES.values()) for area in areas}
    assert set(Theme.load("light").tokens) - set(TEXTS) - set(SHAPES) - areas == {"line"}


def test_a_race_has_four_colours_that_differ() -> None:
    for name in NAMES:
        assert len(set(Theme.load(name).race)) == 4


@pytest.mark.parametrize("name", NAMES)
def test_the_style_sheet_names_only_what_there_is(name: str, qtbot: QtBot) -> None:
    sheet = Template((resources() / "themes" / "window.qss").read_text("utf-8"))
    drawings = {"icons", "on_area", "on_accent"}
    assert set(sheet.get_identifiers()) <= set(Theme.load(name).tokens) | drawings
    for file in ("check", "down", "up", "close", "float"):
        for shade in ("light", "dark"):
            assert (resources() / "icons" / f"{file}-{shade}.svg").is_file()


@pytest.fixture
def system(qtbot: QtBot) -> Iterator[None]:
    yield
    themes.use("light")


def say(scheme: Qt.ColorScheme) -> None:
    """What the system's settings do; the offscreen platform has none of its own."""
    QGuiApplication.styleHints().colorSchemeChanged.emit(scheme)


@pytest.mark.usefixtures("system")
def test_light_and_dark_follow_the_system_at_run_time(qtbot: QtBot) -> None:
    label = QLabel("words")
    qtbot.addWidget(label)
    themes.use("")
    for scheme, name in ((Qt.ColorScheme.Dark, "dark"), (Qt.ColorScheme.Light, "light"), (Qt.ColorScheme.Dark, "dark")):
        with qtbot.waitSignal(themes.changed):
            say(scheme)
        assert themes.theme.name == name
        assert label.palette().windowText().color() == themes.color("text")
        assert label.palette().window().color() == themes.color("window")


@pytest.mark.usefixtures("system")
def test_a_theme_that_was_chosen_stays_whatever_the_system_does(qtbot: QtBot) -> None:
    themes.use("contrast")
    say(Qt.ColorScheme.Light)
    assert themes.theme.name == "contrast"
