"""The flash of an emulated chip: what erasing and programming do to it, and a write that comes in blocks."""

from __future__ import annotations

import zlib
from typing import Protocol

from tests.fakes.rom_faults import RomFaults
from tests.fakes.rom_table import ChipRow

SECTOR = 4096
#: Errors, as numbers of ours: the loader knows what the ROM and the stub call them.
INVALID, CHECKSUM, WRITE, READ, INFLATE, TOO_MUCH, NOT_BEGUN, TOO_LITTLE = range(8)


class Refused(Exception):
    """A request that is answered with an error: one of the module's numbers."""


class Chip(Protocol):
    """What the loader is in."""

    row: ChipRow
    flash: bytearray
    faults: RomFaults
    registers: dict[int, int]
    baud: int

    def restart(self, *, download: bool = False) -> None:
        """Start from flash, or wait for download."""


class Writing:
    """One FLASH_BEGIN and what follows it."""

    def __init__(self, chip: Chip, at: int, size: int, inflate: bool) -> None:
        self.chip, self.at, self.left, self.inflate = chip, at, size, inflate
        self.started = self.broken = False
        self._erased = at // SECTOR * SECTOR
        self._end = at + size
        self._inflater = zlib.decompressobj()

    def erase_all(self) -> None:
        """The ROM erases at once."""
        self._erase_up_to(self._end)

    def _erase_up_to(self, end: int) -> None:
        end = min(-(-end // SECTOR) * SECTOR, len(self.chip.flash))
        if end > self._erased:
            erase(self.chip, self._erased, end - self._erased)
            self._erased = end

    def add(self, data: bytes, *, exact: bool) -> None:
        """Write the next piece; ``exact``: what is more than was announced is an error, else it is thrown away."""
        self.started = True
        if self.broken:
            raise Refused(WRITE)
        if self.inflate:
            try:
                data = self._inflater.decompress(data)
            except zlib.error:
                raise Refused(INFLATE) from None
        if len(data) > self.left:
            if exact and self.inflate:
                raise Refused(TOO_MUCH)
            data = data[: self.left]
        self.broken = True
        self._erase_up_to(self.at + len(data))
        program(self.chip, self.at, data)
        self.broken = False
        self.at += len(data)
        self.left -= len(data)


def erase(chip: Chip, at: int, size: int) -> None:
    """All ones; a bad sector cannot be erased."""
    if chip.faults.no_flash:
        return
    if any(at < (sector + 1) * SECTOR and sector * SECTOR < at + size for sector in chip.faults.bad_sectors):
        raise Refused(WRITE)
    chip.flash[at : at + size] = b"\xff" * size


def program(chip: Chip, at: int, data: bytes) -> None:
    """As flash does it: bits only go from one to zero."""
    if chip.faults.no_flash:
        return
    if any(at < (sector + 1) * SECTOR and sector * SECTOR < at + len(data) for sector in chip.faults.bad_sectors):
        raise Refused(WRITE)
    there = chip.flash[at : at + len(data)]
    if there.count(0xFF) != len(there):
        both = int.from_bytes(there, "little") & int.from_bytes(data, "little")
        data = both.to_bytes(len(data), "little")
    chip.flash[at : at + len(data)] = data


def seen(chip: Chip, at: int, size: int) -> bytes:
    """What flash says when it is read."""
    if chip.faults.no_flash:
        return b"\xff" * size
    data = chip.flash[at : at + size]
    for sector in chip.faults.dead_bits:
        place = sector * SECTOR - at
        if 0 <= place < len(data):
            data[place] ^= 0x10
    return bytes(data)
