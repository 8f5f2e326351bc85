"""A board's card: who it is, which modules its firmware has, its clock, its PSRAM, and what could be better.

Facts of chips and of MicroPython's modules are data, in ``resources/board_facts``.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

from ide.board import printed
from ide.board.board_modules import listed_modules
from ide.board.errors import BoardGarbled
from ide.board.flash.errors import chip_title
from ide.board.flash.fuses import value_of
from ide.board.flash.known_boards import identify, known_boards
from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains.catalog_records import version_key
from toolchains.jobs import JobContext
from toolchains.paths import resources
from toolchains.text import Text, _
from toolchains.units import number_text, size_text

SCHEMA = 1
_ANSWERS = 3
_MIB = 1 << 20
#: A heap as large as this is in PSRAM: up to MicroPython 1.20 it took all of it, and nothing else told of it.
_HEAP_IN_PSRAM = _MIB
#: RISC-V chips load machine code from this release on (facts b.2).
_NATIVE_SINCE = "1.25.0"
#: Less memory for machine code than this is hardly enough for a module.
_LITTLE_EXEC = 8 * 1024
#: A clock may be a little off its round number.
_SLOW = 0.95

#: ``1024`` is MALLOC_CAP_SPIRAM, the regions of heap in PSRAM; the registers are fuses that are only read.
_SETUP = """\
def f(x):
 try:return x()
 except Exception:pass
i=lambda m:f(lambda:__import__(m))
m=i('machine')
f(lambda:help('modules'))
"""
_QUESTION = (
    "(f(lambda:m.freq()),f(lambda:sum(h[0] for h in i('esp32').idf_heap_info(1024))),"
    "f(lambda:[m.mem32[x]&0xffffffff for x in {registers}]))"
)


@dataclass(frozen=True)
class Card:
    """What a board is. Sizes in bytes; None where the firmware does not tell.

    ``modules``: what ``help('modules')`` lists (``asyncio/core`` is a part of ``asyncio``); empty where the firmware
    lists none. ``frozen``: those of them that are Python, frozen into the firmware: all that are not among
    MicroPython's modules in C. ``psram_size``: what the chip's fuses say of its package, or the firmware has found,
    0: none; ``psram_used``: what of it the firmware has taken into use.
    """

    identity: Identity
    modules: tuple[str, ...]
    frozen: tuple[str, ...]
    frequency_hz: int | None
    psram_size: int | None
    psram_used: int | None
    advice: tuple[Text, ...] = ()

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": SCHEMA,
            "board": self.identity.to_json(),
            "modules": list(self.modules),
            "frozen": list(self.frozen),
            "frequency_hz": self.frequency_hz,
            "psram_size": self.psram_size,
            "psram_used": self.psram_used,
            "advice": [str(text) for text in self.advice],
        }


def look(ctx: JobContext, board: Board) -> Card:
    """Ask ``board``; leaves no name behind. Raises the errors of :meth:`ide.board.link.Board.exec`."""
    identity = board.identity(ctx, fresh=True)
    question = _QUESTION.format(registers=_registers(identity.chip))
    return printed.ask(ctx, board, question, _SETUP, lambda said, value, took: card_from(identity, said, value))


def card_from(identity: Identity, said: bytes, value: object) -> Card:
    """The card from what was printed and the answer. Raises BoardGarbled if it is not one."""
    if not isinstance(value, tuple) or len(value) != _ANSWERS:
        raise BoardGarbled(repr(value))
    frequency, in_psram, words = value
    hertz = frequency[0] if isinstance(frequency, tuple) and frequency else frequency  # STM32: one for each bus
    used = _psram_used(identity, in_psram)
    size, kind = _psram(identity.chip, words)
    if used and (size is None or used > size):
        size = -(-used // _MIB) * _MIB
    modules = tuple(sorted(listed_modules(said.decode("utf-8", "replace")) or ()))
    card = Card(
        identity,
        modules,
        tuple(name for name in modules if name not in _in_c()),
        hertz if isinstance(hertz, int) and hertz > 0 else None,
        size,
        used,
    )
    return replace(card, advice=tuple(_advice(card, kind)))


def _psram_used(identity: Identity, in_psram: object) -> int | None:
    if _chip(identity.chip) is None:
        return None
    found = in_psram if isinstance(in_psram, int) and in_psram > 0 else 0
    heap = identity.heap_used + identity.heap_free
    return found or (heap if heap >= _HEAP_IN_PSRAM else 0)


@cache
def _chips() -> Mapping[str, dict[str, Any]]:
    loaded = json.loads((resources() / "board_facts" / "chips.json").read_text("utf-8"))
    return {row["chip"]: row for row in loaded["chips"]}


@cache
def _in_c() -> frozenset[str]:
    """With the ``u`` before them that some had up to MicroPython 1.20 (``utime``)."""
    loaded = json.loads((resources() / "board_facts" / "modules.json").read_text("utf-8"))
    return frozenset(form for name in loaded["in_c"] for form in (name, f"u{name}"))


def _chip(chip: str | None) -> dict[str, Any] | None:
    return _chips().get(chip or "")


def _field(chip: str | None) -> list[tuple[int, int, int]]:
    psram = (_chip(chip) or {}).get("psram")
    return [(int(address, 16), shift, width) for address, shift, width in psram["field"]] if psram else []


def _registers(chip: str | None) -> list[int]:
    return sorted({address for address, _shift, _width in _field(chip)})


def _psram(chip: str | None, words: object) -> tuple[int | None, str]:
    """Bytes of PSRAM that the chip can have been made with, and its kind (``quad``, ``octal``, empty: unknown)."""
    facts = _chip(chip)
    if facts is None:
        return None, ""
    if facts["psram"] is None:
        return 0, ""
    registers = _registers(chip)
    if not registers or not isinstance(words, list) or len(words) != len(registers):
        return None, ""
    if not all(isinstance(word, int) for word in words):
        return None, ""
    code = value_of(_field(chip), dict(zip(registers, words, strict=True)))
    for known, megabytes, kind in facts["psram"]["codes"]:
        if known == code:
            return megabytes * _MIB, kind
    return None, ""


def _advice(card: Card, kind: str) -> Iterator[Text]:
    yield from _about_native_code(card.identity)
    if card.psram_size and card.psram_used == 0:
        yield _about_psram(card, card.psram_size, kind)
    yield from _about_clock(card)


def _about_native_code(identity: Identity) -> Iterator[Text]:
    if identity.arch is None and identity.chip is not None:
        if version_key(identity.version) < version_key(_NATIVE_SINCE):
            yield _(
                "This firmware (MicroPython {version}) loads no native modules; from {since} on it does.",
                version=identity.version,
                since=_NATIVE_SINCE.removesuffix(".0"),
            )
        else:
            yield _("This firmware loads no native modules: it was built without that.")
    if identity.exec_free is not None and identity.exec_free < _LITTLE_EXEC:
        yield _(
            "Only {size} are left for native modules. A soft reset frees what earlier ones took.",
            size=size_text(identity.exec_free),
        )


def _about_psram(card: Card, size: int, kind: str) -> Text:
    identity = card.identity
    fields = {"chip": chip_title(identity.chip or ""), "size": size_text(size)}
    better = _with_psram(identity, kind)
    if better is None:
        return _("This {chip} has {size} of extra memory (PSRAM), and this firmware uses none of it.", **fields)
    return _(
        "This {chip} has {size} of extra memory (PSRAM), and this firmware uses none of it. {firmware} does: "
        "natmod flash write.",
        firmware=better,
        **fields,
    )


def _with_psram(identity: Identity, kind: str) -> str | None:
    """The official firmware that uses PSRAM of this kind: a variant of what runs, else the one for any such chip."""
    found = identify(identity)
    running = known_boards().get(found) if found is not None else None
    if not kind or (running is not None and running.psram == kind):  # it should use it: no other one does better
        return None
    board = found[0] if found is not None else ""
    fit = [row for row in known_boards().values() if row.chip == identity.chip and row.psram == kind]
    for row in sorted(fit, key=lambda row: (row.board != board, not row.generic, row.ota, row.variant)):
        if row.board == board or row.generic:
            return f"{row.board}-{row.variant}" if row.variant else row.board
    return None


def _about_clock(card: Card) -> Iterator[Text]:
    facts = _chip(card.identity.chip)
    if facts is None or card.frequency_hz is None or card.frequency_hz >= _SLOW * facts["mhz"] * 1e6:
        return
    yield _(
        "It runs at {now} MHz and can run at {most} MHz: machine.freq({hertz}).",
        now=number_text(card.frequency_hz / 1e6, 0),
        most=facts["mhz"],
        hertz=facts["mhz"] * 1_000_000,
    )
