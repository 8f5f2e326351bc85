"""ELF files of firmware for tests: functions with names at addresses of our own choice."""

from __future__ import annotations

import struct
from collections.abc import Mapping


def firmware(functions: Mapping[str, tuple[int, int]]) -> bytes:
    """A 32-bit Xtensa ELF file with nothing but a symbol table: name -> (address, size)."""
    strings, symbols = b"\0", bytes(16)
    for name, (address, size) in functions.items():
        symbols += struct.pack("<IIIBBH", len(strings), address, size, 0x12, 0, 0xFFF1)  # a global function
        strings += name.encode() + b"\0"
    names = b"\0.symtab\0.strtab\0.shstrtab\0"
    body = symbols + strings + names
    head = 52
    sections = [(1, 2, head, len(symbols), 2, 1, 16), (9, 3, head + len(symbols), len(strings), 0, 0, 0),
                (17, 3, head + len(symbols) + len(strings), len(names), 0, 0, 0)]  # fmt: skip
    table = bytes(40) + b"".join(
        struct.pack("<10I", name, kind, 0, 0, at, size, link, info, 4, entry)
        for name, kind, at, size, link, info, entry in sections
    )
    ident = b"\x7fELF\x01\x01\x01" + bytes(9)
    header = ident + struct.pack("<HHIIIIIHHHHHH", 2, 94, 1, 0, 0, head + len(body), 0, head, 0, 0, 40, 4, 3)
    return header + body + table
