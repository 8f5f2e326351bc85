"""Paths of the command line, on the board or here: those of the board begin with a colon, as mpremote has it."""

from __future__ import annotations

import glob
import os
import posixpath
from collections.abc import Sequence
from pathlib import Path

from ide.board.files import browse
from ide.board.files.rows import board_path
from ide.board.link import Board
from toolchains.jobs import JobContext
from toolchains.text import _

HELP = _("a path on the board; the colon before it may be left out here")


def is_on_board(word: str) -> bool:
    """Whether a word means a place on the board: ``:main.py``, ``:/lib/``."""
    return word.startswith(":")


def on_board(ctx: JobContext, board: Board, words: Sequence[str]) -> list[str]:
    """Absolute paths; a relative one begins where the board is. A slash at the end stays."""
    bare = [word.removeprefix(":") for word in words]
    home = "/" if all(word.startswith("/") for word in bare) else browse.home(ctx, board)
    found = []
    for word in bare:
        path = board_path(posixpath.join(home, word))
        found.append(path + "/" if word.endswith("/") and path != "/" else path)
    return found


def here(words: Sequence[str]) -> list[Path]:
    """Paths of this computer. Wildcards that the shell left (on Windows all) are filled in."""
    found: list[Path] = []
    for word in words:
        matches = sorted(glob.glob(word)) if not os.path.lexists(word) else []
        found += [Path(match) for match in matches] or [Path(word)]
    return found
