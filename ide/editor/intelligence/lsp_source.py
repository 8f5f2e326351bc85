"""A language server as a source of answers: questions and answers by the protocol, about open documents. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

from ide.editor.intelligence.source import Asked, Edits
from ide.editor.lsp import records
from ide.editor.lsp.records import At, Edit, Item, Location, Outline, Signature
from ide.editor.lsp.server import Server


class Text(Protocol):
    """An open document, as far as a server must know it. ``edits`` counts its changes."""

    edits: int

    def text(self) -> str:
        """The whole text, as it is on the screen."""
        ...


@dataclass
class _Told:
    """A document, after how many edits the server was told of it, and in which version it got this text."""

    document: Text
    edits: int
    since: int = 1


class LspSource:
    """One server's answers. Documents are told whole, and again before a question when they were changed."""

    def __init__(self, server: Server, language: str) -> None:
        self.server = server
        self._language = language
        self._told: dict[Path, _Told] = {}

    # --- documents ---------------------------------------------------------------------------------------------------

    def opened(self, path: Path, document: Text) -> None:
        """A document of this language is open."""
        if path not in self._told:
            self._told[path] = _Told(document, document.edits)
            self.server.open(path.as_uri(), self._language, document.text())

    def closed(self, path: Path) -> None:
        """It is not open any more."""
        if self._told.pop(path, None) is not None:
            self.server.close(path.as_uri())

    def send(self, path: Path, *, even_so: bool = False) -> None:
        """Tell what was typed since the last time; ``even_so``: also when nothing was, to have it read again."""
        told = self._told.get(path)
        if told is None or not (even_so or told.edits != told.document.edits):
            return
        version = self.server.change(path.as_uri(), told.document.text(), anew=even_so)
        if told.edits != told.document.edits:
            told.edits, told.since = told.document.edits, version

    def is_told(self, path: Path, version: int | None) -> bool:
        """Whether what was said of this version is about what is on the screen now."""
        told = self._told.get(path)
        if told is None or told.edits != told.document.edits:
            return False
        return version is None or version >= told.since  # of the same text clangd speaks once

    # --- questions ---------------------------------------------------------------------------------------------------

    def _ask(self, path: Path, method: str, more: Mapping[str, Any], then: Callable[[Any], object]) -> Asked:
        self.send(path)
        params = {"textDocument": {"uri": path.as_uri()}, **more}
        return self.server.request(f"textDocument/{method}", params, then)

    def complete(self, path: Path, at: At, then: Callable[[Sequence[Item]], object]) -> Asked:
        """See :class:`~ide.editor.intelligence.source.Source`, as for all that follow."""
        return self._ask(path, "completion", _place(at), lambda found: then(records.items_of(found)))

    def hover(self, path: Path, at: At, then: Callable[[str], object]) -> Asked:
        """What is known of a word."""
        return self._ask(path, "hover", _place(at), lambda found: then(records.hover_of(found)))

    def signatures(self, path: Path, at: At, then: Callable[[Sequence[Signature], int], object]) -> Asked:
        """Forms of a call."""
        return self._ask(path, "signatureHelp", _place(at), lambda found: then(*records.signatures_of(found)))

    def definition(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        """Where it is defined."""
        return self._ask(path, "definition", _place(at), lambda found: then(records.locations_of(found)))

    def references(self, path: Path, at: At, then: Callable[[Sequence[Location]], object]) -> Asked:
        """Where it is used."""
        more = {**_place(at), "context": {"includeDeclaration": True}}
        return self._ask(path, "references", more, lambda found: then(records.locations_of(found)))

    def rename(self, path: Path, at: At, name: str, then: Callable[[Edits], object]) -> Asked:
        """What changes with a name."""
        more = {**_place(at), "newName": name}
        return self._ask(path, "rename", more, lambda found: then(records.workspace_edits(found)))

    def outline(self, path: Path, then: Callable[[Sequence[Outline]], object]) -> Asked:
        """The names that it defines."""
        return self._ask(path, "documentSymbol", {}, lambda found: then(records.outline_of(found)))

    def format(self, path: Path, then: Callable[[Sequence[Edit]], object]) -> Asked:
        """What changes in the usual style."""
        more = {"options": {"tabSize": 4, "insertSpaces": True}}
        return self._ask(path, "formatting", more, lambda found: then(records.edits_of(found)))


def _place(at: At) -> dict[str, Any]:
    return {"position": {"line": at[0], "character": at[1]}}
