"""A littlefs image as a tree of files, with the settings of MicroPython's ``VfsLfs2``. In the child process only.

MicroPython: ``extmod/vfs_lfsx.c`` (read and program size 32, a cache of 4 of them, lookahead 32, 100 block cycles).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from littlefs import LittleFS, LittleFSError, UserContext, lfs

from ide.board.flash.fs_tree import Damaged, Entry, Exists, Full, OnFlash

BLOCK = 4096
_SETTINGS = {"block_size": BLOCK, "read_size": 32, "prog_size": 32, "cache_size": 128, "lookahead_size": 32,
             "block_cycles": 100}  # fmt: skip
#: littlefs 2.5 and before, in MicroPython up to 1.20, does not read what a later one wrote in the later form.
_OLD_FORM = 0x00020000
_ENOENT, _NOSPC = -2, -28
_FOLDER = 2
_PIECE = 1 << 16


class _Flash(UserContext):
    """The image; whatever a damaged filesystem asks for beyond its end is empty flash."""

    def __init__(self, image: bytearray) -> None:
        super().__init__(buffer=image)
        self.strayed = False

    def read(self, cfg: object, block: int, off: int, size: int) -> bytearray:
        start = block * BLOCK + off
        data = self.buffer[start : start + size]
        if len(data) < size:
            self.strayed = True
            data = data + bytearray(b"\xff") * (size - len(data))
        return data

    def prog(self, cfg: object, block: int, off: int, data: bytes) -> int:
        return self._put(block * BLOCK + off, data)

    def erase(self, cfg: object, block: int) -> int:
        return self._put(block * BLOCK, b"\xff" * BLOCK)

    def _put(self, start: int, data: bytes) -> int:
        if start + len(data) > len(self.buffer):
            self.strayed = True
            return int(LittleFSError.Error.LFS_ERR_IO)
        self.buffer[start : start + len(data)] = data
        return 0


class LittleTree(OnFlash):
    """:class:`~ide.board.flash.fs_tree.Tree` of littlefs."""

    def __init__(self, image: bytearray, *, fresh: bool = False) -> None:
        super().__init__(_Flash(image))
        try:
            if fresh:
                self._fs = self._open(len(image) // BLOCK, 0)
                self._fs.format()
                self._fs.mount()
            else:
                self._fs = self._mount()
        except LittleFSError as error:
            raise Damaged(str(error)) from error

    def _open(self, block_count: int, version: int) -> LittleFS:
        return LittleFS(
            context=self._flash, mount=False, block_count=block_count, disk_version=version, **_SETTINGS  # type: ignore[arg-type]
        )  # fmt: skip

    def _mount(self) -> LittleFS:
        """As large as it says it is, in the form that it has."""
        fs = self._open(0, 0)
        fs.mount()
        if fs.block_count * BLOCK > len(self._flash.buffer):
            raise Damaged("larger than its partition")
        if fs.fs_stat().disk_version == _OLD_FORM:
            fs.unmount()
            fs = self._open(0, _OLD_FORM)
            fs.mount()
        return fs

    def listed(self, folder: str) -> Iterator[Entry]:
        """What is in a folder."""
        handle = _asked(lfs.dir_open, self._fs.fs, folder)
        try:
            while found := _asked(lfs.dir_read, self._fs.fs, handle):
                if found.name not in (".", ".."):
                    path = f"{folder.rstrip('/')}/{found.name}"
                    yield Entry(path, found.type == _FOLDER, 0 if found.type == _FOLDER else found.size)
        finally:
            lfs.dir_close(self._fs.fs, handle)

    def read(self, path: str, most: int) -> bytes:
        """A file; Damaged when it has more than ``most`` bytes."""
        handle = _asked(lfs.file_open, self._fs.fs, path, "r")
        data = bytearray()
        try:
            while piece := _asked(lfs.file_read, self._fs.fs, handle, _PIECE):
                data += piece
                if len(data) > most:
                    raise Damaged("larger than its partition")
        finally:
            lfs.file_close(self._fs.fs, handle)
        return bytes(data)

    def rename(self, old: str, new: str) -> None:
        """Rename a file. Raises Exists rather than replacing another."""
        try:
            lfs.stat(self._fs.fs, new)
        except LittleFSError as error:
            if error.code != _ENOENT:
                raise Damaged(str(error)) from error
        else:
            raise Exists(new)
        _asked(lfs.rename, self._fs.fs, old, new)

    def make_folder(self, path: str) -> None:
        """Make a folder; its parent is there."""
        _asked(lfs.mkdir, self._fs.fs, path)

    def write(self, path: str, data: bytes) -> None:
        """Make a file."""
        handle = _asked(lfs.file_open, self._fs.fs, path, "w")
        try:
            _asked(lfs.file_write, self._fs.fs, handle, data)
        finally:
            _asked(lfs.file_close, self._fs.fs, handle)

    def close(self) -> None:
        """Write what is not yet written."""
        _asked(lfs.unmount, self._fs.fs)


def _asked(call: Callable[..., Any], *arguments: object) -> Any:  # noqa: ANN401 -- whatever the call gives
    try:
        return call(*arguments)
    except LittleFSError as error:
        raise (Full() if error.code == _NOSPC else Damaged(str(error))) from error
    except UnicodeDecodeError as error:
        raise Damaged(str(error)) from error
