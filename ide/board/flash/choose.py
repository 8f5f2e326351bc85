"""Which firmware a board should get, with the reason in words; and why another one would be wrong for it.

The facts come from the chip (:class:`~ide.board.flash.records.ChipFacts`) and from the MicroPython that runs, if one
does. What nobody could ask is never a reason against a firmware.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ide.board.flash.errors import chip_title
from ide.board.flash.firmware import FirmwareCatalog
from ide.board.flash.image import revision_text
from ide.board.flash.known_boards import KnownBoard, board_title, identify, known_board
from ide.board.flash.local_firmware import from_build, from_file
from ide.board.flash.records import BoardFacts, Firmware
from toolchains.text import Text, _
from toolchains.units import size_text

__all__ = ["Proposal", "from_build", "from_file", "propose", "why_not"]

_MB = 1 << 20
#: Variants of an ESP32-P4 for boards whose Wi-Fi is another chip.
_WIFI = {"C5_WIFI": "ESP32-C5", "C6_WIFI": "ESP32-C6"}


@dataclass(frozen=True)
class Proposal:
    """A firmware for a board. ``reason`` says why this one; ``why_not`` why it does not fit, where it does not."""

    firmware: Firmware
    reason: Text
    fits: bool
    why_not: Text | None = None


def propose(facts: BoardFacts, catalog: FirmwareCatalog, version: str | None = None) -> list[Proposal]:
    """What a board could get, the best first, what does not fit last; empty when nobody knows the chip.

    Of the newest release that has firmware for the chip, or of ``version`` (a preview, too).
    """
    wanted = _Wanted(facts)
    if not wanted.chip:
        return []
    rows = catalog.for_chip(wanted.chip, version or catalog.newest_of(wanted.chip) or "")
    best = wanted.best(rows)
    found = [(wanted.rank(row, best), wanted.proposal(row, best)) for row in rows]
    return [proposal for _rank, proposal in sorted(found, key=lambda pair: (not pair[1].fits, pair[0]))]


def why_not(firmware: Firmware, facts: BoardFacts) -> Text | None:
    """Why a firmware does not fit a board, or None: nothing is known against it."""
    wanted = _Wanted(facts)
    if wanted.chip and firmware.chip != wanted.chip:
        return _("It is for the {theirs}, and the board has an {ours}.", theirs=chip_title(firmware.chip),
                 ours=chip_title(wanted.chip))  # fmt: skip
    return wanted.against(firmware)


class _Wanted:
    """What is known of one board."""

    def __init__(self, facts: BoardFacts) -> None:
        chip, running = facts.chip, facts.running
        self.chip = chip.chip if chip is not None else (running.chip if running is not None else None) or ""
        self.flash = chip.flash_size if chip is not None else None
        self.psram = chip.psram if chip is not None else None
        self.psram_kind = chip.psram_kind if chip is not None else ""
        self.revision = chip.revision if chip is not None else None
        # Only an ESP32 comes with two cores or one; the others are what they are.
        self.one_core = self.chip == "esp32" and chip is not None and _one_core((*chip.features, chip.description))
        self.running = running
        self.board, self.variant = (identify(running) if running is not None else None) or ("", "")

    # --- what is wrong with one --------------------------------------------------------------------------------------

    def against(self, row: Firmware) -> Text | None:
        """Why it does not fit."""
        known = known_board(row.board, row.variant, row.version)
        if known is None:
            return None
        if self.flash is not None and self.flash < known.flash:
            return _("It needs {needed} of flash, and the board has {there}.", needed=size_text(known.flash),
                     there=size_text(self.flash))  # fmt: skip
        return self._against_revision(known) or self._against_memory(known) or self._against_cores(known)

    def _against_revision(self, known: KnownBoard) -> Text | None:
        if known.revisions is None or self.revision is None:
            return None
        first, last = known.revisions
        mine = self.revision[0] * 100 + self.revision[1]
        if first <= mine <= last:
            return None
        return _("It is for the chip's revisions {first} to {last}, and this one is {mine}.",
                 first=revision_text(first), last=revision_text(last), mine=revision_text(mine))  # fmt: skip

    def _against_memory(self, known: KnownBoard) -> Text | None:
        if known.variant not in ("SPIRAM", "SPIRAM_OCT"):
            return None  # the others run with and without
        if self.psram == 0:
            return _("It is for boards with extra memory (PSRAM), and this one has none.")
        if self.psram_kind and self.psram_kind != known.psram:
            return _("It is for another kind of extra memory (PSRAM) than this board has.")
        return None

    def _against_cores(self, known: KnownBoard) -> Text | None:
        if self.one_core and known.cores != 1:
            return _("It needs two cores, and this chip has one.")
        return None

    # --- what is right about one -------------------------------------------------------------------------------------

    def best(self, rows: Sequence[Firmware]) -> Firmware | None:
        """The one to take."""
        fit = [row for row in rows if self.against(row) is None]
        same = [row for row in fit if row.board == self.board]
        for variant in self._wishes():
            for row in same:
                if row.variant == variant:
                    return row
            if not same:
                found = next((row for row in fit if row.variant == variant and _generic(row)), None)
                if found is not None:
                    return found
        return next(iter(same), None)

    def _wishes(self) -> list[str]:
        """Variants in the order in which this board wants them, if they fit."""
        wifi = next((name for name in _WIFI if self.variant.endswith(name)), "")
        wishes = {
            "esp32": ["UNICORE"] * self.one_core + ["SPIRAM"] * bool(self.psram),
            "esp32s3": ["SPIRAM_OCT"] * (self.psram_kind == "octal"),
            "esp32p4": [wifi, f"PRE_REV3_{wifi}"] if wifi else [],
        }.get(self.chip, [])
        small = ["D2WD", "FLASH_2M", "FLASH_4M", "PRE_REV3"]
        kept = [self.variant] if self.variant not in small else []
        return [*wishes, *kept, "", *small]

    def rank(self, row: Firmware, best: Firmware | None) -> tuple[int, str, str]:
        """Where it stands among those that fit."""
        if row == best:
            place = 0
        elif row.board == self.board:
            place = 1
        else:
            place = 2 if _generic(row) else 3
        return place, row.board, row.variant

    def proposal(self, row: Firmware, best: Firmware | None) -> Proposal:
        """The row with its reason."""
        no = self.against(row)
        return Proposal(row, self._reason(row, best), no is None, no)

    def _reason(self, row: Firmware, best: Firmware | None) -> Text:
        if self.running is not None and (row.board, row.variant) == (self.board, self.variant):
            if row == best:
                return self._same(row)
            return _("It is what runs there now, but another one fits better.")
        if not _generic(row):
            return _("Made for the {board}.", board=board_title(row.board, row.variant, row.title))
        return self._special(row, row == best) or self._plain()

    def _same(self, row: Firmware) -> Text:
        assert self.running is not None
        if self.running.version == row.version:
            return _("The board runs exactly this firmware now.")
        return _("The board runs this firmware now, in version {version}.", version=self.running.version)

    def _special(self, row: Firmware, best: bool) -> Text | None:
        """The reason of a variant."""
        variant = row.variant
        wifi = next((name for name in _WIFI if variant.endswith(name)), "")
        if wifi:
            return _("For boards with an {chip} beside the chip, for Wi-Fi.", chip=_WIFI[wifi])
        if variant in ("SPIRAM", "SPIRAM_OCT"):
            if best:
                return _("The board has {size} of extra memory (PSRAM), which this one uses.",
                         size=size_text(self.psram)) if self.psram else _("The board has extra memory (PSRAM), which "
                         "this one uses.")  # fmt: skip
            return _("For boards with extra memory (PSRAM).")
        if variant == "OTA":
            return _("For programs that bring new firmware over the air; there is less room for files.")
        if variant == "UNICORE":
            return _("This ESP32 has one core.") if best else _("It uses one core only.")
        known = known_board(row.board, variant, row.version)
        if variant in ("D2WD", "FLASH_2M", "FLASH_4M") and known is not None:
            if best and self.flash is not None:
                return _("The board has {size} of flash; the others need more.", size=size_text(self.flash))
            return _("For boards with {size} of flash.", size=size_text(known.flash))
        fits = known is not None and self._against_revision(known) is None
        if fits and known is not None and known.revisions is not None and self.revision is not None:
            return _("It is for chips like this one, of revision {mine}.",
                     mine=revision_text(self.revision[0] * 100 + self.revision[1]))  # fmt: skip
        return None

    def _plain(self) -> Text:
        idle = {"esp32": bool(self.psram), "esp32s3": self.psram_kind == "octal"}.get(self.chip, False)
        if idle:
            return _("It runs on any board with an {chip}, but leaves the extra memory (PSRAM) of this one unused.",
                     chip=chip_title(self.chip))  # fmt: skip
        return _("It runs on any board with an {chip}.", chip=chip_title(self.chip))


def _one_core(words: Sequence[str]) -> bool:
    said = " ".join(words).lower()
    return "single core" in said or "single-core" in said or "esp32-s0wd" in said


def _generic(row: Firmware) -> bool:
    known = known_board(row.board, row.variant, row.version) or known_board(row.board, "", row.version)
    return known is not None and known.generic
