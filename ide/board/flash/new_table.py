"""A firmware with another partition table in it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from ide.board.flash import image
from ide.board.flash.errors import WrongImage
from ide.board.flash.records import FlashFile
from ide.board.flash.table import TABLE_OFFSET, TABLE_SIZE, BadTable, Table, read_binary, write_binary
from ide.board.flash.table_check import check
from toolchains.errors import disk_errors
from toolchains.text import _


def with_table(file: FlashFile, edit: Callable[[Table], Table], flash_size: int, folder: Path) -> FlashFile:
    """A copy of a whole firmware in ``folder`` with what ``edit`` makes of its table; ``flash_size`` in bytes.

    The program stays where it is, so the table must have a partition there that is large enough. Raises WrongImage,
    BadTable, DiskError.
    """
    found = image.read(file.path)
    if found.kind != "whole" or found.app is None:
        raise WrongImage(file.path.name, _("Another table goes into a whole firmware only."))
    at = TABLE_OFFSET - file.address
    table = edit(read_binary(found.data[at : at + TABLE_SIZE]))
    fatal = [complaint for complaint in check(table, flash_size) if complaint.fatal]
    if fatal:
        raise BadTable(fatal[0].text)
    begin = file.address + found.app.offset
    room = next((part for part in table.apps if part.offset == begin), None)
    if room is None or room.size < found.app.size:
        raise BadTable(_("It has no partition for the firmware, which begins at {address} and has {size}.",
                         address=hex(begin), size=found.app.size))  # fmt: skip
    data = bytearray(found.data)
    data[at : at + TABLE_SIZE] = write_binary(table)
    path = folder / file.path.name
    with disk_errors(path):
        path.write_bytes(data)
    return FlashFile(file.address, path)
