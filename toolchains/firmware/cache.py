"""Built firmware, kept by content: the MicroPython sources, our furniture, the compiler."""

from __future__ import annotations

import hashlib
import os
import tempfile
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.paths import Paths, resources
from toolchains.sdk_tree import SdkTree

_SUFFIXES = (".c", ".h", ".s", ".S", ".mk", ".py", ".ld", "Makefile")
#: The parts of a tree that the simulators' firmware is made of.
_PARTS = ("py", "extmod", "shared", "lib/libm", "lib/littlefs", "lib/re1.5", "lib/uzlib", "lib/crypto-algorithms")


#: What the simulators' ports in QEMU share.
COMMON = "common"


def furniture(name: str) -> Path:
    """Our own sources of a simulator's firmware: ``rv32``, ``arm`` or ``unix``; :data:`COMMON`."""
    return resources() / "simulator" / name


def content(folder: Path, parts: Iterable[str] = ("",)) -> str:
    """One hash over names and bytes of the C, assembler, make and Python files in these parts of ``folder``.

    About 5 MB and 30 ms for a MicroPython tree.
    """
    found = hashlib.sha256()
    with disk_errors(folder):
        for part in parts:
            for path in sorted(_sources(folder / part)):
                found.update(f"{os.path.relpath(path, folder)}\0".encode("utf-8", "surrogateescape"))
                found.update(Path(path).read_bytes())
    return found.hexdigest()


def _sources(folder: Path) -> Iterable[str]:
    for place, folders, files in os.walk(folder):
        folders[:] = [name for name in folders if name != "__pycache__" and not name.startswith("build")]
        yield from (os.path.join(place, name) for name in files if name.endswith(_SUFFIXES))


@dataclass(frozen=True)
class Product:
    """One firmware to have: which simulator (``name``), from which tree, the file that its build makes."""

    name: str
    sdk: SdkTree
    filename: str
    #: Folders of the tree that it is built from besides :data:`_PARTS`.
    parts: tuple[str, ...] = ()
    #: The compiler, where its version changes the outcome.
    compiler: str = ""

    def path(self, paths: Paths) -> Path:
        """Where it is, or will be, in the cache."""
        sources = content(self.sdk.path, (*_PARTS, *self.parts))
        ours = (content(furniture(self.name)), content(furniture(COMMON)))
        key = digest_of(sources, *ours, self.compiler)[:16]
        return paths.cache / "firmware" / f"{self.name}-{self.sdk.version}-{key}" / self.filename


def cached(ctx: JobContext, product: Product, paths: Paths, build: Callable[[Path], None]) -> Path:
    """The firmware from the cache, else what ``build`` writes to the path it is given. One process builds at a time."""
    target = product.path(paths)
    if target.is_file():
        return target
    with disk_errors(target.parent):
        target.parent.mkdir(parents=True, exist_ok=True)
        with locked(ctx, target.parent / "lock"):
            if not target.is_file():
                _build_beside(ctx, target, build)
    return target


def _build_beside(ctx: JobContext, target: Path, build: Callable[[Path], None]) -> None:
    """Write beside, then rename: nobody may see half a file."""
    handle, name = tempfile.mkstemp(prefix=".new-", dir=target.parent)
    os.close(handle)
    try:
        build(Path(name))
        ctx.host.replace(Path(name), target)
    finally:
        Path(name).unlink(missing_ok=True)
