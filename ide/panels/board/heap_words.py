"""A heap map in words: its summary, its kinds, one block of it. No Qt."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from toolchains.text import Text, _, sentences
from toolchains.units import percent_text, signed_size_text, size_text

if TYPE_CHECKING:
    from ide.board.memory.heap_map import HeapChange, HeapMap

_HAPPENED: dict[str, Text] = {
    "+": _("newly used"),
    "-": _("newly free"),
    "~": _("used by something else"),
    "?": _("unknown"),
}


def summary(heap: HeapMap, change: HeapChange | None) -> str:
    """Sizes, the largest free run, how scattered the free blocks are; and what changed."""
    free, block = heap.free_blocks * heap.block_size, heap.block_size
    said = [
        _(
            "{free} of {total} free, in blocks of {block}.",
            free=size_text(free), total=size_text(heap.n_blocks * block), block=size_text(block),
        ),
        _(
            "The largest free run is {size}; fragmentation {share}.",
            size=size_text(heap.largest_free_run), share=percent_text(heap.fragmentation, 1),
        ),
    ]  # fmt: skip
    if heap.info.growth:
        said.append(_("The heap may still grow by {size}.", size=size_text(heap.info.growth)))
    if change is not None:
        said.append(
            _(
                "Since the earlier map {used} became used, {freed} free, and {other} changed hands; "
                "the largest free run: {run}.",
                used=size_text(change.newly_used * block), freed=size_text(change.newly_free * block),
                other=size_text(change.other_kind * block), run=signed_size_text(change.largest_free_run),
            )
        )  # fmt: skip
    return sentences(*said)


def kinds(heap: HeapMap, change: HeapChange | None) -> list[tuple[str, Text, int, str]]:
    """Symbol, title, blocks, and what changed, in the order of the legend; those that are there."""
    from ide.board.memory.heap_map import kinds as all_kinds
    from ide.board.memory.heap_map import title_of

    counts = heap.blocks_of
    known = [kind.symbol for kind in all_kinds()]
    gone = change.blocks_of if change is not None else {}
    symbols = [*known, *(symbol for symbol in {*counts, *gone} if symbol not in known)]
    return [
        (
            symbol, title_of(symbol), counts.get(symbol, 0),
            signed_size_text(gone[symbol] * heap.block_size) if symbol in gone else "",
        )
        for symbol in symbols
        if counts.get(symbol) or symbol in gone
    ]  # fmt: skip


def area(heap: HeapMap, number: int) -> str:
    """``0x3ffb30a0 · 110 kB``."""
    one = heap.areas[number]
    return f"0x{one.address:x} · {size_text(one.n_blocks * heap.block_size)}"


def block(heap: HeapMap, number: int, at: int, marks: Sequence[bytes]) -> str:
    """What block ``at`` of an area is: its address, the object that it belongs to, how large that is."""
    from ide.board.memory.heap_map import title_of
    from ide.panels.board.heap_paint import object_at

    one = heap.areas[number]
    start, n_blocks = object_at(one.blocks, at)
    said = _(
        "{address}: {title}, {size} from {start}",
        address=_hex(one.address + at * heap.block_size), title=title_of(chr(one.blocks[start])),
        size=size_text(n_blocks * heap.block_size), start=_hex(one.address + start * heap.block_size),
    )  # fmt: skip
    happened = _HAPPENED.get(chr(marks[number][at])) if number < len(marks) else None
    return f"{said} · {happened}" if happened is not None else str(said)


def _hex(address: int) -> str:
    return f"0x{address:x}"
