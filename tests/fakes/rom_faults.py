"""What can be wrong with a chip of :mod:`tests.fakes.rom_chip`, its line or its owner."""

from __future__ import annotations

import random
from dataclasses import dataclass, field
from typing import Literal


@dataclass
class RomFaults:
    """All off at first. Every field may be changed while the chip runs; :meth:`mend` takes them all back.

    The line: ``lose_down`` and ``lose_up`` are the chance of each byte to the chip, and from it, to vanish;
    ``flip_up`` to arrive with a bit turned. ``good_up_to``: at a faster rate than this, in baud, every long packet is
    spoilt.
    ``late_s``: how late every answer is, and ``late_every``: of how many answers one is.

    The chip: ``bad_sectors`` cannot be written (numbers of 4 KiB sectors); ``dead_bits``: sectors that read back with a
    bit wrong, without a word; ``refuse_stub``: a stub that is uploaded crashes (``crash``), or is
    never heard of (``silent``: esptool waits for ever); ``wrong_md5``: so many answers
    to a question for a hash are wrong; ``no_flash``: nobody answers on the flash's pins; ``fail`` are operations
    (numbers of facts f.3) that are answered with the error code given.

    ``unplug_at``: hang up at the n-th request, counted from when it is set (0: at the next one); ``reset_at``: start
    again from flash instead, as with a loose power cable; ``hang_at``: go silent until the next reset.
    ``secure_boot``, ``flash_encryption`` and ``secure_download`` are fuses: they work from the next start on.
    """

    seed: int = 0
    lose_down: float = 0.0
    lose_up: float = 0.0
    flip_up: float = 0.0
    good_up_to: int = 0
    late_s: float = 0.0
    late_every: int = 1
    bad_sectors: set[int] = field(default_factory=set)
    dead_bits: set[int] = field(default_factory=set)
    refuse_stub: Literal["", "crash", "silent"] = ""
    wrong_md5: int = 0
    no_flash: bool = False
    fail: dict[int, int] = field(default_factory=dict)
    unplug_at: int | None = None
    reset_at: int | None = None
    hang_at: int | None = None
    secure_boot: bool = False
    flash_encryption: bool = False
    secure_download: bool = False

    def __post_init__(self) -> None:
        self._rng = random.Random(self.seed)
        self._answers = 0

    def mend(self) -> None:
        """Nothing is wrong any more; fuses that are blown stay blown."""
        blown = {name: getattr(self, name) for name in ("secure_boot", "flash_encryption", "secure_download")}
        self.__dict__.update(RomFaults(self.seed, **blown).__dict__)

    def down(self, data: bytes, baud: int) -> bytes:
        """What of ``data``, sent to the chip at ``baud``, arrives."""
        if self.good_up_to and baud > self.good_up_to and len(data) > 100:
            data = data[: len(data) // 2] + data[len(data) // 2 + 1 :]
        return self._lose(data, self.lose_down)

    def up(self, data: bytes, baud: int) -> bytes:
        """What of the chip's ``data`` arrives."""
        if self.good_up_to and baud > self.good_up_to and len(data) > 100:
            data = data[: len(data) // 2] + data[len(data) // 2 + 1 :]
        if self.flip_up:
            data = bytes(b ^ 1 << self._rng.randrange(8) if self._rng.random() < self.flip_up else b for b in data)
        return self._lose(data, self.lose_up)

    def _lose(self, data: bytes, chance: float) -> bytes:
        if not chance:
            return data
        dice = self._rng.random
        return bytes(byte for byte in data if dice() >= chance)

    def late(self) -> float:
        """Seconds that the next answer is late."""
        self._answers += 1
        return self.late_s if self.late_s and self._answers % self.late_every == 0 else 0.0

    def strikes(self, name: str) -> bool:
        """Whether ``unplug_at``, ``reset_at`` or ``hang_at`` is due at this request; it happens once."""
        left = getattr(self, name)
        if left is None:
            return False
        setattr(self, name, None if left <= 0 else left - 1)
        return bool(left <= 0)
