"""How large each way of a race is as an .mpy file for the board, made on the computer."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from ide.board.pipeline import Made
from ide.board.race_report import Size
from toolchains import bytecode, mpyfile
from toolchains.errors import StudioError, disk_errors
from toolchains.jobs import JobContext
from toolchains.mpy_parts import BadMpy


def sizes_of(
    ctx: JobContext, made: Made, folder: Path, files: Mapping[str, bytes], ways: Iterable[str]
) -> dict[str, Size]:
    """Bytes of each way; those that cannot be made for this board are left out."""
    with tempfile.TemporaryDirectory(prefix="natmod-race-", ignore_cleanup_errors=True) as scratch:
        found = {way: _size(ctx, made, folder, files, way, Path(scratch)) for way in ways}
    return {way: size for way, size in found.items() if size is not None}


def _size(
    ctx: JobContext, made: Made, folder: Path, files: Mapping[str, bytes], way: str, scratch: Path
) -> Size | None:
    name = f"{way}.py"
    try:
        if f"{way}.mpy" in made.modules:
            return _of(made.modules[f"{way}.mpy"])
        source = scratch / name
        with disk_errors(source):
            source.write_bytes(files[name] if name in files else (folder / name).read_bytes())
        arch, out = made.identity.arch, scratch / f"{way}.mpy"
        mpy = made.identity.mpy_version
        bytecode.compile_py(ctx, source, out, embedded_name=name, arch=arch.name if arch else None, mpy=mpy)
        with disk_errors(out):
            return _of(out.read_bytes())
    except (StudioError, BadMpy):  # the board said already what is wrong with it, or it is on the board alone
        ctx.check()
        return None


def _of(data: bytes) -> Size:
    read = mpyfile.read(data)
    return Size(len(data), read.text + read.bytecode)
