"""What a board printed, in a Scintilla view: colours, a bounded number of lines, and it stays where one reads.

Measured in shared/reference/editor.md, section 6: no lexer, no undo, no notifications of changes, read-only but while
something is appended; then 10 MB/s do not hold the window up.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QColor, QContextMenuEvent
from PySide6.QtWidgets import QMenu, QWidget

from ide.editor.scintilla import M, S, Sci, bgr
from ide.panels.console.ansi import PLAIN, Look, Patch, Piece, Tape
from ide.panels.console.backlog import Backlog, Skipped
from ide.places import place_at
from ide.themes import mono, themes
from toolchains.text import _

#: Styles of ours: a piece's style is one ASCII character in what Scintilla is sent; 32 to 39 are Scintilla's own.
_FIRST_STYLE, _LAST_STYLE = 40, 126
_ROLES = {"note": "muted", "error": "red", "good": "green"}
#: So much is shown at once, in bytes; of more, in so long pieces of time.
_AT_ONCE = 8 * 1024
_BUDGET_S = 0.015
#: Of lines that are too many, so large a part is dropped in one go.
_SLACK = 4


class Transcript(Sci):
    """Text that is only appended to. ``limit``: how many lines are kept. Points: the size of the font.

    ``place_wanted(file, line)``: an underlined place, such as ``broken.c:12``, was clicked.
    """

    place_wanted = Signal(str, int)

    def __init__(self, limit: int, points: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.tape = Tape()
        self.backlog = Backlog()
        self.limit = limit
        self._points = points
        self._end = 0  # where the transcript ends: a console has its input behind it
        self._styles: dict[Look, int] = {}
        self._follows = True
        self._putting = False
        self.setFrameShape(Sci.Shape.NoFrame)
        self.setAcceptDrops(False)
        self.viewport().setAcceptDrops(False)
        send = self.send
        send(M.SetModEventMask, 0)
        send(M.SetUndoCollection, 0)
        send(M.SetIdleStyling, S.IdleStyling.None_)
        send(M.SetReadOnly, 1)
        send(M.SetMargins, 0)
        send(M.SetMarginLeft, 0, 8)
        send(M.SetCaretWidth, 2)
        send(M.SetIMEInteraction, S.IMEInteraction.Inline)
        send(M.SetLayoutCache, S.LineCache.Page)
        self.use_colors()
        themes.changed.connect(self.use_colors)
        self.hotSpotClick.connect(self._clicked)
        bar = self.verticalScrollBar()
        bar.valueChanged.connect(partial(self._scrolled))
        bar.rangeChanged.connect(partial(self._resized))

    # --- text -------------------------------------------------------------------------------------------------------

    def feed(self, data: bytes) -> None:
        """The board printed this. Little is shown at once; much is shown by :meth:`work`, piece by piece."""
        if len(data) <= _AT_ONCE and not self.backlog.waits and not self.waits():
            self.show_bytes(data)
        else:
            self.backlog.add(data)

    def waits(self) -> bool:
        """Whether nothing may be shown just now."""
        return False

    def work(self) -> bool:
        """Show what waits, for so long that nobody notices; whether there was something."""
        if not self.backlog.waits or self.waits():
            return False
        end = time.perf_counter() + _BUDGET_S
        self.backlog.shorten(self.limit)
        while time.perf_counter() < end and (item := self.backlog.take()) is not None:
            if isinstance(item, bytes):
                self.show_bytes(item)
            elif isinstance(item, Skipped):
                self.tape.skip(item.colours)
                self._say_now(item.words, "note", fresh=True)
            else:
                self._say_now(*item)
        return True

    def show_bytes(self, data: bytes) -> None:
        """The board printed this. An empty view begins with a line, not with a line break."""
        self.put_patch(self.tape.feed(data if self._end else data.lstrip(b"\r\n")))

    def say(self, text: str, role: str = "", *, fresh: bool = False) -> None:
        """Text of ours, after all that was fed; ``role`` is ``note``, ``error``, ``good``, or empty.

        ``fresh``: it begins a line.
        """
        if self.backlog.waits or self.waits():
            self.backlog.say(text, role, fresh)
        else:
            self._say_now(text, role, fresh)

    def _say_now(self, text: str, role: str, fresh: bool) -> None:
        if fresh and not self.tape.at_start:
            text = f"\n{text}"
        self.put_patch(self.tape.say(text, Look(role=role)))

    def fresh_line(self) -> None:
        """What comes next begins a line."""
        self.say("", fresh=True)

    def clear(self) -> None:
        """Forget all lines but the last, which may be a prompt."""
        with self.opened():
            start = self.line_start(self.line_of(self._end))
            self.send(M.DeleteRange, 0, start)
            self._end -= start
        self.scroll_to_end()

    def transcript(self) -> str:
        """All that is here, without what is being typed."""
        return self.slice(0, self._end)

    @contextmanager
    def opened(self) -> Iterator[None]:
        """The text may be changed in the body."""
        locked = self.send(M.GetReadOnly)
        self.send(M.SetReadOnly, 0)
        try:
            yield
        finally:
            self.send(M.SetReadOnly, locked)

    def put_patch(self, patch: Patch) -> None:
        """Change the end of the transcript; neither selection nor view move, unless the view is at the end."""
        if not patch.remove and not patch.pieces:
            return
        self._putting = True
        follows, old_end = self._follows, self._end
        caret, anchor = self.caret(), self.send(M.GetAnchor)
        with self.opened():
            self._replace_end(patch)
            moved = self._end - old_end
            if min(caret, anchor) >= old_end:
                self.send(M.SetAnchor, anchor + moved)
                self.send(M.SetCurrentPos, caret + moved)
            self._drop_lines(follows)
        self._putting = False
        if follows:
            self.scroll_to_end()

    def _replace_end(self, patch: Patch) -> None:
        pieces = _last_lines(patch.pieces, self.limit)
        text = "".join(text for text, _look in pieces)
        start = self._end - patch.remove
        self._end = self.replace(start, self._end, text)
        self.send(M.StartStyling, start, 0)
        if len(pieces) == 1:
            self.send(M.SetStyling, self._end - start, self.style_of(pieces[0][1]))
        elif pieces:
            signs = {look: chr(self.style_of(look)) for look in {look for _words, look in pieces}}
            size = len if text.isascii() else _size
            styles = "".join([signs[look] * size(text) for text, look in pieces])
            self.sends(M.SetStylingEx, len(styles), styles)

    def _drop_lines(self, follows: bool) -> None:
        extra = self.send(M.GetLineCount) - self.limit
        if extra <= self.limit // _SLACK:
            return
        first, size = self.send(M.GetFirstVisibleLine), self.line_start(extra)
        self.send(M.DeleteRange, 0, size)
        self._end -= size
        if not follows:
            self.send(M.SetFirstVisibleLine, max(first - extra, 0))

    # --- scrolling ----------------------------------------------------------------------------------------------------

    @property
    def follows(self) -> bool:
        """Whether the view is at the end, and stays there."""
        return self._follows

    def scroll_to_end(self) -> None:
        """Show the last line, from now on always."""
        self._putting = True
        self.send(M.SetFirstVisibleLine, self.send(M.GetLineCount))
        self._putting = False
        self._follows = True

    def _scrolled(self, value: int) -> None:
        if not self._putting:
            self._follows = value >= self.verticalScrollBar().maximum()

    def _resized(self, _least: int, _most: int) -> None:
        if self._follows and not self._putting:
            self.scroll_to_end()

    # --- places -------------------------------------------------------------------------------------------------------

    def _clicked(self, position: int, _modifiers: object) -> None:
        line = self.line_of(position)
        start = self.line_start(line)
        text = self.slice(start, self.line_start(line + 1) if line + 1 < self.send(M.GetLineCount) else self._end)
        place = place_at(text, len(self.slice(start, position)))
        if place is not None:
            self.place_wanted.emit(*place)

    # --- menu ---------------------------------------------------------------------------------------------------------

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """What one can do here, at the mouse."""
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu)
        menu.popup(event.globalPos())

    def fill_menu(self, menu: QMenu) -> None:
        """Add the entries."""
        copy = menu.addAction(str(_("Copy")), lambda: self.send(M.Copy))
        copy.setEnabled(not self.send(M.GetSelectionEmpty))
        menu.addAction(str(_("Select all")), lambda: self.send(M.SelectAll))
        menu.addAction(str(_("Clear")), self.clear)

    # --- look ---------------------------------------------------------------------------------------------------------

    def use_points(self, points: int) -> None:
        """Another size of the font."""
        self._points = points
        self.use_colors()

    def use_colors(self) -> None:
        """Take over theme and font."""
        theme = themes.theme
        self.send(M.StyleSetFore, S.StylesCommon.Default, bgr(theme.color("text")))
        self.send(M.StyleSetBack, S.StylesCommon.Default, bgr(theme.color("panel")))
        # Lines of ASCII are not measured then: a page of long lines is painted eight times faster.
        self.send(M.StyleSetCheckMonospaced, S.StylesCommon.Default, 1)
        self.set_font(mono().family(), self._points)
        self.send(M.SetCaretFore, bgr(theme.color("caret")))
        self.send(M.SetSelBack, 1, bgr(theme.color("selection")))
        self.send(M.SetSelFore, 1, bgr(theme.color("selection_text")))
        for look, number in self._styles.items():
            self._paint(look, number)

    def style_of(self, look: Look) -> int:
        """The number of a style; when there are too many, the nearest that is simpler."""
        number = self._styles.get(look)
        if number is not None:
            return number
        number = _FIRST_STYLE + len(self._styles)
        if number > _LAST_STYLE:
            return self.style_of(Look(look.fore)) if look != Look(look.fore) and Look(look.fore) in self._styles else (
                _FIRST_STYLE
            )  # fmt: skip
        if not self._styles and look != PLAIN:
            self.style_of(PLAIN)
            number += 1
        self._styles[look] = number
        self._paint(look, number)
        return number

    def _paint(self, look: Look, number: int) -> None:
        theme = themes.theme
        fore = theme.color(_ROLES.get(look.role, "text"))
        back = theme.color("panel")
        if look.fore is not None:
            fore = QColor(theme.ansi[look.fore])
        if look.back is not None:
            back = QColor(theme.ansi[look.back])
            if look.fore is None:
                fore = theme.color("panel")
        if look.inverse:
            fore, back = back, fore
        self.style(number, fore, back, bold=look.bold, italic=look.italic)
        self.send(M.StyleSetUnderline, number, int(look.underline))
        self.send(M.StyleSetHotSpot, number, int(look.underline))


def _size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode())


def _last_lines(pieces: list[Piece], most: int) -> list[Piece]:
    """The end of the pieces, at most ``most`` line breaks of it: what came before would be dropped at once."""
    left = most
    for at in range(len(pieces) - 1, -1, -1):
        text, look = pieces[at]
        breaks = text.count("\n")
        if breaks > left:
            return [(text.split("\n", breaks - left)[-1], look), *pieces[at + 1 :]]
        left -= breaks
    return pieces
