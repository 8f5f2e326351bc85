"""What keeper and clients say to each other: one JSON object a line, ``"schema": 1`` in each.

A client asks ``{"op": "lease" | "status" | "reset" | "stop", "token": …}``; the keeper answers ``{"ok": true, …}`` or
``{"ok": false, "error": …}``. A connection that was granted a lease holds it until it closes.
"""

from __future__ import annotations

import contextlib
import json
import socket
from typing import Any

SCHEMA = 1
Message = dict[str, Any]

_LINE_LIMIT = 1 << 16


class ControlClosed(ConnectionError):
    """The other side ended, or talks nonsense."""


class Channel:
    """One end of a control connection. Whether it blocks is the socket's own setting."""

    def __init__(self, connection: socket.socket) -> None:
        self.socket = connection
        self._rest = b""

    def fileno(self) -> int:
        """The descriptor, to wait for."""
        return self.socket.fileno()

    def send(self, message: Message) -> None:
        """Say one thing. Raises :class:`ControlClosed` when nobody listens any more."""
        try:
            self.socket.sendall(json.dumps({"schema": SCHEMA, **message}).encode() + b"\n")
        except OSError as error:
            raise ControlClosed(str(error)) from error

    def receive(self) -> list[Message]:
        """Wait (if the socket blocks) for bytes; the messages that they complete. Raises :class:`ControlClosed`."""
        try:
            data = self.socket.recv(4096)
        except BlockingIOError:
            return []
        except TimeoutError as error:
            raise ControlClosed("no answer") from error
        except OSError as error:
            raise ControlClosed(str(error)) from error
        if not data or len(self._rest) > _LINE_LIMIT:
            raise ControlClosed("closed")
        *lines, self._rest = (self._rest + data).split(b"\n")
        return [_message(line) for line in lines]

    def ask(self, message: Message) -> Message:
        """Say one thing and wait for the answer (for a blocking socket)."""
        self.send(message)
        while True:
            for answer in self.receive():
                if "ok" in answer:
                    return answer

    def close(self) -> None:
        """Hang up."""
        with contextlib.suppress(OSError):
            self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


def _message(line: bytes) -> Message:
    try:
        message = json.loads(line)
    except ValueError as error:
        raise ControlClosed("not JSON") from error
    if not isinstance(message, dict) or message.get("schema") != SCHEMA:
        raise ControlClosed("not schema 1")
    return message
