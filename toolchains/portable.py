"""A copy that keeps all its data beside itself: on a USB stick, or where the profiles of the users are wiped.

``studio.py --portable`` leaves a mark; from then on every start of that copy finds its data there, however it is
started. ``NATMOD_HOME``, where it is set, wins. Standard library only: studio.py has nothing else.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

VARIABLE = "NATMOD_HOME"
FOLDER = "natmod-data"
_MARK = "portable.txt"
_WORDS = "Natmod Studio keeps all its data in this folder. Without this file it would use your home folder.\n"


def checkout() -> Path | None:
    """The folder that studio.py is in; None for a program that was installed as a wheel."""
    folder = Path(__file__).resolve().parent.parent
    return folder if (folder / "studio.py").is_file() else None


def marked(root: Path | None) -> Path | None:
    """The folder of the data of a portable copy; None if it is not one."""
    home = root / FOLDER if root is not None else None
    return home if home is not None and (home / _MARK).is_file() else None


def mark(root: Path) -> Path:
    """Make the copy in ``root`` a portable one; the folder of its data. Raises OSError."""
    home = root / FOLDER
    home.mkdir(exist_ok=True)
    (home / _MARK).write_text(_WORDS, "utf-8")
    return home


def environment(environ: Mapping[str, str], root: Path | None = None) -> dict[str, str]:
    """The environment that the parts of this copy see: that of the process, and where the data are."""
    home = None if environ.get(VARIABLE) else marked(root or checkout())
    return {**environ, **({VARIABLE: str(home)} if home is not None else {})}
