"""Python files in the form that a board keeps: compiled where it can load that, else as they are."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from toolchains import bytecode
from toolchains.chips import Arch
from toolchains.errors import UsageError, disk_errors
from toolchains.imports import plain
from toolchains.jobs import JobContext

#: Files that MicroPython looks for by these very names when it starts.
STARTERS = ("boot.py", "main.py")

_EMITTERS = {"native", "viper", "asm_thumb", "asm_xtensa", "asm_rv32"}


@dataclass(frozen=True)
class Loads:
    """What a board takes: .mpy files of version ``mpy`` (None: none at all), machine code for ``arch`` (None: none)."""

    mpy: tuple[int, int] | None
    arch: Arch | None


def compiled(ctx: JobContext, root: Path, paths: Iterable[str], loads: Loads) -> dict[str, bytes]:
    """The files ``paths`` of the folder ``root`` by the path that they get on a board, ``helper.mpy`` for helper.py.

    Raises :class:`~toolchains.bytecode.PythonFailed` for a file that is no Python.
    """
    can = _can_compile(ctx, loads)
    found: dict[str, bytes] = {}
    with disk_errors(root), tempfile.TemporaryDirectory(prefix="natmod-") as folder:
        for path in paths:
            data = (root / path).read_bytes()
            if path.endswith(".py") and can and not (loads.arch is None and _has_machine_code(data)):
                found[path[:-3] + ".mpy"] = _compile(ctx, root, path, loads, Path(folder))
            else:
                found[path] = data
    return found


def check(ctx: JobContext, root: Path, path: str, loads: Loads) -> None:
    """Compile a file that goes to the board as it is, for its errors alone."""
    if _can_compile(ctx, loads):
        with disk_errors(root), tempfile.TemporaryDirectory(prefix="natmod-") as folder:
            if not (loads.arch is None and _has_machine_code((root / path).read_bytes())):
                _compile(ctx, root, path, loads, Path(folder))


def library_files(root: Path, leave_out: str | None = None) -> tuple[str, ...]:
    """What others may import of a folder: its Python files, but for those that start it, and its packages whole."""
    with disk_errors(root):
        entries = sorted(path for path in root.iterdir() if plain(path.name))
        files = [p.name for p in entries if p.suffix == ".py" and p.is_file() and p.name not in STARTERS]
        packages = [p for p in entries if (p / "__init__.py").is_file()]
        inner = [p.relative_to(root).as_posix() for package in packages for p in sorted(_python_in(package))]
    return tuple(path for path in (*files, *inner) if path != leave_out)


def _python_in(package: Path) -> Iterator[Path]:
    for path in package.iterdir():
        if plain(path.name) and path.is_dir() and not path.is_symlink():
            yield from _python_in(path)
        elif plain(path.name) and path.suffix == ".py":
            yield path


def _can_compile(ctx: JobContext, loads: Loads) -> bool:
    try:
        return loads.mpy is not None and bool(bytecode.program(ctx.host, loads.mpy))
    except UsageError:  # a version that nobody compiles for any more
        return False


def _compile(ctx: JobContext, root: Path, path: str, loads: Loads, folder: Path) -> bytes:
    assert loads.mpy is not None
    output = folder / "made.mpy"
    arch = loads.arch.name if loads.arch else None
    bytecode.compile_py(ctx, root / path, output, embedded_name=path, arch=arch, mpy=loads.mpy)
    return output.read_bytes()


def _has_machine_code(text: bytes) -> bool:
    """Whether a function is marked ``@micropython.native`` or the like; a board without an emitter refuses that."""
    return any(b"micropython." + word.encode() in text for word in _EMITTERS)
