"""What goes wrong between us and a chip's flash: leaves of :class:`~toolchains.errors.BoardError`.

Each says in its ``why``, where there is something to say, what state the board is in.
"""

from __future__ import annotations

from typing import Literal

from toolchains.chips import chips
from toolchains.errors import BoardError, Cancelled, StudioError
from toolchains.text import Text, _
from toolchains.units import size_text

#: What a job had done to the flash when it stopped: nothing; erased it; written a part; written all of it; compared it
#: with the image as well.
FlashState = Literal["untouched", "erased", "partial", "written", "verified", "unknown"]


def state_text(state: FlashState) -> Text:
    """What state the board is in, for people."""
    match state:
        case "untouched":
            return _("Nothing was written: what was on the board is still there.")
        case "erased":
            return _("The flash is empty now: the board does nothing until firmware is written.")
        case "partial":
            return _("The flash is written in part: the board does not start until it is written again.")
        case "written":
            return _("The flash is written, but it was not compared with the image.")
        case "verified":
            return _("The flash is written, and it holds what it should.")
        case "unknown":
            return _("Nobody knows how much was written: write it again before you use the board.")


def chip_title(chip: str) -> str:
    """``esp32c3`` as ``ESP32-C3``; a chip that we do not know keeps its name."""
    return chips()[chip].title if chip in chips() else chip


class FlashError(BoardError):
    """Root of what the flasher says. ``state`` is what happened to the flash."""

    code = "flash"

    def __init__(
        self,
        what: Text,
        *,
        why: Text | None = None,
        next_step: Text | None = None,
        detail: str = "",
        state: FlashState = "untouched",
        **fields: object,
    ) -> None:
        super().__init__(what, why=why, next_step=next_step, detail=detail, state=state, **fields)
        self.state: FlashState = state


class NotInDownloadMode(FlashError):
    """Nothing that speaks the loader's language answers: the chip runs its program, sleeps, or has no power.

    ``chip`` is a name of chips.json when it is known; the coach has the picture.
    """

    code = "flash.mode"

    def __init__(self, port: str, chip: str = "", detail: str = "", state: FlashState = "untouched") -> None:
        self.port, self.chip = port, chip
        super().__init__(
            _("The chip at {port} is not in download mode.", port=port),
            why=state_text(state),
            next_step=_("Hold BOOT, press and release RESET, release BOOT, then try again."),
            detail=detail,
            state=state,
            port=port,
            chip=chip,
        )


class WrongBootMode(NotInDownloadMode):
    """The chip was seen to start its program instead of the loader: its BOOT pin was not held."""

    code = "flash.bootmode"


class NoData(NotInDownloadMode):
    """Not a single byte came back: a cable without data lines, no power, or a port without a board."""

    code = "flash.nodata"

    def __init__(self, port: str, chip: str = "", detail: str = "", state: FlashState = "untouched") -> None:
        super().__init__(port, chip, detail, state)
        self.what = _("Nothing answers at {port}: not one byte came back.", port=port)
        self.next_step = _(
            "A cable that only charges does this, and a board without power: try another cable. Or hold BOOT, press "
            "and release RESET, release BOOT, then try again."
        )


class NoLoader(FlashError):
    """Something else than a chip's loader is on the port: a mouse, a modem, another microcontroller."""

    code = "flash.noloader"

    def __init__(self, port: str, detail: str = "") -> None:
        super().__init__(
            _("What is at {port} is no ESP chip.", port=port),
            next_step=_("Choose the port of the board. Unplug it and look which port goes away."),
            detail=detail,
            port=port,
        )


class WrongChip(FlashError):
    """Another chip is on the port than the job is for."""

    code = "flash.chip"

    def __init__(self, port: str, wanted: str, found: str, detail: str = "") -> None:
        self.wanted, self.found = wanted, found
        super().__init__(
            _("The chip at {port} is an {found}, and this is for an {wanted}.", port=port, found=chip_title(found),
              wanted=chip_title(wanted)),
            why=state_text("untouched"),
            next_step=_("Choose firmware for the {found}, or the other board.", found=chip_title(found)),
            detail=detail,
            port=port,
            wanted=wanted,
            found=found,
        )  # fmt: skip


class AnotherBoard(FlashError):
    """Since somebody looked, another board was plugged in at the port."""

    code = "flash.another"

    def __init__(self, port: str) -> None:
        super().__init__(
            _("Another board is at {port} now.", port=port),
            why=state_text("untouched"),
            next_step=_("Look at it again, then choose what it gets."),
            port=port,
        )


class WrongImage(FlashError):
    """The file must not be written. ``why`` says why not; ``overridable``: a person may insist on it."""

    code = "flash.image"

    def __init__(
        self,
        name: str,
        why: Text,
        *,
        next_step: Text | None = None,
        detail: str = "",
        overridable: bool = False,
    ) -> None:
        self.overridable = overridable
        super().__init__(
            _("{name} is not written.", name=name),
            why=why,
            next_step=next_step or _("Choose another file, or download the firmware again."),
            detail=detail,
            name=name,
            overridable=overridable,
        )


class FlashFailed(FlashError):
    """esptool failed while doing ``step``; ``said`` is its own text."""

    code = "flash.failed"

    def __init__(
        self,
        step: Text,
        said: str = "",
        *,
        why: Text | None = None,
        next_step: Text | None = None,
        state: FlashState = "unknown",
    ) -> None:
        self.step = step
        told = state_text(state)
        super().__init__(
            _("It stopped while {step}.", step=step),
            why=told if why is None else _("{reason} {state}", reason=why, state=told),
            next_step=next_step or _("Try again with another cable, another USB socket, and no hub in between."),
            detail=said,
            state=state,
        )


class FlashStopped(Cancelled):
    """The person cancelled; ``state`` is what the board is left in."""

    def __init__(self, state: FlashState) -> None:
        self.state: FlashState = state
        StudioError.__init__(
            self,
            _("Cancelled."),
            why=state_text(state),
            next_step=_("To start what is on it, press its reset button.")
            if state in ("untouched", "verified")
            else None,
            state=state,
        )


class PortTaken(FlashError):
    """Another program holds the port."""

    code = "flash.taken"

    def __init__(self, port: str, holder: str | None = None, pid: int | None = None, detail: str = "") -> None:
        self.holder, self.pid = holder, pid
        if holder is not None:
            why = _("The program {holder} (process {pid}) is using it.", holder=holder, pid=pid)
        else:
            why = _("Another program is using it: a serial monitor, another IDE, or a second window of this one.")
        super().__init__(
            _("The port {address} is taken.", address=port),
            why=why,
            next_step=_("Close that program, or disconnect the board there, then try again."),
            detail=detail,
            port=port,
            holder=holder,
            pid=pid,
        )


class Unplugged(FlashError):
    """The port went away in the middle."""

    code = "flash.unplugged"

    def __init__(self, port: str, state: FlashState = "unknown", detail: str = "") -> None:
        super().__init__(
            _("The connection to the board at {address} broke.", address=port),
            why=state_text(state),
            next_step=_("Check the cable, plug the board in again, then try again."),
            detail=detail,
            state=state,
            port=port,
        )


class SecureBoot(FlashError):
    """The chip's fuses forbid what was asked: secure boot, flash encryption or secure download mode."""

    code = "flash.secure"

    def __init__(self, port: str, why: Text, detail: str = "", state: FlashState = "untouched") -> None:
        super().__init__(
            _("The chip at {port} is locked.", port=port),
            why=why,
            next_step=_("Only who made this device can change its firmware; use another board."),
            detail=detail,
            state=state,
            port=port,
        )


class NoFlash(FlashError):
    """The loader answers, but no flash chip does."""

    code = "flash.none"

    def __init__(self, port: str, detail: str = "") -> None:
        super().__init__(
            _("The chip at {port} finds no flash memory.", port=port),
            why=_("The flash does not answer: too little power, a wire on one of its pins, or a broken module."),
            next_step=_("Take off what is connected to the pins, plug the board into the computer itself, try again."),
            detail=detail,
            port=port,
        )


class TooLarge(FlashError):
    """A file reaches over the end of the flash. Sizes in bytes."""

    code = "flash.large"

    def __init__(self, name: str, end: int, flash_size: int, detail: str = "") -> None:
        super().__init__(
            _("{name} does not fit: it ends at {end}, and the flash has {size}.", name=name, end=size_text(end),
              size=size_text(flash_size)),
            why=state_text("untouched"),
            next_step=_("Choose firmware for a board with {size} of flash.", size=size_text(flash_size)),
            detail=detail,
            name=name,
            end=end,
            flash_size=flash_size,
        )  # fmt: skip


class Mismatch(FlashError):
    """What is in the flash is not what was written. ``address`` is where the difference was seen."""

    code = "flash.mismatch"

    def __init__(self, address: int, detail: str = "", state: FlashState = "partial") -> None:
        super().__init__(
            _("What the flash holds at {address} is not what was written.", address=f"0x{address:x}"),
            why=_("The flash is worn out or has too little power, or bytes were lost on the way."),
            next_step=_("Write it again at a lower speed; if that fails too, the flash of this board is broken."),
            detail=detail,
            state=state,
            address=address,
        )


class DidNotStart(FlashError):
    """The image was written and compared, but MicroPython does not answer afterwards."""

    code = "flash.nostart"

    def __init__(self, port: str, why: Text, next_step: Text, detail: str = "") -> None:
        super().__init__(
            _("The firmware is written and compared, but MicroPython does not answer at {port}.", port=port),
            why=why,
            next_step=next_step,
            detail=detail,
            state="written",
            port=port,
        )


class BadOldLine(FlashError):
    """A pasted esptool line that we do not understand or that does not fit."""

    code = "flash.line"

    def __init__(self, why: Text) -> None:
        super().__init__(
            _("This esptool line cannot be run."),
            why=why,
            next_step=_("Paste a whole line with write_flash, for example: {example}",
                        example="esptool.py --chip esp32 write_flash 0x1000 firmware.bin"),
        )  # fmt: skip
