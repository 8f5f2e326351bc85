"""``ifeq`` and its kin: which lines of a makefile count."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from toolchains.makefile import words
from toolchains.makefile.errors import MakefileError, Place, shown
from toolchains.makefile.lines import BLANK
from toolchains.text import _

_TESTS = ("ifeq", "ifneq", "ifdef", "ifndef")
DIRECTIVES = (*_TESTS, "else", "endif")


@dataclass
class _Level:
    """One ``if``: whether its lines count now, whether one branch was taken, whether ``else`` came."""

    place: Place
    active: bool
    taken: bool
    last: bool = False


class Conditions:
    """The conditionals that are open in one file."""

    def __init__(self, expand: Callable[[str], str], defined: Callable[[str], bool], need: Callable[..., bool]) -> None:
        """``need`` is told what a condition depends on."""
        self._expand = expand
        self._defined = defined
        self._need = need
        self._levels: list[_Level] = []

    @property
    def skipping(self) -> bool:
        """Whether the next lines do not count."""
        return any(not level.active for level in self._levels)

    def line(self, directive: str, rest: str, place: Place) -> None:
        """One of :data:`DIRECTIVES`."""
        if directive == "endif":
            self._open(directive, place)
            self._levels.pop()
        elif directive == "else":
            self._else(rest, place)
        else:
            outer = self.skipping
            met = False if outer else self._met(directive, rest, place)
            # In lines that do not count, no branch ever does.
            self._levels.append(_Level(place, met, met or outer))

    def end(self) -> None:
        """The file ends here."""
        if self._levels:
            raise MakefileError(self._levels[-1].place, _("this condition has no endif."))

    def _open(self, directive: str, place: Place) -> _Level:
        if not self._levels:
            raise MakefileError(place, _('"{word}" without an if before it.', word=directive))
        return self._levels[-1]

    def _else(self, rest: str, place: Place) -> None:
        level = self._open("else", place)
        if level.last:
            raise MakefileError(place, _("this condition has a second else."))
        directive = rest.split(None, 1)[0] if rest.strip() else ""
        if directive and directive not in _TESTS:
            raise MakefileError(place, _('"{text}" cannot stand behind else.', text=shown(rest)))
        level.last = not directive
        level.active = False
        if not level.taken:
            level.active = not directive or self._met(directive, rest.lstrip(BLANK)[len(directive) :], place)
            level.taken = level.active

    def _met(self, directive: str, rest: str, place: Place) -> bool:
        if directive in ("ifdef", "ifndef"):
            names = words.split(self._expand(rest))
            self._need(*names)
            if len(names) != 1:
                raise self._wrong(directive, place)
            return self._defined(names[0]) == (directive == "ifdef")
        pair = _two(rest.strip(BLANK))
        if pair is None:
            raise self._wrong(directive, place)
        left, right = self._expand(pair[0]), self._expand(pair[1])
        self._need(left, right)
        return (left == right) == (directive == "ifeq")

    def _wrong(self, directive: str, place: Place) -> MakefileError:
        step = (
            _("Write: {word} NAME", word=directive)
            if directive.endswith("def")
            else _("Write: {word} ($(NAME),value)", word=directive)
        )
        return MakefileError(place, _("this condition cannot be understood."), next_step=step)


def _two(text: str) -> tuple[str, str] | None:
    """The two sides of ``(a,b)``, ``"a" "b"``, ``'a' 'b'``; None when it is none of them."""
    if text.startswith("("):
        comma = _at_depth(text, 1, ",")
        end = _at_depth(text, comma + 1, ")") if comma >= 0 else -1
        return (text[1:comma].rstrip(BLANK), text[comma + 1 : end].lstrip(BLANK)) if end >= 0 else None
    first = _quoted(text)
    if first is None:
        return None
    second = _quoted(text[len(first) + 2 :].lstrip(BLANK))
    return (first, second) if second is not None else None


def _quoted(text: str) -> str | None:
    if text[:1] not in ('"', "'"):
        return None
    end = text.find(text[0], 1)
    return text[1:end] if end > 0 else None


def _at_depth(text: str, start: int, wanted: str) -> int:
    depth = 0
    for at in range(start, len(text)):
        if text[at] == wanted and depth <= 0:
            return at
        depth += {"(": 1, ")": -1}.get(text[at], 0)
    return -1
