"""A client's hold on a simulated board: as long as the connection to its keeper is open, the board runs."""

from __future__ import annotations

import time
from types import TracebackType
from typing import Any

from ide.board.control import Channel, ControlClosed, Message
from ide.board.runtime import Card, RunFolder, connect
from toolchains.errors import BoardError
from toolchains.text import _
from toolchains.undo import on_failure

#: The keeper answers at once; it is one thread that never waits for anything.
_ANSWER_S = 10.0

_BURIAL_S = 2.0
_PAUSE_S = 0.01


class SimulatorEnded(BoardError):
    """The simulated board ended under us: QEMU died, or somebody stopped it."""

    code = "board.sim.ended"

    def __init__(self, address: str, reason: str = "") -> None:
        super().__init__(
            _("The simulated board {address} has ended.", address=address),
            next_step=_("Run again: it is started afresh."),
            address=address,
            reason=reason,
        )


class SimulatorInUse(BoardError):
    """It runs, with another MicroPython than the wanted one, and somebody uses it."""

    code = "board.sim.inuse"

    def __init__(self, address: str, running: str, users: list[dict[str, Any]]) -> None:
        names = ", ".join(f"{user.get('name') or '?'} ({user.get('pid')})" for user in users)
        super().__init__(
            _(
                "The simulated board {address} already runs, with another MicroPython ({running}).",
                address=address,
                running=running,
            ),
            why=_("It is used by {users} (the number is the process).", users=names),
            next_step=_("Close that program, or end the board with: natmod sim stop {address}", address=address),
            address=address,
            running=running,
            users=users,
        )


class NoDownloadMode(BoardError):
    """The simulated board is none that can be flashed."""

    code = "board.sim.download"

    def __init__(self, address: str) -> None:
        super().__init__(
            _("The simulated board {address} has no download mode.", address=address),
            next_step=_("Flash one of these: sim:esp32, sim:esp32c3, sim:esp32s3."),
            address=address,
        )


class Lease:
    """One user of one simulated board. Close it (or die) to give it up. Not shared between threads."""

    def __init__(self, folder: RunFolder, card: Card, channel: Channel, facts: Message) -> None:
        self._folder = folder
        self._card = card
        self._channel: Channel | None = channel
        self._facts = facts
        self._ended = ""
        self._closed = False

    @property
    def address(self) -> str:
        """``sim:rv32`` and the like."""
        return str(self._facts["address"])

    @property
    def kind(self) -> str:
        """``rv32`` and the like."""
        return self.address.partition(":")[2]

    @property
    def port(self) -> str:
        """What to open: the path of a pty, or a ``socket://`` URL."""
        return str(self._facts["port"])

    @property
    def version(self) -> str:
        """The MicroPython that it runs."""
        return str(self._facts["version"])

    @property
    def pid(self) -> int:
        """The keeper's process."""
        return int(self._facts["pid"])

    @property
    def machine_pid(self) -> int:
        """The machine's process when the lease began."""
        return int(self._facts["machine_pid"])

    @property
    def alive(self) -> bool:
        """Whether the board still runs."""
        if self._channel is None:
            return False
        self._channel.socket.setblocking(False)
        try:
            self._note(self._channel.receive())
        except ControlClosed:
            self._hang_up()
        else:
            self._channel.socket.settimeout(_ANSWER_S)
        return self._channel is not None and not self._ended

    def status(self) -> Message:
        """What the keeper tells now. Raises :class:`SimulatorEnded`."""
        return self._ask("status")

    def hard_reset(self) -> None:
        """Press the board's reset button; returns when it has restarted. Raises :class:`SimulatorEnded`."""
        self._ask("reset")

    def download_mode(self) -> None:
        """Restart the board with its BOOT button held; returns when its ROM waits for esptool at the port.

        Neither a pty nor a socket has the lines that reset a chip: esptool is called with ``--before no-reset --after
        no-reset``, and :meth:`hard_reset` starts what was flashed. Raises :class:`SimulatorEnded`,
        :class:`NoDownloadMode`.
        """
        if not self._ask("download")["ok"]:
            raise NoDownloadMode(self.address)

    def close(self) -> None:
        """Give the board up. If its keeper was killed, clear up behind it."""
        if self._closed:
            return
        self._closed = True
        gone = not self.alive
        self._hang_up()
        if gone:
            self._bury_keeper()

    def _bury_keeper(self) -> None:
        """A process that dies lets go of its connections first and of its lock a moment later."""
        end = time.monotonic() + _BURIAL_S
        while time.monotonic() < end:
            self._folder.sweep()
            card = self._folder.read_card()
            if not self._folder.path.exists() or (card is not None and card.pid != self._card.pid):
                return
            time.sleep(_PAUSE_S)

    def _ask(self, op: str) -> Message:
        if not self.alive or self._channel is None:
            raise SimulatorEnded(self.address, self._ended)
        try:
            return self._channel.ask({"op": op, "token": self._card.token})
        except ControlClosed as error:
            self._hang_up()
            raise SimulatorEnded(self.address, self._ended) from error

    def _note(self, messages: list[Message]) -> None:
        for message in messages:
            if message.get("event") == "ended":
                self._ended = str(message.get("reason", ""))

    def _hang_up(self) -> None:
        if self._channel is not None:
            self._channel.close()
            self._channel = None

    def __enter__(self) -> Lease:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        self.close()


def ask_keeper(folder: RunFolder, message: Message) -> tuple[Card, Channel, Message] | None:
    """Call the keeper of ``folder`` and ask one thing; the open line and the answer. None: no keeper answers."""
    card = folder.read_card()
    if card is None:
        return None
    try:
        channel = Channel(connect(card.control, _ANSWER_S))
    except OSError:
        return None
    try:
        with on_failure(channel.close):
            return card, channel, channel.ask({**message, "token": card.token})
    except ControlClosed:
        return None


def take_lease(folder: RunFolder, key: str, pid: int, name: str) -> Lease | None:
    """A lease from the keeper that runs in ``folder``; None when there is none, or when it makes room for another.

    Raises :class:`SimulatorInUse` when it runs another firmware than ``key`` and somebody uses it.
    """
    called = ask_keeper(folder, {"op": "lease", "key": key, "pid": pid, "name": name})
    if called is None:
        return None
    card, channel, answer = called
    if answer["ok"]:
        return Lease(folder, card, channel, answer)
    channel.close()
    if answer["error"] == "in-use":
        raise SimulatorInUse(str(answer["address"]), str(answer["version"]), list(answer["leases"]))
    return None
