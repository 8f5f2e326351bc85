"""What an image says of itself: ESP-IDF's description of the app, and MicroPython's banner inside it.

``esp_app_desc_t`` (ESP-IDF, components/esp_app_format/include/esp_app_desc.h) lies at the beginning of an app's first
segment. Official MicroPython leaves its name and version empty (seen in v1.25.0), so the banner is what counts.
"""

from __future__ import annotations

import re
import struct
from dataclasses import dataclass

MAGIC = 0xABCD5432
#: magic, secure version, 8 reserved bytes, version, name, time, date, ESP-IDF, SHA-256 of the ELF file.
_DESCRIPTION = struct.Struct("<II8x32s32s16s16s32s32s")

_VERSION = rb"(\d{1,3}\.\d{1,3}(?:\.\d{1,3})?[-.0-9A-Za-z+]{0,60})"
_BANNER = re.compile(rb"MicroPython v" + _VERSION + rb" on (\d{4}-\d\d-\d\d)")
#: The other half of the banner follows it; the linker puts up to seven zeros between them.
_MACHINE = re.compile(rb"\0{0,8}; ([ -~]{3,120})[\0\r]")
_OTHER_PYTHON = re.compile(rb"Adafruit CircuitPython " + _VERSION)


@dataclass(frozen=True)
class AppDescription:
    """ESP-IDF's words about an app. Empty where the builder said nothing."""

    name: str
    version: str
    date: str
    time: str
    idf: str


@dataclass(frozen=True)
class Python:
    """The Python in an app: ``kind`` is ``MicroPython`` or ``CircuitPython``.

    ``version`` as ``1.25.0`` or ``1.29.0-preview.12.g0123456789``, ``date`` as ``2025-04-15`` (empty: not said),
    ``machine`` as in ``sys.implementation._machine``.
    """

    kind: str
    version: str
    date: str
    machine: str


def description_at(data: bytes, offset: int) -> AppDescription | None:
    """The description that begins at ``offset``, or None when there is none."""
    if offset < 0 or len(data) < offset + _DESCRIPTION.size:
        return None
    magic, _secure, version, name, time, date, idf, _elf = _DESCRIPTION.unpack_from(data, offset)
    if magic != MAGIC:
        return None
    return AppDescription(_word(name), _word(version), _word(date), _word(time), _word(idf))


def python_in(data: bytes, start: int, end: int) -> Python | None:
    """The Python whose banner is between ``start`` and ``end``, or None."""
    found = _BANNER.search(data, start, end)
    if found is None:
        other = _OTHER_PYTHON.search(data, start, end)
        return None if other is None else Python("CircuitPython", other[1].decode("ascii"), "", "")
    machine = _MACHINE.match(data, found.end(), end)
    return Python(
        "MicroPython",
        found[1].decode("ascii"),
        found[2].decode("ascii"),
        machine[1].decode("ascii").strip() if machine else "",
    )


def _word(raw: bytes) -> str:
    text = raw.partition(b"\0")[0].decode("ascii", "replace")
    return "".join(letter for letter in text if letter.isprintable() and letter != "\ufffd").strip()
