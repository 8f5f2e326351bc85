"""Colours and fonts: light, dark, high contrast, as data in ``resources/themes``; they follow the system."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from string import Template

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontDatabase, QPalette
from PySide6.QtWidgets import QApplication

from toolchains.paths import resources

NAMES = ("light", "dark", "contrast")


@dataclass(frozen=True)
class Theme:
    """One set of colours, by token (``resources/themes/colors.json`` has them all)."""

    name: str
    dark: bool
    tokens: Mapping[str, str]
    #: The sixteen colours of a terminal: eight normal ones, eight bright ones.
    ansi: tuple[str, ...]
    #: The bars of a race, slowest way first.
    race: tuple[str, ...]

    @staticmethod
    def load(name: str) -> Theme:
        """Read a theme from the project's resources."""
        data = json.loads((resources() / "themes" / "colors.json").read_text("utf-8"))[name]
        ansi, race, dark = tuple(data.pop("ansi")), tuple(data.pop("race")), data.pop("dark")
        return Theme(name, dark, data, ansi, race)

    def color(self, token: str) -> QColor:
        """The colour of a token; KeyError for one that does not exist."""
        return QColor(self.tokens[token])

    def race_color(self, number: int) -> QColor:
        """The colour of a bar of a race, by its place in the field."""
        return QColor(self.race[number % len(self.race)])

    def palette(self) -> QPalette:
        """The colours as Qt's own widgets use them."""
        palette = QPalette()
        role = QPalette.ColorRole
        for where, token in (
            (role.Window, "window"), (role.WindowText, "text"), (role.Base, "panel"), (role.AlternateBase, "window"),
            (role.Text, "text"), (role.Button, "raised"), (role.ButtonText, "text"), (role.BrightText, "red"),
            (role.Highlight, "selection"), (role.HighlightedText, "selection_text"), (role.Link, "accent"),
            (role.ToolTipBase, "raised"), (role.ToolTipText, "text"), (role.PlaceholderText, "muted"),
            (role.Accent, "accent"),
        ):  # fmt: skip
            palette.setColor(where, self.color(token))
        for where in (role.Text, role.ButtonText, role.WindowText):
            palette.setColor(QPalette.ColorGroup.Disabled, where, self.color("muted"))
        return palette


class Themes(QObject):
    """The theme in use. ``changed`` comes after the application has it."""

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._wish = ""
        self._family = ""
        self._watching = False
        self.theme = Theme.load("light")

    def color(self, token: str) -> QColor:
        """A colour of the theme in use."""
        return self.theme.color(token)

    def use(self, wish: str) -> None:
        """Use a theme by name, or, for an empty ``wish``, light or dark as the system has it."""
        self._wish = wish
        hints = QApplication.styleHints()
        if not self._watching:
            hints.colorSchemeChanged.connect(self._apply)
            self._watching = True
        self._apply(hints.colorScheme())

    def _apply(self, scheme: Qt.ColorScheme) -> None:
        name = self._wish or ("dark" if scheme == Qt.ColorScheme.Dark else "light")
        self.theme = Theme.load(name)
        app = QApplication.instance()
        assert isinstance(app, QApplication)
        app.setPalette(self.theme.palette())
        sheet = (resources() / "themes" / "window.qss").read_text("utf-8")
        app.setStyleSheet(Template(sheet).substitute(self.theme.tokens, **self._drawings()))
        self.changed.emit()

    def _drawings(self) -> dict[str, str]:
        """For the style sheet: where the drawings are, and which ones are seen on areas and on the accent."""
        on_area, on_accent = ("light", "dark") if self.theme.dark else ("dark", "light")
        return {"icons": (resources() / "icons").as_posix(), "on_area": on_area, "on_accent": on_accent}

    def use_font(self, family: str) -> None:
        """The family of :meth:`mono`; empty for the system's monospace font."""
        self._family = family

    def mono(self, points: int = 0) -> QFont:
        """The one monospace font, for code and console; in ``points`` if given."""
        font = QFontDatabase.systemFont(QFontDatabase.SystemFont.FixedFont)
        if self._family:
            font.setFamily(self._family)
        if points:
            font.setPointSize(points)
        return font


#: The look of this process's window.
themes = Themes()


def mono(points: int = 0) -> QFont:
    """See :meth:`Themes.mono`."""
    return themes.mono(points)
