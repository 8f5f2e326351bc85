"""Who answers questions about a text: the contract between language sources and the editor. No Qt.

A place is (line, byte of that line in UTF-8), both from 0, in the text as it is on the screen at the moment of the
question: a source sends what was typed before it asks. No call waits. ``then`` is called later on the window's thread,
exactly once, with nothing (an empty list, an empty text) when there is no answer, unless the question was cancelled.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Protocol

from ide.editor.lsp.records import At, Edit, Item, Location, Outline, Signature

Edits = Mapping[Path, tuple[Edit, ...]]


class Asked(Protocol):
    """A question on its way."""

    def cancel(self) -> None:
        """The answer is not wanted any more."""
        ...


class Source(Protocol):
    """Answers about the open documents of one language; ``path`` is an open document's file."""

    def complete(self, path: Path, at: At, then: Callable[[Sequence[Item]], object]) -> Asked:
        """What may stand at this place, best first."""
        ...

    def hover(self, path: Path, at: At, then: Callable[[str], object]) -> Asked:
        """What is known of the word there, in plain text."""
        ...

    def signatures(self, path: Path, at: At, then: Callable[[Sequence[Signature], int], object]) -> Asked:
        """The forms of the call around this place, and which of them is typed."""
        ...

    def definition(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        """Where the word there is defined."""
        ...

    def references(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        """Where the name of the word there is used."""
        ...

    def rename(self, path: Path, at: At, name: str, then: Callable[[Edits], object]) -> Asked:
        """What changes when the name there becomes another one."""
        ...

    def outline(self, path: Path, then: Callable[[Sequence[Outline]], object]) -> Asked:
        """The names that the text defines."""
        ...

    def format(self, path: Path, then: Callable[[Sequence[Edit]], object]) -> Asked:
        """What changes when the text is written in its language's usual style."""
        ...
