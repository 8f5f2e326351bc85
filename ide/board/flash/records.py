"""The records that every part of the flasher speaks in. Sizes and addresses in bytes."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ide.board.flash.usb import Track
from ide.board.inspect import Identity
from toolchains.text import Text


@dataclass(frozen=True)
class Security:
    """What the chip's fuses forbid. ``known`` is False when nobody could ask; then all else is False too."""

    secure_boot: bool = False
    flash_encryption: bool = False
    secure_download: bool = False
    known: bool = False


@dataclass(frozen=True)
class ChipFacts:
    """What the ROM loader, or the stub, says of a chip.

    ``chip`` is a name of chips.json (``esp32c3``), ``description`` is esptool's text (``ESP32-C3 (QFN32) (revision
    v0.4)``). ``psram`` is None when unknown, 0 when there is none; ``psram_kind`` is ``quad``, ``octal`` or empty.
    ``mac`` is in lower case, with colons; empty when unknown.
    """

    chip: str
    description: str
    revision: tuple[int, int] | None
    flash_size: int | None
    psram: int | None
    psram_kind: str
    mac: str
    crystal_mhz: int | None
    security: Security
    features: tuple[str, ...]


@dataclass(frozen=True)
class BoardFacts:
    """What is on the other end of a port.

    ``chip`` is None when only MicroPython was asked; ``running`` is None when it did not answer, and ``silence`` is
    then the kind of :mod:`ide.board.classify`. ``usb``: ``uart``, ``usb-serial-jtag``, ``usb-otg``, ``simulated`` or
    empty. ``track``: what was plugged in when somebody looked, to find the board again (:mod:`.follow`).
    """

    port: str
    chip: ChipFacts | None
    running: Identity | None
    silence: str
    usb: str
    track: Track | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True)
class FlashFile:
    """An image and the flash address that its first byte goes to."""

    address: int
    path: Path


@dataclass(frozen=True)
class FlashJob:
    """One flashing of one port.

    ``erase`` is ``all`` (the whole flash first) or ``keep`` (only what the files cover). ``flash_mode``,
    ``flash_freq`` and ``flash_size`` are esptool's words; ``keep`` leaves the image's header alone. ``baud`` None:
    as fast as the port is known to bear. ``only_changes``: each file is compared with the flash by MD5 first, and one
    that is there already is not written; nothing is believed that was remembered of the board.
    """

    port: str
    chip: str
    files: tuple[FlashFile, ...]
    erase: Literal["all", "keep"] = "keep"
    baud: int | None = None
    flash_mode: str = "keep"
    flash_freq: str = "keep"
    flash_size: str = "keep"
    stub: bool = True
    compress: bool = True
    force: bool = False
    only_changes: bool = False


@dataclass(frozen=True)
class Flashed:
    """A job that ended well.

    ``written`` and ``skipped`` are bytes of the images; skipped ones were in the flash already. ``attempts`` says why
    each try before the last one failed. ``running`` is None when nobody asked to reconnect. ``port`` is where the board
    is now. ``command`` is the exact esptool line, to copy; empty where its files were made for this once.
    """

    job: FlashJob
    seconds: float
    written: int
    skipped: int
    attempts: tuple[Text, ...]
    verified: bool
    running: Identity | None
    port: str
    command: str


@dataclass(frozen=True)
class Firmware:
    """A firmware that can be written: a row of the catalogue, a local file, a pack's, or a build's result.

    ``date`` as ``2026-04-06``; ``path`` is None until it was downloaded; ``sha256`` is empty when nobody knows it.
    """

    title: str
    version: str
    board: str
    variant: str
    chip: str
    date: str
    source: Literal["official", "file", "pack", "build"]
    url: str
    path: Path | None
    sha256: str
    size: int | None
