"""The only door to Scintilla and its lexers: a view with safe ways to read and change text.

What was measured about Scintilla under PySide6 is in shared/reference/editor.md.
Positions are counted in UTF-8 bytes from 0, lines from 0; ``place`` and ``position_of`` translate to what people count:
lines and characters from 1. Everything here belongs to the GUI thread.
"""

from __future__ import annotations

from lexilla import create_lexer
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget
from pyside6_scintilla import Scintilla as S
from pyside6_scintilla import ScintillaEdit

M = S.Message

__all__ = ["M", "S", "Sci", "bgr", "bgra"]

_LINE_LIMIT = 0x7FFFFFFF


def bgr(color: QColor) -> int:
    """A colour as Scintilla's styles want it."""
    return color.red() | color.green() << 8 | color.blue() << 16


def bgra(color: QColor) -> int:
    """A colour with its transparency, as Scintilla's elements want it."""
    return bgr(color) | color.alpha() << 24


def _clean(text: str) -> tuple[str, int]:
    """The text without what UTF-8 cannot say, and its length in bytes."""
    try:
        return text, len(text.encode())
    except UnicodeEncodeError:
        text = text.encode("utf-8", "replace").decode()
        return text, len(text.encode())


class Sci(ScintillaEdit):
    """A Scintilla view in UTF-8 that knows nothing of files, languages or colours.

    Never call addText, appendText, replaceTarget or searchInTarget directly: Scintilla trusts the length that it is
    given. ``setFocus``, ``cursor``, ``property``, ``setProperty`` and ``zoom`` are Scintilla's, not QWidget's.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        send = self.send
        send(M.SetCodePage, 65001)
        # Else a jump to the end lexes everything before it paints. "All" would lex the rest of the file at every key.
        send(M.SetIdleStyling, S.IdleStyling.ToVisible)
        send(M.SetCaretPeriod, 0)  # a caret that blinks wakes an idle window twice a second
        send(M.SetModEventMask, S.ModificationFlags.InsertText | S.ModificationFlags.DeleteText)
        send(M.SetCommandEvents, 0)
        send(M.UsePopUp, S.PopUp.Never)
        send(M.SetExtraDescent, 2)  # underscores of DejaVu Sans Mono are clipped above annotations without it
        send(M.SetScrollWidth, 1)
        send(M.SetScrollWidthTracking, 1)

    def take_focus(self) -> None:
        """Give this view the keyboard (``setFocus`` is Scintilla's own)."""
        QWidget.setFocus(self)

    # --- text --------------------------------------------------------------------------------------------------------

    def put(self, message: int, w: int, text: str) -> int:
        """Send a message whose second parameter is a zero-ended string."""
        return self.sends(message, w, _clean(text)[0])

    def text(self) -> str:
        """The whole text."""
        return self.slice(0, self.send(M.GetLength))

    def slice(self, start: int, end: int) -> str:
        """The text between two positions."""
        return bytes(self.get_text_range(start, end).data()).decode("utf-8", "replace") if end > start else ""

    def line_text(self, line: int) -> str:
        """One line, without its end."""
        return self.slice(self.send(M.PositionFromLine, line), self.send(M.GetLineEndPosition, line))

    def load(self, text: str) -> None:
        """Put a new text here that cannot be undone and counts as saved."""
        text, n_bytes = _clean(text)
        locked = self.send(M.GetReadOnly)
        self.send(M.SetReadOnly, 0)
        self.send(M.SetUndoCollection, 0)
        self.send(M.ClearAll)
        self.send(M.Allocate, n_bytes + 1000)
        self.sends(M.AppendText, n_bytes, text)
        self.send(M.SetUndoCollection, 1)
        self.send(M.EmptyUndoBuffer)
        self.send(M.SetSavePoint)
        self.send(M.SetReadOnly, locked)

    def append(self, text: str) -> None:
        """Add to the end; neither the caret nor the view moves."""
        text, n_bytes = _clean(text)
        self.sends(M.AppendText, n_bytes, text)

    def replace(self, start: int, end: int, text: str) -> int:
        """Put ``text`` in place of a range, without moving the selection about; returns where it ends now.

        By target: replacing a selection may hit another place while folds open.
        """
        text, n_bytes = _clean(text)
        self.send(M.SetTargetRange, start, end)
        self.sends(M.ReplaceTarget, n_bytes, text)
        return start + n_bytes

    def insert(self, position: int, text: str) -> int:
        """Put ``text`` at a position; returns where it ends."""
        return self.replace(position, position, text)

    def selected(self) -> str:
        """The text of the main selection; of a rectangle, its first line."""
        return self.slice(self.send(M.GetSelectionStart), self.send(M.GetSelectionEnd))

    def find(self, text: str, start: int, end: int, flags: int = 0) -> tuple[int, int] | None:
        """Where ``text`` is between two positions (backwards when ``end`` is before ``start``).

        Flags are Scintilla's FindOption; ``ValueError`` for a regular expression that Scintilla cannot read.
        """
        text, n_bytes = _clean(text)
        self.send(M.SetSearchFlags, flags)
        self.send(M.SetTargetRange, start, end)
        self.send(M.SetStatus, 0)
        found = self.sends(M.SearchInTarget, n_bytes, text)
        if self.send(M.GetStatus):
            self.send(M.SetStatus, 0)
            raise ValueError(text)
        if found < 0:
            return None
        return self.send(M.GetTargetStart), self.send(M.GetTargetEnd)

    def replace_found(self, text: str, *, regex: bool) -> int:
        """Replace what :meth:`find` found last; returns where the new text ends. ``regex``: \\1 is the first group."""
        text, n_bytes = _clean(text)
        start = self.send(M.GetTargetStart)
        message = M.ReplaceTargetRE if regex else M.ReplaceTarget
        return start + self.sends(message, n_bytes, text)

    # --- places ------------------------------------------------------------------------------------------------------

    def line_of(self, position: int) -> int:
        """The line of a position, from 0."""
        return self.send(M.LineFromPosition, position)

    def line_start(self, line: int) -> int:
        """Where a line begins."""
        return self.send(M.PositionFromLine, line)

    def line_end(self, line: int) -> int:
        """Where a line ends, before its end-of-line characters."""
        return self.send(M.GetLineEndPosition, line)

    def caret(self) -> int:
        """The position of the main caret."""
        return self.send(M.GetCurrentPos)

    def place(self, position: int | None = None) -> tuple[int, int]:
        """Line and column of a position (the caret), both from 1, in characters."""
        position = self.caret() if position is None else position
        line = self.line_of(position)
        return line + 1, self.send(M.CountCharacters, self.line_start(line), position) + 1

    def position_of(self, line: int, column: int | None = None) -> int:
        """The position of a place counted from 1; a place that is not there becomes the nearest that is."""
        line = min(max(line, 1), min(self.send(M.GetLineCount), _LINE_LIMIT)) - 1
        start, end = self.line_start(line), self.line_end(line)
        if column is None or column <= 1:
            return start
        position = self.send(M.PositionRelative, start, column - 1)
        return position if start < position <= end else end

    def go_to(self, position: int) -> None:
        """Put the caret at a position, unfold it, and show it in the middle of the view."""
        line = self.line_of(position)
        self.send(M.EnsureVisible, line)
        self.send(M.SetVisiblePolicy, S.VisiblePolicy.Strict | S.VisiblePolicy.Slop, self.send(M.LinesOnScreen) // 3)
        self.send(M.EnsureVisibleEnforcePolicy, line)
        self.send(M.GotoPos, position)
        self.send(M.SetVisiblePolicy, 0, 0)

    # --- look --------------------------------------------------------------------------------------------------------

    def style(
        self, number: int, fore: QColor, back: QColor | None = None, *, bold: bool = False, italic: bool = False
    ) -> None:
        """How a style looks; the font stays what the default style has."""
        self.send(M.StyleSetFore, number, bgr(fore))
        if back is not None:
            self.send(M.StyleSetBack, number, bgr(back))
        self.send(M.StyleSetBold, number, int(bold))
        self.send(M.StyleSetItalic, number, int(italic))

    def set_font(self, family: str, size: float) -> None:
        """The font of every style, ``size`` in points; forgets all colours."""
        self.put(M.StyleSetFont, S.StylesCommon.Default, family)
        self.send(M.StyleSetSizeFractional, S.StylesCommon.Default, round(size * 100))
        self.send(M.StyleClearAll)

    def lex(self, name: str | None, keywords: tuple[str, ...] = ()) -> None:
        """Highlight and fold with this lexer of Lexilla; None: not at all."""
        lexer = create_lexer(name) if name else None
        if lexer is None:
            self.send(M.SetILexer, 0, 0)
            self.send(M.ClearDocumentStyle)
            return
        self.setILexer(lexer.detach())  # without detach it is freed twice at the end
        for number, words in enumerate(keywords):
            self.put(M.SetKeyWords, number, words)
        for key, value in (("fold", "1"), ("fold.compact", "0"), ("fold.comment", "1"), ("fold.preprocessor", "1")):
            self.setProperty(key, value)

    def share(self, other: Sci) -> None:
        """Show the text of another view: what is typed in one is in both."""
        self.set_doc(other.get_doc())
