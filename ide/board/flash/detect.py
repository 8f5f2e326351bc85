"""What is on the other end of a port: the chip, its flash, its locks, and what runs on it now.

A running MicroPython is asked first: it tells nearly all, and the board need not be reset. Else the chip's loader is
asked, through esptool.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from ide.board import simulator
from ide.board.boards import Boards
from ide.board.classify import is_final, kind_of
from ide.board.errors import BoardExecError, BoardGarbled, BoardRestarted, BoardSilent, BoardTimeout
from ide.board.flash import coach, esptool, fuses, locks, trouble
from ide.board.flash.commands import After, Before
from ide.board.flash.errors import NoData, NotInDownloadMode
from ide.board.flash.knock import look
from ide.board.flash.records import BoardFacts, ChipFacts
from ide.board.flash.usb import Track, port_at, ports
from ide.board.flash.usb import kind_of as usb_kind
from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains.errors import BoardError
from toolchains.jobs import JobContext
from toolchains.text import _
from toolchains.toolbox import Toolbox

#: Why a board does not say who it is; anything else is the port's fault.
_NO_ANSWER = (BoardSilent, BoardTimeout, BoardGarbled, BoardExecError, BoardRestarted)


@dataclass(frozen=True)
class _Answer:
    """What MicroPython said, or why nothing came."""

    running: Identity | None = None
    chip: ChipFacts | None = None
    silence: str = ""


def detect(ctx: JobContext, toolbox: Toolbox, port: str, *, thorough: bool = False) -> BoardFacts:
    """Who is at ``port`` (``COM3``, ``/dev/ttyUSB0``, ``sim:esp32``), which nobody else may hold meanwhile.

    ``thorough``: ask the loader even though MicroPython answers (crystal, features, secure download); the board is
    reset then. Raises BoardNotFound, BoardBusy, BoardNotAllowed, :class:`~ide.board.flash.trouble.NotThisPort` and the
    leaves of :mod:`ide.board.flash.errors`; :class:`NotInDownloadMode` is what the coach helps with.
    """
    wrong = trouble.why_not(port)
    if wrong is not None:
        raise wrong
    track = Track.at(port)
    looking = ctx.step(_("looking at the board at {port}", port=port))
    with looking, simulator.held_port(ctx, toolbox, port) as address:
        try:
            facts = replace(_facts(ctx, toolbox, port, address, thorough=thorough), track=track)
        except BoardError as error:
            trouble.better(error)
            raise
        other = coach.other_socket(port, facts.chip.mac, ports()) if facts.chip is not None else None
        if other is not None:
            ctx.note(_("The other socket of this board is plugged in, too, at {port}. One cable is enough.",
                       port=other.address))  # fmt: skip
        return facts


def _facts(ctx: JobContext, toolbox: Toolbox, port: str, address: str, *, thorough: bool) -> BoardFacts:
    usb = usb_kind(port_at(port))
    answer = _ask_micropython(ctx, toolbox, port, address)
    if answer.chip is not None and not thorough:
        return BoardFacts(port, answer.chip, answer.running, "", usb)
    if answer.running is not None and answer.chip is None:  # a pyboard, a simulated RISC-V machine: no ESP chip
        return BoardFacts(port, None, answer.running, "", usb)
    try:
        chip = _ask_loader(ctx, toolbox, address, waits=answer.silence == "bootloader")
    except NotInDownloadMode as error:
        told = _told(error, port, answer.silence)
        if told is error:
            raise
        raise told from error
    return BoardFacts(port, _merged(chip, answer.chip), answer.running, answer.silence, usb)


def _told(error: NotInDownloadMode, port: str, silence: str) -> NotInDownloadMode:
    """The same with what we know: the chip, for the picture that the coach shows, and what was heard before."""
    if isinstance(error, NoData) and silence != "silent":  # esptool listened between two lines; something was said
        error = NotInDownloadMode(error.port, error.chip, error.detail, error.state)
    known = port_at(port).known
    error.chip = error.chip or (known.chip if known is not None else "")
    error.fields |= {"silence": silence, "chip": error.chip}
    if silence == "silent":
        error.why = trouble.silent_words(port)
    return error


def _ask_loader(ctx: JobContext, toolbox: Toolbox, address: str, *, waits: bool) -> ChipFacts:
    """What the loader says. One that ``waits`` for us is asked without a reset: a person may have brought it there."""
    if waits:
        try:
            return with_locks(ctx, toolbox, address, before="no-reset", after="no-reset")
        except NotInDownloadMode:  # it left
            pass
    return with_locks(ctx, toolbox, address)


def with_locks(
    ctx: JobContext, toolbox: Toolbox, address: str, before: Before = "default-reset", after: After = "hard-reset"
) -> ChipFacts:
    """What the loader says of the chip, and its locks: those of an ESP32 are in its fuses."""
    chip = esptool.probe(ctx, toolbox.host, address, before=before, after=after)
    return locks.asked(ctx, toolbox.host, address, chip, before, after)


def _merged(loader: ChipFacts, micropython: ChipFacts | None) -> ChipFacts:
    """The loader knows more, except of PSRAM outside of the chip, which only firmware sees."""
    if micropython is None or loader.psram or not micropython.psram:
        return loader
    return replace(loader, psram=micropython.psram, psram_kind=micropython.psram_kind)


def _ask_micropython(ctx: JobContext, toolbox: Toolbox, port: str, address: str) -> _Answer:
    heard = look(ctx, address)
    if heard.loader:
        return _Answer(silence="bootloader")
    if is_final(heard.said):
        return _Answer(silence=kind_of(heard.said))
    with Boards(toolbox) as boards:
        board = boards.open(ctx, port)
        try:
            identity = board.identity(ctx)
        except BoardSilent as error:
            return _Answer(silence=error.kind)
        except (BoardTimeout, BoardGarbled, BoardRestarted):
            return _Answer(silence="no-micropython")
        return _Answer(identity, _chip(ctx, board, identity))


def _chip(ctx: JobContext, board: Board, identity: Identity) -> ChipFacts | None:
    if identity.chip is None:
        return None
    try:
        answer = board.ask(ctx, fuses.expression(identity.chip), fuses.SETUP, isolated=True)
    except _NO_ANSWER:  # an old firmware, or one with parts left out: what it said of itself will do
        answer = None
    return fuses.facts(identity, answer)
