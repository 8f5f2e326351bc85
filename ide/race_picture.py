"""A race as a PNG. ``python -m ide.race_picture FILE.png`` draws one from JSON: the command line knows no Qt."""

from __future__ import annotations

import json
import math
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QGuiApplication, QImage, QPainter

from ide.themes import Theme

if TYPE_CHECKING:
    from ide.board.race_words import PictureRow

_WIDTH, _MARGIN, _BAR = 1000, 28, 26
_NAME, _ROW = 120, 58
_SMALLEST = 0.02


@dataclass(frozen=True)
class Lines:
    """Where the words of a picture are, dots from the top."""

    title: int = 34
    about: int = 60
    rows: int = 82


def png(title: str, about: str, rows: list[PictureRow], note: str) -> bytes:
    """The picture as a file. A bar is as long as its way is quick, by powers of ten."""
    image = QImage(QSize(_WIDTH, Lines.rows + _ROW * len(rows) + 44), QImage.Format.Format_RGB32)
    theme = Theme.load("light")
    image.fill(theme.color("panel"))
    painter = QPainter(image)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    font = QFont(painter.font())
    font.setPixelSize(15)
    painter.setFont(font)
    bold = QFont(font)
    bold.setPixelSize(20)
    bold.setBold(True)
    painter.setPen(theme.color("text"))
    painter.setFont(bold)
    painter.drawText(_MARGIN, Lines.title, title)
    painter.setFont(font)
    painter.setPen(theme.color("muted"))
    painter.drawText(_MARGIN, Lines.about, about)
    painter.drawText(_MARGIN, image.height() - 18, note)
    most = max((times for _name, times, _words in rows if times), default=1.0)
    for number, row in enumerate(rows):
        _row(painter, theme, number, row, max(1.0, math.log10(max(1.0, most)) + 0.15))
    painter.end()
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    return bytes(buffer.data().data())


def _row(painter: QPainter, theme: Theme, number: int, row: PictureRow, decades: float) -> None:
    name, times, said = row
    top = Lines.rows + _ROW * number
    left, width = _MARGIN + _NAME, _WIDTH - 2 * _MARGIN - _NAME
    middle = int(Qt.AlignmentFlag.AlignVCenter)
    painter.setPen(theme.color("text"))
    painter.drawText(QRectF(_MARGIN, top + 20, _NAME - 10, _BAR), middle, name)
    painter.drawText(QRectF(left, top, width, 20), middle, said)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(theme.color("line"))
    painter.drawRoundedRect(QRectF(left, top + 20, width, _BAR), 4, 4)
    if times:
        share = min(1.0, max(_SMALLEST, 0.14 + 0.86 * math.log10(max(times, 1e-9)) / decades))
        painter.setBrush(theme.race_color(number))
        painter.drawRoundedRect(QRectF(left, top + 20, width * share, _BAR), 4, 4)


def main() -> int:
    """Read JSON from standard input, and write the picture."""
    application = QGuiApplication([sys.argv[0], "-platform", "offscreen"])
    asked = json.load(sys.stdin)
    rows = [(str(name), times, str(said)) for name, times, said in asked["rows"]]
    Path(sys.argv[1]).write_bytes(png(asked["title"], asked["about"], rows, asked["note"]))
    application.quit()
    return 0


if __name__ == "__main__":
    sys.exit(main())
