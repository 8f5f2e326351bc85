"""Reading .mpy files: what one is for and what is in it. Whether a board loads it: :mod:`toolchains.mpy_loads`.

The files of the versions 5 to 6.3 (MicroPython 1.12 and newer) are read to their end, of all others the header is.
Nothing here needs a MicroPython tree.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from pathlib import Path

from toolchains.chips import Arch, arch_by_number, chips
from toolchains.errors import disk_errors
from toolchains.mpy_body import Body6
from toolchains.mpy_body5 import MAP_CACHE, UNICODE, Body5
from toolchains.mpy_parts import BadMpy, Body, Cursor, Function
from toolchains.text import _

__all__ = ["BadMpy", "Function", "MpyFile", "arch_text", "flag_names", "read", "read_file"]

#: What the name of an SDK begins with, in every module that was built with one that extends the table of functions.
SDK_PREFIX = "natmod_sdk_"
_ARCH_FLAGS = 0x40
_FLAG_NAMES = {"rv32imc": ("zba", "zcmp")}
_FEATURE_NAMES = {MAP_CACHE: "map-cache", UNICODE: "unicode"}

#: Numbers that mpy-cross and boards use but for which no native modules are linked, besides those of chips.json.
_OTHER_ARCHES = {3: "armv6", 6: "armv7em", 12: "rv64imc"}

#: Versions to come are told from files that happen to begin with an M ("Makefile").
_HIGHEST_VERSION = 15

#: In bytes. No board has room for more, and what is larger is no .mpy file.
_LARGEST = 16 << 20


@dataclass(frozen=True)
class MpyFile:
    """What an .mpy file says of itself. Sizes are in bytes.

    ``arch_number`` is 0 for pure bytecode. ``arch_flags`` are the processor's extensions that it needs, None when it
    names none. ``features`` are choices of the compiler that the board must share (up to version 5).
    ``qstrs`` are the names that the file brings along, ``static_qstrs`` those that it takes from the firmware.
    ``source_name`` is the file name embedded for tracebacks; empty when there is none. ``text`` is machine code, with
    the read-only data and the GOT that mpy_ld.py puts behind it; ``bytecode`` is for the interpreter. ``trailing``
    bytes after the end are ignored by boards.
    """

    version: int
    sub_version: int
    arch_number: int
    arch_flags: int | None
    small_int_bits: int
    features: tuple[str, ...] = ()
    source_name: str = ""
    qstrs: tuple[str, ...] = ()
    static_qstrs: tuple[str, ...] = ()
    functions: tuple[Function, ...] = ()
    n_objects: int = 0
    text: int = 0
    rodata: int = 0
    bss: int = 0
    bytecode: int = 0
    relocations: int = 0
    trailing: int = 0
    file_size: int = 0

    @property
    def is_native(self) -> bool:
        """Whether the file holds machine code, so that it serves one architecture only."""
        return self.arch_number != 0

    @property
    def is_linked(self) -> bool:
        """Whether part of it was linked by mpy_ld.py: C, C++ or assembler, not Python."""
        return any(function.kind == "linked" for function in self.functions)

    @property
    def sdk(self) -> str | None:
        """The SDK whose firmware alone runs it (:mod:`toolchains.firmware.extended`); None for MicroPython's own."""
        return next((one for one in self.qstrs if one.startswith(SDK_PREFIX)), None) if self.is_native else None

    @property
    def native_arch(self) -> Arch | None:
        """The architecture of the machine code; None for pure bytecode and for numbers that we do not know."""
        return arch_by_number(self.arch_number) if self.is_native else None

    @property
    def arch_name(self) -> str:
        """The architecture as MicroPython calls it (``rv32imc``); ``bytecode`` when every board can run the file."""
        return arch_text(self.arch_number).split(" ", 1)[0] if self.is_native else "bytecode"

    @property
    def version_text(self) -> str:
        """The version as MicroPython writes it: ``6.3``; ``6`` for pure bytecode, which serves every 6.x."""
        return f"{self.version}.{self.sub_version}" if self.version >= 6 and self.is_native else str(self.version)

    @property
    def sections(self) -> tuple[tuple[str, int], ...]:
        """Name and size of each part that takes memory on the board, empty parts left out."""
        parts = (("text", self.text), ("rodata", self.rodata), ("bss", self.bss), ("bytecode", self.bytecode))
        return tuple(part for part in parts if part[1])

    def to_json(self) -> dict[str, object]:
        """The record that ``natmod inspect --json`` prints."""
        return {
            **asdict(self),
            "schema": 1,
            "arch": self.arch_name if self.is_native else None,
            "arch_flags": list(flag_names(self.arch_number, self.arch_flags or 0)),
        }


def flag_names(arch_number: int, flags: int) -> tuple[str, ...]:
    """The names of architecture flags (``zba``); a flag without a name is given as its number (``0x8``)."""
    arch = arch_by_number(arch_number)
    names = _FLAG_NAMES.get(arch.name, ()) if arch else ()
    bits = [bit for bit in range(flags.bit_length()) if flags >> bit & 1]
    return tuple(names[bit] if bit < len(names) else hex(1 << bit) for bit in bits)


def feature_names(bits: int) -> tuple[str, ...]:
    """The names of feature bits (up to version 5): ``map-cache``, ``unicode``."""
    return tuple(name for bit, name in _FEATURE_NAMES.items() if bits & bit)


def arch_text(number: int) -> str:
    """An architecture for people: ``xtensawin (ESP32, ESP32-S2, ESP32-S3)``."""
    arch = arch_by_number(number)
    if arch is None:
        return _OTHER_ARCHES.get(number, f"#{number}")
    titles = ", ".join(chip.title for chip in chips().values() if chip.arch == arch.name)
    return f"{arch.name} ({titles})" if titles else arch.name


def read_file(path: Path) -> MpyFile:
    """Read the .mpy file at ``path``. Raises :class:`BadMpy`, or ``DiskError`` if the file cannot be had."""
    with disk_errors(path), path.open("rb") as file:
        data = file.read(_LARGEST + 1)
    if len(data) > _LARGEST:
        raise BadMpy(_("it is larger than the memory of any board."))
    return read(data)


def read(data: bytes) -> MpyFile:
    """Read a whole .mpy file. Raises :class:`BadMpy` for anything that is not one."""
    if data[:1] == b"C":
        raise BadMpy(_("it was made for CircuitPython, which has its own format."), 0)
    if data[:1] != b"M" or data[1:2] > bytes([_HIGHEST_VERSION]):
        raise BadMpy(_("it does not begin like one."), 0)
    cursor = Cursor(data)
    _magic, version, features, small_int_bits = cursor.take(4)
    if version == 6:
        return _read_6(cursor, features, small_int_bits, len(data))
    if version > 6:
        return MpyFile(version, features & 3, features >> 2 & 15, None, small_int_bits, file_size=len(data))
    # Version 4 brought native code; what was before has features alone.
    arch_number = features >> 2 if version >= 4 else 0
    head = MpyFile(version, 0, arch_number, None, small_int_bits, feature_names(features), file_size=len(data))
    if version != 5:
        return head
    body = Body5(cursor, arch_number, features)
    body.read()
    return _with_body(head, body)


def _read_6(cursor: Cursor, features: int, small_int_bits: int, file_size: int) -> MpyFile:
    if features & 0x80:
        raise BadMpy(_("its header has a bit that no known version uses."), 2)
    arch_number = features >> 2 & 15
    flags = cursor.uint() if features & _ARCH_FLAGS else None
    body = Body6(cursor, arch_number)
    body.read()
    return _with_body(MpyFile(6, features & 3, arch_number, flags, small_int_bits, file_size=file_size), body)


def _with_body(head: MpyFile, body: Body) -> MpyFile:
    return MpyFile(
        head.version,
        head.sub_version,
        head.arch_number,
        head.arch_flags,
        head.small_int_bits,
        head.features,
        body.source_name,
        tuple(body.own),
        tuple(body.static),
        tuple(body.functions),
        body.n_objects,
        body.text,
        body.rodata,
        body.bss,
        body.bytecode,
        body.relocations,
        trailing=head.file_size - body.cursor.offset,
        file_size=head.file_size,
    )
