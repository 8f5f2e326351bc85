"""How a board is, in few words: parts of a line, the most important first. No Qt; what a board lacks is absent."""

from __future__ import annotations

from typing import TYPE_CHECKING

from toolchains.text import Text, _
from toolchains.units import percent_text, short_time_text, size_text

if TYPE_CHECKING:
    from ide.board.inspect import Identity
    from ide.board.memory.vitals import Vitals


def short(vitals: Vitals) -> list[Text]:
    """``gc 41 % used``, ``98 kB free``, ``exec 44 kB``, ``vfs 2.0 MB free``, for one line above the console."""
    found: list[Text] = []
    total = vitals.heap_total
    if vitals.heap_used is not None and vitals.heap_free is not None and total:
        found.append(_("gc {share} used", share=percent_text(vitals.heap_used, total)))
        found.append(_("{size} free", size=size_text(vitals.heap_free)))
    if vitals.exec_free is not None:
        found.append(_("exec {size}", size=size_text(vitals.exec_free)))
    if vitals.fs_free is not None:
        found.append(_("vfs {size} free", size=size_text(vitals.fs_free)))
    if vitals.stack_used is not None and vitals.stack_limit:
        found.append(_("stack {share}", share=percent_text(vitals.stack_used, vitals.stack_limit)))
    return found


def who(identity: Identity) -> str:
    """``MicroPython 1.26.1 · ESP32-C3``."""
    chip = identity.chip.upper() if identity.chip else identity.arch.name if identity.arch else identity.platform
    return f"MicroPython {identity.version} · {chip}"


def rows(vitals: Vitals, peak: int | None) -> list[tuple[Text, str]]:
    """Names and values, for a list that explains."""
    return [*_heap(vitals, peak), *_exec(vitals), *_rest(vitals), *_cost(vitals)]


def _heap(vitals: Vitals, peak: int | None) -> list[tuple[Text, str]]:
    used, free, total = vitals.heap_used, vitals.heap_free, vitals.heap_total
    if used is None or free is None or not total:
        return []
    found = [(_("Heap (gc)"), _share(used, total))]
    if vitals.heap_growth:
        found.append((_("Of that, when needed"), size_text(vitals.heap_growth)))
    if vitals.heap_largest is not None:
        found.append((_("Largest free run"), size_text(vitals.heap_largest)))
    if peak is not None:
        found.append((_("Highest seen"), _share(peak, total)))
    return found


def _exec(vitals: Vitals) -> list[tuple[Text, str]]:
    if vitals.exec_free is None:
        return []
    free, largest = size_text(vitals.exec_free), vitals.exec_largest
    if vitals.exec_total:
        said = _("{free} of {total} free", free=free, total=size_text(vitals.exec_total))
    else:
        said = _("{size} free", size=free)
    found = [(_("For machine code (exec)"), str(said))]
    if largest is not None:
        found.append((_("Largest native module"), str(_("up to {size}", size=size_text(largest)))))
    return found


def _rest(vitals: Vitals) -> list[tuple[Text, str]]:
    found: list[tuple[Text, str]] = []
    if vitals.stack_used is not None and vitals.stack_limit:
        found.append((_("Stack"), _share(vitals.stack_used, vitals.stack_limit)))
    if vitals.fs_free is not None and vitals.fs_total:
        found.append((_("Files (vfs)"), _share(vitals.fs_total - vitals.fs_free, vitals.fs_total)))
    return found


def _cost(vitals: Vitals) -> list[tuple[Text, str]]:
    waited = short_time_text(vitals.round_trip_s)
    if vitals.board_s is None:
        return [(_("To ask took"), waited)]
    return [
        (
            _("To ask took"),
            str(_("{waited}, the board {worked} of it", waited=waited, worked=short_time_text(vitals.board_s))),
        )
    ]


def _share(used: int, total: int) -> str:
    share, whole = percent_text(used, total), size_text(total)
    return str(_("{used} of {total} used ({share})", used=size_text(used), total=whole, share=share))
