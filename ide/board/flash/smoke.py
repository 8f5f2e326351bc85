"""Does a board that was just flashed work? A few questions, each with its answer; nothing stays on the board."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from ide.board.errors import BoardExecError, BoardGarbled, BoardRestarted, BoardTimeout
from ide.board.flash.records import BoardFacts
from ide.board.flash.usb import mac_of
from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains.jobs import JobContext
from toolchains.text import Text, _
from toolchains.units import size_text

#: What no firmware for an ESP32 leaves below (facts.md b.2: 36 KiB of heap at the start, which grows).
_LEAST_HEAP = 24 * 1024
_MIB = 1024 * 1024
_SUM = 328350
#: Written, read back, removed. The name is one that no program has.
_FILE = """\
def _file():
 import os
 n='/.natmod-smoke';d=bytes(range(256))*2
 with open(n,'wb') as f:f.write(d)
 with open(n,'rb') as f:g=f.read()
 os.remove(n)
 return g==d
"""


@dataclass(frozen=True)
class Check:
    """One question: its name, whether all is well, and what was found."""

    name: Text
    good: bool
    found: Text


def try_out(ctx: JobContext, board: Board, facts: BoardFacts | None = None) -> list[Check]:
    """Ask everything. Raises only when the board is gone or silent: a question that it fails is an answer."""
    identity = board.identity(ctx, fresh=True)
    return [
        Check(_("MicroPython"), True, _("{version} on {machine}", version=identity.version, machine=identity.machine)),
        _computes(ctx, board),
        _memory(identity, facts),
        _files(ctx, board, identity),
        *_same_chip(identity, facts),
    ]


def _computes(ctx: JobContext, board: Board) -> Check:
    try:
        good = board.ask(ctx, "sum(i*i for i in range(100))") == _SUM
    except (BoardExecError, BoardGarbled, BoardTimeout, BoardRestarted) as error:
        return Check(_("It computes"), False, error.what)
    return Check(_("It computes"), good, _("right") if good else _("wrong"))


def _memory(identity: Identity, facts: BoardFacts | None) -> Check:
    chip = facts.chip if facts is not None else None
    with_psram = bool(chip and chip.psram) and "SPIRAM" in identity.build
    good = identity.heap_free >= (_MIB if with_psram else _LEAST_HEAP)
    return Check(_("Memory"), good, _("{size} free", size=size_text(identity.heap_free)))


def _files(ctx: JobContext, board: Board, identity: Identity) -> Check:
    if not identity.fs_total:
        return Check(_("Files"), False, _("there is no file system"))
    try:
        good = board.ask(ctx, "_file()", _FILE, isolated=True) is True
    except (BoardExecError, BoardGarbled, BoardTimeout, BoardRestarted) as error:
        return Check(_("Files"), False, error.what)
    free = size_text(identity.fs_free or 0)
    return Check(_("Files"), good, _("{size} free", size=free) if good else _("what was written came back changed"))


def _same_chip(identity: Identity, facts: BoardFacts | None) -> Iterator[Check]:
    """Whether it is the board that was written: a port may have changed hands meanwhile."""
    chip = facts.chip if facts is not None else None
    mac = mac_of(identity.unique_id or "")
    if chip is not None and chip.mac and mac:
        yield Check(_("The same board"), mac == chip.mac, Text(mac))
