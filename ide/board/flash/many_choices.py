"""What each board of many gets: the official firmware that fits it best, or one file for all."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ide.board.flash import choose
from ide.board.flash.errors import FlashError, chip_title
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.job import place
from ide.board.flash.many import Choose, Chosen
from ide.board.flash.records import BoardFacts
from toolchains.fetch import OfflineSource
from toolchains.jobs import JobContext
from toolchains.text import Text, _


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


def official(catalog: FirmwareCatalog, sources: Sequence[OfflineSource] = (), version: str = "") -> Choose:
    """A :attr:`~ide.board.flash.many.Plan.choose`: the best that fits, of ``version`` or of the newest release."""

    def of(ctx: JobContext, facts: BoardFacts) -> Chosen:
        assert facts.chip is not None
        proposals = choose.propose(facts, catalog, version or None)
        best = next((proposal.firmware for proposal in proposals if proposal.fits), None)
        if best is None:
            raise NothingFits(facts.chip.chip, proposals[0].why_not if proposals else None)
        return _chosen(facts, catalog.download(ctx, best, sources), best.title)

    return of


def one_file(path: Path) -> Choose:
    """A :attr:`~ide.board.flash.many.Plan.choose`: this file for every board; another chip's board refuses it."""
    return lambda ctx, facts: _chosen(facts, path, path.name)


def _chosen(facts: BoardFacts, path: Path, title: str) -> Chosen:
    chip = facts.chip
    assert chip is not None
    return Chosen(title, (place(chip.chip, path, chip.flash_size, chip.revision),))
