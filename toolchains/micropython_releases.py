"""The supported releases of MicroPython, and its official firmware for the ESP32 family: ``resources/catalog``."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import Any

from toolchains.catalog_records import minor_key
from toolchains.paths import resources


@dataclass(frozen=True)
class MicroPythonRelease:
    """A release: its date (``2025-09-11``), the date in the names of its firmware (``20250911``), its .mpy version.

    ``idf``: the ESP-IDF that is recommended for its firmware, then those that are supported as well.
    """

    version: str
    date: str
    firmware_date: str
    mpy: tuple[int, int]
    idf: tuple[str, ...]

    @property
    def minor(self) -> str:
        """``1.26`` for 1.26.1."""
        return self.version.rpartition(".")[0]


@dataclass(frozen=True)
class Firmware:
    """An official firmware file: what it is for, where it is, its SHA-256 if anybody published one.

    ``variant`` is empty for the board's plain one. ``unverified`` says why there is no hash, or is empty. ``seen``:
    somebody quoted this very address; else it was put together from lists of boards and dates, and may be missing.
    """

    version: str
    board: str
    variant: str
    chip: str
    url: str
    size: int | None
    sha256: str
    unverified: str
    seen: bool

    @property
    def name(self) -> str:
        """The file's name."""
        return self.url.rpartition("/")[2]


def _load(name: str) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((resources() / "catalog" / name).read_text("utf-8"))
    return loaded


@cache
def micropython_releases() -> tuple[MicroPythonRelease, ...]:
    """All of them, oldest first."""
    return tuple(
        MicroPythonRelease(
            row["version"], row["date"], row["firmware_date"], tuple(row["mpy"]), (row["idf"], *row["idf_also"])
        )
        for row in _load("micropython.json")["releases"]
    )


@cache
def minors() -> tuple[str, ...]:
    """``1.22`` to the newest, oldest first."""
    return tuple(dict.fromkeys(release.minor for release in micropython_releases()))


def micropython_of(idf: tuple[str, ...]) -> tuple[str, ...]:
    """The minors, oldest first, whose firmware is built with one of these releases of the ESP-IDF."""
    wanted = set(idf)
    return tuple(dict.fromkeys(one.minor for one in micropython_releases() if wanted & set(one.idf)))


@cache
def firmware() -> tuple[Firmware, ...]:
    """All official firmware that is known, by release (oldest first), then by board and variant."""
    data = _load("firmware.json")
    dates = {release.version: release.firmware_date for release in micropython_releases()}
    hashes = {row["file"]: row for row in data["sha256"]}
    found = []
    for row in data["boards"]:
        for kind in ("seen", "constructed"):
            for version in row.get(kind, ()):
                stem = f"{row['board']}-{row['variant']}" if row["variant"] else row["board"]
                name = f"{stem}-{dates[version]}-v{version}.bin"
                known = hashes.get(name, {})
                found.append(
                    Firmware(
                        version,
                        row["board"],
                        row["variant"],
                        row["chip"],
                        data["base"] + name,
                        known.get("size"),
                        known.get("sha256", ""),
                        "" if known else data["unverified"],
                        kind == "seen" or bool(known),
                    )
                )
    return tuple(sorted(found, key=lambda one: (minor_key(one.version), one.version, one.board, one.variant)))
