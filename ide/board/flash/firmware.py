"""The firmware that can be had: official releases, what the download page has beyond them, and what is in a pack.

Official files have no published check sums, but for a few that others published (``resources/catalog/firmware.json``).
So the SHA-256 of each is written down at its first download, and whatever comes later under its name must match.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cache
from pathlib import Path

from ide.board.flash import image
from ide.board.flash.errors import WrongImage, chip_title
from ide.board.flash.known_boards import board_title, known_boards, read_name
from ide.board.flash.page_rows import read_rows
from ide.board.flash.records import Firmware
from toolchains import micropython_releases as releases
from toolchains.errors import FetchError, disk_errors
from toolchains.fetch import Download, OfflineSource, WrongContent, fetch, forget
from toolchains.fetch_control import Control
from toolchains.jobs import JobContext
from toolchains.locks import locked
from toolchains.mirrors import Mirrors
from toolchains.on_this_machine import pack_caches
from toolchains.pack_manifest import Manifest
from toolchains.paths import Paths
from toolchains.text import _

BASE = "https://micropython.org/resources/firmware/"
_UNVERIFIED = "micropython.org publishes no check sums"
_HASHES = "hashes.json"


class FirmwareChanged(FetchError):
    """An official file is not what it was at its first download. Fields ``name`` and ``since`` (a date)."""

    code = "firmware.changed"

    def __init__(self, name: str, since: str, error: WrongContent) -> None:
        super().__init__(
            _("{name} is not the file that it was on {since}.", name=name, since=since),
            why=_("The server, or something on the way, sent another file under the same name."),
            next_step=_("Try again on another network, or take another release."),
            detail=str(error),
            name=name,
            since=since,
        )


@dataclass(frozen=True)
class FirmwareCatalog:
    """What can be had. ``rows``: the newest release first; in it, what is for any board with a chip comes first."""

    paths: Paths
    rows: tuple[Firmware, ...]

    @staticmethod
    def of(paths: Paths, more: Iterable[Firmware] = ()) -> FirmwareCatalog:
        """All official firmware that is known, what the download page had when it was last read, and ``more``.

        ``path`` is set where the file is here; :meth:`download` proves it. ``more`` (a pack's) hides what it repeats.
        """
        here = _files(folder_of(paths))
        known = {row.url: row for row in (*read_rows(paths), *_official())}
        nearer = list(more)
        for row in nearer:
            known.pop(row.url, None)
        found = [*nearer, *(replace(row, path=here.get(_name(row))) for row in known.values())]
        return FirmwareCatalog(paths, tuple(sorted(found, key=_order)))

    @property
    def newest(self) -> str:
        """The newest release, without previews."""
        return next(row.version for row in self.rows if not is_preview(row.version))

    def for_chip(self, chip: str, version: str | None = None) -> list[Firmware]:
        """What runs on a chip, in the order of :attr:`rows`; of one release where ``version`` names it."""
        return [row for row in self.rows if row.chip == chip and version in (None, row.version)]

    def releases(self, chip: str) -> list[str]:
        """The releases that have firmware for a chip, newest first, previews included."""
        return list(dict.fromkeys(row.version for row in self.for_chip(chip)))

    def newest_of(self, chip: str) -> str | None:
        """The newest release, without previews, that has firmware for a chip; None for a chip without any."""
        return next((version for version in self.releases(chip) if not is_preview(version)), None)

    def find(self, board: str, variant: str, version: str) -> Firmware | None:
        """One row."""
        wanted = (board, variant, version)
        return next((row for row in self.rows if (row.board, row.variant, row.version) == wanted), None)

    def download(
        self,
        ctx: JobContext,
        firmware: Firmware,
        sources: Sequence[OfflineSource] = (),
        control: Control | None = None,
    ) -> Path:
        """Its file, whole, proved an image for its chip, and the same as at the first download.

        Raises NetworkError, NotOnServer (the addresses of new releases were put together, not seen), WrongContent,
        :class:`FirmwareChanged`, WrongImage, DiskError.
        """
        if firmware.source in ("file", "build") and firmware.path is not None:
            _prove(firmware.path, firmware)
            return firmware.path
        memory, name = _Memory(self.paths), _name(firmware)
        first = memory.first(name)
        known = firmware.sha256 or (first[0] if first else "")
        asked = Download(firmware.url, name, f"sha256:{known}" if known else f"unverified:{_UNVERIFIED}", firmware.size)
        asked = Mirrors.of(ctx.host, self.paths).applied(asked)
        try:
            path = fetch(ctx, asked, folder_of(self.paths), sources=sources, control=control)
        except WrongContent as error:
            if first and not firmware.sha256:
                raise FirmwareChanged(name, first[1], error) from error
            raise
        try:
            sound = _prove(path, firmware)
        except WrongImage:
            forget(path)  # a sign-in page that a network sent in its place, for example
            raise
        if first is None:
            memory.keep(ctx, name, sound.sha256)
        return path


def folder_of(paths: Paths) -> Path:
    """Where downloaded firmware lies; packs are made from there, too."""
    return pack_caches(paths)[2]


def is_preview(version: str) -> bool:
    """Whether it is the state of a day between two releases."""
    return "preview" in version


def version_order(version: str) -> tuple[int, ...]:
    """What to compare releases by: a preview comes before the release that it became."""
    numbers = [int(number) for number in re.findall(r"\d{1,6}", version.partition(".g")[0])[:4]]
    main, rest = numbers[:3], numbers[3:]
    return (*main, *[0] * (3 - len(main)), 0 if is_preview(version) else 1, *rest)


def from_pack(manifest: Manifest) -> list[Firmware]:
    """The firmware in a pack; :meth:`FirmwareCatalog.download` takes it from there, with the pack among its sources."""
    found = []
    for file in manifest.of_kind("firmware"):
        said = read_name(file.name)
        chip = None if said is None else _chip(said.board, said.variant)
        if said is not None and chip is not None:
            title = str(board_title(said.board, said.variant))
            found.append(
                Firmware(title, said.version, said.board, said.variant, chip, said.date, "pack", BASE + file.name, None,
                         file.sha256, file.size)
            )  # fmt: skip
    return found


def _chip(board: str, variant: str) -> str | None:
    known = known_boards().get((board, variant)) or known_boards().get((board, ""))
    return None if known is None else known.chip


@cache
def _dates() -> dict[str, str]:
    return {one.version: one.firmware_date for one in releases.micropython_releases()}


def _official() -> list[Firmware]:
    found = []
    for one in releases.firmware():
        date = _dates()[one.version]
        found.append(
            Firmware(str(board_title(one.board, one.variant)), one.version, one.board, one.variant, one.chip,
                     f"{date[:4]}-{date[4:6]}-{date[6:]}", "official", one.url, None, one.sha256, one.size)
        )  # fmt: skip
    return found


def _order(row: Firmware) -> tuple[tuple[int, ...], bool, str, str]:
    known = known_boards().get((row.board, row.variant))
    generic = known is not None and known.generic
    return tuple(-number for number in version_order(row.version)), not generic, row.board, row.variant


def _name(firmware: Firmware) -> str:
    return firmware.url.rpartition("/")[2]


def _files(folder: Path) -> dict[str, Path]:
    try:
        return {path.name: path for path in folder.iterdir()}
    except OSError:
        return {}


def _prove(path: Path, firmware: Firmware) -> image.Image:
    sound = image.read(path)
    if sound.chip != firmware.chip:
        why = _("It is for the {theirs}, and not for the {ours} as its name says.", theirs=chip_title(sound.chip),
                ours=chip_title(firmware.chip))  # fmt: skip
        raise WrongImage(path.name, why)
    return sound


class _Memory:
    """Names of official files, each with its SHA-256 and the date of its first download."""

    def __init__(self, paths: Paths, today: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        self.file = paths.data / "firmware" / _HASHES
        self._today = today

    def first(self, name: str) -> tuple[str, str] | None:
        """SHA-256 and date, or None when it never came."""
        row = self._rows().get(name)
        return (row["sha256"], row["since"]) if row else None

    def keep(self, ctx: JobContext, name: str, sha256: str) -> None:
        """Write one down. Raises DiskError."""
        with disk_errors(self.file):
            self.file.parent.mkdir(parents=True, exist_ok=True)
            with locked(ctx, self.file.with_name(f".{_HASHES}.lock")):
                rows = {**self._rows(), name: {"sha256": sha256, "since": f"{self._today():%Y-%m-%d}"}}
                beside = self.file.with_name(f".{_HASHES}.new")
                beside.write_text(json.dumps({"schema": 1, "files": rows}, indent=1) + "\n", "utf-8")
                ctx.host.replace(beside, self.file)

    def _rows(self) -> dict[str, dict[str, str]]:
        """What the file says; of one that a person spoiled, what still makes sense."""
        try:
            rows = json.loads(self.file.read_text("utf-8"))["files"].items()
        except (OSError, ValueError, KeyError, TypeError, AttributeError):
            return {}
        return {
            name: {"sha256": row["sha256"], "since": str(row.get("since", ""))[:10]}
            for name, row in rows
            if isinstance(row, dict) and re.fullmatch(r"[0-9a-f]{64}", str(row.get("sha256")))
        }
