"""A lesson's page, rendered by Qt: its code as it is in the files, with what can be done with it below."""

from __future__ import annotations

import re
from dataclasses import dataclass

from PySide6.QtCore import QUrl, Signal
from PySide6.QtGui import (
    QDesktopServices,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextDocument,
    QTextFormat,
)
from PySide6.QtWidgets import QTextBrowser, QWidget

from ide.context import IdeContext
from ide.learn import lessons
from ide.learn.lessons import Lesson
from ide.panels.learn.code_colors import CodeColors
from ide.words import bind
from toolchains.text import _

TRY, OPEN, HERE, EXERCISE, CHECK = "try", "open", "here", "exercise", "check"
_ROOM = 6.0


@dataclass(frozen=True)
class Opened:
    """A lesson with its page in one language, and the code that the page names."""

    lesson: Lesson
    title: str
    page: str
    code: dict[str, str]

    @staticmethod
    def of(lesson: Lesson, language: str) -> Opened:
        """Read it. Raises LessonError, DiskError."""
        page = lesson.page(language)
        code = {name: lesson.code(name) for name in lessons.snippets(page)}
        return Opened(lesson, lesson.title(language), page, code)

    def markdown(self) -> str:
        """The page with its code and the links below it."""
        page = lessons.with_code(self.page, {name: self._block(name, text) for name, text in self.code.items()})
        if self.lesson.exercise is None:
            return page
        return f"{page}\n[{_('Open the exercise')}]({EXERCISE}:)  ·  [{_('Check')}]({CHECK}:)\n"

    def _block(self, name: str, text: str) -> str:
        tries = f"[{_('Try')}]({TRY}:{name})  ·  " if self.lesson.tried(name) else ""
        if self.lesson.runs_here(name):
            tries = f"[{_('Run on this computer')}]({HERE}:{name})  ·  "
        fence = "`" * max(3, 1 + max(map(len, re.findall("`+", text)), default=0))  # longer than any in the code
        return f"{fence}\n{text.rstrip()}\n{fence}\n\n{tries}[{_('Open as a project')}]({OPEN}:{name})  ·  `{name}`\n"


class PageView(QTextBrowser):
    """Shows a page. ``wanted(what, snippet)``: one of its links to press was pressed; ``lesson(name)``: a link."""

    wanted = Signal(str, str)
    lesson = Signal(str)

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._opened: Opened | None = None
        self.setOpenLinks(False)
        self.document().setDocumentMargin(8)
        self.colors = CodeColors(self.document(), ctx.themes)
        bind(self, "setAccessibleName", _("Page of the lesson"))
        self.anchorClicked.connect(self._follow)
        ctx.themes.changed.connect(self._dress_anew)

    def show_page(self, opened: Opened) -> None:
        """Show it from its beginning."""
        self._opened = opened
        document = self.document()
        features = QTextDocument.MarkdownFeature.MarkdownDialectGitHub | QTextDocument.MarkdownFeature.MarkdownNoHTML
        self.colors.setDocument(None)  # it would look at each block anew for each change
        document.setMarkdown(opened.markdown(), features)
        together = QTextCursor(document)
        together.beginEditBlock()
        self._dress()
        together.endEditBlock()
        self.colors.setDocument(document)
        self.moveCursor(QTextCursor.MoveOperation.Start)

    def loadResource(self, _kind: int, _name: QUrl) -> None:
        """Nothing from outside is in a page."""

    def _dress_anew(self) -> None:
        if self._opened is not None:
            place = self.verticalScrollBar().value()
            self.show_page(self._opened)
            self.verticalScrollBar().setValue(place)

    def _dress(self) -> None:
        """Code in the editor's font on an area of its own, paragraphs with room between them, links that are seen."""
        themes = self._ctx.themes
        mono, area, accent = themes.mono(), themes.color("window"), themes.color("accent")
        code = QTextBlockFormat()
        code.setBackground(area)
        code.setLeftMargin(_ROOM)
        code.setNonBreakableLines(False)
        letters = QTextCharFormat()
        letters.setFontFamilies([mono.family()])
        letters.setForeground(themes.color("editor_text"))
        block = self.document().begin()
        while block.isValid():
            if block.blockFormat().hasProperty(QTextFormat.Property.BlockCodeFence):
                cursor = QTextCursor(block)
                cursor.mergeBlockFormat(code)
                cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
                cursor.mergeCharFormat(letters)
            else:
                self._color_links(block, accent)
            block = block.next()

    def _color_links(self, block: object, accent: object) -> None:
        pieces = []
        part = block.begin()  # type: ignore[attr-defined]
        while not part.atEnd():
            piece = part.fragment()
            if piece.charFormat().isAnchor():
                pieces.append((piece.position(), piece.length()))
            part += 1
        link = QTextCharFormat()
        link.setForeground(accent)
        for position, length in pieces:
            cursor = QTextCursor(self.document())
            cursor.setPosition(position)
            cursor.setPosition(position + length, QTextCursor.MoveMode.KeepAnchor)
            cursor.mergeCharFormat(link)

    def _follow(self, url: QUrl) -> None:
        address = url.toString()
        what, _colon, name = address.partition(":")
        if what in (TRY, OPEN, HERE, EXERCISE, CHECK):
            self.wanted.emit(what, name)
        elif what == lessons.TO_LESSON.rstrip(":"):
            self.lesson.emit(name)
        elif what in ("https", "http"):
            QDesktopServices.openUrl(url)
