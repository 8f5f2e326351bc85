"""What esptool prints, read while it prints it: stage, progress, what the chip is, what became of the flash.

The texts are those of esptool 5.3 to 5.6 without a terminal: a line for each step of its progress bars.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Literal

from ide.board.flash.errors import FlashState

Stage = Literal["connect", "stub", "erase", "write", "read", "compare", "reset"]

_KEPT_LINES = 400
_PROGRESS = re.compile(
    r"^(?P<verb>Writing at|Reading from) (?P<address>0x[0-9a-fA-F]+)\b.*?(?P<percent>\d+(?:\.\d+)?) ?%"
)
_FACT = re.compile(
    r"^(?P<name>Chip type|Features|Crystal frequency|USB mode|MAC|BASE MAC|Detected flash size):\s+(?P<value>.+)$"
)
_CONNECTED = re.compile(r"^Connected to (?P<chip>ESP[^ ]+) on ")
_FILE = re.compile(r"^Writing '.*' at (?P<address>0x[0-9a-fA-F]+)\.\.\.")
_COMPARED = re.compile(r"^Verifying 0x[0-9a-f]+ \(\d+\) bytes at (?P<address>0x[0-9a-fA-F]+) in flash against")
_WROTE = re.compile(r"^Wrote (?P<bytes>\d+) bytes ")
_IN_PLACE = re.compile(r"(?:already in flash, skipping write|' at 0x[0-9a-f]+ verified)\.$")
_SECURITY = re.compile(r"^(?P<name>Secure Boot|Flash Encryption): (?P<value>Enabled|Disabled)$")
_ERROR = re.compile(r"^(?:ERROR: |Traceback \(most recent call last\)|Error: |.*No module named '?esp)")
_USAGE = re.compile(r"^ ?Usage: ")
#: A stage begins with the line that starts so.
_STAGES: tuple[tuple[str, Stage], ...] = (
    ("Connecting", "connect"),
    ("Serial port ", "connect"),
    ("Uploading stub", "stub"),
    ("Erasing flash", "erase"),
    ("Flash will be erased", "write"),
    ("Verifying ", "compare"),
    ("No changed sectors found", "compare"),
    ("Comparing flash", "compare"),
    ("Hard resetting", "reset"),
    ("Staying in", "reset"),
)


@dataclass(frozen=True)
class Region:
    """A part of the flash that a run writes or reads. In bytes."""

    address: int
    size: int


@dataclass
class Heard:
    """What one run of esptool said.

    ``facts`` are its lines about the chip by their names; ``chip`` is its name for it (``ESP32-C3``). ``written`` are
    bytes before compression; ``verified`` counts files whose checksum in the flash was right. ``state`` is what became
    of the flash. ``error`` is its own text from where it failed on; ``failed_at`` is what it was at then, for it
    restarts the board before it says why. ``heard`` counts lines.
    """

    regions: Sequence[Region] = ()
    facts: dict[str, str] = field(default_factory=dict)
    security: dict[str, bool] = field(default_factory=dict)
    chip: str = ""
    stage: Stage = "connect"
    state: FlashState = "untouched"
    written: int = 0
    verified: int = 0
    in_place: int = 0
    differs_at: int | None = None
    no_flash: bool = False
    secure_download: bool = False
    error: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    heard: int = 0
    failed_at: Stage = "connect"
    on_stage: Callable[[Stage], None] | None = None
    on_progress: Callable[[int, int], None] | None = None
    _comparing: int = 0

    def hear(self, line: str) -> bool:
        """Take in one line; whether it is worth keeping in a log (steps of a progress bar are not)."""
        self.heard += 1
        found = _PROGRESS.match(line)
        if found is not None:
            self._progressed(found)
            return False
        if line.strip():
            self.lines.append(line)
            del self.lines[:-_KEPT_LINES]
        self._learn(line)
        self._follow(line)
        return bool(line.strip())

    @property
    def said(self) -> str:
        """Its own words about the failure, or its last lines."""
        return "\n".join(self.error or self.lines[-12:]).strip()

    @property
    def mac(self) -> str:
        """The address that MicroPython calls the board's unique id; empty when it was not said."""
        mac = self.facts.get("BASE MAC") or self.facts.get("MAC", "")
        return mac.strip().lower()

    @property
    def at(self) -> int:
        """The address of the file that it was at last."""
        return self._comparing or (self.regions[0].address if self.regions else 0)

    @property
    def total(self) -> int:
        """Bytes that the run is about."""
        return sum(region.size for region in self.regions)

    def _progressed(self, found: re.Match[str]) -> None:
        self._enter("write" if found["verb"] == "Writing at" else "read")
        if found["verb"] == "Writing at":
            self.state = "partial"
        if self.on_progress is not None and self.total:
            self.on_progress(self._done(int(found["address"], 16)), self.total)

    def _done(self, address: int) -> int:
        """How many bytes of all regions lie before ``address``, the end of what was just written or read."""
        done = 0
        for region in self.regions:
            if region.address < address <= region.address + region.size + 4096:
                return min(done + address - region.address, self.total)
            done += region.size
        return 0

    def _learn(self, line: str) -> None:
        if self.error or _ERROR.match(line) or _USAGE.match(line):
            self.error.append(line.removeprefix("ERROR: "))
            return
        if found := _FACT.match(line):
            self.facts[found["name"]] = found["value"].strip()
            self.secure_download |= found["value"].endswith("in Secure Download Mode")
        elif found := _CONNECTED.match(line):
            self.chip = found["chip"]
        elif found := _SECURITY.match(line):
            self.security[found["name"]] = found["value"] == "Enabled"
        elif line.startswith("Flags: ") and (flags := re.match(r"Flags: (0x[0-9a-f]+)", line)):
            self.security["Secure Download"] = bool(int(flags[1], 16) & 4)
        elif "Failed to communicate with the flash chip" in line:
            self.no_flash = True

    def _follow(self, line: str) -> None:
        for beginning, stage in _STAGES:
            if line.startswith(beginning):
                self._enter(stage)
        if line.startswith(("Erasing flash", "Flash will be erased")):
            self.state = "partial"
        elif line.startswith(("Flash memory erased", "Flash memory region erased")):
            self.state = "erased"
        elif found := _WROTE.match(line):
            self.written += int(found["bytes"])
            self.state = "partial"
        elif line.startswith("Hash of data verified") or _IN_PLACE.search(line):
            self._one_is_right(line)
        elif found := _COMPARED.match(line) or _FILE.match(line):
            self._comparing = int(found["address"], 16)
        elif line.startswith("Verification failed") and self.differs_at is None:
            self.differs_at = self._comparing
        elif line.startswith("Cannot verify written data"):
            self.state = "written"
        elif "ROM does not support function erase" in line and not self.written:  # it said that it would, a line before
            self.state = "untouched"

    def _one_is_right(self, line: str) -> None:
        self.verified += 1
        if not line.startswith("Hash"):
            self.in_place += 1
            self._passed_over()
        if self.verified == len(self.regions) and self.state != "untouched":
            self.state = "verified"

    def _passed_over(self) -> None:
        """A file that was there already is done, too."""
        here = next((region for region in self.regions if region.address == self.at), None)
        if here is not None and self.on_progress is not None:
            before = sum(region.size for region in self.regions if region.address < here.address)
            self.on_progress(before + here.size, self.total)

    def _enter(self, stage: Stage) -> None:
        if stage != self.stage:
            self.stage = stage
            self.failed_at = stage if stage != "reset" else self.failed_at
            if self.on_stage is not None:
                self.on_stage(stage)
