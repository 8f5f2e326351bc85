"""A tab that shows how two texts differ."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout

from ide.editor import look
from ide.editor.languages import language
from ide.editor.pane import Page
from ide.editor.scintilla import M, Sci
from ide.settings import Settings
from ide.themes import themes
from ide.words import bind
from toolchains.text import Text, _


class Comparison(Page):
    """A unified diff, to be read only. ``title``: where it is not about a file of the disk."""

    def __init__(self, key: str, name: str, lines: str, settings: Settings, title: Text | None = None) -> None:
        super().__init__(f"compare {key}", title or _("{name}: disk and here", name=name))
        self._settings = settings
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        self.sci = Sci(self)
        self.sci.setFrameShape(Sci.Shape.NoFrame)
        bind(self.sci, "setAccessibleName", _("Differences of {name}", name=Text(name)))
        look.arrange(self.sci)
        self.sci.load(lines)
        self.sci.lex("diff")
        self.sci.send(M.SetReadOnly, 1)
        column.addWidget(self.sci)
        self.setFocusProxy(self.sci)
        self._paint()
        themes.changed.connect(self._paint)

    def _paint(self) -> None:
        look.paint(self.sci, language("diff"), self._settings.number("editor.font_size"))
