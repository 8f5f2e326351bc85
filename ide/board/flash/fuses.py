"""What a running MicroPython can tell of its chip: revision and locks from the fuses, flash and PSRAM from firmware.

So a board need not be reset into its loader to be known. Where the fuses are comes from ``resources/coach/fuses.json``
(esptool's chip classes); reading them changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from ide.board.flash.errors import chip_title
from ide.board.flash.records import ChipFacts, Security
from ide.board.flash.usb import coach_folder, mac_of
from ide.board.inspect import Identity

_MIB = 1024 * 1024
_V3 = 3

#: ``1024`` is MALLOC_CAP_SPIRAM (esp_heap_caps.h): the regions of heap that are in PSRAM. Every look is on its own.
SETUP = """\
def _t(f,d=None):
 try:return f()
 except Exception:return d
def _chip(a):
 i=lambda m:_t(lambda:__import__(m))
 s=i('esp');e=i('esp32');m=i('machine')
 return (_t(lambda:s.flash_size()),_t(lambda:sum(h[0] for h in e.idf_heap_info(1024))),
  _t(lambda:[m.mem32[x]&0xffffffff for x in a]))
"""
_ANSWERS = 3

Field = Sequence[tuple[int, int, int]]


@cache
def _rows() -> dict[str, dict[str, Any]]:
    rows = json.loads((coach_folder() / "fuses.json").read_text("utf-8"))["chips"]
    return {row["chip"]: {key: _field(value) for key, value in row.items() if key != "chip"} for row in rows}


def _field(value: list[Any]) -> list[Any]:
    return [(int(each[0], 16), each[1], each[2]) if isinstance(each, list) else each for each in value]


def registers(chip: str) -> list[int]:
    """The addresses of the registers that tell of a chip, in ascending order; none for a chip that we do not know."""
    return sorted(_addresses(_rows().get(chip, {})))


def _addresses(row: dict[str, Any]) -> set[int]:
    return {bits[0] for key, field in row.items() if key != "major_codes" for bits in field}


def expression(chip: str) -> str:
    """What to ask on the board, after :data:`SETUP`."""
    return f"_chip({registers(chip)!r})"


def value_of(field: Field, words: Mapping[int, int]) -> int:
    """The number in the bits of ``field``, from the registers' values by address."""
    value = 0
    for address, shift, width in field:
        value = value << width | words[address] >> shift & (1 << width) - 1
    return value


def revision(chip: str, words: Mapping[int, int]) -> tuple[int, int]:
    """Major and minor revision of the silicon, from the registers' values by address."""
    row = _rows()[chip]
    major = value_of(row["major"], words)
    codes = row.get("major_codes")
    return (codes[major] if codes else major), value_of(row["minor"], words)


def security(chip: str, words: Mapping[int, int], silicon: tuple[int, int] | None) -> Security:
    """Which locks are on, from the registers' values by address. Whether secure download is, they do not tell.

    ``silicon`` is the revision: an ESP32 has its second kind of secure boot from 3.0 on.
    """
    row = _rows()[chip]
    signed = bool(value_of(row["secure_boot"], words))
    if "secure_boot_v2" in row and silicon is not None and silicon[0] >= _V3:
        signed = signed or bool(value_of(row["secure_boot_v2"], words))
    encrypted = value_of(row["encryption"], words).bit_count() % 2 == 1
    return Security(secure_boot=signed, flash_encryption=encrypted, known=True)


def block(chip: str) -> tuple[int, int]:
    """Start and size in bytes of the registers with the locks: what a loader has to be asked for."""
    row = _rows()[chip]
    addresses = [bits[0] for name in ("secure_boot", "encryption") for bits in row[name]]
    return min(addresses), max(addresses) + 4 - min(addresses)


def words_of(start: int, dump: bytes) -> dict[int, int]:
    """Registers by address, from a dump of memory."""
    return {start + at: int.from_bytes(dump[at : at + 4], "little") for at in range(0, len(dump), 4)}


def facts(identity: Identity, answer: object) -> ChipFacts | None:
    """The chip under a running MicroPython, from who it is and its answer to :func:`expression`; None: no ESP chip."""
    chip = identity.chip
    if chip is None:
        return None
    flash, psram, values = _parts(answer)
    addresses = registers(chip)
    read = dict(zip(addresses, values, strict=True)) if values and len(values) == len(addresses) else None
    silicon = revision(chip, read) if read else None
    return ChipFacts(
        chip=chip,
        description=_description(chip, silicon),
        revision=silicon,
        flash_size=flash,
        psram=-(-psram // _MIB) * _MIB if psram else None,  # firmware without SPIRAM does not see what is there
        psram_kind=_psram_kind(identity.build) if psram else "",
        mac=mac_of(identity.unique_id or ""),
        crystal_mhz=None,
        security=security(chip, read, silicon) if read else Security(),
        features=tuple(_features(flash, psram)),
    )


def _parts(answer: object) -> tuple[int | None, int | None, list[int] | None]:
    if not isinstance(answer, tuple) or len(answer) != _ANSWERS:
        return None, None, None
    flash, psram, values = answer
    numbers = isinstance(values, list) and all(isinstance(value, int) for value in values)
    return (
        flash if isinstance(flash, int) else None,
        psram if isinstance(psram, int) else None,
        values if numbers else None,
    )


def _description(chip: str, silicon: tuple[int, int] | None) -> str:
    return chip_title(chip) + (f" (revision v{silicon[0]}.{silicon[1]})" if silicon else "")


def _psram_kind(build: str) -> str:
    """Only the variants of Espressif's own boards say it: SPIRAM_OCT is octal, SPIRAM alone is quad."""
    if "SPIRAM_OCT" in build:
        return "octal"
    return "quad" if "SPIRAM" in build or build in ("ESP32_GENERIC_S3", "ESP32_GENERIC_S2") else ""


def _features(flash: int | None, psram: int | None) -> Iterator[str]:
    if flash:
        yield f"Flash {flash // _MIB}MB"
    if psram:
        yield f"PSRAM {-(-psram // _MIB)}MB"
