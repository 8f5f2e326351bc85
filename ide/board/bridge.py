"""Carries bytes between the clients' port and the machine, and lets the machine sleep while nobody needs it.

Nothing is lost and nothing grows: each direction holds at most :data:`_LIMIT` bytes, then the giver has to wait. A
client that floods waits for the board; a board that floods waits for its client, and pausing or ending it does not
depend on either.

Neither a pty nor a socket has the lines by which esptool puts a chip into download mode, and starts it afterwards. So
where the machine has a BOOT button, it is pressed when esptool knocks, and the board starts again when esptool has gone
(where that can be seen: not on a pty of macOS).
"""

from __future__ import annotations

from collections.abc import Callable

from ide.board.client_port import ClientPort
from ide.board.loop import READ, WRITE, Loop
from ide.board.machines import Machine
from ide.board.prompt import PromptWatch, SyncWatch

#: A prompt with nothing after it for this long is left alone.
QUIET_S = 0.5

_LIMIT = 1 << 15
_TIMER = "quiet"


class Bridge:
    """The middle of a simulated board. It owns neither of its ends."""

    def __init__(self, loop: Loop, port: ClientPort, machine: Machine, restarted: Callable[[], None]) -> None:
        self._loop = loop
        self._port = port
        self._machine = machine
        self._restarted = restarted
        self._watch = PromptWatch()
        self._sync = SyncWatch()
        self._download = self._knocked = False
        self._to_machine = bytearray()
        self._to_client = bytearray()

    def attach(self) -> None:
        """Start to carry."""
        self._port.attach(self._loop, self)
        self._machine.attach(self._loop, self)
        self._refresh()

    def reset(self, *, download: bool = False) -> None:
        """Press the machine's reset button. What was typed to it before is lost, as on a board."""
        self._to_machine.clear()
        self._loop.cancel(_TIMER)
        self._download, self._knocked = download, False
        self._machine.reset(download=download)
        self._refresh()

    # -- from the port --

    def client_typed(self, data: bytes) -> None:
        """A client sent ``data``."""
        if self._machine.can_download and not self._download and self._sync.typed(data):
            self.reset(download=True)
            self._knocked = True
            return
        self._watch.typed()
        self._loop.cancel(_TIMER)
        if self._machine.paused:
            self._machine.resume()
        self._to_machine += data
        self._feed_machine()

    def client_ready(self) -> None:
        """The port takes bytes again."""
        if self._to_client:
            del self._to_client[: self._port.write(bytes(self._to_client))]
        self._refresh()

    def client_left(self) -> None:
        """Nobody listens any more: what the board said to them is lost."""
        self._to_client.clear()
        if self._knocked:
            self.reset()
        self._refresh()

    # -- from the machine --

    def machine_said(self, data: bytes) -> None:
        """The board printed ``data``."""
        self._watch.said(data)
        if self._watch.at_prompt and self._machine.can_pause:
            self._loop.call_in(_TIMER, QUIET_S, self._rest)
        else:
            self._loop.cancel(_TIMER)
        if self._port.present:
            self._to_client += data
            self.client_ready()

    def machine_ready(self) -> None:
        """The machine takes bytes again."""
        self._feed_machine()

    def machine_restarted(self) -> None:
        """It starts from the beginning."""
        self._watch.restarted()
        self._loop.cancel(_TIMER)
        self._restarted()

    # -- inside --

    def _feed_machine(self) -> None:
        if self._to_machine:
            del self._to_machine[: self._machine.write(bytes(self._to_machine))]
        self._refresh()

    def _rest(self) -> None:
        """Half a second of silence at a prompt. Typed bytes that the machine has not read yet keep it awake."""
        if self._to_machine or self._machine.unread():
            self._loop.call_in(_TIMER, QUIET_S, self._rest)
        elif self._watch.at_prompt:
            self._machine.pause()

    def _refresh(self) -> None:
        self._port.want(
            (READ if len(self._to_machine) < _LIMIT else 0) | (WRITE if self._to_client and self._port.present else 0)
        )
        self._machine.want((READ if len(self._to_client) < _LIMIT else 0) | (WRITE if self._to_machine else 0))
