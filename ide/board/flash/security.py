"""Whether a chip is locked, in words: what each fuse means for somebody who wants to write firmware."""

from __future__ import annotations

from ide.board.flash.errors import SecureBoot
from ide.board.flash.records import Security
from toolchains.text import Text, _


def words(security: Security) -> list[Text]:
    """The security state, a sentence each. There is always at least one."""
    if not security.known:
        return [_("Whether the chip is locked is not known: its loader was not asked.")]
    found = []
    if security.secure_boot:
        found.append(_("Secure boot is on: the chip starts only firmware that its maker signed."))
    if security.flash_encryption:
        found.append(_("Flash encryption is on: the chip cannot read firmware that was written as it is."))
    if security.secure_download:
        found.append(_("Secure download is on: its loader writes, but neither reads nor checks."))
    return found or [_("The chip is not locked.")]


def check(port: str, security: Security) -> None:
    """Raise :class:`~ide.board.flash.errors.SecureBoot` for a chip on which MicroPython would not start.

    The fuses burn once: nobody can take that back, so nothing is tried.
    """
    if security.secure_boot:
        raise SecureBoot(port, _("Secure boot is on: the chip starts only firmware that its maker signed."))
    if security.flash_encryption:
        raise SecureBoot(port, _("Flash encryption is on: the chip cannot read firmware that was written as it is."))


def can_be_read(security: Security) -> bool:
    """Whether the flash can be read back as what it means, as a backup needs."""
    return not (security.secure_download or security.flash_encryption)
