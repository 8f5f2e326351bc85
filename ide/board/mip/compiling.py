"""A package's .py files as .mpy files: less to keep on the board, and nothing that it has to compile."""

from __future__ import annotations

import hashlib
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from ide.board.mip.records import BoardFacts, Content, Package
from toolchains.board_python import STARTERS
from toolchains.bytecode import compile_py
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext


def compile_files(ctx: JobContext, package: Package, found: Sequence[Content], board: BoardFacts) -> list[Content]:
    """``found`` with .mpy files in place of .py files, where the board loads them and the package has none itself.

    Raises PythonFailed, DiskError.
    """
    mpy = board.loader.mpy
    if not mpy:
        return list(found)
    there = {one.file.path for one in found}
    made = []
    with tempfile.TemporaryDirectory(prefix="natmod-") as name:
        source, output = Path(name) / "in.py", Path(name) / "out.mpy"
        for one in found:
            path = one.file.path
            target = f"{path.removesuffix('.py')}.mpy"
            if not path.endswith(".py") or path in STARTERS or target in there:
                made.append(one)
                continue
            with disk_errors(source):
                source.write_bytes(one.data)
            compile_py(
                ctx, source, output, embedded_name=path, mpy=(mpy & 0xFF, mpy >> 8 & 3),
                shown_as=f"{package.name}/{path}",
            )  # fmt: skip
            with disk_errors(output):
                data = output.read_bytes()
            made.append(Content(replace(one.file, path=target), data, hashlib.sha256(data).hexdigest()))
    return made
