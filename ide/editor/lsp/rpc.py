"""The framing of the Language Server Protocol (version 3.17, "Base Protocol"): bytes in, messages out. No I/O, no Qt.

A message is ``Content-Length: n``, a blank line, and n bytes of JSON in UTF-8. What comes in is not trusted.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

#: No header block that a server writes is longer; no answer that a person could use is.
MOST_HEADER, MOST_BODY = 4096, 64 << 20

Message = dict[str, Any]


class Rubbish(Exception):
    """What came is no message of the protocol; nothing after it can be trusted. Never reaches a person."""


def encode(message: Mapping[str, Any]) -> bytes:
    """A message as it goes over the pipe; letters that UTF-8 cannot say become ``?``."""
    body = json.dumps(message, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace")
    return b"Content-Length: %d\r\n\r\n%b" % (len(body), body)


class Framer:
    """Cuts a stream of bytes, in pieces of any size, into messages."""

    def __init__(self, most_body: int = MOST_BODY) -> None:
        self._waiting = bytearray()
        self._length: int | None = None
        self._most = most_body

    def feed(self, data: bytes) -> list[Message]:
        """The messages that are whole now. Raises :class:`Rubbish`; the framer is of no use after that."""
        self._waiting += data
        found: list[Message] = []
        while (body := self._next()) is not None:
            found.append(_message(body))
        return found

    def _next(self) -> bytes | None:
        if self._length is None:
            end = self._waiting.find(b"\r\n\r\n", 0, MOST_HEADER)
            if end < 0:
                if len(self._waiting) >= MOST_HEADER or not _may_begin(bytes(self._waiting[:15])):
                    raise Rubbish("no header")
                return None
            self._length = self._read_length(bytes(self._waiting[:end]))
            del self._waiting[: end + 4]
        if len(self._waiting) < self._length:
            return None
        body = bytes(self._waiting[: self._length])
        del self._waiting[: self._length]
        self._length = None
        return body

    def _read_length(self, header: bytes) -> int:
        for line in header.split(b"\r\n"):
            name, _colon, value = line.partition(b":")
            if name.strip().lower() == b"content-length":
                digits = value.strip()
                if not digits.isdigit() or len(digits) > 9 or int(digits) > self._most:
                    raise Rubbish("length")
                return int(digits)
        raise Rubbish("no length")


def _may_begin(start: bytes) -> bool:
    """Whether a header may begin like this: a server that prints words is found out at its first ones."""
    lower = start.lower()
    return any(name.startswith(lower) or lower.startswith(name) for name in (b"content-length:", b"content-type:"))


def _message(body: bytes) -> Message:
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Rubbish("no JSON") from error
    if not isinstance(found, dict):
        raise Rubbish("no message")
    return found
