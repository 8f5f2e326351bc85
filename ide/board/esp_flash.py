"""The flash chip and the fuses of a simulated ESP32, as files that outlive it: what it stores is still there next time.

A note beside them says which firmware was put there. Another one takes its place in the flash, and files stay, as when
a real board is flashed without erasing it. What somebody flashed by hand is theirs: nothing is put over it. Only the
keeper of the board writes here while it runs; it imports little (:mod:`ide.board.keeper`).
"""

from __future__ import annotations

import json
import os
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

_ERASED = b"\xff"
_FLASH, _EFUSE, _NOTE = "flash.bin", "efuse.bin", "flash.json"
#: In the note, while anybody may flash the chip: the number of :func:`_written` when that began.
_SINCE = "since"


@dataclass(frozen=True)
class FlashPlan:
    """What shall be in the folder: a flash of ``size`` bytes with ``image`` at ``offset``, and fuses (in hex).

    ``firmware`` is the name of what is in the file ``image``, ``version`` its MicroPython. Both and ``image`` are empty
    where the flash is to be left as it is.
    """

    folder: str
    size: int
    offset: int
    efuse: str
    firmware: str = ""
    version: str = ""
    image: str = ""

    def to_options(self) -> dict[str, Any]:
        """The form for :attr:`ide.board.machines.MachineSpec.options`."""
        return asdict(self)

    @staticmethod
    def from_options(options: dict[str, Any]) -> FlashPlan:
        """The record that :meth:`to_options` gave."""
        return FlashPlan(**{name: options[name] for name in FlashPlan.__dataclass_fields__})


@dataclass(frozen=True)
class Note:
    """What is in the flash: a firmware that we put there, or, where both are empty, what somebody else did."""

    firmware: str = ""
    version: str = ""

    @property
    def own(self) -> bool:
        """Whether somebody flashed it by hand."""
        return not self.firmware


def flash_file(folder: Path) -> Path:
    """The flash chip of the board that has this folder."""
    return folder / _FLASH


def efuse_file(folder: Path) -> Path:
    """Its fuses."""
    return folder / _EFUSE


def read_note(folder: Path) -> Note | None:
    """What is in the flash there; None: nothing, it is blank or does not exist."""
    try:
        data = json.loads((folder / _NOTE).read_text("utf-8"))
        note = Note(str(data["firmware"]), str(data["version"]))
        since = data.get(_SINCE)
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    now = _written(folder)
    if not now:
        return None
    return note if since in (None, now) else Note()


def _write_note(folder: Path, note: Note, **more: int) -> None:
    """Say what is in the flash, at once and whole. Raises ``OSError``."""
    _put(folder / _NOTE, json.dumps({"schema": 1, **asdict(note), **more}).encode())


def open_to_flashing(folder: Path) -> None:
    """From now on what is written to the flash makes it somebody's own. Raises ``OSError``."""
    _write_note(folder, read_note(folder) or Note(), **{_SINCE: _written(folder)})


def flashed(folder: Path) -> None:
    """What is written from now on are files again. Raises ``OSError``."""
    _write_note(folder, read_note(folder) or Note())


def prepare(plan: FlashPlan, *, anew: bool = False) -> None:
    """Make the files as planned, keeping what the board stored. ``anew``: whatever is there. Raises ``OSError``."""
    folder = Path(plan.folder)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    fuses = bytes.fromhex(plan.efuse)
    if _size(efuse_file(folder)) != len(fuses):
        _put(efuse_file(folder), fuses)
    note, there = read_note(folder), _size(flash_file(folder)) == plan.size
    wanted = Note(plan.firmware, plan.version)
    if there and note is not None and not anew and (note.own or wanted.own or note == wanted):
        return
    data = bytearray(flash_file(folder).read_bytes() if there else _ERASED * plan.size)
    image = Path(plan.image).read_bytes() if plan.image else b""
    data[plan.offset : plan.offset + len(image)] = image
    _put(flash_file(folder), bytes(data[: plan.size]))
    _write_note(folder, wanted)


def _written(folder: Path) -> int:
    """A number that changes whenever something is written to the flash; 0 if there is none."""
    try:
        return flash_file(folder).stat().st_mtime_ns
    except OSError:
        return 0


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return -1


def _put(path: Path, data: bytes) -> None:
    beside = path.with_name(path.name + ".new")
    beside.write_bytes(data)
    os.replace(beside, path)
