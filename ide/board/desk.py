"""The keeper's front desk: who holds a lease, and what those who come may ask for."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from ide.board.control import Channel, ControlClosed, Message
from ide.board.loop import READ, Loop

_TIMER = "linger"
#: A keeper that was started and that nobody comes to ends after this many seconds.
_GRACE_S = 10.0


class House(Protocol):
    """What the desk can tell and do about the machine behind it."""

    @property
    def key(self) -> str:
        """What the machine runs."""
        ...

    @property
    def can_download(self) -> bool:
        """Whether the machine has a download mode."""
        ...

    def describe(self) -> Message:
        """What a client may know: port, address, version, processes."""
        ...

    def press_reset(self, done: Callable[[], None], *, download: bool) -> None:
        """Restart the machine, if need be in download mode; ``done()`` when it has."""

    def shut(self, reason: str) -> None:
        """End machine and keeper."""


@dataclass
class _Visitor:
    channel: Channel
    pid: int = 0
    name: str = ""
    leases: bool = False


class Desk:
    """Answers every connection to the control socket."""

    def __init__(self, loop: Loop, listener: socket.socket, token: str, house: House, linger: float) -> None:
        self._loop = loop
        self._listener = listener
        self._token = token
        self._house = house
        self._linger = linger
        self._visitors: list[_Visitor] = []

    def open(self) -> None:
        """Let people in; the first must come soon."""
        self._listener.setblocking(False)
        self._loop.watch(self._listener, READ, self._accept)
        self._loop.call_in(_TIMER, max(_GRACE_S, self._linger), self._nobody_left)

    def close(self, reason: str) -> None:
        """Tell everybody that it is over, and why."""
        self._loop.forget(self._listener)
        self._listener.close()
        for visitor in self._visitors:
            with contextlib.suppress(ControlClosed):
                visitor.channel.send({"event": "ended", "reason": reason})
            self._loop.forget(visitor.channel)
            visitor.channel.close()
        self._visitors.clear()

    @property
    def _leases(self) -> list[_Visitor]:
        return [visitor for visitor in self._visitors if visitor.leases]

    def _accept(self, _events: int) -> None:
        with contextlib.suppress(OSError):
            connection, _address = self._listener.accept()
            connection.setblocking(False)
            visitor = _Visitor(Channel(connection))
            self._visitors.append(visitor)
            self._loop.watch(visitor.channel, READ, lambda _ready: self._hear(visitor))

    def _hear(self, visitor: _Visitor) -> None:
        try:
            for message in visitor.channel.receive():
                self._answer(visitor, message)
        except (ControlClosed, ValueError, TypeError):  # it left, or talks nonsense
            self._leave(visitor)

    def _leave(self, visitor: _Visitor) -> None:
        if visitor not in self._visitors:
            return
        self._visitors.remove(visitor)
        self._loop.forget(visitor.channel)
        visitor.channel.close()
        if visitor.leases and not self._leases:
            self._loop.call_in(_TIMER, self._linger, self._nobody_left)

    def _nobody_left(self) -> None:
        if not self._leases:
            self._house.shut("unused")

    def _answer(self, visitor: _Visitor, message: Message) -> None:
        if message.get("token") != self._token:  # hmac would load OpenSSL: a quarter of our memory
            raise ControlClosed("wrong token")
        match message.get("op"):
            case "lease":
                self._lease(visitor, message)
            case "status":
                visitor.channel.send({"ok": True, **self._status()})
            case "download" if not self._house.can_download:
                visitor.channel.send({"ok": False, "error": "no-download"})
            case "reset" | "download" as op:
                self._house.press_reset(lambda: self._confirm(visitor), download=op == "download")
            case "stop":
                visitor.channel.send({"ok": True})
                self._house.shut("stopped")
            case other:
                visitor.channel.send({"ok": False, "error": "unknown", "op": str(other)})

    def _lease(self, visitor: _Visitor, message: Message) -> None:
        if message.get("key") != self._house.key:
            self._refuse(visitor)
            return
        visitor.pid, visitor.name, visitor.leases = int(message.get("pid", 0)), str(message.get("name", "")), True
        self._loop.cancel(_TIMER)
        visitor.channel.send({"ok": True, **self._status()})

    def _refuse(self, visitor: _Visitor) -> None:
        """Another firmware is wanted: make room for it, unless somebody uses ours."""
        error = "in-use" if self._leases else "replaced"
        visitor.channel.send({"ok": False, "error": error, **self._status()})
        if not self._leases:
            self._house.shut("replaced")

    def _confirm(self, visitor: _Visitor) -> None:
        try:
            visitor.channel.send({"ok": True})
        except ControlClosed:
            self._leave(visitor)

    def _status(self) -> Message:
        leases = [{"pid": visitor.pid, "name": visitor.name} for visitor in self._leases]
        return {**self._house.describe(), "leases": leases}
