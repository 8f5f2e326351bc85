"""Reading .mpy files: what one is for, what is in it, and whether a board will load it.

A board is described by the number ``sys.implementation._mpy``: version in bits 0-7, sub-version in 8-9, native
architecture in 10-13, architecture flags from 16 (MicroPython's docs/reference/mpyfiles.rst).
"""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.chips import Arch, arch_by_number, chips
from toolchains.errors import MpyError
from toolchains.mpy_body import BadMpy, Body, Cursor
from toolchains.text import Text, _

__all__ = ["BadMpy", "MpyFile", "NotLoadable", "arch_text", "check_loads", "flag_names", "read"]

#: The .mpy version whose body this room can read; of other versions only the header is.
READABLE_VERSION = 6

_ARCH_FLAGS = 0x40
_FLAG_NAMES = {"rv32imc": ("zba", "zcmp")}

#: Numbers that mpy-cross and boards use but for which no native modules are linked, besides those of chips.json.
_OTHER_ARCHES = {3: "armv6", 6: "armv7em", 12: "rv64imc"}
_THUMB = range(4, 9)  # armv6m … armv7emdp: each runs the code of those before it
_64_BITS = (2, 12)

_RELEASES = {6: {0: "1.19", 1: "1.20 and 1.21", 2: "1.22", 3: "1.23 and newer"}, 5: {0: "1.12 to 1.18"}}


@dataclass(frozen=True)
class MpyFile:
    """What an .mpy file says of itself. Sizes are in bytes.

    ``arch_number`` is 0 for pure bytecode. ``qstrs`` are the names that the file brings along, the first one being
    the embedded file name; names that every MicroPython has are only counted (``n_static_qstrs``). ``text`` is machine
    code, with the read-only data and the GOT that mpy_ld.py puts behind it; ``bytecode`` is for the interpreter.
    ``trailing`` bytes after the end are ignored by boards.
    """

    version: int
    sub_version: int
    arch_number: int
    arch_flags: int
    small_int_bits: int
    qstrs: tuple[str, ...] = ()
    n_static_qstrs: int = 0
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
    def native_arch(self) -> Arch | None:
        """The architecture of the machine code; None for pure bytecode and for numbers that we do not know."""
        return arch_by_number(self.arch_number) if self.is_native else None

    @property
    def arch_name(self) -> str:
        """The architecture as MicroPython calls it (``rv32imc``); ``bytecode`` when every board can run the file."""
        return arch_text(self.arch_number).split(" ", 1)[0] if self.is_native else "bytecode"

    @property
    def sections(self) -> tuple[tuple[str, int], ...]:
        """Name and size of each part that takes memory on the board, empty parts left out."""
        parts = (("text", self.text), ("rodata", self.rodata), ("bss", self.bss), ("bytecode", self.bytecode))
        return tuple(part for part in parts if part[1])

    @property
    def source_name(self) -> str:
        """The file name embedded for tracebacks; empty when there is none."""
        return self.qstrs[0] if self.qstrs else ""

    def to_json(self) -> dict[str, object]:
        """The record that ``natmod inspect --json`` prints."""
        arch = self.native_arch
        return {
            "schema": 1,
            "version": self.version,
            "sub_version": self.sub_version,
            "arch": arch.name if arch else None,
            "arch_number": self.arch_number,
            "arch_flags": list(flag_names(self.arch_number, self.arch_flags)),
            "small_int_bits": self.small_int_bits,
            "source_name": self.source_name,
            "qstrs": list(self.qstrs),
            "n_static_qstrs": self.n_static_qstrs,
            "n_objects": self.n_objects,
            "text": self.text,
            "rodata": self.rodata,
            "bss": self.bss,
            "bytecode": self.bytecode,
            "relocations": self.relocations,
            "trailing": self.trailing,
            "file_size": self.file_size,
        }


def flag_names(arch_number: int, flags: int) -> tuple[str, ...]:
    """The names of architecture flags (``zba``); a flag without a name is given as its number (``0x8``)."""
    arch = arch_by_number(arch_number)
    names = _FLAG_NAMES.get(arch.name, ()) if arch else ()
    bits = [bit for bit in range(flags.bit_length()) if flags >> bit & 1]
    return tuple(names[bit] if bit < len(names) else hex(1 << bit) for bit in bits)


def read(data: bytes) -> MpyFile:
    """Read a whole .mpy file. Raises :class:`BadMpy` for anything that is not one."""
    if data[:1] == b"C":
        raise BadMpy(_("it was made for CircuitPython, which has its own format."), 0)
    if data[:1] != b"M":
        raise BadMpy(_("it does not begin like one."), 0)
    cursor = Cursor(data)
    _magic, version, features, small_int_bits = cursor.take(4)
    sub_version, arch_number = features & 3, features >> 2 & 0x0F
    if version != READABLE_VERSION:
        # Up to version 5 the third byte held other things, and there was no sub-version.
        return MpyFile(version, 0, arch_number if version == 5 else 0, 0, small_int_bits, file_size=len(data))
    if features & 0x80:
        raise BadMpy(_("its header has a bit that no known version uses."), 2)
    arch_flags = cursor.uint() if features & _ARCH_FLAGS else 0
    body = Body(cursor)
    body.read()
    return MpyFile(
        version,
        sub_version,
        arch_number,
        arch_flags,
        small_int_bits,
        tuple(body.qstrs),
        body.n_static,
        body.n_objects,
        body.text,
        body.rodata,
        body.bss,
        body.bytecode,
        body.relocations,
        trailing=len(data) - cursor.offset,
        file_size=len(data),
    )


class NotLoadable(MpyError):
    """The board would refuse this file. Fields: ``reason`` (version, arch, flags, small-int, none), ``board_mpy``."""

    code = "mpy.not-loadable"

    def __init__(self, reason: str, what: Text, next_step: Text, board_mpy: int) -> None:
        super().__init__(what, next_step=next_step, reason=reason, board_mpy=board_mpy)


def arch_text(number: int) -> str:
    """An architecture for people: ``xtensawin (ESP32, ESP32-S2, ESP32-S3)``."""
    arch = arch_by_number(number)
    if arch is None:
        return _OTHER_ARCHES.get(number, f"#{number}")
    titles = ", ".join(chip.title for chip in chips().values() if chip.arch == arch.name)
    return f"{arch.name} ({titles})" if titles else arch.name


def _version_text(version: int, sub_version: int) -> str:
    releases = _RELEASES.get(version, {})
    name = releases.get(sub_version) or next(iter(releases.values()), None)
    number = f"{version}.{sub_version}" if version > 5 else str(version)
    return f"{number} (MicroPython {name})" if name else number


def check_loads(mpy: MpyFile, board_mpy: int) -> None:
    """Raise :class:`NotLoadable` if the board whose ``sys.implementation._mpy`` is ``board_mpy`` refuses the file."""
    if not board_mpy:
        what = _("This board's MicroPython was built without support for .mpy files.")
        raise NotLoadable("none", what, _("Use .py files, or install another firmware."), board_mpy)
    _check_version(mpy, board_mpy)
    _check_small_int(mpy, board_mpy)
    if mpy.is_native:
        _check_arch(mpy, board_mpy)
    if mpy.arch_flags & ~(board_mpy >> 16):
        missing = flag_names(mpy.arch_number, mpy.arch_flags & ~(board_mpy >> 16))
        what = _("This module uses instructions that the board's chip lacks: {flags}.", flags=", ".join(missing))
        raise NotLoadable("flags", what, _("Build it without them."), board_mpy)


def _check_version(mpy: MpyFile, board_mpy: int) -> None:
    version, sub_version = board_mpy & 0xFF, board_mpy >> 8 & 3
    if mpy.version == version and (not mpy.is_native or mpy.sub_version == sub_version):
        return
    what = _(
        "This file has the .mpy version {file}; the board reads {board}.",
        file=_version_text(mpy.version, mpy.sub_version),
        board=_version_text(version, sub_version),
    )
    step = _("Build it with the MicroPython sources of the board's version, or update the board's firmware.")
    raise NotLoadable("version", what, step, board_mpy)


def _check_small_int(mpy: MpyFile, board_mpy: int) -> None:
    """The board does not tell its limit, but a word of 32 bits can never hold more than 31."""
    number = board_mpy >> 10 & 15
    most = 31 if number and number not in _64_BITS else 63
    if mpy.small_int_bits > most:
        what = _("This file holds whole numbers of {n} bits; the board has {most}.", n=mpy.small_int_bits, most=most)
        raise NotLoadable("small-int", what, _("Build it again for this board."), board_mpy)


def _check_arch(mpy: MpyFile, board_mpy: int) -> None:
    board = board_mpy >> 10 & 15
    if mpy.arch_number == board or (board in _THUMB and mpy.arch_number in range(_THUMB.start, board + 1)):
        return
    if not board:
        what = _("This board's MicroPython cannot load native modules at all.")
        step = _("Native modules need MicroPython 1.25 or newer on RISC-V chips: install a newer firmware.")
        raise NotLoadable("arch", what, step, board_mpy)
    what = _(
        "This module was built for {file}; the board is {board}.",
        file=arch_text(mpy.arch_number),
        board=arch_text(board),
    )
    arch = arch_by_number(board)
    name = arch.name if arch else arch_text(board)
    raise NotLoadable("arch", what, _("Build it for {arch}.", arch=name), board_mpy)
