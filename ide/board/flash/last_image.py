"""The image that each board was last given, by its MAC: what ``esptool --diff-with`` needs to write only what differs.

Nothing depends on it being right: esptool compares the flash with the new image afterwards, and writes all of it when
the old one was not what the flash held.
"""

from __future__ import annotations

import hashlib
import json
import re
import shutil
import time
from dataclasses import dataclass
from pathlib import Path

from ide.board.flash.commands import Way
from ide.board.flash.records import FlashFile, FlashJob
from toolchains.paths import Paths

MOST_BOARDS = 64
_LARGEST = 32 << 20
_SCHEMA = 1
#: What can be remembered of a board whose flash does not bear the image's own mode.
_MODES = ("dio", "dout")


@dataclass(frozen=True)
class _Kept:
    address: int
    size: int
    sha256: str
    path: Path

    def overlaps(self, address: int, size: int) -> bool:
        return self.address < address + size and address < self.address + self.size


@dataclass(frozen=True)
class LastImages:
    """The folder of last images, ``flashed`` in the person's data."""

    folder: Path

    @staticmethod
    def of(paths: Paths) -> LastImages:
        """The one of these paths."""
        return LastImages(paths.data / "flashed")

    def before(self, mac: str, job: FlashJob) -> list[Path | None]:
        """For each file of ``job`` what the flash is believed to hold there; empty when nothing is known."""
        believes = job.erase == "keep" and not job.only_changes
        kept = {one.address: one.path for one in self._kept(mac)} if believes else {}
        found = [kept.get(file.address) for file in job.files]
        return found if any(found) else []

    def speed(self, mac: str) -> int | None:
        """The baud rate that worked when the usual one did not."""
        baud = self._read(self._place(mac)).get("baud") if mac else None
        return baud if isinstance(baud, int) else None

    def flash_mode(self, mac: str) -> str:
        """The flash mode that worked when the image's own did not; else ``keep``."""
        mode = self._read(self._place(mac)).get("flash_mode") if mac else None
        return mode if mode in _MODES else "keep"

    def keep(self, mac: str, job: FlashJob, way: Way, *, slowed: bool) -> None:
        """The board ``mac`` now holds the files of ``job``. ``slowed``: only this way worked.

        What is only compared with the flash itself is not kept, and what was remembered of its place is forgotten.
        """
        if not mac:
            return
        place = self._place(mac)
        old = self._kept(mac) if job.erase == "keep" else []
        sizes = [(file, file.path.stat().st_size) for file in job.files]
        stay = [one for one in old if not any(one.overlaps(file.address, size) for file, size in sizes)]
        new = [self._copy(place, file) for file, size in sizes if size <= _LARGEST and not job.only_changes]
        rows = [{"address": one.address, "size": one.size, "sha256": one.sha256} for one in (*stay, *new)]
        baud, mode = (way.speed, way.flash_mode) if slowed else (self.speed(mac), self.flash_mode(mac))
        index = {"schema": _SCHEMA, "chip": job.chip, "baud": baud, "flash_mode": mode, "files": rows}
        place.mkdir(parents=True, exist_ok=True)
        part = place / "index.json.part"
        part.write_text(json.dumps(index), "utf-8")
        part.replace(place / "index.json")
        self._prune()

    def forget(self, mac: str) -> None:
        """What the board holds is not known any more."""
        if mac and self._place(mac).is_dir():
            shutil.rmtree(self._place(mac), ignore_errors=True)

    def _place(self, mac: str) -> Path:
        return self.folder / re.sub("[^0-9a-f]", "", mac.lower())

    def _places(self) -> list[Path]:
        return [place for place in self.folder.iterdir() if place.is_dir()] if self.folder.is_dir() else []

    def _read(self, place: Path) -> dict[str, object]:
        try:
            found = json.loads((place / "index.json").read_text("utf-8"))
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) and found.get("schema") == _SCHEMA else {}

    def _kept(self, mac: str) -> list[_Kept]:
        """What is remembered and still whole on disk."""
        if not mac:
            return []
        place = self._place(mac)
        rows = self._read(place).get("files")
        kept = []
        for row in rows if isinstance(rows, list) else ():
            path = place / f"{row['address']:x}.bin"
            if path.is_file() and _sha256(path) == row["sha256"]:
                kept.append(_Kept(row["address"], row["size"], row["sha256"], path))
        return kept

    def _copy(self, place: Path, file: FlashFile) -> _Kept:
        place.mkdir(parents=True, exist_ok=True)
        target = place / f"{file.address:x}.bin"
        part = target.with_suffix(".part")
        shutil.copyfile(file.path, part)
        digest = _sha256(part)
        part.replace(target)
        return _Kept(file.address, target.stat().st_size, digest, target)

    def _prune(self) -> None:
        """Forget the boards that were flashed longest ago."""
        places = sorted(self._places(), key=_age)
        for place in places[MOST_BOARDS:]:
            shutil.rmtree(place, ignore_errors=True)


def _age(place: Path) -> float:
    try:
        return time.time() - (place / "index.json").stat().st_mtime
    except OSError:
        return float("inf")


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
