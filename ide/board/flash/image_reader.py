"""Reading an image: headers, segments, check sum, hash, partition table. No byte of the file is believed unproved.

The shape is esptool's (``bin_image.py``, "firmware image format") and ESP-IDF's ``esp_image_format.h``; facts f.4, g.1.
"""

from __future__ import annotations

import hashlib
import struct
from collections.abc import Iterator

from ide.board.flash.app_desc import description_at
from ide.board.flash.errors import WrongImage
from ide.board.flash.image_parts import Image, Part, Segment, chips_by_id
from ide.board.flash.not_images import what_else
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, BadTable, Table, read_binary
from ide.board.flash.table_check import overlaps
from toolchains.chips import chips
from toolchains.text import Text, _
from toolchains.units import size_text

#: The largest flash there is, in bytes; nothing larger is read.
LARGEST = 128 << 20

_MAGIC = 0xE9
#: magic, segments, mode, size and frequency, entry; WP pin, drives, chip, old minimum, minimum, maximum, rest, hash.
_HEADER = struct.Struct("<BBBBIB3sHBHH4sB")
_SEGMENT = struct.Struct("<II")
_MAX_SEGMENTS = 16
_HASH = 32
#: Flash modes by their number in the header.
MODES = ("qio", "qout", "dio", "dout")

CHOOSE_BIN = _("Choose the .bin file of the firmware.")
_AGAIN = _("Download or copy it again.")


class Reader:
    """One reading of one file."""

    def __init__(self, name: str, data: bytes) -> None:
        self.name = name
        self.data = data

    def image(self) -> Image:
        """All of it."""
        other = what_else(self.data)
        if other is not None:
            raise WrongImage(self.name, other, next_step=CHOOSE_BIN)
        start, address = self._start()
        first = self._part(start, _("the bootloader") if start else _("the image"))
        chip = chips()[first.chip]
        if start == 0 and description_at(self.data, first.segments[0].offset) is not None:
            self._only(first)
            return Image(self.name, self.data, "app", first.chip, None, first, app=first)
        base = chip.flash_offset if address is None else address
        table_at = TABLE_OFFSET - base
        if first.offset + first.size > table_at:
            raise self._wrong(_("It is no bootloader and no program of ESP-IDF."), CHOOSE_BIN)
        if len(self.data) <= table_at and not self._filled(first.size, len(self.data)):
            raise self._cut(table_at + TABLE_SIZE)
        if len(self.data) <= table_at:
            return Image(self.name, self.data, "bootloader", first.chip, base, first)
        table = self._table(table_at)
        return Image(self.name, self.data, "whole", first.chip, base, first, table, self._app(first, table, base))

    def _start(self) -> tuple[int, int | None]:
        """Where the first image begins in the file, and the flash address of the file's beginning if that shows it.

        A file that was merged with the chip's offset in it, or read from a flash, begins with 0xFF up to there.
        """
        if self.data[0] == _MAGIC:
            return 0, None
        for chip in chips().values():
            at = chip.flash_offset
            if at and self._header(at) == chip.image_id and self._filled(0, at):
                return at, 0
        raise self._wrong(_("It is no image for an ESP chip: it begins with {bytes}.", bytes=self.data[:4].hex(" ")),
                          CHOOSE_BIN)  # fmt: skip

    def _header(self, offset: int) -> int | None:
        """The chip id of the image header at ``offset``, if one is there."""
        if len(self.data) < offset + _HEADER.size or self.data[offset] != _MAGIC:
            return None
        return int(_HEADER.unpack_from(self.data, offset)[7])

    def _part(self, offset: int, what: Text, end: int | None = None) -> Part:
        """The image at ``offset``, proved; ``end``: where it must end at the latest."""
        data, limit = self.data, len(self.data) if end is None else min(end, len(self.data))
        if offset + _HEADER.size > limit:
            raise self._cut(offset + _HEADER.size)
        found = _HEADER.unpack_from(data, offset)
        magic, count, mode, size, entry, _pin, _drives, chip_id, old_first, first, last, _rest, hashed = found
        if magic != _MAGIC:
            raise self._damaged(_("there is no image where {part} should be", part=what))
        if chip_id not in chips_by_id():
            raise self._strange_chip(chip_id, offset)
        if not 1 <= count <= _MAX_SEGMENTS:
            raise self._damaged(_("{part} has {n} segments, which cannot be", part=what, n=count))
        segments = tuple(self._segments(offset, count, limit, what))
        stop = segments[-1].offset + segments[-1].size
        stop += 16 - (stop - offset) % 16
        total = stop - offset + (_HASH if hashed else 0)
        if offset + total > limit:
            raise self._beyond(offset + total, end, what)
        self._prove(offset, stop, segments, bool(hashed), what)
        # As esptool reads it: a header from before ESP-IDF 4.4 has only the old one-byte minimum.
        span = (first, last) if last else (old_first * 100, 0xFFFF)
        mode_name = MODES[mode] if mode < len(MODES) else ""
        return Part(offset, total, chip_id, mode_name, 1 << (20 + (size >> 4 & 7)), entry, span, bool(hashed), segments)

    def _segments(self, offset: int, count: int, limit: int, what: Text) -> Iterator[Segment]:
        at = offset + _HEADER.size
        for _number in range(count):
            if at + _SEGMENT.size > limit:
                raise self._beyond(at + _SEGMENT.size, limit, what)
            load, size = _SEGMENT.unpack_from(self.data, at)
            at += _SEGMENT.size
            if at + size > limit:
                raise self._beyond(at + size, limit, what)
            yield Segment(load, at, size)
            at += size

    def _prove(self, offset: int, stop: int, segments: tuple[Segment, ...], hashed: bool, what: Text) -> None:
        """Check sum (xor of the segments, 0xEF first) and SHA-256."""
        total = 0xEF
        for segment in segments:
            total ^= _xor(self.data[segment.offset : segment.offset + segment.size])
        if total != self.data[stop - 1]:
            raise self._damaged(_("the check sum of {part} is wrong", part=what))
        said = self.data[stop : stop + _HASH]
        inside = self.data[offset:stop]
        if hashed and hashlib.sha256(inside).digest() != said:
            raise self._damaged(_("the hash of {part} is wrong", part=what))
        # One flipped bit can say that there is no hash.
        at = _HEADER.size - 1
        if not hashed and hashlib.sha256(inside[:at] + b"\1" + inside[at + 1 :]).digest() == said:
            raise self._damaged(_("the hash of {part} is wrong", part=what))

    def _table(self, at: int) -> Table:
        if len(self.data) < at + TABLE_SIZE:
            raise self._cut(at + TABLE_SIZE)
        if self._filled(at, at + TABLE_SIZE):
            raise self._wrong(_("There is no partition table in it."), CHOOSE_BIN)
        try:
            table = read_binary(self.data[at : at + TABLE_SIZE])
        except BadTable as error:
            raise self._wrong(_("Its partition table cannot be used. {reason}", reason=error.why), _AGAIN) from error
        for complaint in overlaps(table):
            raise self._wrong(complaint.text, _("Choose another file, or correct the partition table."))
        return table

    def _app(self, first: Part, table: Table, base: int) -> Part:
        """The program that the table leads to; in a copy of a flash, the first place for one may be empty."""
        if not table.apps:
            raise self._wrong(_("Its partition table has no place for a program."), CHOOSE_BIN)
        taken = (row for row in table.apps if row.offset > base and self._header(row.offset - base) is not None)
        partition = next(taken, table.apps[0])
        at = partition.offset - base
        if at < TABLE_OFFSET - base + TABLE_SIZE:
            raise self._damaged(_("its partition table puts the program over itself"))
        if at >= len(self.data):
            raise self._cut(at + _HEADER.size)
        part = self._part(at, _("the program"), at + partition.size)
        if part.chip_id != first.chip_id:
            raise self._damaged(_("its bootloader and its program are for different chips"))
        return part

    def _only(self, part: Part) -> None:
        """An app alone may have a signature behind it, but an image that is much longer is no app."""
        if len(self.data) > part.size + TABLE_SIZE * 4 and not self._filled(part.size, len(self.data)):
            raise self._wrong(_("There is more behind its program than belongs to one."), CHOOSE_BIN)

    def _filled(self, begin: int, end: int) -> bool:
        return not self.data[begin:end].strip(b"\xff")

    # --- sentences -------------------------------------------------------------------------------------------------

    def _wrong(self, why: Text, step: Text) -> WrongImage:
        return WrongImage(self.name, why, next_step=step)

    def _damaged(self, reason: Text) -> WrongImage:
        return self._wrong(_("It is damaged: {reason}.", reason=reason), _AGAIN)

    def _cut(self, needed: int) -> WrongImage:
        why = _(
            "It is cut short: it has {there} of at least {needed}.",
            there=size_text(len(self.data)),
            needed=size_text(needed),
        )
        return self._wrong(why, _AGAIN)

    def _beyond(self, needed: int, end: int | None, what: Text) -> WrongImage:
        """A part ends behind ``end``: of the file, or of its partition. A length that no flash has is no length."""
        if needed > LARGEST:
            return self._damaged(_("a length in {part} cannot be", part=what))
        if end is None or end >= len(self.data):
            return self._cut(needed)
        return self._damaged(_("{part} is larger than its partition", part=what))

    def _strange_chip(self, chip_id: int, offset: int) -> WrongImage:
        (load,) = struct.unpack_from("<I", self.data, offset + 8)
        # An ESP8266's header is eight bytes; its first segment goes into its instruction RAM.
        if 0x40100000 <= load < 0x40110000:
            return self._wrong(_("It is for the ESP8266, which this program does not write."), CHOOSE_BIN)
        return self._wrong(_("It is for a chip that this program does not know (number {n}).", n=chip_id), CHOOSE_BIN)


def _xor(data: bytes) -> int:
    """The xor of all bytes, by halving: many times as fast as byte by byte."""
    size = 1 << max(len(data) - 1, 1).bit_length()
    value = int.from_bytes(data, "little")
    while size > 1:
        size //= 2
        value = (value >> (8 * size)) ^ (value & ((1 << (8 * size)) - 1))
    return value
