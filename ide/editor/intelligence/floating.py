"""Something small that floats beside a place in the text and never has the keyboard.

It is a child of the window, not a window: no window manager places it or gives it the focus, on any system.
"""

from __future__ import annotations

from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent
from PySide6.QtWidgets import QFrame, QLabel, QVBoxLayout

from ide.editor.editor import CodeEditor
from ide.editor.scintilla import M
from ide.themes import themes
from toolchains.text import Text

#: Pixels between the text's line and what floats beside it, and between that and the window's edge.
_GAP, _EDGE = 2, 4
#: A label as high as its text cuts the underscores of the last line off.
_UNDERSCORE = 3
_SMALLEST, _LARGEST = 8.0, 28.0


class Floating(QFrame):
    """A frame over the window. ``look`` of the style sheet is by this class."""

    def __init__(self, view: CodeEditor) -> None:
        super().__init__(view.window())
        self.view = view
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setAutoFillBackground(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.hide()
        view.destroyed.connect(self.deleteLater)

    def points(self) -> float:
        """The size of the text as it is shown, zoom and presentation included."""
        sci = self.view.sci
        return min(max(sci.send(M.StyleGetSizeFractional, 32) / 100 + sci.send(M.GetZoom), _SMALLEST), _LARGEST)

    def line_rect(self, position: int) -> QRect:
        """Where a position of the text is in the window: a thin rectangle as high as its line."""
        sci = self.view.sci
        corner = QPoint(sci.send(M.PointXFromPosition, 0, position), sci.send(M.PointYFromPosition, 0, position))
        at = sci.viewport().mapTo(self.parentWidget(), corner)
        return QRect(at.x(), at.y(), 1, sci.send(M.TextHeight, sci.line_of(position)))

    def put_at(self, position: int, *, above: bool = False, shift: int = 0) -> None:
        """Show it below (``above``) the line of a position, or on its other side where there is no room for it.

        ``shift``: pixels that it begins left of the position.
        """
        line, room = self.line_rect(position), self.parentWidget().rect().adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)
        over, under = line.top() - _GAP - self.height(), line.bottom() + _GAP
        fits_over, fits_under = over >= room.top(), under + self.height() <= room.bottom()
        if above:
            y = over if fits_over or not fits_under else under
        else:
            y = under if fits_under or not fits_over else over
        x = min(line.left() - shift, room.right() - self.width())
        self.move(max(x, room.left()), max(y, room.top()))
        self.show()
        self.raise_()


class Card(Floating):
    """Words beside a place in the text."""

    def __init__(self, view: CodeEditor, name: Text) -> None:
        super().__init__(view)
        self.setAccessibleName(str(name))
        self.label = QLabel(self)
        self.label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self.label.setWordWrap(True)
        self.label.setAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        column = QVBoxLayout(self)
        column.setContentsMargins(8, 5, 8, 3)
        column.addWidget(self.label)

    def say(self, text: str, position: int, *, rich: bool = False, plain: str = "", widest: int = 560) -> None:
        """Show ``text`` above a position; ``plain`` is what a screen reader says of a rich one."""
        self.label.setTextFormat(Qt.TextFormat.RichText if rich else Qt.TextFormat.PlainText)
        font = themes.mono()
        font.setPointSizeF(self.points())
        self.label.setFont(font)
        self.label.setText(text)
        self.setAccessibleDescription(plain or text)
        self.label.setWordWrap(False)
        wanted = self.label.sizeHint().width() + 18
        self.label.setWordWrap(True)
        width = min(wanted, widest, self.parentWidget().width() - 2 * _EDGE)
        self.resize(width, self.layout().heightForWidth(width) + _UNDERSCORE)
        self.put_at(position, above=True)
        announce(self.view, plain or text)


def announce(view: CodeEditor, words: str) -> None:
    """Let a screen reader say something, if there is one."""
    if QAccessible.isActive():
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(view.sci, words))
