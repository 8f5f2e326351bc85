"""Which ESP-IDF a MicroPython tree is made for: its lockfile says so; older trees say it in their README."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from toolchains.errors import disk_errors
from toolchains.firmware.boards import Target
from toolchains.micropython_releases import micropython_releases
from toolchains.sdk_tree import SdkTree

_LOCKED = re.compile(r"^  idf:\n(?:    .*\n)*?    version: '?\"?(\d+\.\d+(?:\.\d+)?)", re.MULTILINE)
_RECOMMENDED = re.compile(r"recommended version of ESP-IDF for MicroPython is v(\d+\.\d+(?:\.\d+)?)")
_ALSO = re.compile(r"MicroPython\s+also supports ((?:v\d+(?:\.\d+)+|,|\s|and)+)")
_VERSION = re.compile(r"\d+\.\d+(?:\.\d+)?")
_TARGET = re.compile(r"^\s*set\(\s*IDF_TARGET\s+\"?(\w+)", re.MULTILINE | re.IGNORECASE)
_INCLUDE = re.compile(r"^\s*include\(\s*\"?([\w./${}-]+\.cmake)", re.MULTILINE | re.IGNORECASE)
_DEEPEST = 5
_LARGEST = 1 << 20


@dataclass(frozen=True)
class Wanted:
    """``version`` (``5.4.2``) is what the release was tested with, ``also`` others that its README allows."""

    version: str
    also: tuple[str, ...] = ()

    def takes(self, version: str) -> bool:
        """Whether a firmware may be built with it."""
        return any(same(version, one) for one in (self.version, *self.also))


def same(one: str, other: str) -> bool:
    """Whether two versions are one: ``5.4`` is ``5.4.0``."""
    return _numbers(one) == _numbers(other)


def _numbers(version: str) -> tuple[int, ...]:
    numbers = [int(part) for part in version.split(".")]
    return tuple(numbers + [0] * (3 - len(numbers)))


def wanted(sdk: SdkTree, chip: str) -> Wanted:
    """What the tree asks for. Raises ``SdkIncomplete`` where neither it nor our list of releases tells."""
    port = sdk.path / "ports" / "esp32"
    readme = _text(port / "README.md")
    also = _ALSO.search(readme)
    others = tuple(_VERSION.findall(also[1])) if also else ()
    locked = _LOCKED.search(_text(port / "lockfiles" / f"dependencies.lock.{chip}"))
    found = locked or _RECOMMENDED.search(readme)
    if found:
        return Wanted(found[1], others)
    known = next((one.idf for one in micropython_releases() if one.version == sdk.version), None)
    if known is None:
        sdk.require(f"ports/esp32/lockfiles/dependencies.lock.{chip}")
        sdk.require("ports/esp32/README.md")
        return Wanted("", others)
    first, *rest = (one.removeprefix("v") for one in known)
    return Wanted(first, tuple(rest))


def chip_of(target: Target) -> str:
    """The chip (``esp32s3``) of a board: what its files set, or those that they include; ``esp32`` where none does."""
    board = target.board_folder
    variant = [f"mpconfigvariant_{target.variant}.cmake"] if target.variant else []
    files = [board / name for name in ("mpconfigboard.cmake", *variant)] if board is not None else []
    found = [chip for file in files if (chip := _chip_in(file, target, _DEEPEST))]
    return found[-1] if found else "esp32"


def _chip_in(file: Path, target: Target, deep: int) -> str:
    text = _text(file)
    found = _TARGET.findall(text)
    if found:
        return str(found[-1])
    for name in _INCLUDE.findall(text) if deep else ():
        plain = name.replace("${MICROPY_BOARD_DIR}", str(target.board_folder)).replace("${MICROPY_PORT_DIR}/", "")
        for place in (target.folder / plain, file.parent / plain):
            if "$" not in plain and place.is_file() and (chip := _chip_in(place, target, deep - 1)):
                return chip
    return ""


def _text(path: Path) -> str:
    if not path.is_file():
        return ""
    with disk_errors(path), path.open("rb") as stream:
        return stream.read(_LARGEST).decode("utf-8", "replace").replace("\r\n", "\n")
