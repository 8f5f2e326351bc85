"""Images for flash, read and proved without esptool; and whether one may go onto a certain chip.

A file is anything that a person chose. What :func:`read` returns is sound in itself; :func:`check` compares it with the
chip before a byte is written.
"""

from __future__ import annotations

from pathlib import Path

from ide.board.flash.errors import TooLarge, WrongImage, chip_title
from ide.board.flash.image_parts import Image, Part, Segment
from ide.board.flash.image_reader import CHOOSE_BIN, LARGEST, Reader
from toolchains.errors import disk_errors
from toolchains.text import _
from toolchains.units import size_text

__all__ = ["Image", "Part", "Segment", "check", "read", "revision_text"]


def read(source: Path | bytes, name: str = "") -> Image:
    """The image in a file, or in these bytes, proved sound.

    Raises WrongImage whose ``why`` says what else it is or what is wrong with it, and DiskError.
    """
    if isinstance(source, bytes):
        return Reader(name or str(_("The image")), source).image()
    with disk_errors(source):
        size = source.stat().st_size
        if size > LARGEST:
            why = _("It has {size}; no flash is as large as that.", size=size_text(size))
            raise WrongImage(source.name, why, next_step=CHOOSE_BIN)
        data = source.read_bytes()
    return Reader(name or source.name, data).image()


def check(image: Image, chip: str, flash_size: int | None = None, revision: tuple[int, int] | None = None) -> None:
    """Raise unless ``image`` may be written onto this chip as it is.

    ``flash_size`` in bytes; None, like ``revision``, when nobody knows. Raises TooLarge, and WrongImage: for another
    chip, an app or a bootloader alone; overridable: for other revisions, or for more flash than there is.
    """
    if image.chip != chip:
        raise WrongImage(
            image.name,
            _("It is for the {theirs}, and the board has an {ours}.", theirs=chip_title(image.chip),
              ours=chip_title(chip)),
            next_step=_("Choose firmware for the {ours}.", ours=chip_title(chip)),
        )  # fmt: skip
    if image.kind == "app":
        raise WrongImage(
            image.name,
            _("It is a program alone: the bootloader and the partition table that a chip starts from are not in it."),
            next_step=_("Choose the whole firmware: its name ends in .bin, not .app-bin or micropython.bin."),
        )
    if image.kind == "bootloader":
        raise WrongImage(image.name, _("It is a bootloader alone; there is no program in it."), next_step=CHOOSE_BIN)
    if flash_size is not None:
        _check_size(image, flash_size)
    if revision is not None:
        _check_revision(image, revision)


def _check_size(image: Image, flash_size: int) -> None:
    if image.needs > flash_size:
        raise TooLarge(image.name, image.needs, flash_size)
    wanted = image.first.flash_size
    if wanted > flash_size:  # ESP-IDF: "Detected size smaller than the size in the binary image header. Probe failed."
        why = _(
            "It is made for {wanted} of flash, and the board has {there}: it would not start.",
            wanted=size_text(wanted),
            there=size_text(flash_size),
        )
        step = _("Choose firmware for {size} of flash.", size=size_text(flash_size))
        raise WrongImage(image.name, why, next_step=step, overridable=True)


def _check_revision(image: Image, revision: tuple[int, int]) -> None:
    first, last = image.revisions
    mine = revision[0] * 100 + revision[1]
    if mine < first:
        why = _(
            "It needs revision {first} of the chip or a newer one, and this one is {mine}.",
            first=revision_text(first),
            mine=revision_text(mine),
        )
    elif mine > last:
        why = _(
            "It is for revisions of the chip up to {last}, and this one is {mine}.",
            last=revision_text(last),
            mine=revision_text(mine),
        )
    else:
        return
    raise WrongImage(image.name, why, next_step=_("Choose the firmware for this revision."), overridable=True)


def revision_text(revision: int) -> str:
    """``301`` as ``v3.1``."""
    return f"v{revision // 100}.{revision % 100}"
