"""What a person's word for a firmware means: a file, a build, a board's name, a release; no word: what fits best."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal

from ide.board.flash import choose, old_line
from ide.board.flash.errors import FlashError, chip_title
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.job import from_flasher_args, place
from ide.board.flash.known_boards import read_name
from ide.board.flash.on_chip import flash_size_of
from ide.board.flash.records import BoardFacts, ChipFacts, Firmware, FlashFile, FlashJob
from ide.board.flash.table import Table
from ide.board.flash.table_image import job_with_table, table_in
from ide.board.flash.trouble import NotThisPort
from toolchains.chips import chips
from toolchains.errors import UsageError
from toolchains.fetch import OfflineSource
from toolchains.jobs import JobContext
from toolchains.text import Text, _

_RELEASE = re.compile(r"v?(\d+\.\d+(?:\.\d+)?(?:-preview[\w.]*)?)")
_NAMED = re.compile(r"([A-Z][A-Z0-9_]+)(?:-([A-Z0-9_]+))?(?:@v?(\d[\w.-]*))?")


class NotForBoard(FlashError):
    """The firmware does not fit the board; a person may insist on it."""

    code = "flash.fit"

    def __init__(self, name: str, why: Text) -> None:
        super().__init__(
            _("{name} is not for this board.", name=name),
            why=why,
            next_step=_("Leave the choice to Natmod Studio, or insist: natmod flash write --force"),
            name=name,
        )


class NothingFits(FlashError):
    """The catalogue has no firmware for a board."""

    code = "flash.nothing-fits"

    def __init__(self, chip: str, why: Text | None) -> None:
        super().__init__(
            _("There is no firmware for this {chip}.", chip=chip_title(chip)),
            why=why,
            next_step=_("Choose another release, or a file."),
            chip=chip,
        )


class NoSuchFirmware(FlashError):
    """A word that names no firmware."""

    code = "flash.unknown"

    def __init__(self, word: str, there: Sequence[str]) -> None:
        super().__init__(
            _("There is no firmware called {word}.", word=word),
            why=_("For this chip there are: {names}.", names=", ".join(there)) if there else None,
            next_step=_("Name a file, a board or a release, for example: {example}",
                        example="ESP32_GENERIC_S3-SPIRAM_OCT, ESP32_GENERIC@1.25.0, 1.26.1"),
            word=word,
        )  # fmt: skip


@dataclass(frozen=True)
class Pick:
    """What a board gets, and why. ``job`` has no port yet; ``erase`` None: as suits the board."""

    title: str
    reason: Text
    job: FlashJob
    erase: Literal["all", "keep"] | None = None
    firmware: Firmware | None = None


#: Picks for a board, once it is known; it may download.
Picker = Callable[[JobContext, BoardFacts, ChipFacts], Pick]


def chip_of(facts: BoardFacts) -> ChipFacts:
    """The chip of a board. Raises NotThisPort for what is no ESP chip."""
    if facts.chip is None:
        machine = facts.running.machine if facts.running is not None else "?"
        raise NotThisPort(facts.port, _("A {name} is at it. Only ESP chips can be written here.", name=machine))
    return facts.chip


def job_of(
    pick: Pick, facts: BoardFacts, erase: Literal["all", "keep"] | None, baud: int | None, *, force: bool
) -> FlashJob:
    """What is written to this board. ``erase`` None: as the pick says, else all, where no MicroPython runs."""
    erase = erase or pick.erase or ("keep" if facts.running is not None else "all")
    return replace(pick.job, port=facts.port, erase=erase, force=force, baud=baud or pick.job.baud)


def by_word(
    catalog: FirmwareCatalog, word: str = "", *, sources: Sequence[OfflineSource] = (), force: bool = False
) -> Picker:
    """``word``: a ``.bin``, a build's folder or ``flasher_args.json``; ``BOARD[-VARIANT][@VERSION]``, the name of an
    official file, a release; empty: the newest that fits. Raises NotForBoard, NoSuchFirmware, NothingFits, WrongImage
    and what the download raises."""

    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        path = Path(word).expanduser()
        if path.suffix == ".json":
            return by_flasher_args(path, force=force)(ctx, facts, chip)
        proposal = _proposal(catalog, facts, chip, word)
        firmware = proposal.firmware
        if not proposal.fits and not force:
            raise NotForBoard(firmware_title(firmware), proposal.why_not or proposal.reason)
        file = _placed(catalog.download(ctx, firmware, sources), chip, force=force)
        return Pick(firmware_title(firmware), proposal.reason, FlashJob("", chip.chip, (file,)), firmware=firmware)

    return pick


def firmware_title(firmware: Firmware) -> str:
    """``MicroPython 1.26.1, ESP32_GENERIC_C3``; of a person's own file its name."""
    if firmware.source in ("file", "build") and firmware.path is not None:
        return firmware.path.name
    return f"MicroPython {firmware.version}, {full_name(firmware)}"


def full_name(firmware: Firmware) -> str:
    """``BOARD-VARIANT``."""
    return f"{firmware.board}-{firmware.variant}" if firmware.variant else firmware.board


def _placed(path: Path, chip: ChipFacts, *, force: bool) -> FlashFile:
    if force:
        return FlashFile(chips()[chip.chip].flash_offset, path)
    return place(chip.chip, path, chip.flash_size, chip.revision)


def _proposal(catalog: FirmwareCatalog, facts: BoardFacts, chip: ChipFacts, word: str) -> choose.Proposal:
    release = _RELEASE.fullmatch(word)
    if not word or release is not None:
        return _best(catalog, facts, chip, _whole(release[1]) if release is not None else None)
    path = Path(word).expanduser()
    if path.is_dir() or path.exists() or (path.suffix == ".bin" and read_name(path.name) is None):
        firmware = choose.from_build(path) if path.is_dir() else choose.from_file(path)
        return _chosen(firmware, facts, _("You chose this file."))
    return _chosen(_named(catalog, chip, word), facts, _("You chose it."))


def _whole(version: str) -> str:
    """``1.26`` as ``1.26.0``."""
    return version if version.count(".") > 1 or "-" in version else f"{version}.0"


def _best(catalog: FirmwareCatalog, facts: BoardFacts, chip: ChipFacts, version: str | None) -> choose.Proposal:
    proposals = choose.propose(facts, catalog, version)
    if not proposals:
        there = catalog.releases(chip.chip)
        why = _("There are the releases {names}.", names=", ".join(there)) if version and there else None
        raise NothingFits(chip.chip, why)
    if not proposals[0].fits:
        raise NothingFits(chip.chip, proposals[0].why_not)
    return proposals[0]


def _chosen(firmware: Firmware, facts: BoardFacts, reason: Text) -> choose.Proposal:
    against = choose.why_not(firmware, facts)
    return choose.Proposal(firmware, reason, against is None, against)


def _named(catalog: FirmwareCatalog, chip: ChipFacts, word: str) -> Firmware:
    file, named = read_name(Path(word).name), _NAMED.fullmatch(word)
    if file is not None:
        found = catalog.find(file.board, file.variant, file.version)
    elif named is not None:
        board, variant, version = named[1], named[2] or "", named[3]
        own = next((row.chip for row in catalog.rows if row.board == board), "")
        found = catalog.find(board, variant, _whole(version) if version else catalog.newest_of(own) or "")
    else:
        found = None
    if found is None:
        newest = catalog.for_chip(chip.chip, catalog.newest_of(chip.chip))
        raise NoSuchFirmware(word, [full_name(row) for row in newest])
    return found


def by_flasher_args(path: Path, *, force: bool = False) -> Picker:
    """The files of a build, each at its address. Raises WrongImage."""

    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        job = from_flasher_args(path, "", "" if force else chip.chip)
        reason = _("Its files go where the build says: {places}.", places=places(job))
        return Pick(f"{path.parent.name}/{path.name}", reason, replace(job, chip=chip.chip))

    return pick


def with_table(picker: Picker, edit: Callable[[Table, int], Table], folder: Path) -> Picker:
    """The same firmware with another partition table in it: what ``edit`` makes of its own, for a flash of so many
    bytes. The image is made in ``folder``. Raises UsageError for several files, WrongImage, BadTable."""

    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        found, size = picker(ctx, facts, chip), flash_size_of(chip, facts.port)
        if len(found.job.files) != 1:
            raise UsageError(_("Another table goes into one firmware only, not into several files."))
        firmware = found.job.files[0].path
        table = edit(table_in(firmware), size)
        return replace(found, job=job_with_table("", firmware, table, size, folder / f"{chip.chip}-{firmware.name}"))

    return pick


def by_old_line(text: str, folder: Path) -> Picker:
    """What an esptool line of any age means; its port was somebody else's. Raises BadOldLine."""

    def pick(ctx: JobContext, facts: BoardFacts, chip: ChipFacts) -> Pick:
        job = replace(old_line.parse(text, chip=chip.chip, folder=folder), port="")
        reason = _("The line means: {places} on an {chip}.", places=places(job), chip=chip_title(job.chip))
        title = ", ".join(file.path.name for file in job.files)
        return Pick(title, reason, job, job.erase)

    return pick


def places(job: FlashJob) -> str:
    """``bootloader.bin at 0x0, table.bin at 0x8000``."""
    return ", ".join(
        str(_("{file} at {address}", file=file.path.name, address=hex(file.address))) for file in job.files
    )
