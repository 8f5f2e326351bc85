"""The .elf file beside an official firmware's .bin file: with it, MicroPython's own functions have names in a panic.

MicroPython's esp32 port prints its version and its board before a panic, and ESP-IDF the SHA-256 of the .elf file (its
first letters): a file that is fetched for a panic is used only if it is that one.
"""

from __future__ import annotations

import hashlib
import re
from pathlib import Path

from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.known_boards import identify_text
from ide.board.flash.records import Firmware
from toolchains.crash.records import Dump
from toolchains.errors import ProjectError, disk_errors
from toolchains.fetch import Download, fetch
from toolchains.jobs import JobContext
from toolchains.mirrors import Mirrors
from toolchains.paths import Paths
from toolchains.text import _

_VERSION = re.compile(r"^MPY version *: *v(\d+\.\d+(?:\.\d+)?) on ", re.MULTILINE)
_MACHINE = re.compile(r"^Machine *: *(.+?) *$", re.MULTILINE)
_UNVERIFIED = "micropython.org publishes no check sums; the panic names the file's own"


class OtherElf(ProjectError):
    """An .elf file is not that of the firmware which crashed. Field: ``path``."""

    code = "crash.elf-other"

    def __init__(self, path: Path) -> None:
        super().__init__(
            _("{name} belongs to another firmware than the one that crashed.", name=path.name),
            why=_("Its SHA-256 is not the one that the board printed."),
            next_step=_("Take the .elf file of the very same release, board and variant."),
            path=str(path),
        )


class NoElf(ProjectError):
    """Nobody knows where the .elf file of a firmware is."""

    code = "crash.elf-unknown"

    def __init__(self) -> None:
        super().__init__(
            _("Which firmware crashed is not known, so its .elf file cannot be fetched."),
            why=_("The board did not say its version and its name, or it is no official release."),
            next_step=_("Name the file yourself: --elf FILE"),
        )


def check_elf(path: Path, dump: Dump) -> None:
    """Raise :class:`OtherElf` if a panic names another file."""
    if not dump.elf_sha256:
        return
    with disk_errors(path), path.open("rb") as file:
        found = hashlib.file_digest(file, "sha256").hexdigest()
    if not found.startswith(dump.elf_sha256):
        raise OtherElf(path)


def elf_here(paths: Paths, dump: Dump) -> Path | None:
    """The .elf file of the firmware that crashed, if it was fetched before."""
    firmware = official(paths, dump)
    if firmware is None:
        return None
    path = _folder(paths) / _download(firmware).filename
    if not path.is_file():
        return None
    try:
        check_elf(path, dump)
    except OtherElf:
        return None
    return path


def fetch_elf(ctx: JobContext, paths: Paths, dump: Dump) -> Path:
    """Get it. Raises :class:`NoElf`, :class:`OtherElf`, NetworkError, NotOnServer, WrongContent, DiskError."""
    firmware = official(paths, dump)
    if firmware is None:
        raise NoElf
    asked = Mirrors.of(ctx.host, paths).applied(_download(firmware))
    path = fetch(ctx, asked, _folder(paths))
    check_elf(path, dump)
    return path


def official(paths: Paths, dump: Dump) -> Firmware | None:
    """The official firmware that a panic names itself."""
    version, machine = _VERSION.search(dump.text), _MACHINE.search(dump.text)
    known = identify_text("", machine[1]) if machine else None
    return FirmwareCatalog.of(paths).find(*known, version[1]) if known is not None and version is not None else None


def _download(firmware: Firmware) -> Download:
    url = f"{firmware.url.removesuffix('.bin')}.elf"
    return Download(url, url.rpartition("/")[2], f"unverified:{_UNVERIFIED}")


def _folder(paths: Paths) -> Path:
    return paths.data / "firmware" / "elf"
