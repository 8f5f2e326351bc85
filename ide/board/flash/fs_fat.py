"""A FAT image as a tree of files, by ChaN's FatFs, which MicroPython has too.

In the child process only: a hostile image makes the library read wild memory.

MicroPython on ESP32 has it on the partition ``ffat`` with sectors of 512 bytes, on ``vfs`` with 4096, both without
wear levelling. Its names are bytes to both: MicroPython writes UTF-8.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator

from fatfs import wrapper

from ide.board.flash.fs_tree import Damaged, Entry, Exists, Full, OnFlash

SECTOR = 512
_SECTORS = (512, 1024, 2048, 4096)
_OK, _NO_FILE, _DENIED, _MKFS_ABORTED = 0, 4, 7, 14
_READ, _CREATE_NEW = 0x01, 0x02 | 0x04
_FORCE_MOUNT = 1
_PIECE = 1 << 16
_UNREADABLE = "\ufffd"


class _Flash:
    """The image, in the shape of ``fatfs.diskio.Disk``; whatever a damaged filesystem asks for beyond it is empty."""

    def __init__(self, image: bytearray, sector: int) -> None:
        self.buffer = image
        self.sector = sector
        self.strayed = False

    def ioctl_get_sector_count(self) -> int:
        return len(self.buffer) // self.sector

    def ioctl_get_sector_size(self) -> int:
        return self.sector

    def ioctl_get_block_size(self) -> int:
        return 1

    def ioctl_sync(self) -> None:
        pass

    def ioctl_trim(self) -> None:
        pass

    def read(self, sector: int, count: int) -> bytes:
        data = bytes(self.buffer[sector * self.sector : sector * self.sector + count])
        self.strayed |= len(data) < count
        return data.ljust(count, b"\xff")

    def write(self, sector: int, count: int, buff: bytes) -> None:
        start = sector * self.sector
        if start + count > len(self.buffer):
            self.strayed = True
            return
        self.buffer[start : start + count] = buff[:count]


class FatTree(OnFlash):
    """:class:`~ide.board.flash.fs_tree.Tree` of FAT."""

    def __init__(self, image: bytearray, *, fresh: bool = False) -> None:
        flash = _Flash(image, SECTOR if fresh else _sector_of(image))
        super().__init__(flash)
        self._volume = wrapper.Partition(flash)
        if fresh:
            result = wrapper.pyf_mkfs(self._volume.pname, workarea_size=4096)
            if result == _MKFS_ABORTED:
                raise Full
            _check(result)
        _check(wrapper.pyf_mount(self._volume.fs, self._volume.pname, _FORCE_MOUNT))

    def _path(self, path: str) -> bytes:
        return bytes(self._volume.pname) + path.encode()

    def listed(self, folder: str) -> Iterator[Entry]:
        """What is in a folder. A name that is no UTF-8 cannot be asked for, and keeps its replacement characters."""
        handle, info = wrapper.DIR_Handle(), wrapper.FILINFO_Handle()
        _check(wrapper.pyf_opendir(handle, self._path(folder)))
        try:
            while True:
                _check(wrapper.pyf_readdir(handle, info))
                name = info.get_name()
                if not name:
                    return
                is_folder = bool(info.is_directory())
                yield Entry(f"{folder.rstrip('/')}/{name}", is_folder and _UNREADABLE not in name, info.get_size())
        finally:
            wrapper.pyf_closedir(handle)

    def read(self, path: str, most: int) -> bytes:
        """A file; Damaged when it has more than ``most`` bytes."""
        handle = wrapper.FIL_Handle()
        _check(wrapper.pyf_open(handle, self._path(path), _READ))
        data = bytearray()
        try:
            while True:
                result, piece = wrapper.pyf_read(handle, _PIECE)
                _check(result)
                data += piece
                if len(piece) < _PIECE:
                    return bytes(data)
                if len(data) > most:
                    raise Damaged("larger than its partition")
        finally:
            wrapper.pyf_close(handle)

    def rename(self, old: str, new: str) -> None:
        """Rename a file. Raises Exists rather than replacing another."""
        result = wrapper.pyf_stat(self._path(new), wrapper.FILINFO_Handle())
        if result == _OK:
            raise Exists(new)
        if result != _NO_FILE:
            _check(result)
        _check(wrapper.pyf_rename(self._path(old), self._path(new)))

    def make_folder(self, path: str) -> None:
        """Make a folder; its parent is there."""
        _check(wrapper.pyf_mkdir(self._path(path)))

    def write(self, path: str, data: bytes) -> None:
        """Make a file."""
        handle = wrapper.FIL_Handle()
        _check(wrapper.pyf_open(handle, self._path(path), _CREATE_NEW))
        try:
            result, written = wrapper.pyf_write(handle, data)
        except wrapper.FatFSException as error:
            raise Damaged(str(error)) from error
        finally:
            wrapper.pyf_close(handle)
        _check(result)
        if written < len(data):
            raise Full

    def close(self) -> None:
        """Write what is not yet written."""
        self._volume.unmount()


def _sector_of(image: bytearray) -> int:
    if len(image) < SECTOR:
        raise Damaged("too short")
    (sector,) = struct.unpack_from("<H", image, 11)
    if sector not in _SECTORS or len(image) % sector:
        raise Damaged("no sector size")
    return int(sector)


def _check(result: int) -> None:
    if result == _DENIED:  # of a folder that has no room for one more name, or of a full disk
        raise Full
    if result != _OK:
        raise Damaged(f"FatFs {result}")
