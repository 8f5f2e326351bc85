"""Pictures of the real window on a real X server: every panel in every theme, and the whole in every language.

    python3 studio.py screenshots [FOLDER]    default: resources/screenshots. Look at them before they are committed.

The window runs in a child (:mod:`tests.tools.photographer`) with a home of its own, on ``sim:rv32``.
"""

from __future__ import annotations

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from tests import homes, xserver
from tests.tools.streams import show

FOLDER = homes.CHECKOUT / "resources" / "screenshots"
_LIMIT_S = 300


def take(display: xserver.Display, home: Path, folder: Path) -> list[Path]:
    """Take all pictures into ``folder`` (emptied first); their files. ``home`` becomes the window's NATMOD_HOME."""
    homes.borrow(home)
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    env = {**display.environ(), "NATMOD_HOME": str(home), "NATMOD_SIM_LINGER": "0", "NATMOD_LANG": "en"}
    argv = [sys.executable, "-m", "tests.tools.photographer", str(folder)]
    subprocess.run(argv, env=env, cwd=homes.CHECKOUT, check=True, timeout=_LIMIT_S)
    taken = sorted(folder.glob("*.png"))
    for path in taken:  # 64 colours are enough for text and areas, and a third of the size
        few = ["convert", str(path), "+dither", "-colors", "64", "-define", "png:compression-level=9", f"PNG8:{path}"]
        subprocess.run(few, check=True, timeout=_LIMIT_S)
    return taken


def main(args: Sequence[str]) -> int:
    """Take them, say where they are."""
    folder = Path(args[0]).absolute() if args else FOLDER
    with TemporaryDirectory(prefix="n") as home, xserver.display() as display:
        for path in take(display, Path(home), folder):
            show(f"{path} ({path.stat().st_size // 1024} kB)")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
