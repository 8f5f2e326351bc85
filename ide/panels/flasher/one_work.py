"""What the page of one board starts: looking, choosing, writing; and what is shown when it is over."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from ide import page_parts as parts
from ide.board.flash.errors import AnotherBoard, chip_title
from ide.board.flash.facts_words import banner, firmware_name, short_name
from ide.context import IdeContext
from ide.panels.flasher.card import Next
from ide.panels.flasher.doors import Choices, Doors, WriteOrder
from ide.panels.flasher.one_board import OneBoard
from ide.panels.flasher.side import Side
from ide.panels.flasher.tells import Teach, Watching
from ide.panels.flasher.work import Work
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _, _n
from toolchains.units import time_text

if TYPE_CHECKING:
    from ide.board.flash.choose import Proposal
    from ide.board.flash.line_read import LineRead
    from ide.board.flash.records import BoardFacts, Flashed
    from ide.board.flash.table import Table

Known = tuple["BoardFacts", Choices]


class OneWork(QObject):
    """Between the page and the engine. ``known(facts)``: somebody looked at the board.

    ``chosen(name)``: what Write would write; empty for nothing.
    """

    chosen = Signal(str)

    def __init__(
        self, ctx: IdeContext, work: Work, doors: Doors, side: Side, known: Callable[[BoardFacts], object],
        parent: QWidget,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._ctx, self._work, self._doors, self._side, self._known = ctx, work, doors, side, known
        self.page = OneBoard(self.look, self.write, self.pick_file, self.choose_release, self._changed, parent)
        self._asked = 0
        work.changed.connect(self._work_changed)
        ctx.board.changed.connect(self._board_changed)

    # --- which board ----------------------------------------------------------------------------------------------

    def use(self, port: str) -> None:
        """Another port: what the window's board says of itself is known without asking."""
        self.page.show_board(port, None)
        self._board_changed()

    def _board_changed(self) -> None:
        identity, page = self._ctx.board.identity, self.page
        if identity is None or self._ctx.board.address != page.port or self._work.busy:
            return
        before = page.facts
        known = before.running if before is not None else None
        if known is not None and (known.build, known.version) == (identity.build, identity.version):
            return
        from ide.board.flash.records import BoardFacts

        facts = BoardFacts(page.port, before.chip if before is not None else None, identity, "", "")
        self._asked += 1
        asked = self._asked

        def show(choices: Choices) -> None:
            if asked == self._asked and facts.port == page.port and not self._work.busy:
                page.show_board(facts.port, facts, choices)

        self._ctx.jobs.start(
            _("Look for firmware"), lambda ctx: self._doors.proposals(ctx, facts), on_done=show, quiet=True
        )

    def look_for_port(self) -> None:
        """Where no port is chosen, the page says why there is none."""
        if not self.page.port:
            self._ctx.jobs.start(
                _("Look for boards"), self._doors.why_no_port, on_done=self.page.show_missing, quiet=True
            )

    def look(self) -> None:
        """Ask the board what it is, and the catalogue what it should get."""
        port = self.page.port
        if not port or self._work.busy:
            return
        self.page.show_board(port, None)  # another board may be there by now

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Known:
            facts = self._doors.detect(ctx, tell, port)
            return facts, self._doors.proposals(ctx, facts)

        def done(known: Known) -> None:
            facts, choices = known
            self._asked += 1
            self._work.follow(facts.port)
            self.page.show_board(self.page.port, facts, choices)
            self._known(facts)
            self.page.act.setFocus()

        self._work.start(_("Look at the board"), work, ports=(port,), done=done, told=self.told, back=_same_port)

    def choose_release(self, version: str) -> None:
        """The same for another release."""
        facts = self.page.facts
        if facts is not None:
            self._ctx.jobs.start(
                _("Look for firmware"), lambda ctx: self._doors.proposals(ctx, facts, version),
                on_done=self.page.show_choices, quiet=True,
            )  # fmt: skip

    def pick_file(self, path: Path) -> None:
        """Firmware from a file: read and compared with the board before it can be written."""
        facts = self.page.facts

        def work(ctx: JobContext, _tell: Callable[[object], None]) -> Proposal:
            return self._doors.from_file(ctx, path, facts)

        self._work.start(_("Read {file}", file=path.name), work, done=self.page.add_proposal)

    # --- writing --------------------------------------------------------------------------------------------------

    def order(self) -> WriteOrder | None:
        """What Write would do."""
        page, chosen = self.page, self.page.chosen
        if chosen is None or not page.ready:
            return None
        return WriteOrder(page.port, page.facts, chosen.firmware, page.erases, page.saves, page.forced)

    def write(self) -> None:
        """The one button."""
        self._begin(self.order())

    def write_with(self, table: Table) -> None:
        """The chosen firmware with another partition table in it: what was in the flash has no place any more."""
        order = self.order()
        self._begin(replace(order, table=table, erases=True, saves=True) if order is not None else None)

    def _begin(self, order: WriteOrder | None) -> None:
        if order is None:
            return

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Flashed:
            return self._doors.write(ctx, tell, order)

        self._work.start(
            _("Write {firmware}", firmware=firmware_name(order.firmware)), work, ports=(order.port,),
            done=self._written, failed=lambda error: self._not_written(error, order.port, lambda: self._begin(order)),
            told=self.told, result=_result,
            doubtful=lambda flashed: flashed.running is None, back=lambda flashed: flashed.port,
        )  # fmt: skip

    def read_line(self, text: str) -> None:
        """An esptool line that somebody pasted: compared with the board, and shown as it would be run today."""
        page, folder = self.page, self._ctx.project.folder

        def work(ctx: JobContext, tell: Callable[[object], None]) -> LineRead:
            return self._doors.read_line(ctx, tell, text, page.port, folder)

        def done(line: LineRead) -> None:
            self._known(line.facts)
            self._side.command.show_command(line.command)
            self._side.card.offer([("line", _("Run this command"), lambda: self.run_line(line))])

        self._work.start(
            _("Read the pasted command"), work, ports=(page.port,) if page.port else (), done=done, told=self.told,
            result=_read_line, doubtful=lambda line: bool(line.differs) or line.job.erase == "all",
            back=lambda line: _same_port((line.facts, Choices())),
        )  # fmt: skip

    def run_line(self, line: LineRead) -> None:
        """A line that was read, and shown to the person."""
        port = line.facts.port

        def work(ctx: JobContext, tell: Callable[[object], None]) -> Flashed:
            return self._doors.run_line(ctx, tell, line)

        self._work.start(
            _("Run the pasted command"), work, ports=(port,), done=self._written, told=self.told, result=_result,
            doubtful=lambda flashed: flashed.running is None, back=lambda flashed: flashed.port,
            failed=lambda error: self._not_written(error, port, lambda: self.run_line(line)),
        )  # fmt: skip

    def refresh(self) -> None:
        """Newer firmware than this program knew when it was made, from micropython.org."""
        facts = self.page.facts
        chip = facts.chip.chip if facts is not None and facts.chip is not None else ""

        def work(ctx: JobContext, _tell: Callable[[object], None]) -> tuple[int, Choices | None]:
            found = self._doors.refresh(ctx, chip)
            return found, self._doors.proposals(ctx, facts) if facts is not None else None

        def done(answer: tuple[int, Choices | None]) -> None:
            if answer[1] is not None:
                self.page.show_board(self.page.port, facts, answer[1])

        self._work.start(
            _("Look for newer firmware on micropython.org"), work, done=done,
            result=lambda answer: _n("{n} new file was found.", "{n} new files were found.", answer[0]),
        )  # fmt: skip

    def ask_merge(self, parent: QWidget) -> None:
        """Which build, and where the image shall be."""
        title = _("Make one image of a build's files…")

        def into(build: str) -> None:
            parts.ask_save(parent, title, "firmware.bin", "bin", lambda name: self.merge(Path(build), Path(name)))

        parts.ask_open(parent, title, (_("Builds of ESP-IDF (flasher_args.json)"),), into)

    def merge(self, build: Path, into: Path) -> None:
        """Bootloader, table and program as one file, for a factory."""
        self._work.start(
            _("Make {file}", file=into.name), lambda ctx, _tell: self._doors.merge(ctx, build, into),
            result=lambda _none: _("✓ Saved as {path}.", path=into),
        )  # fmt: skip

    def _written(self, flashed: Flashed) -> None:
        page = self.page
        if page.facts is not None and flashed.running is not None:  # whether the window connects to it or not
            page.facts = replace(page.facts, running=flashed.running, silence="")
            page.keep.setChecked(True)
            page.render()
        self._side.command.show_command(flashed.command)
        self._side.card.offer(self._next(flashed))

    def _next(self, flashed: Flashed) -> list[Next]:
        commands = self._ctx.commands
        if flashed.running is None:
            return []
        return [
            ("run", _("Run the project"), lambda: commands.run("project.run")),
            ("console", _("Open the console"), lambda: self._ctx.layout.show_panel("console", focus=True)),
        ]

    def _not_written(self, error: StudioError, port: str, again: Callable[[], object]) -> None:
        if isinstance(error, AnotherBoard):
            self.page.show_board(port, None)
            return
        self._side.card.offer([("again", _("Try again"), again)])

    def told(self, event: object) -> None:
        """On its way."""
        if isinstance(event, Teach):
            self._side.coach.teach(event.lesson, event.seconds)
        elif isinstance(event, Watching):
            if event.over:
                self._side.coach.leave()
            else:
                self._side.coach.see(event.text)

    # --- what changes ---------------------------------------------------------------------------------------------

    def _work_changed(self) -> None:
        self.page.busy = self._work.busy
        self.page.render()

    def _changed(self) -> None:
        """Another choice: the command that it means."""
        order = self.order()
        self.chosen.emit(short_name(order.firmware) if order is not None else "")
        if not self._work.busy:
            self._side.command.show_command(self._doors.command(order) if order is not None else "")


def _same_port(known: Known) -> str | None:
    facts, _choices = known
    return facts.port if facts.running is not None else None


def _read_line(line: LineRead) -> Text:
    chip = line.facts.chip
    assert chip is not None  # else it could not be read
    return (
        _("The line fits the {chip}. As it would be run: {command}", chip=chip_title(chip.chip), command=line.short)
        if line.differs
        else _("✓ The line fits the {chip}, and would be run as it is: {command}", chip=chip_title(chip.chip),
               command=line.short)
    )  # fmt: skip


def _result(flashed: Flashed) -> Text:
    took = time_text(flashed.seconds)
    if flashed.running is None:
        return _("Written in {time}. Nothing was asked of it afterwards.", time=took)
    says = banner(flashed.running)
    if flashed.verified:
        return _("✓ Written and compared in {time}. The board answers: {banner}", time=took, banner=says)
    return _("✓ Written in {time}. The board answers: {banner}", time=took, banner=says)
