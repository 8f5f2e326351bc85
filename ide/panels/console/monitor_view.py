"""The serial monitor: a row of choices, what came, and a field for what goes out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide.board.crash_watch import CrashFold
from ide.board.monitor_text import BAUDS, LineEnding, View
from ide.editor.scintilla import M
from ide.panels.console.transcript import Transcript
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.monitor import Monitor, MonitorEvent
    from ide.context import IdeContext

_ENDINGS: tuple[tuple[LineEnding, Text], ...] = (
    (LineEnding.NONE, _("no line end")),
    (LineEnding.CR, Text("CR")),
    (LineEnding.LF, Text("LF")),
    (LineEnding.CRLF, Text("CR LF")),
)
_STATES: dict[str, Text] = {
    "connecting": _("connecting…"),
    "open": _("open"),
    "lost": _("not connected"),
    "closed": _("not connected"),
}


class MonitorText(Transcript):
    """What came. ``find_wanted``: Ctrl+F."""

    find_wanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Ctrl+F searches; Tab leaves; all else looks around."""
        if event.key() == Qt.Key.Key_F and event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.find_wanted.emit()
        elif event.key() in (Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
            QWidget.focusNextPrevChild(self, event.key() == Qt.Key.Key_Tab)
        else:
            super().keyPressEvent(event)


class MonitorView(QWidget):
    """Bytes of one port, at any speed. Opened and closed by the panel."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.address: str | None = None
        self.state = "closed"
        self._monitor: Monitor | None = None
        self._crashes = CrashFold(ctx.board.crashed.emit)
        self._log: Path | None = None
        self.view = MonitorText(ctx.settings.number("console.lines"), ctx.settings.number("editor.font_size"), self)
        self.view.send(M.SetCaretStyle, 0)
        bind(self.view, "setAccessibleName", _("Serial monitor"))
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(self._choices())
        column.addWidget(self.view, 1)
        column.addLayout(self._sender())
        ctx.add_drain(self._drain)
        ctx.add_drain(self.view.work)
        self._show_state()

    # --- parts --------------------------------------------------------------------------------------------------------

    def _choices(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 2, 8, 2)
        row.setSpacing(8)
        self.status = QLabel(self)
        self.status.setProperty("role", "muted")
        row.addWidget(self.status)
        row.addStretch(1)
        label = QLabel(self)
        bind(label, "setText", _("Baud"))
        row.addWidget(label)
        self.baud = QComboBox(self)
        self.baud.setEditable(True)
        bind(self.baud, "setAccessibleName", _("Speed in baud"))
        self.baud.addItems([str(speed) for speed in BAUDS])
        self.baud.setCurrentText(str(self._ctx.settings.number("console.baud")))
        self.baud.textActivated.connect(lambda _text: self._baud_chosen())
        edit = self.baud.lineEdit()
        assert edit is not None
        edit.editingFinished.connect(self._baud_chosen)
        row.addWidget(self.baud)
        self.times = self._check(row, _("Time stamps"), self._view_chosen)
        self.hexadecimal = self._check(row, _("Hexadecimal"), self._view_chosen)
        self.log = QToolButton(self)
        self.log.setProperty("flat", True)
        self.log.setCheckable(True)
        self.log.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(self.log, "setText", _("Log to a file…"))
        bind(self.log, "setToolTip", _("Append what is shown to a file"))
        self.log.clicked.connect(self._log_clicked)
        row.addWidget(self.log)
        return row

    def _check(self, row: QHBoxLayout, title: Text, changed: Any) -> QCheckBox:  # noqa: ANN401
        box = QCheckBox(self)
        bind(box, "setText", title)
        box.toggled.connect(lambda _on: changed())
        row.addWidget(box)
        return box

    def _sender(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(8)
        self.field = QLineEdit(self)
        bind(self.field, "setPlaceholderText", _("Text to send"))
        bind(self.field, "setAccessibleName", _("Text to send"))
        self.field.returnPressed.connect(self.send_line)
        row.addWidget(self.field, 1)
        self.ending = QComboBox(self)
        bind(self.ending, "setAccessibleName", _("Line end"))
        self.ending.addItems([str(title) for _ending, title in _ENDINGS])
        self.ending.setCurrentIndex(len(_ENDINGS) - 1)
        words.changed.connect(self._name_endings)
        row.addWidget(self.ending)
        self.send_button = QToolButton(self)
        self.send_button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        bind(self.send_button, "setText", _("Send"))
        self.send_button.clicked.connect(self.send_line)
        row.addWidget(self.send_button)
        return row

    def _name_endings(self) -> None:
        for at, (_ending, title) in enumerate(_ENDINGS):
            self.ending.setItemText(at, str(title))

    # --- the port -----------------------------------------------------------------------------------------------------

    def open_port(self, address: str) -> None:
        """Listen to this port; an empty address: to none."""
        from ide.board.monitor import Monitor

        self.close_port()
        self.address = address or None
        self.state = "closed"
        if address:
            self._monitor = Monitor(
                address,
                JobContext(self._ctx.engine.host),
                self._ctx.ring,
                baud=self._speed(),
                view=self._wanted_view(),
                tools=self._ctx.engine.toolbox,
            )
            self._monitor.start()
        self._show_state()

    def close_port(self) -> None:
        """Let go of the port."""
        monitor, self._monitor = self._monitor, None
        if monitor is not None:
            monitor.close()
            self._ctx.board.leaving(monitor.join)
        self.log.setChecked(False)

    def reset_board(self) -> None:
        """Press the board's reset button."""
        if self._monitor is not None:
            self._monitor.reset()

    def send_line(self) -> None:
        """Send what is in the field."""
        if self._monitor is not None:
            self._monitor.send(self.field.text(), _ENDINGS[self.ending.currentIndex()][0])
            self.field.clear()

    def _speed(self) -> int:
        text = self.baud.currentText().strip()
        usable = text.isascii() and text.isdigit() and 50 <= int(text[:9]) <= 12_000_000
        return int(text) if usable else self._ctx.settings.number("console.baud")

    def _baud_chosen(self) -> None:
        speed = self._speed()
        self.baud.setCurrentText(str(speed))
        monitor = self._monitor
        if monitor is None or monitor.baud == speed:
            return
        self._ctx.settings.set("console.baud", speed)
        monitor.set_baud(speed)

    def _wanted_view(self) -> View:
        return View(self.hexadecimal.isChecked(), self.times.isChecked())

    def _view_chosen(self) -> None:
        if self._monitor is not None:
            self._monitor.show(self._wanted_view())

    def _log_clicked(self, on: bool) -> None:
        if not on:
            self.log_to(None)
            return
        self.log.setChecked(False)
        dialog = QFileDialog(self, str(_("Log to a file")), str(self._ctx.project.folder))
        dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
        dialog.setOption(QFileDialog.Option.DontConfirmOverwrite)  # it is appended to
        dialog.selectFile("monitor.txt")
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.fileSelected.connect(lambda name: self.log_to(Path(name)))
        dialog.open()

    def log_to(self, path: Path | None) -> None:
        """Append what comes to a file from now on; None: not any more."""
        if self._monitor is not None:
            self._monitor.log_to(path)
            self.log.setChecked(path is not None)

    # --- what happens -------------------------------------------------------------------------------------------------

    def _drain(self) -> bool:
        monitor = self._monitor
        if monitor is None:
            return False
        events = monitor.drain()
        for event in events:
            self._take(event)
        return bool(events)

    def _take(self, event: MonitorEvent) -> None:
        from ide.board.monitor import LogEnded, MonitorChanged, Printed

        if isinstance(event, Printed):
            if event.dropped:
                said = _("… {size} left out …", size=size_text(event.dropped))
                self.view.say(f"{said}\n", "note", fresh=True)
            self.view.feed(event.data)
            self._crashes.feed(event.data)  # all of it stays on the screen; the line of C is said besides
        elif isinstance(event, LogEnded):
            self.log.setChecked(False)
            self._ctx.notices.error(event.error)
        elif isinstance(event, MonitorChanged):
            self.state, self.address = event.state, event.address
            if event.error is not None:
                self.view.say(f"{event.error}\n", "error", fresh=True)
            self._show_state()

    def _show_state(self) -> None:
        state = _STATES[self.state] if self.address else _("no board")
        bind(self.status, "setText", _("{port}: {state}", port=self.address or "–", state=state))
        for widget in (self.field, self.send_button, self.log):
            widget.setEnabled(self.state == "open")
