"""Is on the board what should be there? Compared by MD5, with what was really written.

A second attempt may have written the firmware's beginning with another flash mode, and so may any tool: esptool changes
two bytes of the first image's header, and the hash behind it. That is told, and all else must be as in the file.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from ide.board.flash import image, on_chip
from ide.board.flash.commands import Before
from ide.board.flash.errors import Mismatch, WrongImage
from ide.board.flash.image_parts import Part
from ide.board.flash.image_reader import MODES
from ide.board.flash.on_chip import Chip
from ide.board.flash.records import ChipFacts, FlashFile, FlashJob
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE
from ide.board.flash.table_image import HEADER_BYTES, header_flash_size
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.toolbox import Toolbox
from toolchains.units import size_text

#: The two bytes of an image's header that are about the flash: its mode; its size and its frequency (facts.md f.4).
_ABOUT_FLASH = slice(2, 4)
_HASH = 32


@dataclass(frozen=True)
class Compared:
    """All of ``parts`` is on the board. ``header``: how its beginning differs from the file's, if it does."""

    parts: tuple[FlashFile, ...]
    header: Text | None = None


def compare(
    ctx: JobContext,
    toolbox: Toolbox,
    port: str,
    job: FlashJob,
    facts: ChipFacts,
    folder: Path,
    before: Before = "default-reset",
) -> Compared:
    """Compare the flash at ``port`` with the files of ``job``; the parts of them that are compared are put in
    ``folder``. Raises Mismatch with the address of the first part that differs."""
    files = tuple(piece for file in job.files for piece in pieces(file, folder))
    with on_chip.opened(ctx, toolbox, port, facts, before) as chip:
        try:
            chip.verify(files, job)
        except Mismatch as error:
            start = chips()[facts.chip].flash_offset
            if error.fields.get("address") != start:
                raise
            found = _as_on_board(chip, files, start, folder)
            if found is None:
                raise
            first, header = found
            changed = tuple(first if file.address == start else file for file in files)
            chip.verify(changed)
            return Compared(changed, header)
    return Compared(files)


def pieces(file: FlashFile, folder: Path) -> Iterator[FlashFile]:
    """The parts of a whole firmware that stay as they were written. Between them are settings, which change."""
    try:
        found = image.read(file.path)
    except WrongImage:  # a table, a filesystem: as it is
        yield file
        return
    if found.kind != "whole" or found.app is None:
        yield file
        return
    table = TABLE_OFFSET - file.address
    for name, begin, size in (
        ("bootloader", found.first.offset, found.first.size),
        ("table", table, TABLE_SIZE),
        ("program", found.app.offset, found.app.size),
    ):
        path = folder / f"{file.path.stem}-{name}.bin"
        with disk_errors(path):
            path.write_bytes(found.data[begin : begin + size])
        yield FlashFile(file.address + begin, path)


def _as_on_board(chip: Chip, files: Sequence[FlashFile], start: int, folder: Path) -> tuple[FlashFile, Text] | None:
    """The file that starts the chip, as it is with the board's own words about its flash, and these words.

    None when that is not what is different.
    """
    file = next(file for file in files if file.address == start)
    try:
        found = image.read(file.path)
    except WrongImage:
        return None
    there = chip.read(start, HEADER_BYTES)
    mine = found.data[:HEADER_BYTES]
    if there == mine or there[0:2] != mine[0:2]:
        return None
    path = folder / f"{file.path.stem}-as-on-board.bin"
    with disk_errors(path):
        path.write_bytes(with_header(found.data, found.first, there))
    said = _("The firmware on the board says {theirs}; the file says {ours}.", theirs=_words(there), ours=_words(mine))
    return replace(file, path=path), said


def with_header(data: bytes, part: Part, header: bytes) -> bytes:
    """An image with the words about the flash of another header; its hash fits again, where it carries one."""
    changed = bytearray(data)
    at = part.offset
    changed[at + _ABOUT_FLASH.start : at + _ABOUT_FLASH.stop] = header[_ABOUT_FLASH]
    if part.hashed:
        end = at + part.size - _HASH
        changed[end : end + _HASH] = hashlib.sha256(changed[at:end]).digest()
    return bytes(changed)


def _words(header: bytes) -> Text:
    size = header_flash_size(header)
    return _("flash mode {mode}, {size}, frequency {frequency}",
             mode=MODES[header[2]] if header[2] < len(MODES) else header[2],
             size=size_text(size) if size is not None else "?", frequency=header[3] & 0xF)  # fmt: skip
