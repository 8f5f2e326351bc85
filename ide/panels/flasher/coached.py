"""Work that needs a chip in download mode: where it is not, the coach shows how, and the work begins again."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from ide.panels.flasher.tells import Teach, Watching
from toolchains.errors import Cancelled
from toolchains.jobs import JobContext

if TYPE_CHECKING:
    from ide.board.flash.by_hand import Work
    from ide.board.flash.errors import NotInDownloadMode
    from toolchains.text import Text
    from toolchains.toolbox import Toolbox

T = TypeVar("T")
Tell = Callable[[object], None]
#: How long the coach waits for a person with a finger on a button, in seconds.
PATIENCE_S = 180.0


def coached(
    ctx: JobContext, tell: Tell, toolbox: Toolbox, port: str, work: Work[T], chip: str = "", *, waiting: bool = False
) -> T:
    """``work`` at the port, which may be another one after the chip came back; :func:`ide.board.flash.by_hand.done`.

    Raises what ``work`` raises in the end.
    """
    from ide.board.flash import by_hand

    return by_hand.done(ctx, port, work, Coach(tell, toolbox, chip), waiting=waiting)


@dataclass(frozen=True)
class Coach:
    """The :class:`~ide.board.flash.by_hand.Helper` of the panel."""

    tell: Tell
    toolbox: Toolbox
    chip: str = ""

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Wait for a finger on BOOT."""
        return teach(ctx, self.tell, self.toolbox, port, self.chip, error)

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """Say that RESET has to be pressed, with its picture."""
        start(ctx, self.tell, todo, self.chip)


def start(ctx: JobContext, tell: Tell, todo: Text, chip: str) -> None:
    """Show how a chip is started that a hand brought to its loader."""
    from ide.board.flash import coach

    ctx.note(todo)
    tell(Teach(coach.lesson_to_start(chip), None))


def teach(
    ctx: JobContext, tell: Tell, toolbox: Toolbox, port: str, chip: str = "", error: NotInDownloadMode | None = None
) -> str:
    """Show how, and wait; where the chip is then. Raises ``error`` when nobody pressed a button in all that time."""
    from ide.board.flash import coach
    from ide.board.flash.errors import FlashStopped, NotInDownloadMode

    error = error or NotInDownloadMode(port, chip)
    known = chip or error.chip
    tell(Teach(coach.lesson_at(known, port), PATIENCE_S))
    try:
        with ctx.part(PATIENCE_S) as waiting:
            return coach.wait_for_download(waiting, toolbox, port, known, lambda seen: tell(Watching(seen.text)))
    except (Cancelled, FlashStopped):
        ctx.check()
        raise error from None
    finally:
        tell(Watching(error.what, over=True))
