"""Whether a chip is locked, in words: what each fuse means for somebody who wants to write firmware."""

from __future__ import annotations

from ide.board.flash.errors import SecureBoot
from ide.board.flash.records import Security
from toolchains.text import Text, _

_BOOT = _("Secure boot is on: the chip starts only firmware that its maker signed.")
_FLASH = _("Flash encryption is on: the chip cannot read firmware that was written as it is.")
_DOWNLOAD = _("Secure download is on: its loader writes, but neither reads nor checks.")


def _locks(security: Security) -> list[Text]:
    on = ((security.secure_boot, _BOOT), (security.flash_encryption, _FLASH), (security.secure_download, _DOWNLOAD))
    return [text for is_on, text in on if is_on]


def words(security: Security) -> list[Text]:
    """The security state, a sentence each. There is always at least one."""
    if not security.known:
        return [_("Whether the chip is locked is not known: its loader was not asked.")]
    return _locks(security) or [_("The chip is not locked.")]


def locked(security: Security) -> Text | None:
    """The worst of what the fuses forbid, in one sentence; None where nobody knows of any."""
    return next(iter(_locks(security)), None)


def starts_nothing_else(security: Security) -> bool:
    """Whether MicroPython would not start on the chip, as far as is known."""
    return security.secure_boot or security.flash_encryption


def check(port: str, security: Security) -> None:
    """Raise :class:`~ide.board.flash.errors.SecureBoot` for a chip on which MicroPython would not start.

    The fuses burn once: nobody can take that back, so nothing is tried.
    """
    if starts_nothing_else(security):
        raise SecureBoot(port, _locks(security)[0])


def check_erase(port: str, security: Security) -> None:
    """Raise :class:`~ide.board.flash.errors.SecureBoot` for a chip whose loader cannot erase, whoever insists."""
    if security.secure_download:
        raise SecureBoot(port, _("It is in secure download mode, which refuses this."))


def can_be_read(security: Security) -> bool:
    """Whether the flash can be read back as what it means, as a backup needs."""
    return not (security.secure_download or security.flash_encryption)
