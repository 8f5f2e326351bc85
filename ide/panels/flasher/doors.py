"""The engine's doors as the panel uses them. All but :meth:`Doors.command` are called in workers, and load late."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Literal

from ide import toolchain_facts
from ide.board.flash.errors import WrongImage, chip_title
from ide.context import IdeContext
from ide.panels.flasher.coached import Coach, Tell, coached
from ide.panels.flasher.flash_doors import FlashDoors
from ide.panels.flasher.many_doors import ManyDoors
from ide.panels.flasher.shown import Shown
from toolchains.chips import chips
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.board_list import ListedBoard
    from ide.board.flash.choose import Proposal
    from ide.board.flash.firmware import FirmwareCatalog
    from ide.board.flash.line_read import LineRead
    from ide.board.flash.records import BoardFacts, ChipFacts, Firmware, Flashed, FlashJob
    from ide.board.flash.table import Table
    from ide.board.flash.trouble import Plugged
    from toolchains.toolbox import Toolbox


@dataclass(frozen=True)
class Choices:
    """What a board could get; the releases that there are; of which one these are (empty: the newest)."""

    proposals: tuple[Proposal, ...] = ()
    releases: tuple[str, ...] = ()
    version: str = ""


@dataclass(frozen=True)
class WriteOrder:
    """What the person wants: ``erases`` all of the flash, ``saves`` the files first, is ``forced`` against advice.

    ``table``: instead of the one in the firmware.
    """

    port: str
    facts: BoardFacts | None
    firmware: Firmware
    erases: bool
    saves: bool
    forced: bool
    table: Table | None = None

    @property
    def chip(self) -> str:
        """Of the board, as far as it is known; else of the firmware."""
        facts = self.facts
        if facts is not None and facts.chip is not None:
            return facts.chip.chip
        if facts is not None and facts.running is not None and facts.running.chip:
            return facts.running.chip
        return self.firmware.chip


class Doors:
    """For one window."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx
        self.shown = Shown()
        #: What was plugged in when there was no board for the first time.
        self._plugged: Plugged | None = None
        self.many, self.flash = ManyDoors(ctx), FlashDoors(ctx, self.shown)

    def toolbox(self) -> Toolbox:
        """The engine's parts."""
        return self._ctx.engine.toolbox()

    # --- one board ------------------------------------------------------------------------------------------------

    def boards(self, _ctx: JobContext) -> list[ListedBoard]:
        """What is plugged in, and simulated boards."""
        from ide.board.board_list import list_boards

        return list_boards(self._ctx.engine.host)

    def why_no_port(self, ctx: JobContext) -> StudioError | None:
        """Why there is no board to choose, as far as that shows since it was first asked; None when there is one."""
        from ide.board.flash import trouble

        now = trouble.Plugged.now(ctx)
        reason = trouble.why_no_port(ctx.host, now, self._plugged)
        self._plugged = (self._plugged or now) if reason is not None else None
        return reason

    def detect(self, ctx: JobContext, tell: Tell, port: str) -> BoardFacts:
        """What it is and what runs on it; the coach helps where the chip has to be brought to download mode."""
        from ide.board.flash.detect import detect

        facts = coached(ctx, tell, self.toolbox(), port, lambda at, _before: detect(ctx, self.toolbox(), at))
        if facts.chip is not None:
            self.shown.keep(ctx, facts.port, facts.chip)
        return facts

    def _looked_again(self, ctx: JobContext, tell: Tell, order: WriteOrder) -> WriteOrder:
        """The order, for the board that was shown; at the port where that is now."""
        if order.facts is None:
            return order
        facts = self._still(ctx, tell, order.port, order.facts)
        return order if facts is order.facts else replace(order, port=facts.port, facts=facts)

    def _still(self, ctx: JobContext, tell: Tell, port: str, shown: BoardFacts) -> BoardFacts:
        """The board that was shown, if it is the one that is there; asked, unless it was plugged in all the time.

        Raises AnotherBoard.
        """
        from ide.board.flash import same_board

        at = self.shown.where(ctx, port)
        if shown.chip is not None and at == port and self.shown.stayed(ctx, at):
            return shown
        found = self.detect(ctx, tell, at)
        same_board.check(shown, found)
        return found

    def catalog(self, ctx: JobContext) -> FirmwareCatalog:
        """All firmware that can be had here."""
        from ide.board.flash.firmware import FirmwareCatalog

        return FirmwareCatalog.of(self._ctx.engine.paths)

    def proposals(self, ctx: JobContext, facts: BoardFacts, version: str = "") -> Choices:
        """The best first, those that do not fit last; of the newest release, or of this one."""
        from ide.board.flash import choose

        catalog = self.catalog(ctx)
        found = choose.propose(facts, catalog, version or None)
        chip = found[0].firmware.chip if found else ""
        return Choices(tuple(found), tuple(catalog.releases(chip)) if chip else (), version)

    def from_file(self, ctx: JobContext, path: Path, facts: BoardFacts | None) -> Proposal:
        """A file that the person chose, compared with the board.

        Raises WrongImage for what is no firmware at all, TooLarge for what the flash has no room for.
        """
        from ide.board.flash import choose

        firmware = _of_build(path) if path.suffix == _BUILD else choose.from_file(path)
        against = choose.why_not(firmware, facts) if facts is not None else None
        if facts is not None and facts.chip is not None and facts.chip.chip == firmware.chip:
            unfit = _against(path, facts.chip)
            against = against or unfit
        return choose.Proposal(firmware, _("It is for the {chip}.", chip=chip_title(firmware.chip)), against is None,
                               against)  # fmt: skip

    def command(self, order: WriteOrder) -> str:
        """The exact line, before it is run; on the window's thread."""
        from ide.board.flash import commands
        from ide.board.flash.firmware import folder_of

        firmware, host = order.firmware, self._ctx.engine.host
        path = firmware.path or folder_of(self._ctx.engine.paths) / firmware.url.rpartition("/")[2]
        with suppress(StudioError):  # a build that is gone meanwhile
            job = _job(order, path)
            return commands.copyable(commands.write_flash(commands.Link(job.port, job.chip), job), host)
        return ""

    def refresh(self, ctx: JobContext, chip: str) -> int:
        """Read MicroPython's download page for a chip (empty: all); how many files are new."""
        from ide.board.flash import download_page

        return len(download_page.refresh(ctx, self._ctx.engine.paths, [chip] if chip else ()))

    def merge(self, ctx: JobContext, build: Path, into: Path) -> None:
        """One image of the files that a flasher_args.json names."""
        from ide.board.flash import esptool
        from ide.board.flash.job import from_flasher_args

        job = from_flasher_args(build, "")
        esptool.merge(ctx, self.toolbox().host, job.chip, job.files, into)

    def write(self, ctx: JobContext, tell: Tell, order: WriteOrder) -> Flashed:
        """Fetch, save what would be lost, write, compare, start, ask who is there."""
        from ide.board.flash import by_hand, job, security

        order = self._looked_again(ctx, tell, order)
        facts = order.facts.chip if order.facts is not None else None
        if facts is not None and not order.forced:
            security.check(order.port, facts.security)
        if facts is not None and order.erases:
            security.check_erase(order.port, facts.security)
        path = self._file(ctx, order.firmware)
        if facts is not None and facts.chip in chips() and order.table is None:  # before files are read for minutes
            job.check(_job(order, path), facts.flash_size, facts.revision)
        if order.saves:
            self.flash.keep_files(ctx, tell, order.port, order.facts)
        waiting = by_hand.waits(order.facts)
        if order.table is None:
            return self._write(ctx, tell, _job(order, path), facts, waiting=waiting)
        with TemporaryDirectory(prefix="natmod-", ignore_cleanup_errors=True) as folder:
            made = _with_table(order, order.table, path, Path(folder))
            return self._write(ctx, tell, made, facts, waiting=waiting)

    def _file(self, ctx: JobContext, firmware: Firmware) -> Path:
        if firmware.path is not None and firmware.path.suffix == _BUILD:
            return firmware.path
        with toolchain_facts.sources_of(ctx, self._ctx.toolchains.pack) as sources:
            return self.catalog(ctx).download(ctx, firmware, sources)

    def _write(self, ctx: JobContext, tell: Tell, job: FlashJob, facts: ChipFacts | None, *, waiting: bool) -> Flashed:
        from ide.board.flash import by_hand

        box = self.toolbox()
        return by_hand.write(ctx, box, job, facts=facts, helper=Coach(tell, box, job.chip), waiting=waiting)

    def read_line(self, ctx: JobContext, tell: Tell, text: str, port: str, folder: Path) -> LineRead:
        """A pasted esptool line, of any age, compared with the board that is there; nothing is written."""
        from ide.board.flash import line_read, old_line

        job = old_line.parse(text, port=port, folder=folder)
        facts = self.detect(ctx, tell, job.port)
        found = line_read.read(ctx.host, text, facts, folder)
        for said in (*found.differs, found.lost):
            ctx.note(said)
        return found

    def run_line(self, ctx: JobContext, tell: Tell, line: LineRead) -> Flashed:
        """A line that was read and shown, if the board is still the one that it was read for."""
        from ide.board.flash import by_hand, security

        facts = self._still(ctx, tell, line.facts.port, line.facts)
        chip, job = facts.chip, replace(line.job, port=facts.port)
        if chip is not None:
            security.check(facts.port, chip.security)
        helper = Coach(tell, self.toolbox(), job.chip)
        return by_hand.write(ctx, self.toolbox(), job, facts=chip, helper=helper, waiting=by_hand.waits(facts))


def _against(path: Path, chip: ChipFacts) -> Text | None:
    """Why a file that is for this chip is not written all the same. Raises TooLarge, which nobody may insist on."""
    from ide.board.flash import image, job

    try:
        if path.suffix == _BUILD:
            job.check(job.from_flasher_args(path, "", chip.chip), chip.flash_size, chip.revision)
        else:
            image.check(image.read(path), chip.chip, chip.flash_size, chip.revision)
    except WrongImage as error:
        return error.why
    return None


def _with_table(order: WriteOrder, table: Table, path: Path, folder: Path) -> FlashJob:
    """The firmware with another table in it. Raises WrongImage for what is no whole firmware, BadTable."""
    from ide.board.flash import table_image

    facts = order.facts.chip if order.facts is not None else None
    size = (facts.flash_size if facts is not None else None) or table.written.end
    job = table_image.job_with_table(order.port, path, table, size, folder / path.name)
    return replace(job, erase=_ERASE[order.erases], force=order.forced)


def _of_build(path: Path) -> Firmware:
    """What a build's flasher_args.json names, as one firmware."""
    from ide.board.flash.job import from_flasher_args
    from ide.board.flash.records import Firmware

    job = from_flasher_args(path, "")
    title = f"{path.parent.name}/{path.name}"
    return Firmware(title, "", "", "", job.chip, "", "file", "", path, "", None)


def _job(order: WriteOrder, path: Path) -> FlashJob:
    """A firmware at the address that its chip starts from; a build's files where it says."""
    from ide.board.flash.job import from_flasher_args
    from ide.board.flash.records import FlashFile, FlashJob

    chip, erase = order.chip, _ERASE[order.erases]
    if path.suffix == _BUILD:
        job = from_flasher_args(path, order.port, "" if order.forced else chip)
        return replace(job, erase=erase, force=order.forced)
    offset = chips()[chip].flash_offset if chip in chips() else 0
    return FlashJob(order.port, chip, (FlashFile(offset, path),), erase, force=order.forced)


_BUILD = ".json"
_ERASE: dict[bool, Literal["all", "keep"]] = {True: "all", False: "keep"}
