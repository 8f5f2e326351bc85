"""Texts that nobody knows yet: what a command would print that was not run.

A mark stands in place of its output. Where a mark goes, it is followed: only a command whose output decides something
about the module is asked about, and none that the Makefile runs for its tests, its web site or its releases.
"""

from __future__ import annotations

import re

_BEGIN, _END = "\ue8f0", "\ue8f1"
_MARK = re.compile(f"{_BEGIN}(\\d+){_END}")


def mark(number: int) -> str:
    """The mark for the output of a command."""
    return f"{_BEGIN}{number}{_END}"


def is_unknown(text: str) -> bool:
    """Whether there is a mark in ``text``."""
    return _BEGIN in text


def numbers(text: str) -> list[int]:
    """The numbers of the marks in ``text``."""
    return [int(number) for number in _MARK.findall(text)]


def marks(*texts: str) -> str:
    """All marks of ``texts``: what stands in place of something that was made of them."""
    return "".join(mark(number) for number in dict.fromkeys(one for text in texts for one in numbers(text)))


def without_marks(text: str) -> str:
    """``text`` as it is shown to a person."""
    return _MARK.sub("…", text)


def harmless(text: str) -> str:
    """A text from outside, which can hold no mark."""
    return text.replace(_BEGIN, "�").replace(_END, "�")
