"""The boards that MicroPython has firmware for, and which of them answers. Data: ``resources/catalog/boards.json``."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ide.board.flash.errors import chip_title
from ide.board.inspect import Identity
from toolchains.catalog_records import version_key
from toolchains.paths import resources
from toolchains.text import Text, _

_MB = 1 << 20
_GENERIC = "ESP32_GENERIC"
_BUILD = re.compile(r"([A-Z0-9_]{2,60})(?:-([A-Z0-9_]{1,40}))?")
#: BOARD[-VARIANT]-DATE-vVERSION.bin (facts e). A preview's version: 1.29.0-preview.12.g0123456789.
_NAME = re.compile(
    r"([A-Z][A-Z0-9_]{1,60})(?:-([A-Z0-9_]{1,40}))?-(20\d{6})"
    r"-v(\d{1,2}\.\d{1,3}\.\d{1,3}(?:-preview\.\d{1,5}\.g[0-9a-f]{7,12})?)\.bin"
)


@dataclass(frozen=True)
class KnownBoard:
    """A board and variant. ``flash`` in bytes: how much it is built for, at least.

    ``psram`` is the kind that it can use: ``quad``, ``octal``, ``hex`` (inside an ESP32-P4) or empty. ``cores`` is 1
    when it is for chips with one core; ``revisions`` is the span of chip revisions, major * 100 + minor, where it has
    one. ``machines`` are the beginnings of ``sys.implementation._machine``.
    """

    board: str
    variant: str
    chip: str
    vendor: str
    product: str
    flash: int
    psram: str
    ota: bool = False
    cores: int | None = None
    revisions: tuple[int, int] | None = None
    machines: tuple[str, ...] = ()

    @property
    def generic(self) -> bool:
        """Whether it is for any board with that chip."""
        return self.board.startswith(_GENERIC)


@dataclass(frozen=True)
class FileName:
    """What the name of an official file says; ``date`` as ``2025-09-11``."""

    board: str
    variant: str
    date: str
    version: str


@cache
def _rows() -> tuple[dict[str, Any], ...]:
    return tuple(json.loads((resources() / "catalog" / "boards.json").read_text("utf-8"))["boards"])


@cache
def known_boards() -> Mapping[tuple[str, str], KnownBoard]:
    """All, by board and variant, as the newest release has them."""
    return {(row["board"], row["variant"]): _record(row) for row in _rows()}


@cache
def known_board(board: str, variant: str, version: str) -> KnownBoard | None:
    """One as a release of MicroPython has it: before 1.26 many needed all the flash that their makers solder on."""
    for row in _rows():
        if (row["board"], row["variant"]) == (board, variant):
            older = row.get("before")
            return _record({**row, **older} if older and version_key(version) < version_key(older["version"]) else row)
    return None


def _record(row: Mapping[str, Any]) -> KnownBoard:
    span = row.get("revisions")
    return KnownBoard(
        row["board"],
        row["variant"],
        row["chip"],
        row["vendor"],
        row["product"],
        row["flash"] * _MB,
        row["psram"],
        row.get("ota", False),
        row.get("cores"),
        (span[0], span[1]) if span else None,
        tuple(row.get("machines", ())),
    )


def identify(running: Identity) -> tuple[str, str] | None:
    """Board and variant of the MicroPython that answers, or None when nobody knows them.

    From 1.25 on it says them itself (``_build``); before, its ``_machine`` text tells, where one board alone has it.
    """
    return identify_text(running.build, running.machine)


def identify_text(build: str, machine: str) -> tuple[str, str] | None:
    """The same from the two texts; either may be empty."""
    said = _BUILD.fullmatch(build)
    if said is not None:
        return said[1], said[2] or ""
    fits = [
        (len(text), row.variant, row.board)
        for row in known_boards().values()
        for text in row.machines
        if machine == text or machine.startswith(f"{text} with ")
    ]
    best = [fit for fit in fits if fit[0] == max(fits)[0]]
    return (best[0][2], best[0][1]) if len(best) == 1 else None


def read_name(name: str) -> FileName | None:
    """What the name of an official file says, or None when it is none."""
    found = _NAME.fullmatch(name)
    if found is None:
        return None
    board, variant, date, version = found.groups()
    return FileName(board, variant or "", f"{date[:4]}-{date[4:6]}-{date[6:]}", version)


def board_title(board: str, variant: str = "", name: str = "") -> Text:
    """A board in plain words. ``name`` is what its maker calls it, for one that is not in our table."""
    known = known_boards().get((board, variant)) or known_boards().get((board, ""))
    if known is None:
        plain: Text | str = name or board
    elif known.generic:
        plain = _("Any board with an {chip}", chip=chip_title(known.chip))
    else:
        plain = f"{known.vendor} {known.product}"
    if not variant:
        return plain if isinstance(plain, Text) else Text("{name}", {"name": plain})
    return _("{board}, {variant}", board=plain, variant=variant_words(variant))


def variant_words(variant: str) -> Text | str:
    """What a variant is for; its own name where we know no better."""
    return _variants().get(variant, variant)


def _variants() -> dict[str, Text]:
    return {
        "SPIRAM": _("with extra memory (PSRAM; WROVER modules)"),
        "SPIRAM_OCT": _("with octal extra memory (PSRAM; modules that end in R8 or R16)"),
        "OTA": _("updated over the air"),
        "D2WD": _("with 2 MB of flash inside the chip (D2WD)"),
        "UNICORE": _("with one core"),
        "FLASH_2M": _("with 2 MB of flash"),
        "FLASH_4M": _("with 4 MB of flash"),
        "C5_WIFI": _("with an ESP32-C5 beside it for Wi-Fi"),
        "C6_WIFI": _("with an ESP32-C6 beside it for Wi-Fi"),
        "PRE_REV3": _("chip revisions before v3.0"),
        "PRE_REV3_C5_WIFI": _("chip revisions before v3.0, with an ESP32-C5 beside it for Wi-Fi"),
        "PRE_REV3_C6_WIFI": _("chip revisions before v3.0, with an ESP32-C6 beside it for Wi-Fi"),
    }
