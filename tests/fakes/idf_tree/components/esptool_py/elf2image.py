"""Stands in for ``esptool elf2image``: the loaded sections behind an image header of the ESP32-S3."""

import sys
from pathlib import Path

from elftools.elf.elffile import ELFFile

CHIP = 9
source, target = map(Path, sys.argv[1:])
with source.open("rb") as stream:
    sections = [
        one for one in ELFFile(stream).iter_sections() if one["sh_flags"] & 2 and one["sh_type"] != "SHT_NOBITS"
    ]
    body = b"".join(one.data() for one in sections)
target.write_bytes(b"\xe9\x01\x02\x20" + bytes(8) + bytes((CHIP, 0)) + bytes(10) + body)
