"""Second attempts: slower, then uncompressed and in the flash mode that every chip bears, then without the stub.

mpflash does the first two (peers.md A.4); the third is for chips that do not start esptool's flash program.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ide.board.flash.commands import SLOW, Way
from ide.board.flash.failures import Failure, Remedy
from toolchains.text import Text, _

_MOST = 4


@dataclass
class Attempts:
    """The way of the next try, and why those before it failed.

    ``may_dio``: the image starts in a flash mode with four data lines, so the one with two is worth a try.
    """

    way: Way
    may_dio: bool = False
    said: list[Text] = field(default_factory=list)
    tried: list[Way] = field(default_factory=list)

    def another(self, failure: Failure, error: object) -> bool:
        """Whether another try, in another :attr:`way`, may help after ``failure``."""
        self.tried.append(self.way)
        if len(self.tried) >= _MOST:
            return False
        for remedy in failure.again:
            way = self._with(remedy)
            if way not in self.tried:
                self.said.append(_("{error} Trying again: {how}.", error=_first(error), how=_how(self.way, way)))
                self.way = way
                return True
        return False

    def _with(self, remedy: Remedy) -> Way:
        match remedy:
            case "slower":
                return replace(self.way, baud=min(self.way.speed, SLOW))
            case "raw":
                mode = "dio" if self.may_dio else self.way.flash_mode
                return replace(self.way, baud=min(self.way.speed, SLOW), compress=False, flash_mode=mode)
            case "no-stub":
                return Way(min(self.way.speed, SLOW), stub=False, compress=True, flash_mode=self.way.flash_mode)


def _first(error: object) -> object:
    return getattr(error, "what", error)


def _how(before: Way, after: Way) -> Text:
    if before.stub != after.stub:
        return _("without the flash program, by the chip's own loader")
    if before.flash_mode != after.flash_mode:
        return _("at {baud} baud, uncompressed, in flash mode {mode}", baud=after.speed, mode=after.flash_mode)
    if before.compress != after.compress:
        return _("at {baud} baud, uncompressed", baud=after.speed)
    return _("at {baud} baud", baud=after.speed)
