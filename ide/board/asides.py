"""What somebody else on the board printed while we asked it something in passing, told apart from the protocol's words.

A timer's callback or a thread prints whenever it likes, at a free prompt too. What it prints in the few milliseconds
of a quiet question belongs on the console like all the rest. Where a byte is not certainly somebody's, it is left out:
a question in passing must not leave a trace.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager

from ide.board.repl import BANNER, FRIENDLY_PROMPT

#: Bytes that are kept: a question takes milliseconds.
_MOST = 8 * 1024
_PROMPTS = re.compile(rb"(?:\r\n)?(?:%b|%b)" % (re.escape(FRIENDLY_PROMPT), re.escape(BANNER)))
_ENTERED = b"OK"


class Asides:
    """Collects it, from the end of a person's terminal to the beginning of the next one."""

    def __init__(self) -> None:
        self._heard = bytearray()
        self._said = bytearray()
        self._greeting: frozenset[bytes] | None = None
        self._unsure = self._greets = False

    def clear(self) -> None:
        """Begin anew: what came belongs to nobody."""
        self._heard.clear()
        self._said.clear()

    @contextmanager
    def greeted(self) -> Iterator[None]:
        """The body hears the greeting. Where it is not heard to its end, its rest is noise that is nobody's."""
        before, self._unsure, self._greets = self._unsure, True, True
        try:
            yield
            self._unsure = before
        finally:
            self._greets = False

    def noise(self, data: bytes) -> None:
        """What was no part of an answer, the words of the way to the prompt among it."""
        if not self._greets and len(self._heard) < _MOST:
            self._heard += data

    def synced(self, before: int) -> None:
        """The raw prompt proved itself, after ``before`` bytes of noise (:meth:`mark`): with a word of its own."""
        at = self._heard.rfind(_ENTERED, before)
        if at >= 0:
            del self._heard[at : at + len(_ENTERED)]

    def mark(self) -> int:
        """How much noise there is."""
        return len(self._heard)

    def printed(self, data: bytes) -> None:
        """What came with an answer and is none of it."""
        if data.strip() and len(self._said) < _MOST:
            self._said += data

    def take(self, greeting: bytes) -> bytes:
        """All of it, for a console at its prompt; ``greeting`` came since, on the way back to the friendly prompt.

        The first greeting teaches how this firmware greets; lines that are new in a later one are somebody's.
        """
        noise = b"" if self._unsure else _PROMPTS.sub(b"", self._heard)
        found = bytes(noise) if noise.strip() else b""
        found += self._said
        lines = greeting.removesuffix(FRIENDLY_PROMPT).splitlines(keepends=True)
        known = self._greeting
        if known is None:
            self._greeting = frozenset(lines)
        else:
            found += b"".join(line for line in lines if line not in known)
        self.clear()
        self._unsure = False
        return found.lstrip(b"\r\n")
