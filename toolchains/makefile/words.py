"""Make's functions on texts of words: pure, and without limits of their own.

GNU make's manual, "Functions for String Substitution and Analysis" and "Functions for File Names".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

_WORD = re.compile(r"[^ \t\n\v\f\r]+")
_SPACES = " \t\n\v\f\r"


def split(text: str) -> list[str]:
    """The words of a text. Make knows ASCII's spaces only: a name may hold any other."""
    return _WORD.findall(text)


def strip(text: str) -> str:
    """``text`` without the spaces around it (those inside stay)."""
    return text.strip(_SPACES)


def each(change: Callable[[str], str], text: str) -> str:
    """Every word changed, joined by one space."""
    return " ".join(change(word) for word in split(text))


class Pattern:
    """A pattern with at most one ``%``; ``\\%`` is a percent sign."""

    def __init__(self, text: str) -> None:
        parts: list[str] = []
        start = 0
        for match in re.finditer(r"(\\*)%", text):
            slashes = len(match[1])
            parts += [text[start : match.start()], "\\" * (slashes // 2)]
            start = match.end()
            if slashes % 2 == 0:
                self.percent, self.prefix, self.suffix = True, "".join(parts), text[start:]
                return
            parts.append("%")
        self.percent, self.prefix, self.suffix = False, "".join(parts) + text[start:], ""

    def stem(self, word: str) -> str | None:
        """What ``%`` stands for in ``word``; None when the pattern does not match. Without ``%``: the empty stem."""
        if not self.percent:
            return "" if word == self.prefix else None
        long_enough = len(word) >= len(self.prefix) + len(self.suffix)
        if long_enough and word.startswith(self.prefix) and word.endswith(self.suffix):
            return word[len(self.prefix) : len(word) - len(self.suffix)]
        return None

    def filled(self, stem: str) -> str:
        """The pattern with its ``%`` replaced."""
        return self.prefix + stem + self.suffix if self.percent else self.prefix


def patsubst(pattern: str, replacement: str, text: str) -> str:
    """``$(patsubst pattern,replacement,text)``. Without ``%``, the spaces of ``text`` stay as they are."""
    wanted, new = Pattern(pattern), Pattern(replacement)
    if wanted.percent:
        return nonempty(word if (stem := wanted.stem(word)) is None else new.filled(stem) for word in split(text))
    plain = f"{new.prefix}%{new.suffix}" if new.percent else new.prefix
    if not pattern:  # the empty word is at the end, if anywhere
        return text if text.rstrip(_SPACES) == text != "" else text + plain
    return _WORD.sub(lambda word: plain if word[0] == wanted.prefix else word[0], text)


def substitution(text: str, old: str, new: str) -> str:
    """``$(X:old=new)`` for X's value ``text``: with ``%`` a pattern, else what words end in."""
    if Pattern(old).percent:
        return patsubst(old, new, text)
    return each(lambda word: word[: len(word) - len(old)] + new if word.endswith(old) else word, text)


def wordlist(first: int, last: int, text: str) -> str:
    """The words from one number to another, counted from 1, with the spaces that are between them."""
    spans = [match.span() for match in _WORD.finditer(text)][first - 1 : last]
    return text[spans[0][0] : spans[-1][1]] if spans else ""


def subst(old: str, new: str, text: str) -> str:
    """``$(subst old,new,text)``. An empty ``old`` appends, as in make."""
    return text.replace(old, new) if old else text + new


def filtered(patterns: str, text: str, *, keep: bool) -> str:
    """``$(filter …)`` or, without ``keep``, ``$(filter-out …)``."""
    wanted = [Pattern(word) for word in split(patterns)]
    plain = {one.prefix for one in wanted if not one.percent}
    patterned = [one for one in wanted if one.percent]

    def matches(word: str) -> bool:
        return word in plain or any(one.stem(word) is not None for one in patterned)

    return " ".join(word for word in split(text) if matches(word) == keep)


def sort(text: str) -> str:
    """``$(sort …)``: in order, each word once."""
    return " ".join(sorted(set(split(text))))


def directory(word: str) -> str:
    """Up to and with the last slash; ``./`` without one."""
    return word[: word.rfind("/") + 1] or "./"


def notdir(word: str) -> str:
    """Behind the last slash."""
    return word[word.rfind("/") + 1 :]


def suffix(word: str) -> str:
    """From the last dot of the name on; empty without one."""
    dot = word.rfind(".")
    return word[dot:] if dot > word.rfind("/") else ""


def basename(word: str) -> str:
    """All but the suffix."""
    return word[: len(word) - len(suffix(word))]


def nonempty(parts: Iterable[str]) -> str:
    """The words that are not empty, joined."""
    return " ".join(part for part in parts if part)


def join(first: str, second: str) -> str:
    """``$(join …)``: word by word."""
    left, right = split(first), split(second)
    most = max(len(left), len(right))
    left += [""] * (most - len(left))
    right += [""] * (most - len(right))
    return " ".join(a + b for a, b in zip(left, right, strict=True))
