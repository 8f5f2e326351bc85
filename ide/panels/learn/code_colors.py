"""The code of a page in the editor's colours. Line by line: snippets are short, and have no text over several lines."""

from __future__ import annotations

import keyword
import re
from collections.abc import Mapping

from PySide6.QtGui import QSyntaxHighlighter, QTextCharFormat, QTextDocument, QTextFormat

from ide.themes import Themes

_C_WORDS = (
    "auto bool break case char const continue default do double else enum extern float for goto if int long return "
    "short signed sizeof static struct switch typedef union unsigned void while"
)
_WORDS = {*keyword.kwlist, *_C_WORDS.split()}
_TOKEN = re.compile(
    r"""(?P<comment>\#(?!include|define|if|endif|else).*|//.*)
    |(?P<preprocessor>^\#\w+.*)
    |(?P<string>[brf]?"(?:[^"\\]|\\.)*"|[brf]?'(?:[^'\\]|\\.)*')
    |(?P<function>^@[\w.]+)
    |(?P<number>\b(?:0x[0-9A-Fa-f]+|\d[\d_]*\.?\d*)\b)
    |(?P<word>[A-Za-z_]\w*)""",
    re.VERBOSE,
)


class CodeColors(QSyntaxHighlighter):
    """Colours blocks of code and nothing else; anew when the theme is another."""

    def __init__(self, document: QTextDocument, themes: Themes) -> None:
        super().__init__(document)
        self._themes = themes
        self._formats: Mapping[str, QTextCharFormat] = {}
        themes.changed.connect(self._dress)
        self._dress()

    def _dress(self) -> None:
        formats = {}
        for token in ("comment", "preprocessor", "string", "number", "keyword", "function"):
            formats[token] = QTextCharFormat()
            formats[token].setForeground(self._themes.color(token))
        self._formats = formats
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Called by Qt for each paragraph."""
        if not self.currentBlock().blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
            return
        for found in _TOKEN.finditer(text):
            kind = found.lastgroup or ""
            if kind == "word":
                kind = "keyword" if found.group() in _WORDS else ""
            if kind:
                self.setFormat(found.start(), found.end() - found.start(), self._formats[kind])
