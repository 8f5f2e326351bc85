"""Boards in DFU mode (STM32's own loader), through dfu-util, which is GPL and therefore runs as a child process.

What a chip has as flash stands in the name of its alternate setting 0:
``@Internal Flash  /0x08000000/04*016Kg,01*064Kg,03*128Kg``: four sectors of 16 kB, one of 64 kB, three of 128 kB.
"""

from __future__ import annotations

import re
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from toolchains import system
from toolchains.errors import UsageError, disk_errors
from toolchains.firmware import dfu_errors
from toolchains.firmware.dfu_image import FLASH, DfuFile, Part, dfuse
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

PROGRAM = "dfu-util"
#: What dfu-util runs on: STM32 chips in their own loader.
_DEVICE = "0483:df11"

_FOUND = re.compile(
    r"Found DFU: \[(\w{4}):(\w{4})\] .*?path=\"([^\"]*)\", alt=(\d+), name=\"([^\"]*)\", serial=\"([^\"]*)\""
)
_LAYOUT = re.compile(r"@([^/]*)/(0x[0-9A-Fa-f]+)/((?:\d+\*\d+[ KM]?[a-g],?)+)")
_SECTORS = re.compile(r"(\d+)\*(\d+)([ KM]?)([a-g])")
_UNIT = {"": 1, " ": 1, "K": 1 << 10, "M": 1 << 20}
_PROGRESS = re.compile(r"(Erase|Download)\s*\[[= ]*\]\s*(\d+)%")
_TAIL = 4000


@dataclass(frozen=True)
class Sector:
    """What the chip erases at once."""

    address: int
    size: int

    @property
    def end(self) -> int:
        """The address behind it."""
        return self.address + self.size


@dataclass(frozen=True)
class DfuBoard:
    """A board in DFU mode. ``path`` is the USB socket; ``sectors`` those of the internal flash, in order."""

    serial: str
    path: str
    name: str
    sectors: tuple[Sector, ...]

    @property
    def flash_size(self) -> int:
        """How many bytes the internal flash has."""
        return sum(sector.size for sector in self.sectors)


def boards_in(said: str) -> tuple[DfuBoard, ...]:
    """The boards that ``dfu-util --list`` names: of each its alternate setting 0."""
    found = (match.groups() for match in _FOUND.finditer(said))
    return tuple(
        DfuBoard(serial, path, *_layout(name))
        for vendor, product, path, alternate, name, serial in found
        if f"{vendor}:{product}".lower() == _DEVICE and alternate == "0"
    )


def _layout(name: str) -> tuple[str, tuple[Sector, ...]]:
    match = _LAYOUT.match(name)
    if match is None:
        return name, ()
    sectors, at = [], int(match[2], 16)
    for count, size, unit, _rights in _SECTORS.findall(match[3]):
        for _number in range(min(int(count), 4096)):
            sectors.append(Sector(at, int(size) * _UNIT[unit]))
            at += int(size) * _UNIT[unit]
    return match[1].strip(), tuple(sectors)


def listed(ctx: JobContext) -> tuple[DfuBoard, ...]:
    """The boards in DFU mode that are connected. Raises ``ToolMissing``, :class:`DfuError` (access, driver)."""
    _ready(ctx)
    said = ctx.run((PROGRAM, "--list"), check=False)
    text = (said.stdout + said.stderr).decode("utf-8", "backslashreplace")
    found = boards_in(text)
    if not found and "Cannot open DFU device" in text:
        raise dfu_errors.explain(text, ctx.host)
    return found


def chosen(ctx: JobContext, serial: str | None = None) -> DfuBoard:
    """The one board that is meant. Raises :class:`DfuError` (none, several) and what :func:`listed` does."""
    found = [board for board in listed(ctx) if serial is None or board.serial == serial]
    if not found:
        raise dfu_errors.nobody("", ctx.host)
    if len(found) > 1:
        raise dfu_errors.several("", ctx.host)
    return found[0]


def write(ctx: JobContext, board: DfuBoard, file: DfuFile, *, leave: bool = True) -> None:
    """Write a file; then the board starts it, unless ``leave`` is off. Raises :class:`DfuError`, ``DiskError``."""
    for part in file.parts:
        _check_place(board, part)
    title = _("Write {file} ({size}) to the flash", file=file.path.name, size=size_text(file.size))
    _write_parts(ctx, board, file.parts, title, ":leave" if leave else "")


def erase(ctx: JobContext, board: DfuBoard, start: int | None = None, size: int = 0) -> tuple[Sector, ...]:
    """Erase all, or the sectors that hold ``size`` bytes from ``start``; those that were erased.

    dfu-util erases the sectors that it writes, and knows no other way to erase some: they are written with 0xFF.
    """
    if start is None:
        with ctx.step(_("Erase the whole flash")):
            _run(ctx, board, ("-s", ":mass-erase:force"))
        return board.sectors
    meant = tuple(one for one in board.sectors if one.address < start + size and start < one.end)
    if not meant or start < meant[0].address or start + size > meant[-1].end:
        raise dfu_errors.bad_address("", ctx.host)
    blank = tuple(Part(sector.address, b"\xff" * sector.size) for sector in meant)
    total = sum(sector.size for sector in meant)
    title = _("Erase {size} from 0x{address}", size=size_text(total), address=f"{meant[0].address:08x}")
    _write_parts(ctx, board, blank, title, "")
    return meant


def leave(ctx: JobContext, board: DfuBoard) -> None:
    """Let the board start its program."""
    with ctx.step(_("Start the board")):
        _run(ctx, board, ("-s", f"0x{FLASH:08x}:leave"))


def _check_place(board: DfuBoard, part: Part) -> None:
    if not board.sectors:
        return
    first, last = board.sectors[0].address, board.sectors[-1].end
    if part.address < first or part.end > last:
        raise UsageError(
            _(
                "0x{address} and {size} from there are not in the chip's flash, which has {flash} from 0x{first}.",
                address=f"{part.address:08x}",
                size=size_text(len(part.data)),
                flash=size_text(board.flash_size),
                first=f"{first:08x}",
            ),
            next_step=_("Use the firmware that was built for this board; see the chip's flash with: natmod dfu list"),
        )


def _write_parts(ctx: JobContext, board: DfuBoard, parts: Sequence[Part], title: Text, options: str) -> None:
    with ctx.step(title), tempfile.TemporaryDirectory(prefix="natmod-dfu-") as folder:
        file = Path(folder, "firmware.dfu")
        with disk_errors(file):
            file.write_bytes(dfuse(tuple(parts)))
        _run(ctx, board, (*(("-s", options) if options else ()), "-D", str(file)))


def _ready(ctx: JobContext) -> None:
    system.ensure_programs(ctx, {PROGRAM: "dfu-util"}, _("dfu-util writes the flash of STM32 chips over USB."))


def _run(ctx: JobContext, board: DfuBoard, words: Sequence[str]) -> None:
    _ready(ctx)
    which = ("-S", board.serial) if board.serial else ("-p", board.path)
    argv = (PROGRAM, "-d", f",{_DEVICE}", "-a", "0", *which, *words)
    said = bytearray()
    with ctx.child(argv, merge=True) as process:
        assert process.stdout is not None
        while data := process.stdout.read1(256) if hasattr(process.stdout, "read1") else process.stdout.read(1):
            said += data
            _tell(ctx, said)
        process.wait()
    ctx.check()
    text = said.decode("utf-8", "backslashreplace")
    if process.returncode and not _left(text):
        raise dfu_errors.explain(text[-_TAIL:], ctx.host)


def _left(said: str) -> bool:
    """Whether the write was done and the board was away before dfu-util could ask it for its state."""
    return "File downloaded successfully" in said and "Submitting leave request" in said


def _tell(ctx: JobContext, said: bytes | bytearray) -> None:
    """Progress from what was said last: erasing is the first half, writing the second."""
    found = _PROGRESS.findall(said[-400:].decode("ascii", "replace"))
    if found:
        step, percent = found[-1]
        ctx.progress((50 if step == "Download" else 0) + int(percent) // 2, 100, "%")
