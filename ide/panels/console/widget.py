"""The Console panel: the board's own prompt, or a plain serial monitor; room above for what the board has left."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QButtonGroup, QFileDialog, QHBoxLayout, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ide.commands import Command
from ide.panels.console.console import Console
from ide.panels.console.find_bar import FindBar
from ide.panels.console.monitor_view import MonitorView
from ide.panels.console.strip import BoardStrip
from ide.panels.console.transcript import Transcript
from ide.words import bind
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext

_BUTTONS = (
    "console.interrupt",
    "console.soft_reset",
    "console.hard_reset",
    "console.clear",
    "console.save",
    "console.find",
)


class ConsolePanel(QWidget):
    """A row of buttons, the view, and a search bar that comes when it is asked for."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self._monitored: str | None = None
        self.console = Console(ctx, self)
        self.monitor = MonitorView(ctx, self)
        self.find_bar = FindBar(self)
        self._stack = QStackedWidget(self)
        self._stack.addWidget(self.console.view)
        self._stack.addWidget(self.monitor)
        self._register()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._header())
        column.addWidget(self._stack, 1)
        column.addWidget(self.find_bar)
        self.setFocusProxy(self.console.view)
        self.console.view.find_wanted.connect(self.find)
        self.monitor.view.find_wanted.connect(self.find)
        ctx.board.changed.connect(self._board_changed)
        ctx.commands.on_state.append(self._refresh)
        if ctx.window is not None:
            ctx.window.installEventFilter(self)
        self._refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The window goes: so does the monitor's port."""
        if event.type() == QEvent.Type.Hide and not event.spontaneous():
            self.monitor.close_port()
        return False

    # --- buttons ------------------------------------------------------------------------------------------------------

    def _register(self) -> None:
        board, free = self._ctx.board, self.console
        self._ctx.commands.register(
            Command(
                "console.interrupt", _("Interrupt"), board.interrupt, "", "board/30",
                enabled=lambda: board.connected, hint=_("Ctrl-C to the program that runs on the board"),
            ),
            Command(
                "console.soft_reset", _("Soft reset"), free.soft_reset, "", "board/31",
                enabled=lambda: board.connected, hint=_("Start MicroPython afresh; boot.py and main.py run"),
            ),
            Command(
                "console.hard_reset", _("Reset"), self.hard_reset, "", "board/32",
                enabled=lambda: board.connected or self._monitored is not None,
                hint=_("Press the board's reset button"),
            ),
            Command("console.clear", _("Clear"), self.clear, "", "board/40", hint=_("Clear the console")),
            Command("console.save", _("Save…"), self.save, "", "board/41", hint=_("Save what the console shows")),
            Command("console.find", _("Find"), self.find, "", "board/42", hint=_("Find in the console")),
            Command(
                "console.show_console", _("Console"), lambda: self.use_monitor(False), "", "board/50",
                checked=lambda: not self.monitors, hint=_("Talk to MicroPython on the board"),
            ),
            Command(
                "console.show_monitor", _("Serial monitor"), lambda: self.use_monitor(True), "", "board/51",
                checked=lambda: self.monitors, hint=_("Show every byte of a port, at any speed"),
            ),
        )  # fmt: skip

    def _header(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(4)
        self._buttons: dict[str, QToolButton] = {}
        switch = QButtonGroup(self)
        for command_id in ("console.show_console", "console.show_monitor"):
            button = self._button(command_id)
            button.setCheckable(True)
            switch.addButton(button)
            row.addWidget(button)
        self.board_strip = BoardStrip(self._ctx, self)
        self.board_strip.setObjectName("board_strip")
        row.addWidget(self.board_strip, 1)
        for command_id in _BUTTONS:
            row.addWidget(self._button(command_id))
        return row

    def _button(self, command_id: str) -> QToolButton:
        command = self._ctx.commands.records[command_id]
        button = QToolButton(self)
        button.setObjectName(command_id)
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(button, "setText", command.title)
        bind(button, "setToolTip", command.hint or command.title)
        button.clicked.connect(lambda: self._ctx.commands.run(command_id))
        self._buttons[command_id] = button
        return button

    def _refresh(self) -> None:
        for command_id, button in self._buttons.items():
            command = self._ctx.commands.records[command_id]
            button.setEnabled(command.enabled())
            if command.checked is not None:
                button.setChecked(command.checked())

    # --- console or monitor -------------------------------------------------------------------------------------------

    @property
    def monitors(self) -> bool:
        """Whether the serial monitor is shown, and has the port."""
        return self._monitored is not None

    def use_monitor(self, on: bool) -> None:
        """Give the port to the serial monitor, or back to the console."""
        board = self._ctx.board
        if on and not self.monitors:
            self._monitored = board.address or ""
            board.disconnect_board()
            self.monitor.open_port(self._monitored)
            self._stack.setCurrentWidget(self.monitor)
            self.setFocusProxy(self.monitor.field)
        elif not on and self.monitors:
            address = self.monitor.address or self._monitored
            self._end_monitor()
            if address and board.address is None:
                board.use(address)
        self._ctx.commands.refresh()
        self._refresh()

    def _end_monitor(self) -> None:
        self._monitored = None
        self.monitor.close_port()
        self._stack.setCurrentWidget(self.console.view)
        self.setFocusProxy(self.console.view)

    def _board_changed(self) -> None:
        """A board is wanted, by Run or in the list of boards: the port may be the monitor's; the console is seen."""
        if self.monitors and self._ctx.board.address is not None:
            self._end_monitor()
        self._refresh()

    @property
    def shown(self) -> Transcript:
        """The view that is in front."""
        return self.monitor.view if self.monitors else self.console.view

    # --- what the buttons do ------------------------------------------------------------------------------------------

    def hard_reset(self) -> None:
        """Press the reset button."""
        if self.monitors:
            self.monitor.reset_board()
        else:
            self.console.hard_reset()

    def clear(self) -> None:
        """Forget what was printed."""
        self.shown.clear()

    def find(self) -> None:
        """Search in what is shown."""
        self._ctx.layout.show_panel("console")
        self.find_bar.open_over(self.shown)

    def save(self) -> None:
        """Ask for a file and write what is shown to it."""
        dialog = QFileDialog(self, str(_("Save what the console shows")), str(self._ctx.project.folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setDefaultSuffix("txt")
        dialog.selectFile("console.txt")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.save_to(Path(name)))
        dialog.open()

    def save_to(self, path: Path) -> None:
        """Write what is shown to a file, in a worker."""
        text = self.shown.transcript()

        def work(_ctx: JobContext) -> None:
            with disk_errors(path):
                path.write_text(text, "utf-8")

        def done(_none: None) -> None:
            self._ctx.notices.tell(_("Saved as {path}.", path=path))

        self._ctx.jobs.start(_("Save the console"), work, on_done=done)
