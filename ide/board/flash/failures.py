"""From esptool's words to our sentences: the table ``resources/flash/esptool.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any, Literal

from ide.board.errors import BoardNotFound
from ide.board.flash.errors import (
    FlashFailed,
    FlashState,
    Mismatch,
    NoData,
    NoFlash,
    NoLoader,
    NotInDownloadMode,
    PortTaken,
    SecureBoot,
    TooLarge,
    Unplugged,
    WrongBootMode,
    WrongChip,
    WrongImage,
)
from ide.board.flash.progress import Heard, Stage
from ide.board.ports import list_ports, not_allowed, port_holder
from toolchains.errors import StudioError, ToolMissing
from toolchains.host import Host
from toolchains.paths import resources
from toolchains.text import Text, _

#: What can be done differently at a second attempt.
Remedy = Literal["slower", "raw", "no-stub"]


@dataclass(frozen=True)
class _Row:
    text: re.Pattern[str]
    kind: str
    again: tuple[Remedy, ...]


@dataclass(frozen=True)
class Failure:
    """Why esptool failed: a kind of the table, the parts of its words that matter, what may help the next time."""

    kind: str
    parts: dict[str, str]
    again: tuple[Remedy, ...]
    said: str
    stage: Stage
    state: FlashState
    differs_at: int = 0


@cache
def _data() -> dict[str, Any]:
    found: dict[str, Any] = json.loads((resources() / "flash" / "esptool.json").read_text("utf-8"))
    return found


@cache
def _rows() -> tuple[_Row, ...]:
    flags = re.IGNORECASE | re.DOTALL
    return tuple(_Row(re.compile(row["text"], flags), row["kind"], tuple(row["again"])) for row in _data()["errors"])


def has_watchdog_reset(chip: str) -> bool:
    """Whether the chip can reset itself on esptool's word, for native USB without a reset line."""
    return chip in _data()["watchdog_reset"]


def has_no_psram(chip: str) -> bool:
    """Whether no board with this chip has PSRAM."""
    return chip in _data()["no_psram"]


def octal_psram(chip: str, megabytes: int) -> bool:
    """Whether PSRAM of this size in this chip's package is octal."""
    return megabytes in _data()["octal_psram"].get(chip, ())


def failure_of(heard: Heard) -> Failure:
    """What went wrong, from what a run said."""
    said = heard.said
    row, found = next(((row, found) for row in _rows() if (found := row.text.search(said))), (None, None))
    kind = row.kind if row is not None else "unknown"
    again: tuple[Remedy, ...] = row.again if row is not None else ("slower", "raw", "no-stub")
    if heard.no_flash and kind in ("flash", "lost", "mismatch", "unknown"):
        kind, again = "no-flash", ()
    elif heard.secure_download and kind in ("rom-cannot", "flash", "lost", "unknown"):
        kind, again = "secure-download", ()
    elif heard.chip and kind == "no-port":  # it was there a moment ago
        kind = "unplugged"
    parts = {name: value for name, value in found.groupdict().items() if value} if found is not None else {}
    differs_at = heard.at if heard.differs_at is None else heard.differs_at
    return Failure(kind, parts, again, said, heard.failed_at, heard.state, differs_at)


def error_of(failure: Failure, port: str, chip: str = "") -> StudioError:
    """The sentence for a failure at ``port`` of a board that should have ``chip``."""
    make = _ERRORS.get(failure.kind, _failed)
    return make(failure, port, chip)


def doing(stage: Stage) -> Text:
    """What esptool was at, as the end of a sentence."""
    match stage:
        case "connect":
            return _("connecting to the chip")
        case "stub":
            return _("starting the flash program in the chip")
        case "erase":
            return _("erasing")
        case "write":
            return _("writing")
        case "read":
            return _("reading")
        case "compare":
            return _("comparing what was written")
        case "reset":
            return _("restarting the board")


def chip_name(title: str) -> str:
    """esptool's ``ESP32-C3`` as ``esp32c3``."""
    return title.lower().replace("-", "").partition("(")[0]


def taken(port: str, said: str = "") -> PortTaken:
    """The error for a port that another program holds."""
    holder, pid = (port_holder(port) if "://" not in port else None) or (None, None)
    return PortTaken(port, holder, pid, said)


def _no_port(failure: Failure, port: str, _chip: str) -> StudioError:
    there = () if "://" in port else tuple(info.address for info in list_ports() if info.likely)
    return BoardNotFound(port, there, failure.said)


def _wrong_chip(failure: Failure, port: str, chip: str) -> StudioError:
    found = chip_name(failure.parts.get("found", ""))
    return WrongChip(port, chip or chip_name(failure.parts.get("wanted", "")), found, failure.said)


def _image_chip(failure: Failure, port: str, chip: str) -> StudioError:
    return WrongImage(
        str(_("The image")), _("It is made for another chip than the one on the board."), detail=failure.said
    )


def _image_revision(failure: Failure, _port: str, _chip: str) -> StudioError:
    return WrongImage(
        str(_("The image")),
        _(
            "It needs another revision of the chip ({needs}); this one is {has}.",
            needs=failure.parts.get("needs", "?"),
            has=failure.parts.get("has", "?"),
        ),
        detail=failure.said,
        overridable=True,
    )


def _too_large(failure: Failure, _port: str, _chip: str) -> StudioError:
    parts = failure.parts
    name = parts["name"].replace("\\", "/").rpartition("/")[2]
    return TooLarge(name, int(parts["address"], 16) + int(parts["length"]), int(parts["size"]), failure.said)


def _locked(why: Callable[[], Text]) -> Callable[[Failure, str, str], StudioError]:
    return lambda failure, port, _chip: SecureBoot(port, why(), failure.said, failure.state)


def _failed(failure: Failure, _port: str, _chip: str) -> StudioError:
    why = _REASONS.get(failure.kind)
    return FlashFailed(doing(failure.stage), failure.said, why=why, state=failure.state)


#: Why it failed, where the flash program's words need a translation.
_REASONS: dict[str, Text] = {
    "lost": _("Bytes were lost on the way to or from the chip."),
    "baud": _("The port cannot run at this speed."),
    "stub": _("The chip did not start the flash program."),
    "flash": _("The flash memory refuses to be written: too little power, a write protection, or worn out."),
    "outside": _("The address is outside the flash."),
    "overlap": _("Two of the files are for the same place in the flash."),
    "rom-cannot": _("Without its flash program the chip cannot do this."),
    "usage": _("esptool did not take its command line."),
    "unknown-chip": _("esptool does not know this chip."),
    "tx-down": _("The chip is in download mode but does not hear us: check the wire to its RX pin, or the cable."),
}

_ERRORS: dict[str, Callable[[Failure, str, str], StudioError]] = {
    "missing": lambda failure, port, chip: ToolMissing("esptool", command="python -m pip install esptool"),
    "not-serial": lambda failure, port, chip: NoLoader(port, failure.said),
    "taken": lambda failure, port, chip: taken(port, failure.said),
    "not-allowed": lambda failure, port, chip: not_allowed(port, Host.current()),
    "no-port": _no_port,
    "wrong-chip": _wrong_chip,
    "image-chip": _image_chip,
    "image-revision": _image_revision,
    "too-large": _too_large,
    "secure-boot": _locked(lambda: _("Secure boot is on: it starts only firmware that its maker signed.")),
    "secure-any": _locked(lambda: _("Secure boot or flash encryption is on; erasing it would make it useless.")),
    "encryption": _locked(lambda: _("Its flash is encrypted; writing plain firmware would make it useless.")),
    "secure-download": _locked(lambda: _("It is in secure download mode, which refuses this.")),
    "no-flash": lambda failure, port, chip: NoFlash(port, failure.said),
    "boot-mode": lambda failure, port, chip: WrongBootMode(port, chip, failure.said, failure.state),
    "no-data": lambda failure, port, chip: NoData(port, chip, failure.said, failure.state),
    "not-loader": lambda failure, port, chip: NotInDownloadMode(port, chip, failure.said, failure.state),
    "unplugged": lambda failure, port, chip: Unplugged(port, failure.state, failure.said),
    "mismatch": lambda failure, port, chip: Mismatch(failure.differs_at, failure.said, failure.state),
    "differs": lambda failure, port, chip: Mismatch(failure.differs_at, failure.said, failure.state),
}
