"""What a board sees of a project while it is tried: its folder, read-only, with the module just built laid over it."""

from __future__ import annotations

import os
import posixpath
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

#: Errno values as MicroPython has them on every port (py/mperrno.h), whatever this computer's are.
ENOENT, EIO, EACCES, ENOTDIR, EISDIR, EINVAL = 2, 5, 13, 20, 21, 22

#: Never of use to a program on a board.
_UNSERVED = frozenset({"__pycache__"})
#: Files up to this size are read once and kept while the board reads them, so that an edit cannot tear them.
_KEEP_BYTES = 1 << 20
_KEEP_FILES = 4


@dataclass(frozen=True)
class Served:
    """The folder ``root`` as a board sees it. Paths are relative, with ``/``.

    ``overlay``: files that are only in memory, such as the built ``factorial.mpy``; they win over the folder's own.
    ``installed``: names of modules that are on the board itself (install mode); the folder's files do not hide them.
    For ``name.mpy`` in either, ``name.py`` and the folder ``name`` (as a package) are not seen beside it: MicroPython
    would import them first, and the program would run something else than what was built.

    Hidden files (``.git``, ``.natmod``) are not served, nor is anything that lies outside the folder, by ``..`` or by a
    symbolic link.
    """

    root: Path
    overlay: Mapping[str, bytes] = field(default_factory=dict)
    installed: tuple[str, ...] = ()
    _kept: dict[str, bytes] = field(default_factory=dict, repr=False, compare=False)

    def size(self, path: str) -> int:
        """Bytes of a file, -1 for a folder; FileNotFoundError where there is nothing, or nothing to be seen."""
        path = clean(path)
        if path in self.overlay:
            return len(self.overlay[path])
        if path in self._shadowed():
            raise FileNotFoundError(path)
        if not path or any(name.startswith(path + "/") for name in self.overlay):
            return -1
        status = self._inside(path).stat()
        return -1 if (status.st_mode & 0o170000) == 0o040000 else status.st_size

    def read(self, path: str, offset: int, n_bytes: int) -> tuple[bytes, bool]:
        """Up to ``n_bytes`` from ``offset``, and whether that is the end of the file."""
        path = clean(path)
        data = self.overlay.get(path)
        if data is None:
            if path in self._shadowed():
                raise FileNotFoundError(path)
            if offset == 0:
                self._keep(path)
            data = self._kept.get(path)
        if data is not None:
            return data[offset : offset + n_bytes], offset + n_bytes >= len(data)
        with self._inside(path).open("rb") as file:
            file.seek(offset)
            chunk = file.read(n_bytes + 1)
        return chunk[:n_bytes], len(chunk) <= n_bytes

    def list(self, path: str) -> list[tuple[str, int]]:
        """(name, size or -1) of what a folder holds, sorted."""
        path = clean(path)
        prefix = path + "/" if path else ""
        shadowed = self._shadowed()
        found: dict[str, int] = {}
        try:
            entries = sorted(os.scandir(self._inside(path)), key=lambda entry: entry.name)
        except FileNotFoundError:
            entries = []
        for entry in entries:
            if prefix + entry.name in shadowed or not _plain(entry.name):
                continue
            try:
                found[entry.name] = self.size(prefix + entry.name)
            except OSError:  # a broken link, one that leads outside, or a file that is just being replaced
                continue
        for name in self.overlay:
            if name.startswith(prefix):
                first, _, rest = name[len(prefix) :].partition("/")
                found[first] = -1 if rest else len(self.overlay[name])
        if not found and self.size(path) != -1:
            raise NotADirectoryError(path)
        return sorted(found.items())

    def index(self, limit: int) -> str | None:
        """Every path with its size, as ``"\\npath\\tsize…\\n"``.

        None when that is longer than ``limit`` characters, or cannot be known (a linked or unreadable folder).
        """
        text = "\n"
        try:
            for path, size in self._walk(""):
                text += f"{path}\t{size}\n"
                if len(text) > limit or (size < 0 and (self.root / path).is_symlink()):
                    return None
        except OSError:
            return None
        return text

    def _walk(self, folder: str) -> Iterator[tuple[str, int]]:
        for name, size in self.list(folder):
            path = f"{folder}/{name}" if folder else name
            yield path, size
            if size < 0:
                yield from self._walk(path)

    def _shadowed(self) -> frozenset[str]:
        modules = [name[:-4] for name in (*self.overlay, *self.installed) if name.endswith(".mpy")]
        hidden = {*modules, *(name + ".py" for name in modules), *self.installed}
        return frozenset(hidden.difference(self.overlay))

    def _inside(self, path: str) -> Path:
        """The real path of a served file; FileNotFoundError if it is hidden or lies outside the folder."""
        if not all(map(_plain, path.split("/"))) and path:
            raise FileNotFoundError(path)
        root = self.root.resolve()
        real = (root / path).resolve()
        if real != root and root not in real.parents:
            raise FileNotFoundError(path)
        return real

    def _keep(self, path: str) -> None:
        """Read a file of moderate size whole, now."""
        self._kept.pop(path, None)
        file = self._inside(path)
        if file.is_dir():
            raise IsADirectoryError(path)
        if file.stat().st_size > _KEEP_BYTES:
            return
        while len(self._kept) >= _KEEP_FILES:
            self._kept.pop(next(iter(self._kept)))
        self._kept[path] = file.read_bytes()


def clean(path: str) -> str:
    """``path`` without ``.``, ``..``, doubled or leading slashes; ``..`` at the top stays at the top, as on a board."""
    return posixpath.normpath("/" + path).lstrip("/")


def errno_for_board(error: OSError) -> int:
    """What the program on the board gets to see of an error of this computer."""
    kinds = (
        (FileNotFoundError, ENOENT),
        (IsADirectoryError, EISDIR),
        (NotADirectoryError, ENOTDIR),
        (PermissionError, EACCES),
    )
    return next((number for kind, number in kinds if isinstance(error, kind)), EIO)


def _plain(name: str) -> bool:
    """Whether a name may be served: not hidden, and no path of Windows in disguise."""
    return not name.startswith(".") and name not in _UNSERVED and not any(c in name for c in '\\:\0\n\t"')
