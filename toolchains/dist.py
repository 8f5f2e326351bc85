"""A folder to publish: ``FOLDER/ARCH_ABI/NAME.mpy``, one file for each architecture and .mpy version.

The layout is that of emlearn-micropython, the largest library of native modules, and what mip may come to know.
"""

from __future__ import annotations

import os
from pathlib import Path

from toolchains.build_folder import beside
from toolchains.build_records import BuildResult
from toolchains.errors import disk_errors
from toolchains.matrix import Cell


def put(folder: Path, cell: Cell, result: BuildResult) -> Path:
    """Copy what was built to its place, whole or not at all; the place."""
    target = folder / f"{cell.arch.name}_{cell.abi}" / f"{result.name}.mpy"
    with disk_errors(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        temporary = beside(target)
        temporary.write_bytes(result.path.read_bytes())
        os.replace(temporary, target)
    return target
