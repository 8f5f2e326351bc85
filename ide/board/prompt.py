"""Does the board wait at a prompt? Told from the bytes that go by, without asking it.

Only then may a simulated machine be paused. The rule errs on the side of "no": a machine that runs for nothing costs
electricity, a machine paused in the middle of a program never comes back. So a program that draws ``====>`` is not
taken for the raw REPL: its prompt counts only behind the protocol's own bytes, and a friendly prompt only at the start
of a line and outside the raw REPL.
"""

from __future__ import annotations

import re

#: The longest text that a decision needs: banner, help line and prompt.
_TAIL = 400

#: After a command (Ctrl-D, then the prompt), and after Ctrl-A or a soft reset (the raw banner).
_RAW = re.compile(rb"(?:\x04|raw REPL; CTRL-B to exit\r?\n)>\Z")
_BANNER = re.compile(rb"MicroPython [^\n]+\n(?:Type [^\n]+\n)?>>> \Z")
_FRIENDLY = re.compile(rb"\n>>> \Z")


#: What esptool sends to find out whether a loader listens: command 8 and its data (esptool, ``loader.py``, ``sync``).
_SYNC = b"\x07\x07\x12\x20" + b"\x55" * 32


class SyncWatch:
    """Hears esptool knock."""

    def __init__(self) -> None:
        self._tail = b""

    def typed(self, data: bytes) -> bool:
        """Whether a knock is complete with what a client sent now."""
        self._tail, heard = (self._tail + data)[1 - len(_SYNC) :], _SYNC in self._tail + data
        return heard


class PromptWatch:
    """Follows one board's conversation. ``at_prompt`` is whether it surely waits for somebody to type."""

    def __init__(self) -> None:
        self._tail = b""
        self._raw = False
        self.at_prompt = False

    def said(self, data: bytes) -> None:
        """The board printed ``data``."""
        self._tail = (self._tail + data)[-_TAIL:]
        if _RAW.search(self._tail):
            self._raw, self.at_prompt = True, True
        elif _BANNER.search(self._tail):
            self._raw, self.at_prompt = False, True
        else:
            self.at_prompt = not self._raw and _FRIENDLY.search(self._tail) is not None

    def typed(self) -> None:
        """Somebody typed something: it is busy until the next prompt. What was printed before counts no more."""
        self.at_prompt = False

    def restarted(self) -> None:
        """The board was reset by its reset button."""
        self._tail, self._raw, self.at_prompt = b"", False, False
