"""Firmware that a person has: a file, or what a build of MicroPython left in its folder."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Literal

from ide.board.flash import image
from ide.board.flash.errors import WrongImage
from ide.board.flash.known_boards import board_title, identify_text, read_name
from ide.board.flash.records import Firmware
from toolchains.text import _

#: What MicroPython's makeimg.py calls the whole firmware, in ``build-BOARD[-VARIANT]``.
BUILT = "firmware.bin"
_FOLDER = re.compile(r"build-([A-Z0-9_]{2,60})(?:-([A-Z0-9_]{1,40}))?")


def from_file(path: Path) -> Firmware:
    """The firmware in a file, with what its image and its name tell. Raises WrongImage, DiskError."""
    return _read(path, "file")


def from_build(folder: Path) -> Firmware:
    """The firmware in the folder of a build. Raises WrongImage where none is in it, DiskError."""
    path = folder / BUILT
    if not path.is_file():
        why = _("There is no {name} in {folder}.", name=BUILT, folder=folder)
        raise WrongImage(BUILT, why, next_step=_("Build the firmware first."))
    return _read(path, "build")


def _read(path: Path, source: Literal["file", "build"]) -> Firmware:
    found = image.read(path)
    image.check(found, found.chip)
    python, named, built = found.python, read_name(path.name), _FOLDER.fullmatch(path.parent.name)
    if named is not None:
        board, variant = named.board, named.variant
    elif built is not None:
        board, variant = built[1], built[2] or ""
    else:
        board, variant = identify_text("", python.machine if python is not None else "") or ("", "")
    title = str(board_title(board, variant)) if board else python.machine if python is not None else ""
    return Firmware(
        title or path.name,
        python.version if python is not None else "",
        board,
        variant,
        found.chip,
        python.date if python is not None else "",
        source,
        "",
        path,
        found.sha256,
        found.size,
    )
