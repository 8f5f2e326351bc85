"""Reading what a board prints when it crashes. The forms are those of ESP-IDF's panic handler (facts of
``components/esp_system``: register names, ``Backtrace:``, ``Stack memory:``), of the ESP8266's, and of our own
simulated board (``resources/simulator/rv32/trap.c``).

What a board prints is not trusted: it is bounded, and whatever does not look like a part of a dump is skipped.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from functools import cache

from toolchains.crash.records import Cause, Dump, DumpKind
from toolchains.paths import resources

#: The longest dump that is read, characters; ESP-IDF prints 1 KiB of stack as 4 KB of text for each core.
MOST = 64 * 1024
#: No board prints so many calls; one that prints rubbish may.
_MOST_CALLS = 200
_MOST_WORDS = 4096

_COLOUR = re.compile(r"\x1b\[[0-9;]*m")
_GURU = re.compile(r"Guru Meditation Error:? (?:of type (?P<old>\w+)|Core\s+\d+ panic'ed \((?P<new>[^)]*)\))")
_SIM = re.compile(r"The board crashed: (?P<reason>.*?), pc 0x(?P<pc>[0-9a-f]{8}), address 0x(?P<address>[0-9a-f]{8})")
_ESP8266 = re.compile(r"Fatal exception \(?\d*\)?\(?(?P<reason>\w+)?\)?:?")
_SMALL = re.compile(r"\b(epc1|excvaddr)=0x([0-9a-f]{8})")
#: Only the crashed core's registers count: the other one's follow under a heading of their own.
_CORE = re.compile(r"^Core\s+\d+ register dump:", re.MULTILINE)
_REGISTER = re.compile(r"\b([A-Z][A-Z0-9/]{0,8}?) *: (0x[0-9a-fA-F]{8})\b")
_BACKTRACE = re.compile(r"^Backtrace:(.*)$", re.MULTILINE)
_CALL = re.compile(r"(0x[0-9a-fA-F]{8}):0x[0-9a-fA-F]{8}")
_STACK = re.compile(r"^(?:0x)?([0-9a-fA-F]{8}):((?: 0x[0-9a-fA-F]{8})+)\s*$", re.MULTILINE)
_ABORT = re.compile(r"abort\(\) was called at PC (0x[0-9a-fA-F]{8})")
_ASSERT = re.compile(r"assert failed: (.*)")
_SHA = re.compile(r"ELF file SHA256: *([0-9a-f]{6,64})")
_MACHINE = re.compile(r"^Machine +: .* with (\S+)", re.MULTILINE)
#: MicroPython's own sentences before ESP-IDF's dump: they are not one by themselves.
_PREFACE = "A fatal error occurred."
#: Who pastes a dump may leave them out, but not the lines after them.
_BANNER = "MPY version "
_DEBUG = re.compile(r"Debug exception reason: (.+)")


@dataclass(frozen=True)
class Words:
    """``resources/crash.json``: how dumps begin and end, and what boards call the causes."""

    begin: dict[str, Cause]
    end: tuple[str, ...]
    reasons: dict[str, Cause]


@cache
def words() -> Words:
    """The words of boards."""
    data = json.loads((resources() / "crash.json").read_text("utf-8"))
    return Words(data["begin"], tuple(data["end"]), data["reasons"])


def begins(line: str) -> bool:
    """Whether a dump begins with this line."""
    return line.startswith(tuple(words().begin))


def ends(line: str) -> bool:
    """Whether the board does something else again with this line."""
    return line.startswith(words().end)


def dumps_in(text: str) -> list[Dump]:
    """Every dump in a text, in its order: a log of any length, or what somebody pasted."""
    found: list[Dump] = []
    piece: list[str] = []
    size = 0
    for raw in _COLOUR.sub("", text).replace("\r\n", "\n").replace("\r", "\n").split("\n"):
        line = raw.strip()
        # Sentences of MicroPython and of abort() come before the registers, and belong to them.
        if piece and (ends(line) or (begins(line) and _has_body(piece))):
            found += _read_piece(piece)
            piece, size = [], 0
        if (piece or begins(line) or line.startswith(_BANNER)) and size < MOST:
            piece.append(line)
            size += len(line) + 1
    return found + _read_piece(piece)


def read(text: str) -> Dump | None:
    """The first dump in a text; None where there is none."""
    return next(iter(dumps_in(text)), None)


def _has_body(piece: list[str]) -> bool:
    return any("register dump" in line or line.startswith(("Backtrace", "MEPC", "epc1")) for line in piece)


def _read_piece(piece: list[str]) -> list[Dump]:
    if not any(begins(line) and not line.startswith(_PREFACE) for line in piece):
        return []
    return [_read("\n".join(piece))]


def _read(text: str) -> Dump:
    registers = _registers(text)
    stack = _stack(text)
    reason, cause = _reason(text)
    sim, small = _SIM.search(text), dict(_SMALL.findall(text))
    kind: DumpKind = "sim" if sim else "riscv" if "MEPC" in registers else "xtensa" if "PC" in registers else "words"
    pc = registers.get("MEPC", registers.get("PC"))
    address = registers.get("MTVAL", registers.get("EXCVADDR"))
    abort = _ABORT.search(text)
    if sim:
        pc, address = int(sim["pc"], 16), int(sim["address"], 16)
    elif small:
        pc, address = _number(small.get("epc1")), _number(small.get("excvaddr"))
    elif pc is None and abort:
        pc = int(abort[1], 16)
    machine, sha = _MACHINE.search(text), _SHA.search(text)
    return Dump(
        kind, cause, reason, text[:MOST], pc, address, registers, _calls(text), stack,
        machine[1].lower().replace("-", "") if machine else "", sha[1] if sha else "",
    )  # fmt: skip


def _number(text: str | None) -> int | None:
    return int(text, 16) if text else None


def _registers(text: str) -> dict[str, int]:
    heads = list(_CORE.finditer(text))
    start = heads[0].end() if heads else 0
    end = heads[1].start() if len(heads) > 1 else len(text)
    found: dict[str, int] = {}
    for name, value in _REGISTER.findall(text[start:end]):
        found.setdefault(name, int(value, 16))
    return found


def _calls(text: str) -> tuple[int, ...]:
    """The first backtrace: that of the core which crashed."""
    line = _BACKTRACE.search(text)
    return tuple(int(one, 16) for one in _CALL.findall(line[1])[:_MOST_CALLS]) if line else ()


def _stack(text: str) -> dict[int, int]:
    found: dict[int, int] = {}
    for line in _STACK.finditer(text):
        at = int(line[1], 16)
        for word in line[2].split():
            if len(found) < _MOST_WORDS:
                found.setdefault(at, int(word, 16))
            at += 4
    return found


def _reason(text: str) -> tuple[str, Cause]:
    """The board's own name for what happened, and ours."""
    known = words().reasons
    debug = _DEBUG.search(text)
    if debug and "canary" in debug[1]:
        return debug[1].strip(), "stack"
    for pattern in (_SIM, _GURU, _ESP8266):
        if found := pattern.search(text):
            named = found.groupdict()
            reason = (named.get("reason") or named.get("new") or named.get("old") or "").strip()
            return reason, known.get(reason) or _by_beginning(reason)
    failed = _ASSERT.search(text)
    if failed:
        return failed[1].strip()[:200], "assert"
    line = next((one for one in text.splitlines() if begins(one) and not one.startswith(_PREFACE)), "")
    return line[:200], next((cause for begin, cause in words().begin.items() if line.startswith(begin)), "other")


def _by_beginning(reason: str) -> Cause:
    """``Stack canary watchpoint triggered (mp_task)``, ``Unhandled debug exception: ...``."""
    return next((cause for name, cause in words().reasons.items() if reason.startswith(name)), "other")
