"""What the download page had when it was last read: kept in ``firmware/page.json``, checked whenever that is read."""

from __future__ import annotations

import json
from collections.abc import Iterable
from pathlib import Path

from ide.board.flash.known_boards import board_title, read_name
from ide.board.flash.records import Firmware
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths

#: The server whose files are official.
SERVER = "https://micropython.org"
FOLDER = "/resources/firmware/"
_FILE = "page.json"


def file_of(paths: Paths) -> Path:
    """Where they are kept."""
    return paths.data / "firmware" / _FILE


def page_row(name: str, chip: str, title: str = "") -> Firmware | None:
    """The firmware of that name; None when no official file is called so, or the chip is none of ours.

    ``title`` is what the page calls the board; it counts where we know no better.
    """
    said = read_name(name)
    if said is None or chip not in chips():
        return None
    shown = str(board_title(said.board, said.variant, plain(title)))
    url = f"{SERVER}{FOLDER}{name}"
    return Firmware(shown, said.version, said.board, said.variant, chip, said.date, "official", url, None, "", None)


def plain(text: str) -> str:
    """One short line of what a page says."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in text[:400]).split())[:80]


def read_rows(paths: Paths) -> list[Firmware]:
    """The rows that are kept; none where there is no such file, or it makes no sense."""
    try:
        said = json.loads(file_of(paths).read_text("utf-8"))["files"]
        found = [page_row(str(row["name"]), str(row["chip"]), str(row["title"])) for row in said]
    except (OSError, ValueError, KeyError, TypeError):
        return []
    return [row for row in found if row is not None]


def keep_rows(ctx: JobContext, paths: Paths, rows: Iterable[tuple[str, str, str]]) -> None:
    """Keep these: name of the file, chip, title of the board. Raises DiskError."""
    file = file_of(paths)
    said = [{"name": name, "chip": chip, "title": title} for name, chip, title in rows]
    with disk_errors(file):
        file.parent.mkdir(parents=True, exist_ok=True)
        with locked(ctx, file.with_name(f".{_FILE}.lock")):
            beside = file.with_name(f".{_FILE}.new")
            beside.write_text(json.dumps({"schema": 1, "files": said}, indent=1) + "\n", "utf-8")
            ctx.host.replace(beside, file)
