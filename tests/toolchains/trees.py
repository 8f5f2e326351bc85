"""A MicroPython tree as an older release had it, made from one that tests have: those of Debian begin with 1.25."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

from toolchains.sdk_tree import SdkTree


def as_1_22(tree: SdkTree, folder: Path) -> Path:
    """1.25's tree with what matters of 1.22: .mpy version 6.2, no libraries, no ar_util.py, no cstack.h of its own."""
    for name in ("py", "tools"):
        shutil.copytree(tree.path / name, folder / name, ignore=shutil.ignore_patterns("mpremote", "*.c"))
    _edit(folder / "py/mpconfig.h", r"(MICROPY_VERSION_MINOR) \d+", r"\1 22")
    _edit(folder / "py/mpconfig.h", r"(MICROPY_VERSION_MICRO) \d+", r"\1 2")
    _edit(folder / "py/persistentcode.h", r"(#define MPY_SUB_VERSION) 3", r"\1 2")
    _edit(folder / "tools/mpy_ld.py", r"MPY_SUB_VERSION = 3", "MPY_SUB_VERSION = 2")
    _edit(folder / "tools/mpy_ld.py", r"import ar_util\n", "")
    (folder / "tools/ar_util.py").unlink()
    return folder


def _edit(path: Path, pattern: str, replacement: str) -> None:
    text, n = re.subn(pattern, replacement, path.read_text("utf-8"))
    assert n, f"{path.name}: nothing like {pattern}"
    path.write_text(text, "utf-8")
