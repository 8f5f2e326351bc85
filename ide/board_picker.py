"""The board in the toolbar: which one it is, how it is, and the list of those that there are."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QMenu, QToolButton, QWidget

from ide.board_session import BoardSession
from ide.engine import Engine
from ide.job_queue import Jobs
from ide.words import bind, words
from toolchains.jobs import JobContext
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.board_list import ListedBoard
    from ide.board.port_watch import PortWatch

STATES: dict[str, Text] = {
    "none": _("no board"),
    "connecting": _("connecting…"),
    "prompt": _("ready"),
    "running": _("a program runs"),
    "busy": _("busy"),
    "lost": _("not connected"),
    "closed": _("not connected"),
    "lent": _("the flasher works on it"),
}


def state_words(board: BoardSession) -> Text:
    """How the board is; of one that has not said yet who it is, nobody knows whether a program runs on it."""
    if board.state == "running" and board.identity is None:
        return _("no prompt yet")
    return STATES.get(board.state, STATES["none"])


def board_title(board: BoardSession) -> str:
    """``ESP32C3 · COM3``, ``sim:rv32``: what and where, as short as it can be said."""
    if board.address is None:
        return str(_("Choose a board"))
    chip = board.identity.chip if board.identity is not None else None
    return f"{chip.upper()} · {board.address}" if chip else board.address


class BoardList(QObject):
    """The boards there are, looked for in a worker; ``plugged`` comes when something was plugged in or out."""

    plugged = Signal()

    def __init__(self, jobs: Jobs, engine: Engine, ring: Callable[[], None]) -> None:
        super().__init__()
        self._jobs, self._engine, self._ring = jobs, engine, ring
        self._watch: PortWatch | None = None
        self._changed = False
        self.boards: list[ListedBoard] = []

    def watch(self) -> None:
        """From now on tell of what is plugged in; where the system has to be asked, only while we have the focus."""
        from ide.board.port_watch import PortWatch

        self._watch = PortWatch(self._ports_changed)
        self._watch.start()
        QGuiApplication.instance().applicationStateChanged.connect(self._focus_changed)

    def _focus_changed(self, state: Qt.ApplicationState) -> None:
        if self._watch is not None:
            self._watch.watch(state == Qt.ApplicationState.ApplicationActive)

    def _ports_changed(self) -> None:
        """From the watch's thread."""
        self._changed = True
        self._ring()

    def drain(self) -> bool:
        """Tell that something was plugged in; whether there was something."""
        if not self._changed:
            return False
        self._changed = False
        self.plugged.emit()
        return True

    def look(self, then: Callable[[], object]) -> None:
        """List them, then call ``then()`` on the window's thread; again, if some are plugged in that have no port."""

        def work(_ctx: JobContext) -> list[ListedBoard]:
            from ide.board.board_list import list_boards

            return list_boards(self._engine.host)

        def without_port(ctx: JobContext) -> list[ListedBoard]:
            from ide.board.board_list import list_without_driver

            return list_without_driver(ctx)

        def done(found: list[ListedBoard]) -> None:
            self.boards = found
            then()
            self._jobs.start(_("Look for boards"), without_port, on_done=more, quiet=True)

        def more(found: list[ListedBoard]) -> None:
            if found:
                self.boards = [*found, *(board for board in self.boards if board.address)]
                then()

        self._jobs.start(_("Look for boards"), work, on_done=done, quiet=True)

    def close(self) -> None:
        """End the watch."""
        if self._watch is not None:
            self._watch.close()
            self._watch = None


class BoardPicker(QToolButton):
    """A button with a menu: serial ports and simulated boards, with what they are."""

    def __init__(self, board: BoardSession, listed: BoardList, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("board")
        self._board, self._listed = board, listed
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self)
        menu.setToolTipsVisible(True)  # why a board cannot be chosen
        menu.aboutToShow.connect(self._opened)
        self.setMenu(menu)
        bind(self, "setAccessibleName", _("Board"))
        board.changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    def ask(self) -> None:
        """Open the list; unlike ``showMenu`` this does not wait for the answer."""
        self.menu().popup(self.mapToGlobal(self.rect().bottomLeft()))

    def render(self) -> None:
        """Show the board and its state, in words."""
        board = self._board
        state = state_words(board)
        self.setText(board_title(board) if board.address is None else f"{board_title(board)} · {state}")
        lines = [str(state)]
        if board.identity is not None:
            lines = [board.identity.machine, f"MicroPython {board.identity.version}", *lines]
        if board.error is not None:
            lines.append(str(board.error))
        self.setToolTip("\n".join(lines))

    def _opened(self) -> None:
        self._fill()
        self._listed.look(self._fill)

    def _fill(self) -> None:
        menu = self.menu()
        menu.clear()
        for listed in self._listed.boards:
            title = str(listed.title)
            action = menu.addAction(title if listed.address in ("", title) else f"{listed.address} — {title}")
            action.setCheckable(True)
            action.setChecked(listed.address == self._board.address)
            action.setEnabled(listed.available)
            if listed.reason is not None:
                action.setToolTip(str(listed.reason))
            action.triggered.connect(lambda _on=False, address=listed.address: self._board.use(address))
        if not self._listed.boards:
            menu.addAction(str(_("Looking for boards…"))).setEnabled(False)
        menu.addSeparator()
        if self._board.state in ("lost", "closed"):
            menu.addAction(str(_("Try again")), self._board.reconnect)
        disconnect = menu.addAction(str(_("Disconnect")), self._board.disconnect_board)
        disconnect.setEnabled(self._board.address is not None)
