"""What can go wrong with a board in DFU mode, by dfu-util's own words."""

from __future__ import annotations

import re

from toolchains.errors import FirmwareError
from toolchains.host import Host
from toolchains.text import Text, _

#: The line that lets everybody at this computer use STM32 chips in DFU mode (Linux).
UDEV_RULE = 'SUBSYSTEM=="usb", ATTR{idVendor}=="0483", ATTR{idProduct}=="df11", TAG+="uaccess", MODE="0666"'
UDEV_FILE = "/etc/udev/rules.d/50-stm32-dfu.rules"


class DfuError(FirmwareError):
    """dfu-util could not do it. ``detail`` is what it said; ``reason``: none, several, access, driver, protected,
    address, gone, refused, file."""

    code = "firmware.dfu"

    def __init__(self, reason: str, what: Text, next_step: Text, detail: str = "", *, why: Text | None = None) -> None:
        super().__init__(what, why=why, next_step=next_step, detail=detail, reason=reason)


#: What dfu-util says, and what that means; the first that fits.
_SAID = (
    (r"LIBUSB_ERROR_ACCESS", "access"),
    (r"LIBUSB_ERROR_(NOT_SUPPORTED|NOT_FOUND)", "driver"),
    (r"More than one DFU capable USB device", "several"),
    (r"No DFU capable USB device|No DFU device found", "none"),
    (
        r"(ERASE_PAGE|MASS_ERASE|SET_ADDRESS|READ_UNPROTECT) not correctly executed|status\(1[01]?\)|errVENDOR",
        "protected",
    ),
    (r"not writeable|can not be erased|Invalid dfuse address", "address"),
    (r"LIBUSB_ERROR_(NO_DEVICE|PIPE|IO|TIMEOUT)|Lost device", "gone"),
)


def explain(said: str, host: Host) -> DfuError:
    """The error for what dfu-util printed."""
    reason = next((reason for pattern, reason in _SAID if re.search(pattern, said)), "refused")
    return _ERRORS[reason](said, host)


def nobody(said: str, _host: Host) -> DfuError:
    """No chip in DFU mode is connected."""
    return DfuError(
        "none",
        _("No board in DFU mode is connected."),
        _("Hold BOOT0, press and release NRST, release BOOT0; or type: natmod dfu enter --board PORT"),
        said,
    )


def several(said: str, _host: Host) -> DfuError:
    """More than one, and none was named."""
    return DfuError(
        "several",
        _("Several boards in DFU mode are connected."),
        _("Name one by its serial number: natmod dfu list, then --serial NUMBER"),
        said,
    )


def no_access(said: str, _host: Host) -> DfuError:
    """Linux lets only root use it."""
    return DfuError(
        "access",
        _("The board is in DFU mode, but this user may not use it."),
        _(
            "Type this once, then plug the board in again: {command}",
            command=f"echo '{UDEV_RULE}' | sudo tee {UDEV_FILE} && sudo udevadm control --reload",
        ),
        said,
        why=_("Linux has no udev rule for STM32 chips in DFU mode."),
    )


def no_driver(said: str, host: Host) -> DfuError:
    """Windows knows no driver for it."""
    if host.system != "windows":
        return lost(said, host)
    return DfuError(
        "driver",
        _("The board is in DFU mode, but Windows has no WinUSB driver for it."),
        _("Get Zadig from https://zadig.akeo.ie, choose STM32 BOOTLOADER and WinUSB, press Install Driver."),
        said,
    )


def protected(said: str, _host: Host) -> DfuError:
    """The chip refused to erase or write."""
    return DfuError(
        "protected",
        _("The chip refused to erase or write its flash."),
        _("Reset it into DFU mode and try again; if that does not help: natmod dfu erase --all"),
        said,
        why=_("A write protection, or a power supply that is too weak, does this."),
    )


def bad_address(said: str, _host: Host) -> DfuError:
    """The chip has no flash there."""
    return DfuError(
        "address",
        _("The chip has no flash that can be written at this address."),
        _("See where its flash is: natmod dfu list"),
        said,
    )


def lost(said: str, _host: Host) -> DfuError:
    """The connection broke."""
    return DfuError(
        "gone",
        _("The board was lost while dfu-util worked on it."),
        _("Check the cable, put the board into DFU mode again, and write again: an interrupted write does no harm."),
        said,
    )


def refused(said: str, _host: Host) -> DfuError:
    """Something else."""
    return DfuError(
        "refused",
        _("dfu-util could not do it."),
        _("Its own words are below. Put the board into DFU mode again, then try again."),
        said,
    )


_ERRORS = {
    "none": nobody,
    "several": several,
    "access": no_access,
    "driver": no_driver,
    "protected": protected,
    "address": bad_address,
    "gone": lost,
    "refused": refused,
}
