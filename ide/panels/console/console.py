"""What joins the console to the board: lines go there, bytes come back, jobs say that they begin and how they end."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QWidget

from ide.panels.console import history, pasted
from ide.panels.console.view import ConsoleView
from ide.places import inside
from ide.run_words import summary
from ide.words import bind
from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.context import IdeContext
    from ide.runs import Ended


class Console(QObject):
    """The view, and everything that happens in it."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx, self._board = ctx, ctx.board
        self._history_file = ctx.state_folder / "console_history"
        self._address: str | None = None
        self.view = ConsoleView(ctx.settings.number("console.lines"), ctx.settings.number("editor.font_size"), parent)
        bind(self.view, "setAccessibleName", _("Console"))
        self._connect()
        self._read_history()
        self._board_changed()

    def _connect(self) -> None:
        view, board, runs = self.view, self._board, self._ctx.runs
        view.entered.connect(self.enter)
        view.pasted.connect(self.paste)
        view.completion_wanted.connect(self._complete)
        view.interrupt_wanted.connect(board.interrupt)
        view.end_wanted.connect(self._ctrl_d)
        view.rubout_wanted.connect(self._rubout)
        view.place_wanted.connect(self._go_to)
        board.printed.connect(view.feed)
        self._ctx.add_drain(view.work)
        view.composed.connect(self._ctx.ring)
        board.dropped.connect(self._dropped)
        board.changed.connect(self._board_changed)
        runs.started.connect(self._run_started)
        runs.ended.connect(self._run_ended)
        self._ctx.settings.listeners.append(self._setting_changed)

    def _go_to(self, file: str, line: int) -> None:
        path = inside(self._ctx.project.folder, file)
        if path is not None:
            self._ctx.editors.open(path, line, None)

    # --- what is typed ------------------------------------------------------------------------------------------------

    def enter(self, line: str) -> None:
        """A line was entered: it is typed to the board; what its line editor cannot take is pasted."""
        self._keep(line)
        at_prompt = self._board.state == "prompt"
        if at_prompt and not line.isascii() and not self._board.continued and not line.rstrip().endswith((":", "\\")):
            self.paste(line)
            return
        if at_prompt:  # MicroPython drops what is not ASCII; escapes mean the same in a string
            line = line.encode("ascii", "backslashreplace").decode()
        self._board.type(line.encode() + b"\r")

    def paste(self, text: str) -> None:
        """Several lines: at the prompt they are run as one program, else they are typed to the one that runs."""
        text = pasted.without_prompts(text)
        if self._board.state != "prompt":
            self._board.type(text.rstrip("\n").replace("\n", "\r").encode() + b"\r")
            return
        if self._board.continued:
            self._board.interrupt()  # what was begun is given up
        self.view.say("\n... ".join(text.rstrip("\n").split("\n")) + "\n")
        output = self._board.printer()
        code = pasted.code_to_run(text)

        def work(ctx: JobContext, boards: Boards) -> None:
            address = self._board.address
            assert address is not None
            boards.open(ctx, address).exec(ctx, code, timeout=None, on_output=output)

        self._board.submit(
            _("Run the lines"), work, on_done=lambda _none: self.view.fresh_line(), on_error=self._failed
        )

    def _failed(self, error: StudioError) -> None:
        traceback = error.fields.get("traceback")
        if isinstance(traceback, str):
            self.view.say(traceback.rstrip() + "\n", "error", fresh=True)
        elif not isinstance(error, Cancelled):
            self.view.say(f"{error}\n", "error", fresh=True)

    def _ctrl_d(self) -> None:
        if self._board.state == "prompt":
            self.soft_reset()
        else:
            self._board.type(b"\x04")  # the end of what a program can read

    def _rubout(self) -> None:
        if self._board.state == "prompt" and self._board.continued:
            self._board.type(b"\x7f")  # an indent that the board has typed

    def _complete(self, line: str) -> None:
        if self._board.state != "prompt" or self._board.continued:
            return

        def work(ctx: JobContext, boards: Boards) -> tuple[int, list[str]]:
            from ide.board.completion import complete

            address = self._board.address
            assert address is not None
            return complete(ctx, boards.open(ctx, address), line)

        def done(found: tuple[int, list[str]]) -> None:
            self.view.offer(line, *found)

        self._board.submit(_("Look for names"), work, on_done=done, on_error=lambda error: None, quiet=True)

    # --- what happens -------------------------------------------------------------------------------------------------

    def soft_reset(self) -> None:
        """Start MicroPython afresh."""
        self._begin(_("Soft reset"))
        self._board.soft_reset()

    def hard_reset(self) -> None:
        """Press the reset button."""
        self._begin(_("Reset"))
        self._board.hard_reset()

    def _begin(self, title: Text) -> None:
        """Something is asked of the board that is not typed: it is named behind the prompt."""
        self.view.say(f"{title}\n", "note")

    def _run_started(self, kind: str) -> None:
        if kind != "run":
            return
        if self._ctx.settings.on("run.clear_console"):
            self.view.clear()
        self._begin(_("Run {name}", name=self._ctx.project.name))

    def _run_ended(self, ended: Ended) -> None:
        if ended.kind == "run":
            self.view.say(f"{summary(ended)}\n", "note" if ended.good else "error", fresh=True)

    def _dropped(self, n_bytes: int) -> None:
        self.view.say(f"{_('… {size} left out …', size=size_text(n_bytes))}\n", "note", fresh=True)

    def _board_changed(self) -> None:
        board = self._board
        self.view.accept(board.connected)
        if board.address != self._address:
            self._address = board.address
            if board.address is not None:
                self.view.tape.calm()
                self.view.fresh_line()
        if board.state == "lost" and board.error is not None:
            self.view.say(f"{board.error.what}\n", "error", fresh=True)

    def _setting_changed(self, key: str) -> None:
        if key == "console.lines":
            self.view.limit = self._ctx.settings.number(key)
        elif key in ("editor.font_size", "editor.font_family"):
            self.view.use_points(self._ctx.settings.number("editor.font_size"))

    # --- history ------------------------------------------------------------------------------------------------------

    def _read_history(self) -> None:
        def done(lines: list[str]) -> None:
            self.view.history.lines[:0] = lines

        self._ctx.jobs.start(_("Read the history"), lambda _ctx: history.read(self._history_file), on_done=done)

    def _keep(self, line: str) -> None:
        if line.strip():
            self._ctx.jobs.start(_("Keep the history"), lambda _ctx: history.append(self._history_file, line))
