"""What a board says when it cannot install or import something that this computer can put there.

Read out of the console's output, line by line; nothing is asked of the board. mip on a board needs a network and room
for TLS; what its errors mean: lwIP's and the resolver's numbers (-2: no answer to DNS, -6: no such interface or route,
-202: the name was not found; facts.md d.6).
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from toolchains.text import Text, _

#: Modules that MicroPython's source tree also has as native modules (``examples/natmod``).
NATIVE = ("btree", "deflate", "framebuf", "heapq", "random", "re")

_INSTALLING = re.compile(r"Installing (\S{1,300})(?: \(([^()]{1,60})\) from \S{1,300})? to (/\S{0,200}|\S{1,200})")
_IN_MIP = re.compile(r'\s+File "[^"]*mip/__init__\.py"')
_OS_ERROR = re.compile(r"OSError: (?:\[Errno (-?\d{1,5})\]|\(?(-?\d{1,5}))")
_MISSING = re.compile(r"(?:ImportError|ModuleNotFoundError): no module named '([A-Za-z_][A-Za-z0-9_.]{0,60})'")
_LONGEST_LINE = 500
_TRACEBACK = "Traceback (most recent call last):"

_WHY: dict[int, Text] = {
    -2: _(
        "The board asked for the server's address and got no answer: it is not connected to a network with internet."
    ),
    -6: _("The board has no network interface that is connected."),
    -202: _("The board could not find the server: its Wi-Fi is not connected, or has no internet."),
    12: _("The board has too little memory left for an encrypted connection."),
    113: _("The board's network does not lead to the server."),
    118: _("The board's network is not connected."),
    128: _("The board's network is not connected."),
}


@dataclass(frozen=True)
class MipFailed:
    """mip on the board ended with an OSError. ``package`` as it was asked for, "" where that was not seen."""

    package: str
    errno: int
    why: Text
    lib: str = ""
    kind: Literal["mip"] = "mip"


@dataclass(frozen=True)
class ModuleMissing:
    """A program imported ``name``, which neither the firmware nor the board's files have.

    ``native``: the source tree has it as a native module. ``mip``: it is mip itself that is missing.
    """

    name: str
    native: bool
    kind: Literal["module"] = "module"


class Watcher:
    """Reads what a board prints. :meth:`feed` says what went wrong in it; it holds at most one line."""

    def __init__(self) -> None:
        self._rest = b""
        self._package = self._lib = ""
        self._in_mip = False

    def feed(self, data: bytes) -> list[MipFailed | ModuleMissing]:
        """What the lines that ended in ``data`` tell, in their order."""
        *lines, rest = (self._rest + data).split(b"\n")
        self._rest = rest[-_LONGEST_LINE:]
        found = []
        for line in lines:
            if len(line) <= _LONGEST_LINE and (one := self._line(line.rstrip(b"\r").decode("utf-8", "replace"))):
                found.append(one)
        return found

    def _line(self, line: str) -> MipFailed | ModuleMissing | None:
        if line.startswith(_TRACEBACK):
            self._in_mip = False
        elif _IN_MIP.match(line):
            self._in_mip = True
        elif installing := _INSTALLING.search(line):
            name, version, self._lib = installing[1], installing[2], installing[3]
            self._package = f"{name}@{version}" if version not in (None, "latest") else name
        elif self._in_mip and (error := _OS_ERROR.match(line)):
            errno = int(error[1] or error[2])
            self._in_mip = False
            package, self._package = self._package, ""
            why = _WHY.get(errno, _("Its network failed (error {n}).", n=errno))
            return MipFailed(_without_json(package), errno, why, self._lib)
        elif missing := _MISSING.match(line):
            return ModuleMissing(missing[1], missing[1] in NATIVE)
        return None


def _without_json(package: str) -> str:
    """mip says ``github:owner/repo/package.json`` where the person said ``github:owner/repo``."""
    return package.removesuffix("/package.json")
