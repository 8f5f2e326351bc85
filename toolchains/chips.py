"""Architectures and chips, from ``resources/chips.json``.

The facts come from MicroPython's docs/reference/mpyfiles.rst and py/dynruntime.mk, and from esptool's chip classes.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache

from toolchains.errors import UsageError
from toolchains.paths import resources
from toolchains.text import _


@dataclass(frozen=True)
class Arch:
    """A native architecture of MicroPython: what dynruntime.mk calls ``ARCH``.

    ``number`` is the value in an .mpy header and in ``sys.implementation._mpy >> 10 & 15``; ``cflags`` are the
    architecture's own compiler flags; ``float_default`` is the upstream default of ``MICROPY_FLOAT_IMPL``;
    ``elf_machine`` is the ELF ``e_machine`` of its objects; ``zig_target`` is empty where zig has no back end;
    ``since`` is the first MicroPython whose tools link native modules for it.
    """

    name: str
    number: int
    elf_machine: int
    bits: int
    cflags: tuple[str, ...]
    gcc: tuple[str, ...]
    zig_target: str
    zig_cflags: tuple[str, ...]
    float_default: str
    float_board: str
    since: tuple[int, int]


@dataclass(frozen=True)
class Chip:
    """A microcontroller: its native architecture, its flash offset and image chip id (esptool), first MicroPython."""

    name: str
    title: str
    arch: str
    flash_offset: int
    image_id: int
    since: str


@cache
def _data() -> dict[str, list[dict[str, object]]]:
    loaded: dict[str, list[dict[str, object]]] = json.loads((resources() / "chips.json").read_text("utf-8"))
    return loaded


def _record(row: dict[str, object]) -> dict[str, object]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in row.items()}


@cache
def arches() -> dict[str, Arch]:
    """All architectures by name."""
    return {str(row["name"]): Arch(**_record(row)) for row in _data()["arches"]}  # type: ignore[arg-type]


@cache
def chips() -> dict[str, Chip]:
    """All chips by name (``esp32c3``)."""
    return {str(row["name"]): Chip(**_record(row)) for row in _data()["chips"]}  # type: ignore[arg-type]


def arch(name: str) -> Arch:
    """The architecture called ``name``, or an error that lists those that exist."""
    try:
        return arches()[name]
    except KeyError:
        raise UsageError(
            _("There is no architecture called {name}.", name=name),
            next_step=_("Use one of: {names}.", names=", ".join(arches())),
            name=name,
        ) from None


def arch_by_number(number: int) -> Arch | None:
    """The architecture with this number in ``sys.implementation._mpy``, or None (bytecode only, or unknown to us)."""
    return next((a for a in arches().values() if a.number == number), None)


#: What a Cortex-M3, or an M4 without floating-point unit, says of itself; modules for it are built for armv7m.
_ARMV7EM = 6


def arch_for_board(number: int) -> Arch | None:
    """The architecture to build modules for, of a board that says this number. None as in :func:`arch_by_number`."""
    return arch_by_number(arch("armv7m").number if number == _ARMV7EM else number)
