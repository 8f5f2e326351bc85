"""What is known of a board, in words: for the window and for the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ide.board.flash.errors import chip_title
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.flash.records import BoardFacts, ChipFacts, Firmware
    from ide.board.inspect import Identity

_SILENCES: dict[str, Text] = {
    "bootloader": _("nothing: the chip waits for firmware"),
    "boot-loop": _("nothing: the board restarts again and again"),
    "no-micropython": _("something else than MicroPython"),
    "busy-program": _("a program that does not react to Ctrl-C"),
    "wrong-speed": _("something at another speed"),
    "silent": _("nothing that answers"),
}
_USB: dict[str, Text] = {
    "uart": _("over a USB-to-serial chip"),
    "usb-serial-jtag": _("over the chip's own USB"),
    "usb-otg": _("over the chip's own USB"),
    "simulated": _("simulated"),
}


def chip_words(facts: BoardFacts) -> str:
    """``ESP32-C3 (QFN32) (revision v0.4) · 4.0 MB flash · no PSRAM · 7c:df:a1:…``."""
    usb = _USB.get(facts.usb)
    chip = facts.chip
    if chip is None:
        of_running = facts.running.chip if facts.running is not None else None
        parts: list[object] = [chip_title(of_running) if of_running else _("unknown chip")]
    else:
        parts = [chip.description or chip_title(chip.chip)]
        if chip.flash_size is not None:
            parts.append(_("{size} flash", size=size_text(chip.flash_size)))
        if chip.psram is not None:
            parts.append(_psram(chip))
        if chip.mac:
            parts.append(chip.mac)
    return " · ".join(str(part) for part in (*parts, usb) if part is not None)


def _psram(chip: ChipFacts) -> Text:
    if not chip.psram:
        return _("no PSRAM")
    if chip.psram_kind:
        return _("{size} PSRAM ({kind})", size=size_text(chip.psram), kind=chip.psram_kind)
    return _("{size} PSRAM", size=size_text(chip.psram))


def running_words(facts: BoardFacts) -> Text:
    """What runs on it."""
    if facts.running is not None:
        return banner(facts.running)
    return _SILENCES.get(facts.silence, _SILENCES["silent"])


def banner(identity: Identity) -> Text:
    """As MicroPython greets."""
    return _("MicroPython {version}; {machine}", version=identity.version, machine=identity.machine)


def board_words(facts: BoardFacts) -> str:
    """In one cell: ``ESP32-C3 · 4.0 MB · MicroPython 1.26.1``."""
    chip = facts.chip
    parts: list[object] = []
    if chip is not None:
        parts.append(chip_title(chip.chip))
        parts += [size_text(chip.flash_size)] if chip.flash_size is not None else []
    if facts.running is not None:
        parts.append(_("MicroPython {version}", version=facts.running.version))
    elif facts.silence:
        parts.append(_("no MicroPython"))
    return " · ".join(map(str, parts))


def firmware_name(firmware: Firmware) -> str:
    """``1.29.0 · ESP32_GENERIC_C3``; of a file its name first."""
    board = f"{firmware.board}-{firmware.variant}" if firmware.variant else firmware.board
    name = firmware.path.name if firmware.source in ("file", "build") and firmware.path is not None else ""
    known = [part for part in (name, firmware.version, board) if part]
    return " · ".join(known) or firmware.title or firmware.url


def short_name(firmware: Firmware) -> str:
    """For a button."""
    if firmware.source in ("file", "build") and firmware.path is not None:
        return firmware.path.name
    return f"MicroPython {firmware.version}" if firmware.version else firmware_name(firmware)
