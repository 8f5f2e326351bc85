"""What all of ``natmod flash`` shares: which port, who helps with the buttons, where firmware comes from, records."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import asdict, dataclass, replace
from typing import TYPE_CHECKING, TypeVar

from ide.board.flash import coach, follow, trouble
from ide.board.flash.by_hand import Helper, done, helped, waits
from ide.board.flash.commands import Before
from ide.board.flash.detect import detect
from ide.board.flash.errors import NotInDownloadMode
from ide.board.flash.firmware import FirmwareCatalog, from_pack
from ide.board.flash.records import BoardFacts, Firmware, Flashed
from ide.board.ports import list_ports
from ide.cli.verb import Session
from toolchains.errors import FetchError, UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n

if TYPE_CHECKING:
    from toolchains.fetch import OfflineSource

T = TypeVar("T")


def port_of(options: argparse.Namespace, session: Session) -> str:
    """The one port that is named, or the one board that is plugged in. Raises UsageError, NoPort."""
    if len(options.port) > 1:
        raise UsageError(
            _("'natmod flash {action}' works on one board at a time.", action=options.action),
            next_step=_("Many boards at once: natmod flash all"),
        )
    if options.port:
        return str(options.port[0])
    likely = ports_of(session)
    if len(likely) > 1:
        raise UsageError(
            _("Several boards are plugged in: {addresses}.", addresses=", ".join(likely)),
            next_step=_("Name one with --port {first}, or do all of them: natmod flash all", first=likely[0]),
        )
    return likely[0]


def ports_of(session: Session) -> list[str]:
    """The ports of boards that are plugged in: at least one. Raises NoPort, which says why there is none."""
    likely = [port.address for port in list_ports() if port.likely]
    if likely:
        return likely
    why = trouble.why_no_port(session.ctx.host, trouble.Plugged.now(session.ctx))
    raise why if why is not None else trouble.NoBoardPort()


def look(options: argparse.Namespace, session: Session) -> tuple[BoardFacts, bool]:
    """Who is at the port, and whether somebody had to press its buttons for that."""
    ctx, box = session.ctx, session.toolbox

    def work(at: str, _before: Before) -> BoardFacts:
        return detect(ctx, box, at, thorough=options.thorough)

    return helped(ctx, port_of(options, session), work, helper_of(options, session))


def on_chip_of(options: argparse.Namespace, session: Session, work: Callable[[BoardFacts, Before], T]) -> T:
    """``work`` with a board that was looked at; a person helps where its buttons have to be pressed."""
    facts, pressed = look(options, session)
    facts = follow.now(session.ctx, facts)
    return done(
        session.ctx,
        facts.port,
        lambda at, before: work(replace(facts, port=at), before),
        helper_of(options, session),
        waiting=pressed or waits(facts),
    )


def helper_of(options: argparse.Namespace, session: Session) -> Helper | None:
    """Somebody at a terminal can press buttons; a script only where it says so (``--wait``)."""
    return Words(session) if getattr(options, "wait", False) or session.out.steps else None


@dataclass
class Words:
    """The coach in words. Ctrl-C ends the waiting."""

    session: Session

    def to_download(self, ctx: JobContext, port: str, error: NotInDownloadMode) -> str:
        """Show how, and look until it is there."""
        ctx.note(_("{what} It cannot be brought there from here; your hand is needed.", what=error.what))
        for text in _lesson(coach.lesson_at(error.chip, port)):
            ctx.note(text)
        with ctx.step(_("wait for download mode (Ctrl-C ends the waiting)")):
            return coach.wait_for_download(
                ctx, self.session.toolbox, port, error.chip, lambda seen: ctx.note(_("  {text}", text=seen.text))
            )

    def to_start(self, ctx: JobContext, todo: Text) -> None:
        """The last thing to do."""
        ctx.note(_("It is written. {todo}", todo=todo))


def _lesson(lesson: coach.Lesson) -> Iterator[Text]:
    if lesson.socket is not None:
        yield lesson.socket.text
    for dance in lesson.dances:
        yield _("{title}:", title=dance.title)
        for number, step in enumerate(dance.steps, 1):
            yield _("  {number}. {text}", number=number, text=step.text)
    yield from lesson.notes


@contextmanager
def catalog_of(
    options: argparse.Namespace, session: Session
) -> Iterator[tuple[FirmwareCatalog, tuple[OfflineSource, ...]]]:
    """The firmware that can be had, with what is in the pack that is named, or in the one that is remembered."""
    from toolchains.pack_source import PackSource

    paths, named = session.toolbox.paths, getattr(options, "source", None)
    if getattr(options, "refresh", False):
        _refresh(session)
    pack = PackSource.open(session.ctx, named) if named else PackSource.remembered(session.ctx, paths)
    with pack or nullcontext():
        if pack is None:
            yield FirmwareCatalog.of(paths), ()
        else:
            yield FirmwareCatalog.of(paths, from_pack(pack.manifest)), (pack,)


def _refresh(session: Session) -> None:
    """What micropython.org has that our own table cannot know yet; without a network, what is known will do."""
    from ide.board.flash import download_page

    try:
        new = download_page.refresh(session.ctx, session.toolbox.paths)
    except FetchError as error:
        session.ctx.check()
        session.out.error(error)
        return
    session.out.text(_n("{n} new file was found.", "{n} new files were found.", len(new)))


def words_of(options: argparse.Namespace, most: int) -> list[str]:
    """The words after the action, at most so many."""
    words: list[str] = options.what
    if len(words) > most:
        raise UsageError(
            _("'natmod flash {action}' takes fewer words.", action=options.action),
            next_step=_("'natmod flash --help' shows how it is used."),
        )
    return words


# --- records ---------------------------------------------------------------------------------------------------------


def facts_record(facts: BoardFacts) -> dict[str, object]:
    """A board as JSON; sizes in bytes."""
    return {
        "port": facts.port,
        "chip": asdict(facts.chip) if facts.chip is not None else None,
        "running": facts.running.to_json() if facts.running is not None else None,
        "silence": facts.silence,
        "usb": facts.usb,
    }


def firmware_record(firmware: Firmware | None) -> dict[str, object] | None:
    """A firmware as JSON."""
    if firmware is None:
        return None
    return {**asdict(firmware), "path": str(firmware.path) if firmware.path is not None else None}


def flashed_record(flashed: Flashed) -> dict[str, object]:
    """What was written, as JSON."""
    return {
        "port": flashed.port,
        "chip": flashed.job.chip,
        "files": [{"address": file.address, "path": str(file.path)} for file in flashed.job.files],
        "seconds": round(flashed.seconds, 3),
        "written": flashed.written,
        "skipped": flashed.skipped,
        "attempts": [str(text) for text in flashed.attempts],
        "verified": flashed.verified,
        "running": flashed.running.to_json() if flashed.running is not None else None,
        "command": flashed.command,
    }
