"""What differs between the chips of :mod:`tests.fakes.rom_chip`: registers, numbers, words."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

_NUMBERS = ("magic", "boot", "spi", "usr2", "w0", "block1", "mac", "clkdiv", "wdt", "read_hook")
_TABLE = Path(__file__).with_name("rom_chips.json")

#: Where every ROM has the number that tells the chips apart (facts f.3).
MAGIC_REGISTER = 0x40001000
#: ESP32: the third bit of the revision.
_APB_DATE = 0x3FF6607C


@dataclass(frozen=True)
class ChipRow:
    """One chip.

    ``more`` are registers with a fixed content, ``modes`` the straps of a normal start and of download. ``read_hook``
    is the pointer that esptool bends to start its stub under secure boot (S3).
    """

    key: str
    name: str
    id: int
    magic: int
    security_bytes: int
    boot: int
    revision: tuple[int, int]
    xtal: int
    stack: str
    spi: int
    usr2: int
    w0: int
    block1: int
    mac: int
    clkdiv: int
    wdt: int
    read_hook: int
    more: dict[int, int]
    modes: tuple[int, int]
    fields: dict[str, list[tuple[int, int, int]]]
    boot_enable: tuple[int, int]
    crypt_count: tuple[int, int]
    psram_sizes: dict[int, int]

    def efuses(self, mac: bytes, revision: tuple[int, int], psram: int) -> dict[int, int]:
        """Registers that say who the chip is; ``psram`` in MB, only chips that have it inside can say so."""
        registers = dict(self.more)
        if self.magic:
            registers[MAGIC_REGISTER] = self.magic
        major, minor = revision
        if self.key == "esp32":
            major = {0: 0, 1: 1, 2: 3, 3: 7}[major]
            registers[_APB_DATE] = (major >> 2) << 31
        self._put(registers, "major", major)
        self._put(registers, "minor", minor)
        if psram:
            self._put(registers, "psram_cap", self.psram_sizes[psram])
            self._put(registers, "psram_vendor", 1)
        registers[self.mac] = int.from_bytes(mac[2:], "big")
        registers[self.mac + 4] = registers.get(self.mac + 4, 0) | int.from_bytes(mac[:2], "big")
        return registers

    def _put(self, registers: dict[int, int], field: str, value: int) -> None:
        for word, shift, bits in self.fields.get(field, []):
            at = self.block1 + 4 * word
            registers[at] = registers.get(at, 0) | (value & (1 << bits) - 1) << shift
            value >>= bits


def _number(text: Any) -> int:
    return int(text, 0) if isinstance(text, str) else int(text or 0)


@cache
def rows() -> dict[str, ChipRow]:
    """All chips by our name for them (``esp32c3``)."""
    return {key: _row(key, raw) for key, raw in json.loads(_TABLE.read_text("utf-8")).items()}


def _row(key: str, raw: dict[str, Any]) -> ChipRow:
    fields = ("pkg", "minor", "major", "flash_cap", "psram_cap", "psram_vendor")
    return ChipRow(
        key=key,
        name=raw["name"],
        id=raw["id"],
        security_bytes=raw["security_bytes"],
        revision=tuple(raw["revision"]),
        xtal=raw["xtal"],
        stack=raw["stack"],
        more={_number(at): _number(value) for at, value in raw["more"].items()},
        modes=(_number(raw["modes"][0]), _number(raw["modes"][1])),
        fields={name: [tuple(part) for part in raw[name]] for name in fields if name in raw},
        boot_enable=(_number(raw["boot_enable"][0]), _number(raw["boot_enable"][1])),
        crypt_count=(_number(raw["crypt_count"][0]), _number(raw["crypt_count"][1])),
        psram_sizes={int(size): code for size, code in raw.get("psram_sizes", {}).items()},
        **{name: _number(raw.get(name)) for name in _NUMBERS},
    )
