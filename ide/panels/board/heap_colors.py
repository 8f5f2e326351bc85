"""The colours of a heap map, from the theme: one a kind of object, paler for all but an object's first block."""

from __future__ import annotations

from PySide6.QtGui import QColor

from ide.panels.board import heap_paint
from ide.themes import Theme
from toolchains.text import Text, _

#: By symbol of ``micropython.mem_info``; every kind has its letter beside it, so that nobody has to tell colours apart.
_TOKENS = {
    ".": "hover", "h": "muted", "S": "string", "A": "number", "B": "function", "M": "keyword", "D": "type",
    "L": "green", "T": "amber", "F": "preprocessor", "m": "red", "?": "line",
}  # fmt: skip
SYMBOLS = tuple(_TOKENS)
PLACES = heap_paint.places(SYMBOLS)
_PALE = 0.55
#: What happened to a block: its place in :func:`heap_paint.changed`, the colour, and in words.
CHANGES: tuple[tuple[int, str, Text], ...] = (
    (2, "amber", _("newly used")),
    (4, "green", _("newly free")),
    (6, "accent", _("used by something else")),
    (8, "line", _("unknown")),
)


def color_of(theme: Theme, symbol: str) -> QColor:
    """The colour of a kind."""
    return theme.color(_TOKENS.get(symbol, _TOKENS["h"]))


def of_kinds(theme: Theme) -> list[QColor]:
    """For :data:`PLACES`: all heads, then all tails."""
    heads = [color_of(theme, symbol) for symbol in SYMBOLS]
    return [*heads, *(_mixed(color, theme.color("panel"), _PALE) for color in heads)]


def of_changes(theme: Theme) -> list[QColor]:
    """For :func:`heap_paint.changed`."""
    colors = [theme.color("hover"), _mixed(theme.color("muted"), theme.color("panel"), 0.25)]
    for _place, token, _words in CHANGES:
        colors += [theme.color(token)] * 2
    return colors


def _mixed(one: QColor, other: QColor, share: float) -> QColor:
    """``share`` of one, the rest of the other."""
    parts = zip(one.getRgb()[:3], other.getRgb()[:3], strict=True)
    return QColor(*(round(share * a + (1 - share) * b) for a, b in parts))
