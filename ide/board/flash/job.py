"""What a flashing is about: files at addresses, from an image, a build's ``flasher_args.json``, or several files.

Addresses come from chips.json (esptool's BOOTLOADER_FLASH_OFFSET) and are compared with what the files say themselves.
"""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

from ide.board.flash import image
from ide.board.flash.errors import TooLarge, WrongImage, chip_title
from ide.board.flash.records import FlashFile, FlashJob
from toolchains.chips import chips
from toolchains.errors import disk_errors
from toolchains.text import Text, _

#: Where MicroPython's settings lie: nvs and phy_init of all its tables (facts.md b.4).
_SETTINGS = (0x9000, 0x10000)
_SECTOR = 4096
_MAGIC = b"\xe9"
_LARGEST_JSON = 1 << 20
_JOB_WORDS = ("flash_mode", "flash_freq", "flash_size")


def place(chip: str, path: Path, flash_size: int | None = None, revision: tuple[int, int] | None = None) -> FlashFile:
    """A firmware with the address that it belongs at on ``chip``. Raises WrongImage, TooLarge, DiskError."""
    found = image.read(path)
    image.check(found, chip, flash_size, revision)
    assert found.address is not None  # of an app alone; that one was refused
    return FlashFile(found.address, path)


def check(job: FlashJob, flash_size: int | None = None, revision: tuple[int, int] | None = None) -> str:
    """Raise unless the files of ``job`` may be written where it says; the flash mode that its firmware starts in.

    WrongImage, TooLarge, DiskError. With ``force`` only that there is something to write, and no two in one place. The
    mode is ``qio``, ``qout``, ``dio`` or ``dout``; empty when no file starts the chip.
    """
    mode = ""
    _check_places(job)
    for file in job.files:
        with disk_errors(file.path):
            size = file.path.stat().st_size
            with file.path.open("rb") as opened:
                beginning = opened.read(1)
        if not size:
            raise WrongImage(file.path.name, _("It is empty."))
        if flash_size is not None and file.address + size > flash_size:
            raise TooLarge(file.path.name, file.address + size, flash_size)
        starts = file.address in (0, chips()[job.chip].flash_offset)  # at 0: merged with the space before it
        if not job.force and (starts or beginning == _MAGIC):
            found = _check_image(job, file, flash_size, revision)
            mode = found.first.mode if starts else mode
    return mode


def _check_places(job: FlashJob) -> None:
    end = 0
    for file in sorted(job.files, key=lambda file: file.address):
        if file.address // _SECTOR * _SECTOR < end:
            raise WrongImage(
                file.path.name,
                _("Another file is for the same place in the flash, {address}.", address=hex(file.address)),
                next_step=_("Give every file an address of its own."),
            )
        with disk_errors(file.path):
            end = -(-(file.address + file.path.stat().st_size) // _SECTOR) * _SECTOR


def _check_image(
    job: FlashJob, file: FlashFile, flash_size: int | None, revision: tuple[int, int] | None
) -> image.Image:
    found = image.read(file.path)
    if found.kind == "whole" or (len(job.files) == 1 and file.address == chips()[job.chip].flash_offset):
        image.check(found, job.chip, flash_size, revision)
    elif found.chip != job.chip:
        raise WrongImage(
            file.path.name,
            _("It is for the {theirs}, and the board has an {ours}.", theirs=chip_title(found.chip),
              ours=chip_title(job.chip)),
        )  # fmt: skip
    _check_address(job, file, found)
    return found


def _check_address(job: FlashJob, file: FlashFile, found: image.Image) -> None:
    """A bootloader, with or without the rest, starts the chip only from the one address where its loader looks."""
    wanted = chips()[job.chip].flash_offset if found.address is None else found.address
    starts = found.kind in ("whole", "bootloader")
    if starts != (file.address == wanted):
        raise WrongImage(
            file.path.name,
            _(
                "On an {chip} it belongs at {wanted}, not at {address}: from there the chip would not start.",
                chip=chip_title(job.chip),
                wanted=hex(wanted),
                address=hex(file.address),
            )
            if starts
            else _(
                "It is a program alone; at {address} the {chip} looks for a bootloader.",
                chip=chip_title(job.chip),
                address=hex(file.address),
            ),
            next_step=_("Write it at {wanted}.", wanted=hex(wanted)) if starts else None,
            overridable=True,
        )


def what_is_lost(job: FlashJob) -> Text:
    """What the board loses by ``job``, for the person who is to say yes."""
    if job.erase == "all":
        return _("Everything on the board is erased: its firmware, its files and its settings.")
    if any(_covers_settings(file) for file in job.files):
        return _(
            "The files on the board stay. Its firmware is replaced, and what esp32.NVS and Wi-Fi remembered is lost."
        )
    return _("Only what these files cover is replaced; everything else on the board stays.")


def _covers_settings(file: FlashFile) -> bool:
    try:
        end = file.address + file.path.stat().st_size
    except OSError:
        return False
    return file.address < _SETTINGS[1] and end > _SETTINGS[0]


def from_flasher_args(path: Path, port: str, chip: str = "") -> FlashJob:
    """The job of a build's ``flasher_args.json`` (ESP-IDF): bootloader, table, app, each at its address.

    ``chip``: what is on the board, if that is known. Raises WrongImage when it is for another, or no such file.
    """
    with disk_errors(path):
        if path.stat().st_size > _LARGEST_JSON:
            raise _bad(path, _("It is too large for a flasher_args.json."))
        text = path.read_bytes()
    try:
        data = json.loads(text)
        files = [FlashFile(int(at, 16), path.parent / str(name)) for at, name in data["flash_files"].items()]
        extra, settings = data.get("extra_esptool_args", {}), data.get("flash_settings", {})
        theirs, words = str(extra.get("chip", "")), {key: str(settings.get(key, "keep")) for key in _JOB_WORDS}
        stub = bool(extra.get("stub", True))
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise _bad(path, _("It is not a flasher_args.json of ESP-IDF.")) from error
    if not files:
        raise _bad(path, _("It names no files."))
    if theirs not in chips():
        raise _bad(path, _("It is for the chip {chip}, which MicroPython does not support.", chip=theirs or "?"))
    if chip and chip != theirs:
        raise _bad(path, _("It is for the {theirs}, and the board has an {ours}.", theirs=chip_title(theirs),
                           ours=chip_title(chip)))  # fmt: skip
    job = FlashJob(port, theirs, tuple(sorted(files, key=lambda file: file.address)), stub=stub)
    return replace(job, flash_mode=words["flash_mode"], flash_freq=words["flash_freq"], flash_size=words["flash_size"])


def _bad(path: Path, why: Text) -> WrongImage:
    return WrongImage(path.name, why, next_step=_("Choose the flasher_args.json of a build, or a firmware .bin."))
