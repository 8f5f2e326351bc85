"""Folders of a project that a plain ``git clone`` leaves empty."""

from __future__ import annotations

from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path, PurePosixPath

from toolchains.text import Text, _


def advice(root: Path, names: Iterable[str]) -> Text | None:
    """What to do when one of these files or folders, relative to ``root``, would lie in a folder that is empty."""
    for name in names:
        parents = (PurePosixPath(name), *PurePosixPath(name).parents)
        nearest = next((folder for folder in parents if (root / folder).is_dir()), None)
        with suppress(OSError):  # a folder that may not be read is not known to be empty
            if nearest is not None and not any((root / nearest).iterdir()):
                return _(
                    "The folder {folder} is empty. If it is a git submodule, fetch it: git submodule update --init"
                    " --recursive",
                    folder=str(nearest),
                )
    return None
