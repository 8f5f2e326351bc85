"""Regular expressions on the board: a person's own, and what of the language there is, found by trying."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from ide.board.errors import BoardGarbled
from ide.board.link import Board
from toolchains.errors import UsageError
from toolchains.jobs import JobContext
from toolchains.text import Text, _

Verdict = Literal["yes", "no", "differs"]
#: What is tried: what it is, a pattern, a text. The right answer is Python's own on this computer.
TRIED: tuple[tuple[Text, str, str], ...] = (
    (_("any character"), "a.c", "xabcx"),
    (_("one of several characters"), "[a-c]+", "xxabcxx"),
    (_("none of several characters"), "[^0-9]+", "12ab34"),
    (_("digits"), r"\d+", "ab123"),
    (_("letters, digits and _"), r"\w+", " ab_1 "),
    (_("blanks"), r"a\sb", "a b"),
    (_("the beginning"), "^ab", "abab"),
    (_("the end"), "ab$", "abab"),
    (_("none or several, as many as possible"), "<.*>", "<a><b>"),
    (_("none or several, as few as possible"), "<.*?>", "<a><b>"),
    (_("perhaps one"), "ab?c", "ac"),
    (_("this or that"), "cat|dog", "a dog"),
    (_("groups"), "(a+)(b+)", "aabbb"),
    (_("a group that is not kept"), "(?:ab)+c", "ababc"),
    (_("so many times"), "a{2,3}", "aaaa"),
    (_("the edge of a word"), r"\bcat\b", "a cat"),
    (_("a group with a name"), "(?P<n>a+)", "baa"),
    (_("followed by"), "a(?=b)", "acab"),
    (_("the same again"), r"(a|b)\1", "abb"),
    (_("capitals or not"), "(?i)abc", "ABC"),
)
VERDICTS: dict[Verdict, Text] = {"yes": _("yes"), "no": _("no"), "differs": _("differs")}
FUNCTIONS = ("compile", "match", "search", "fullmatch", "sub", "split", "findall", "finditer")
_MOST = 4000
_SETUP = """\
import re
def _s(p,t):
 try:
  m=re.search(p,t)
  if m is None:return None
  g=[]
  try:
   while 1:g.append(m.group(len(g)))
  except IndexError:pass
  return g
 except Exception as e:
  return repr(e)
"""


@dataclass(frozen=True)
class Tried:
    """One part of the language, and whether the board has it. ``said``: its answer, where that is not Python's."""

    what: Text
    pattern: str
    text: str
    verdict: Verdict
    said: str = ""


@dataclass(frozen=True)
class Match:
    """What a pattern found: the whole, then its groups (None: took no part); ``trouble``: the board's exception."""

    groups: tuple[str | None, ...] | None
    trouble: str = ""


def search(ctx: JobContext, board: Board, pattern: str, text: str) -> Match:
    """``re.search`` on the board. Raises UsageError, and what ``Board.ask`` does."""
    if len(pattern) + len(text) > _MOST:
        raise UsageError(
            _("Pattern and text are too long for a board."), next_step=_("Use at most {n} letters.", n=_MOST)
        )
    said = board.ask(ctx, f"_s({pattern!r},{text!r})", _SETUP, isolated=True)
    if isinstance(said, str):
        return Match(None, said)
    return Match(_groups(said))


def supported(ctx: JobContext, board: Board) -> tuple[tuple[Tried, ...], dict[str, bool]]:
    """What of the language the board has, and which functions. Raises what ``Board.ask`` does."""
    asked = [(pattern, text) for _what, pattern, text in TRIED]
    said = board.ask(
        ctx, f"([_s(p,t) for p,t in {asked!r}],[hasattr(re,n) for n in {FUNCTIONS!r}])", _SETUP, isolated=True
    )
    if not isinstance(said, tuple) or len(said) != 2 or len(said[0]) != len(TRIED):
        raise BoardGarbled(repr(said))
    rows = tuple(_judged(*one, answer) for one, answer in zip(TRIED, said[0], strict=True))
    return rows, dict(zip(FUNCTIONS, map(bool, said[1]), strict=True))


def _judged(what: Text, pattern: str, text: str, said: object) -> Tried:
    found = re.search(pattern, text)
    assert found is not None
    wanted = (found.group(), *found.groups())
    if isinstance(said, str):
        return Tried(what, pattern, text, "no", said)
    groups = _groups(said)
    if groups == wanted:
        return Tried(what, pattern, text, "yes")
    return Tried(what, pattern, text, "differs", repr(groups[0]) if groups else str(_("finds nothing")))


def _groups(said: object) -> tuple[str | None, ...] | None:
    if said is None:
        return None
    if not isinstance(said, list) or not said or not all(one is None or isinstance(one, str) for one in said):
        raise BoardGarbled(repr(said))
    return tuple(said)
