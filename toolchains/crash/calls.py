"""Who called whom: out of the backtrace that a board prints, or out of its stack.

Xtensa chips print the calls themselves. RISC-V chips print registers and a piece of the stack: in a module's own
functions its DWARF says exactly where the return address lies; below MicroPython's functions, of which we have no such
table, the nearest word on the stack that follows a call in the module's code is taken.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from toolchains.crash.module import ModuleMap
from toolchains.crash.records import Dump

#: Of an endless recursion, so many calls say it.
MOST = 40
#: Code of Xtensa chips lies in this quarter of the addresses; return addresses have the window's size there instead.
_QUARTER = 0x3FFFFFFF


@dataclass(frozen=True)
class Located:
    """A module in a board's memory: its code begins at ``address``. ``read``: by the board's own words, in this run."""

    module: ModuleMap
    address: int
    read: bool = True

    def offset(self, pc: int) -> int | None:
        """Where in the module's code an address is; None outside of it."""
        offset = pc - self.address
        return offset if 0 <= offset < len(self.module.code) else None


@dataclass(frozen=True)
class Call:
    """An address on the way: ``pc``, and where to look it up (inside the instruction that calls)."""

    pc: int
    look_at: int


def calls(dump: Dump, located: Located | None) -> list[Call]:
    """The calls that led to the crash, the innermost first; at most :data:`MOST`."""
    if dump.pc is None:
        return []
    if dump.kind in ("riscv", "sim"):
        return _walk(dump, located)
    first = Call(dump.pc, dump.pc)
    if dump.calls:
        return [first, *(Call(pc, pc) for pc in dump.calls[1:MOST])]
    back = dump.registers.get("A0")
    if not back or dump.kind != "xtensa":
        return [first]
    back = back & _QUARTER | 0x40000000
    return [first, Call(back, back - 3)]


def _walk(dump: Dump, located: Located | None) -> list[Call]:
    assert dump.pc is not None
    pc, sp, ra = dump.pc, dump.registers.get("SP", 0), dump.registers.get("RA")
    found = [Call(pc, pc)]
    here: int | None = pc
    while len(found) < MOST:
        offset = located.offset(here) if located is not None and here is not None else None
        if located is None or offset is None:
            if len(found) > 1:
                break  # MicroPython called it
            back, sp = _into_module(dump, located, sp, ra)
        else:
            back, sp = _caller(dump, located, offset, sp, ra)
        if not back:
            break
        found.append(Call(back, back - 1))
        here, ra = back - 1, None
    return found


def _caller(dump: Dump, located: Located, offset: int, sp: int, ra: int | None) -> tuple[int | None, int]:
    """The return address of a function of the module, and the caller's stack pointer."""
    saved = located.module.lines.saved(offset)
    if saved is None:
        return ra, sp
    up = sp + saved.size
    return ra if saved.return_at is None else dump.stack.get(up + saved.return_at), up


def _into_module(dump: Dump, located: Located | None, sp: int, ra: int | None) -> tuple[int | None, int]:
    """From a function of MicroPython, or from nowhere, back to the module that called it, if one did."""
    if located is None or (ra is not None and _follows_call(located, ra)):
        return ra, sp
    for at in sorted(address for address in dump.stack if address >= sp):
        if _follows_call(located, dump.stack[at]):
            return dump.stack[at], at + 4  # it is the last word of the function that was called
    return ra, sp


def _follows_call(located: Located, address: int) -> bool:
    """Whether a call stands just before an address of the module (RISC-V: jal and jalr with ra, long and short)."""
    offset = located.offset(address)
    if offset is None or offset < 4:
        return False
    long = int.from_bytes(located.module.code[offset - 4 : offset], "little")
    short = long >> 16
    if long & 0xFFF in (0x0EF, 0x0E7):
        return True
    return short & 0xE003 == 0x2001 or (short & 0xF07F == 0x9002 and bool(short & 0xF80))


def repeats(names: list[str]) -> Iterator[tuple[str, int]]:
    """Neighbours that are the same, with how many there are."""
    at = 0
    while at < len(names):
        n = 1
        while at + n < len(names) and names[at + n] == names[at]:
            n += 1
        yield names[at], n
        at += n
