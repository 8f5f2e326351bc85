"""The door: signatures in, files out, as one change that is shown, made and taken back (:mod:`toolchains.edits`)."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from toolchains.edits import Fix
from toolchains.stubs.model import Module

#: A native module (.mpy), or a C module that is compiled into a firmware.
Target = Literal["natmod", "usermod"]


def plan(module: Module, target: Target, folder: Path, *, force: bool = False) -> Fix:
    """The files of a module as edits of ``folder``; what the user wrote between the marked lines is in them again.

    natmod: ``NAME.c``, ``tests/test_NAME.py``, and ``natmod.toml`` where none is. usermod: ``NAME.c``,
    ``micropython.mk``, ``micropython.cmake``, ``test_NAME.py``. Raises ``StubError`` where a file that is there was
    changed outside of its marked lines, unless ``force``.
    """
    raise NotImplementedError
