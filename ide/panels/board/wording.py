"""What the pages of the board panel say, from records. No Qt."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from toolchains.text import Text, _
from toolchains.units import number_text, size_text

if TYPE_CHECKING:
    from ide.board.card import Card
    from ide.board.inspect import Identity
    from ide.board.storage.on_board import Mount, Part

_MHZ = 1_000_000


def title(identity: Identity) -> str:
    """What the firmware calls the board."""
    return identity.machine or identity.platform


def facts(identity: Identity, card: Card | None) -> list[tuple[Text, str]]:
    """Names and values; what the firmware does not tell is absent."""
    arch = identity.arch
    version, sub = identity.mpy_version
    found: list[tuple[Text, str]] = [(_("MicroPython"), identity.version)]
    if identity.build:
        found.append((_("Build"), identity.build))
    if identity.chip:
        found.append((_("Chip"), identity.chip.upper()))
    found.append((_("Native modules"), arch.name if arch is not None else str(_("not loaded by this firmware"))))
    found.append((_(".mpy version"), f"{version}.{sub}"))
    if card is not None and card.frequency_hz is not None:
        found.append((_("Clock"), f"{number_text(card.frequency_hz / _MHZ, 0)} MHz"))
    if card is not None and card.psram_size is not None:
        found.append((_("PSRAM"), _psram(card.psram_size, card.psram_used)))
    if identity.unique_id:
        found.append((_("Unique ID"), identity.unique_id))
    return found


def _psram(size: int, used: int | None) -> str:
    if not size:
        return str(_("none"))
    if used is None:
        return size_text(size)
    return str(_("{size}, {used} of it in use", size=size_text(size), used=size_text(used)))


def top_modules(names: Iterable[str]) -> list[str]:
    """Without the parts of packages (``asyncio/core``)."""
    return sorted({name.partition("/")[0] for name in names})


def part_remarks(part: Part) -> str:
    """``runs, boots next``; that the firmware made it."""
    said = [
        _("runs now") if part.running else None,
        _("boots next") if part.boots_next else None,
        _("made by the firmware") if part.partition.implicit else None,
        _("encrypted") if part.partition.encrypted else None,
        _("read only") if part.partition.readonly else None,
    ]
    return ", ".join(str(one) for one in said if one is not None)


def size_or_none(n_bytes: int | None) -> str:
    """A size; nothing where it is unknown."""
    return size_text(n_bytes) if n_bytes is not None else ""


def mount_blocks(mount: Mount) -> str:
    """``1 024 × 4.0 kB``."""
    return f"{mount.blocks} × {size_text(mount.block)}" if mount.block and mount.blocks is not None else ""
