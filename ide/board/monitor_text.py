"""How a serial monitor shows bytes: as text or as hexadecimal, with or without time stamps. No I/O, no time."""

from __future__ import annotations

import time
from dataclasses import dataclass
from enum import Enum

#: What boards use; any other speed may be asked for, too. In baud: bits per second, eight data bits, one stop bit.
BAUDS = (300, 1200, 2400, 4800, 9600, 19200, 38400, 57600, 74880, 115200, 230400, 460800, 921600, 1000000, 2000000)

_ROW = 16


class LineEnding(Enum):
    """What is sent behind a line."""

    NONE = b""
    CR = b"\r"
    LF = b"\n"
    CRLF = b"\r\n"


@dataclass(frozen=True)
class View:
    """How received bytes are shown."""

    hexadecimal: bool = False
    timestamps: bool = False


class Display:
    """Turns what comes into what is shown. ``now`` is seconds since 1970, local time is shown with milliseconds."""

    def __init__(self, view: View) -> None:
        self.view = view
        self._at_start = True
        self._count = 0

    def use(self, view: View) -> bytes:
        """Show it like this from now on; what has to be shown to begin a new line."""
        if view == self.view:
            return b""
        end = b"" if self._at_start else b"\n"
        self.view, self._at_start = view, True
        return end

    def show(self, data: bytes, now: float) -> bytes:
        """What to append to the view."""
        return self._hex(data, now) if self.view.hexadecimal else self._text(data, now)

    def _stamp(self, now: float) -> bytes:
        if not self.view.timestamps:
            return b""
        return time.strftime("%H:%M:%S", time.localtime(now)).encode() + b".%03d  " % (now % 1 * 1000)

    def _text(self, data: bytes, now: float) -> bytes:
        if not self.view.timestamps:
            self._at_start = data.endswith(b"\n")
            return data
        stamp = self._stamp(now)
        ends = data.endswith(b"\n")
        shown = (stamp if self._at_start else b"") + data[: len(data) - ends].replace(b"\n", b"\n" + stamp)
        self._at_start = ends
        return shown + b"\n" * ends

    def _hex(self, data: bytes, now: float) -> bytes:
        """Rows of sixteen. A row that is not full is shown, too, and the next bytes begin another one."""
        rows = []
        for at in range(0, len(data), _ROW):
            row = data[at : at + _ROW]
            pairs = row.hex(" ").ljust(_ROW * 3 - 1)
            letters = "".join(chr(byte) if 32 <= byte < 127 else "." for byte in row)
            rows.append(self._stamp(now) + f"{self._count:08x}  {pairs}  {letters}\n".encode())
            self._count += len(row)
        self._at_start = True
        return b"".join(rows)
