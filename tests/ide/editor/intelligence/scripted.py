"""A source that answers what a test says, when the test says: late, out of order, twice, or never."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from ide.editor.document import Document
from ide.editor.lsp.records import At, Edit, Item, Remark, Signature


def item(label: str, kind: str = "variable", detail: str = "", **more: Any) -> Item:
    """A name."""
    return Item(label, more.pop("insert", label), kind, detail, more.pop("doc", ""), label, **more)


@dataclass
class Question:
    """One that was asked, and whether it is wanted still."""

    method: str
    at: At
    then: Callable[..., object]
    cancelled: bool = False

    def cancel(self) -> None:
        """The contract's."""
        self.cancelled = True


@dataclass
class Scripted:
    """Session and source at once. ``items``: the answer to all lists, at once; None: the test answers itself."""

    items: Sequence[Item] | None = None
    forms: tuple[Signature, ...] = ()
    known: str = ""
    remarks: tuple[Remark, ...] = ()
    off: bool = False
    asked: list[Question] = field(default_factory=list)

    # --- session
    def source_for(self, document: Document) -> Scripted | None:
        """The session's."""
        return None if self.off or document.path is None else self

    def remarks_at(self, _document: Document, at: At) -> tuple[Remark, ...]:
        """The session's."""
        return tuple(one for one in self.remarks if one.start <= at <= one.end)

    def why_not(self, _document: Document, name: str) -> str:
        """The session's."""
        return f"{name} does not link."

    def explain(self, _document: Document) -> None:
        """The session's."""

    # --- source
    def _ask(self, method: str, at: At, then: Callable[..., object]) -> Question:
        self.asked.append(Question(method, at, then))
        return self.asked[-1]

    def complete(self, _path: Path, at: At, then: Callable[[Sequence[Item]], object]) -> Question:
        """The contract's."""
        question = self._ask("complete", at, then)
        if self.items is not None:
            then(self.items)
        return question

    def hover(self, _path: Path, at: At, then: Callable[[str], object]) -> Question:
        """The contract's."""
        question = self._ask("hover", at, then)
        then(self.known)
        return question

    def signatures(self, _path: Path, at: At, then: Callable[[Sequence[Signature], int], object]) -> Question:
        """The contract's."""
        question = self._ask("signatures", at, then)
        then(self.forms, 0)
        return question

    def count(self, method: str = "complete") -> int:
        """How many such questions there were."""
        return sum(one.method == method for one in self.asked)


__all__ = ["Edit", "Question", "Scripted", "item"]
