"""Help for one language while somebody types: a server that may come and go behind one source. No Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from ide.editor.intelligence.lsp_source import LspSource, Text
from ide.editor.lsp import records
from ide.editor.lsp.records import Remark
from ide.editor.lsp.server import Server
from ide.editor.lsp.words import Launch, Notified, StateChanged
from toolchains.text import Text as Words
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.intelligence.source import Source
    from toolchains.jobs import JobContext

#: MicroPython's headers include one another: which of them a name is from is no matter.
_UNWANTED = frozenset({"unused-includes", "missing-includes"})


@dataclass(frozen=True)
class Missing:
    """Why there is no help, and what to do. ``quiet``: it comes by itself, and is said to those who ask only."""

    what: Words
    step: Words
    quiet: bool = False


#: ``told(path, who, remarks)``: all that one of them has to say of a text.
Told = Callable[[Path, str, Sequence[Remark]], object]


class ServerHelp:
    """One server and the documents that it is to know. ``changed`` is called when it became ready, or is not any more;
    ``died`` with its words when it is given up."""

    def __init__(self, ctx: IdeContext, language: str, told: Told, changed: Callable[[], object]) -> None:
        self._ctx, self._language, self._told, self._changed = ctx, language, told, changed
        self.documents: dict[Path, Text] = {}
        self.source: LspSource | None = None
        self.given_up = False

    #: What is said when a server ended too often.
    gave_up = _("The code help ended several times and is off now.")
    missing: Missing | None = None

    @property
    def answers(self) -> Source | None:
        """Who is asked."""
        return self.source

    @property
    def ready(self) -> bool:
        """Whether it answers."""
        return self.source is not None and self.source.server.state == "ready"

    def begin(self, source: LspSource) -> None:
        """From now on this one answers; the one before is ended."""
        self.end()
        self.source, self.given_up = source, False
        for path, document in self.documents.items():
            source.opened(path, document)
        source.server.start()

    def server(self, launch: Launch) -> Server:
        """A server that rings this window."""
        return Server(launch, self._ctx.engine.host, self._ctx.ring)

    def end(self) -> None:
        """End the server, without waiting for it."""
        source, self.source = self.source, None
        if source is not None:

            def work(_ctx: JobContext) -> None:
                source.server.stop()

            self._ctx.jobs.start(_("End the code help"), work, quiet=True)
            self._changed()

    def end_soon(self) -> None:
        """The window is about to go: begin to end it."""
        if self.source is not None:
            self.source.server.end_soon()

    def close(self) -> None:
        """The window goes: end it now."""
        source, self.source = self.source, None
        if source is not None:
            source.server.stop()

    def opened(self, path: Path, document: Text) -> None:
        """A document of this language is on the screen."""
        self.documents[path] = document
        if self.source is not None:
            self.source.opened(path, document)

    def closed(self, path: Path) -> None:
        """It is not any more."""
        self.documents.pop(path, None)
        if self.source is not None:
            self.source.closed(path)

    def edited(self, path: Path) -> None:
        """Somebody paused after typing."""
        if self.source is not None:
            self.source.send(path)

    def drain(self) -> bool:
        """Take what the server told; whether there was something."""
        source = self.source
        events = source.server.drain() if source is not None else []
        for event in events:
            if isinstance(event, StateChanged):
                self.given_up = event.state == "given up"
                self._changed()
            elif isinstance(event, Notified) and event.method == "textDocument/publishDiagnostics":
                self._take(event.params)
        return bool(events)

    def _take(self, params: object) -> None:
        found = records.remarks_of(params)
        if found is not None and self.source is not None and self.source.is_told(found[0], found[1]):
            self._told(found[0], self._language, [one for one in found[2] if one.code not in _UNWANTED])
