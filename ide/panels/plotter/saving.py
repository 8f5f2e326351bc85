"""The curves as a picture, and their points as CSV; written beside the window."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QBuffer, QIODevice, QPoint, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QWidget

from ide.board.plot_table import Table
from ide.context import IdeContext
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _


def picture(chart: QWidget, legend: QWidget) -> QImage:
    """What is seen, the names above the curves."""
    ratio = chart.devicePixelRatioF()
    above = legend.height() if legend.isVisible() else 0
    made = QImage(QSize(chart.width(), chart.height() + above) * ratio, QImage.Format.Format_RGB32)
    made.setDevicePixelRatio(ratio)
    made.fill(chart.palette().window().color())
    painter = QPainter(made)
    if above:
        legend.render(painter, QPoint(0, 0))
    chart.render(painter, QPoint(0, above))
    painter.end()
    return made


def save_picture(ctx: IdeContext, image: QImage, path: Path) -> None:
    """Write a PNG."""
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "PNG")
    data = bytes(buffer.data().data())
    _write(ctx, path, lambda: data)


def save_csv(ctx: IdeContext, table: Table, path: Path) -> None:
    """Write every point that is kept."""
    kept = table.copy()

    def made() -> bytes:
        out = io.StringIO()
        kept.write_csv(out)
        return out.getvalue().encode()

    _write(ctx, path, made)


def _write(ctx: IdeContext, path: Path, made: Callable[[], bytes]) -> None:
    def work(_job: JobContext) -> None:
        content = made()
        with disk_errors(path):
            path.write_bytes(content)

    def done(_nothing: object) -> None:
        ctx.notices.tell(_("Saved {path}.", path=path), kind="good")

    ctx.jobs.start(_("Save {name}", name=path.name), work, on_done=done)
