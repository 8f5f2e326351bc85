"""A pasted esptool line, read for the board that is there: its form of today, and what is not as it was pasted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from ide.board.flash import commands, old_line
from ide.board.flash import job as jobs
from ide.board.flash.errors import chip_title
from ide.board.flash.picks import chip_of
from ide.board.flash.records import BoardFacts, FlashJob
from toolchains.host import Host
from toolchains.text import Text, _


@dataclass(frozen=True)
class LineRead:
    """``command`` is what would be run (esptool 5), ``short`` the same without the Python that runs it.

    ``differs``: sentences on what the line had otherwise; ``lost``: what the board loses by it.
    """

    job: FlashJob
    facts: BoardFacts
    command: str
    short: str
    differs: tuple[Text, ...]
    lost: Text


def read(host: Host, text: str, facts: BoardFacts, folder: Path) -> LineRead:
    """The line ``text`` for the board of ``facts``; its files are looked for in ``folder``. Nothing is written.

    Raises BadOldLine; WrongImage and TooLarge for a file that is not for this chip, DiskError for one that is missing.
    """
    chip = chip_of(facts)
    line = old_line.read(text)
    job = old_line.parse(text, port=facts.port, chip=chip.chip, folder=folder)
    jobs.check(job, chip.flash_size, chip.revision)
    way = commands.Way(job.baud or commands.FAST, job.stub, job.compress)
    argv = commands.write_flash(commands.Link(job.port, job.chip, way), job)
    short = commands.copyable(("esptool", *argv[len(commands.program()) :]), host)
    return LineRead(job, facts, commands.copyable(argv, host), short, differences(line, job), jobs.what_is_lost(job))


def differences(line: old_line.Line, job: FlashJob) -> tuple[Text, ...]:
    """What is otherwise in ``job`` than in the line, in the order in which a person reads it."""
    said: list[Text] = []
    theirs, size = line.values.get("port", ""), line.values.get("flash_size", "")
    if theirs and theirs != job.port:
        said.append(_("The port is {ours}; the line had {theirs}.", ours=job.port, theirs=theirs))
    if line.values.get("chip", "auto").lower() == "auto":
        said.append(_("The line names no chip; the board has an {chip}.", chip=chip_title(job.chip)))
    if job.baud is None:
        said.append(_("The line names no speed; {baud} baud is tried first.", baud=commands.FAST))
    if line.respelled:
        pairs = ", ".join(f"{old} → {new}" for old, new in line.respelled.items())
        said.append(_("Old words are as esptool 5 has them: {pairs}.", pairs=pairs))
    if size and size != job.flash_size:
        said.append(_("The size of the flash, {old}, is called {new} now.", old=size, new=job.flash_size))
    if "erase-flash" in line.commands and job.erase == "all":
        said.append(_("Erasing and writing are one run: --erase-all."))
    if line.left_out:
        words = ", ".join(line.left_out)
        said.append(_("Left out, since it is decided here or goes without saying: {words}.", words=words))
    return tuple(said)
