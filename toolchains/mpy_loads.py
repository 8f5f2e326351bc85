"""Whether a board will load an .mpy file, and if not, why: the loader's rules, before anything is sent.

The rules are those of ``mp_raw_code_load`` in py/persistentcode.c, in each release; a board describes itself by
``sys.implementation._mpy``: version in bits 0-7, sub-version in 8-9 (features up to version 5), native architecture
in 10-13, architecture flags from 16.
"""

from __future__ import annotations

from dataclasses import dataclass

from toolchains.chips import arch_for_board
from toolchains.errors import MpyError
from toolchains.mpyfile import MpyFile, arch_text, feature_names, flag_names
from toolchains.text import Text, _

_THUMB = range(4, 9)  # armv6m … armv7emdp: each runs the code of those before it
_SOFT_FLOATS, _HARD_FLOATS = range(4, 7), range(7, 9)
_RV32 = 11
_64_BITS = (2, 12)

#: The first and the last MicroPython of each .mpy version (docs/reference/mpyfiles.rst); None: until today.
_RELEASES: dict[tuple[int, int], tuple[str, str | None]] = {
    (6, 3): ("1.23", None),
    (6, 2): ("1.22", "1.22"),
    (6, 1): ("1.20", "1.21"),
    (6, 0): ("1.19", "1.19"),
    (5, 0): ("1.12", "1.18"),
    (4, 0): ("1.11", "1.11"),
    (3, 0): ("1.9.3", "1.10"),
    (2, 0): ("1.9", "1.9.2"),
    (0, 0): ("1.5.1", "1.8.7"),
}

#: The first MicroPython that keeps the variables of native modules from its garbage collector (commit 5b22bde044).
_GC_CURED = (1, 24)
#: The first MicroPython whose RISC-V builds load native code.
_RISCV_SINCE = (1, 24)
#: The first MicroPython that reads architecture flags.
_FLAGS_SINCE = (1, 27)


@dataclass(frozen=True)
class Loader:
    """The board's side: ``sys.implementation._mpy`` (0: reads no .mpy), MicroPython's version, the chip (``esp32c3``).

    ``version`` is empty and ``chip`` None where they are not known.
    """

    mpy: int
    version: str = ""
    chip: str | None = None

    @property
    def arch_number(self) -> int:
        """The number of the native architecture; 0 when no machine code is loaded."""
        return self.mpy >> 10 & 15

    @property
    def release(self) -> tuple[int, ...] | None:
        """MicroPython's version as numbers, ``(1, 26)``; None when it is not known."""
        parts = self.version.split("-")[0].split(".")[:2]
        return tuple(map(int, parts)) if len(parts) == 2 and all(map(str.isdecimal, parts)) else None

    def is_before(self, release: tuple[int, int]) -> bool:
        """Whether MicroPython is known to be older."""
        return self.release is not None and self.release < release


class NotLoadable(MpyError):
    """The board would refuse this file. Fields: ``reason`` (none, version, features, small-int, arch, flags)."""

    code = "mpy.not-loadable"

    def __init__(self, reason: str, what: Text, next_step: Text, board_mpy: int, why: Text | None = None) -> None:
        super().__init__(what, why=why, next_step=next_step, reason=reason, board_mpy=board_mpy)


def check_loads(mpy: MpyFile, board: Loader) -> None:
    """Raise :class:`NotLoadable` if the board refuses the file."""
    if not board.mpy:
        raise no_mpy(board)
    _check_version(mpy, board)
    _check_features(mpy, board)
    _check_small_int(mpy, board)
    if mpy.is_native:
        _check_arch(mpy, board)
    _check_flags(mpy, board)


def remarks(mpy: MpyFile, board: Loader) -> tuple[Text, ...]:
    """What a person should know of a file that the board loads all the same."""
    found = []
    if (mpy.bss or mpy.rodata) and board.is_before(_GC_CURED):
        found.append(
            _(
                "MicroPython {version} may free the variables of a native module while they are in use; "
                "1.24 and newer keep them. Install a newer firmware if the module misbehaves.",
                version=board.version,
            )
        )
    if mpy.is_linked and board.chip == "esp32p4":
        found.append(p4_floats())
    if mpy.is_linked and mpy.arch_number in _SOFT_FLOATS and board.arch_number in _HARD_FLOATS:
        found.append(arm_floats(board))
    return tuple(found)


def p4_floats() -> Text:
    """What is to be known of floating-point numbers on the ESP32-P4."""
    return _(
        "On the ESP32-P4, MicroPython passes floating-point numbers in other registers than this module "
        "expects: whole numbers are safe, floating-point ones may be wrong."
    )


def arm_floats(board: Loader) -> Text:
    """A module for Arm chips without floating-point registers, on a board that passes numbers in those."""
    return _(
        "The board's MicroPython passes floating-point numbers in other registers than this module expects: whole "
        "numbers are safe, floating-point ones are wrong. Build it for {arch}.",
        arch=arch_text(board.arch_number),
    )


def no_mpy(board: Loader) -> NotLoadable:
    """The error for a firmware that loads no .mpy file at all."""
    what = _("This board's MicroPython was built without support for .mpy files.")
    return NotLoadable("none", what, _("Use .py files, or install another firmware."), board.mpy)


def no_native(board: Loader) -> NotLoadable:
    """The error for a firmware that loads no machine code at all: too old on RISC-V, or built that way."""
    what = _("This board's MicroPython cannot load native modules at all.")
    if board.is_before(_RISCV_SINCE) or board.release is None:
        step = _("Native modules need MicroPython 1.25 or newer on RISC-V chips: install a newer firmware.")
        return NotLoadable("arch", what, step, board.mpy)
    why = None
    if board.chip is not None:
        why = _("Its firmware was probably built with the option CONFIG_ESP_SYSTEM_PMP_IDRAM_SPLIT.")
    return NotLoadable("arch", what, _("Install an official firmware."), board.mpy, why)


def releases_text(version: int, sub_version: int, *, native: bool = True) -> Text:
    """A .mpy version with its releases: ``6.3 (MicroPython 1.23 and newer)``; not ``native``: ``6 (… 1.19 and …)``."""
    number = f"{version}.{sub_version}" if version > 5 and native else str(version)
    first, last = _RELEASES.get((version, sub_version if version > 5 else 0), ("", None))
    if version == 6 and not native:
        first, last = "1.19", None
    if not first:
        return _("{number} (of no release known here)", number=number)
    if last is None:
        return _("{number} (MicroPython {first} and newer)", number=number, first=first)
    if first == last:
        return _("{number} (MicroPython {release})", number=number, release=first)
    return _("{number} (MicroPython {first} to {last})", number=number, first=first, last=last)


def _check_version(mpy: MpyFile, board: Loader) -> None:
    version, sub_version = board.mpy & 0xFF, board.mpy >> 8 & 3
    # 1.19 had no sub-version yet and refuses the bits; later ones look at them for machine code alone.
    same_abi = version != 6 or mpy.sub_version == sub_version or (not mpy.is_native and sub_version)
    if mpy.version != version or not same_abi:
        raise other_version(releases_text(mpy.version, mpy.sub_version, native=mpy.is_native), board)


def other_version(file: Text, board: Loader) -> NotLoadable:
    """The error for a file of another .mpy version, which ``file`` tells with its releases."""
    what = _(
        "This file has the .mpy version {file}; the board reads {board}.",
        file=file,
        board=releases_text(board.mpy & 0xFF, board.mpy >> 8 & 3),
    )
    step = _("Build it with the MicroPython sources of the board's version, or update the board's firmware.")
    return NotLoadable("version", what, step, board.mpy)


def _check_features(mpy: MpyFile, board: Loader) -> None:
    """Up to version 5, bytecode depended on two options of the firmware."""
    if mpy.version > 5:
        return
    wanted = feature_names(board.mpy >> 8 & 3)
    if mpy.features != wanted:
        what = _(
            "This file was compiled with the options [{file}]; the board's MicroPython has [{board}].",
            file=", ".join(mpy.features),
            board=", ".join(wanted),
        )
        raise NotLoadable("features", what, _("Build it again for this board."), board.mpy)


def _check_small_int(mpy: MpyFile, board: Loader) -> None:
    """The board does not tell its limit, but a word of 32 bits can never hold more than 31."""
    narrow = board.chip is not None or (board.arch_number and board.arch_number not in _64_BITS)
    most = 31 if narrow else 63
    if mpy.small_int_bits > most:
        what = _("This file holds whole numbers of {n} bits; the board has {most}.", n=mpy.small_int_bits, most=most)
        raise NotLoadable("small-int", what, _("Build it again for this board."), board.mpy)


def _check_arch(mpy: MpyFile, board: Loader) -> None:
    number = board.arch_number
    if mpy.arch_number == number or (number in _THUMB and mpy.arch_number in range(_THUMB.start, number + 1)):
        return
    if not number:
        raise no_native(board)
    what = _(
        "This module was built for {file}; the board is {board}.",
        file=arch_text(mpy.arch_number),
        board=arch_text(number),
    )
    arch = arch_for_board(number)
    name = arch.name if arch else arch_text(number)
    raise NotLoadable("arch", what, _("Build it for {arch}.", arch=name), board.mpy)


def _check_flags(mpy: MpyFile, board: Loader) -> None:
    """RISC-V firmware from 1.27 on compares them; any other refuses a file that has the field at all."""
    if mpy.arch_flags is None:
        return
    missing = mpy.arch_flags & ~(board.mpy >> 16)
    if board.arch_number != _RV32 or board.is_before(_FLAGS_SINCE):
        what = _("This module names extensions of the processor, which the board's MicroPython does not understand.")
        step = _("Build it without them, or use MicroPython 1.27 or newer on a RISC-V chip.")
        raise NotLoadable("flags", what, step, board.mpy)
    if missing:
        names = ", ".join(flag_names(mpy.arch_number, missing))
        what = _("This module uses instructions that the board's chip lacks: {flags}.", flags=names)
        raise NotLoadable("flags", what, _("Build it without them."), board.mpy)
