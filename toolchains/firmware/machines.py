"""Firmware that runs without a board: which machine each board of the qemu port is, and what was built last.

The record lies with our own state, never in a project: what a simulated machine starts, this computer has built.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

from toolchains.contents import digest_of
from toolchains.errors import disk_errors
from toolchains.firmware.built import FirmwareBuilt
from toolchains.paths import Paths

_RECORD = "simulated-firmware.json"


@dataclass(frozen=True)
class Machine:
    """A program of QEMU, Debian's package with it, and its arguments before the firmware. ``besides``: what firmware
    of MicroPython's own port needs on it: it speaks to its Arm machines by semihosting, and ends there without."""

    program: str
    package: str
    argv: tuple[str, ...]
    besides: tuple[str, ...] = ()


_ARM, _RISCV = "qemu-system-arm", "qemu-system-riscv32"
#: Boards of the qemu port, as their mpconfigboard.mk names the machines.
MACHINES: Mapping[str, Machine] = {
    "VIRT_RV32": Machine(_RISCV, "qemu-system-misc", ("-machine", "virt", "-bios", "none")),
    "MPS2_AN385": Machine(_ARM, _ARM, ("-machine", "mps2-an385"), ("-semihosting",)),
    "MPS2_AN500": Machine(_ARM, _ARM, ("-machine", "mps2-an500"), ("-semihosting",)),
}


@dataclass(frozen=True)
class Simulated:
    """A firmware for a simulated machine. ``project``: the folder it was built from; ``identity`` changes with it."""

    project: str
    name: str
    board: str
    version: str
    product: str
    identity: str

    @property
    def machine(self) -> Machine:
        """What it runs on."""
        return MACHINES[self.board]


def remember(paths: Paths, project: Path, name: str, version: str, built: FirmwareBuilt) -> Simulated | None:
    """Keep a firmware as the one to run; None for one that no machine here runs. Raises ``DiskError``."""
    board = built.target.board
    if board is None or built.target.port != "qemu" or board not in MACHINES:
        return None
    with disk_errors(built.product):
        identity = digest_of(board, built.product.read_bytes())
    found = Simulated(str(project), name, board, version, str(built.product), identity)
    with disk_errors(paths.state):
        paths.state.mkdir(parents=True, exist_ok=True)
        (paths.state / _RECORD).write_text(json.dumps(asdict(found)), "utf-8")
    return found


def remembered(paths: Paths) -> Simulated | None:
    """The firmware to run, while its file is there."""
    try:
        found = Simulated(**json.loads((paths.state / _RECORD).read_text("utf-8")))
    except (OSError, ValueError, TypeError):
        return None
    return found if found.board in MACHINES and Path(found.product).is_file() else None
