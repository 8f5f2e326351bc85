"""A race as CSV or as a picture, written beside the window."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ide.board import race_words
from ide.board.race_report import RaceReport
from ide.context import IdeContext
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _


def save_csv(ctx: IdeContext, report: RaceReport, path: Path) -> None:
    """Write the numbers."""
    _write(ctx, path, lambda: report.to_csv().encode())


def save_picture(ctx: IdeContext, report: RaceReport, path: Path) -> None:
    """Write the bars as a PNG."""
    from ide.race_picture import png

    note = " ".join(map(str, race_words.verdict(report)))
    data = png(race_words.title_of(report), str(race_words.where(report)), race_words.picture_rows(report), note)
    _write(ctx, path, lambda: data)


def _write(ctx: IdeContext, path: Path, made: Callable[[], bytes]) -> None:
    def work(_job: JobContext) -> None:
        with disk_errors(path):
            path.write_bytes(made())

    def done(_nothing: object) -> None:
        ctx.notices.tell(_("Saved {path}.", path=path), kind="good")

    ctx.jobs.start(_("Save {name}", name=path.name), work, on_done=done)
