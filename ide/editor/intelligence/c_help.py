"""Help for C: clangd for the board's architecture, and what links in this MicroPython. No Qt."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ide.editor.intelligence.c_side import HEADERS, Prepared, Wanted, names_in, prepare
from ide.editor.intelligence.help import Missing, ServerHelp, Told
from ide.editor.intelligence.lsp_source import LspSource
from ide.editor.intelligence.marking import remark_of
from ide.editor.intelligence.ranking import ranked
from ide.editor.intelligence.source import Asked
from ide.editor.lsp.records import At, Item
from ide.editor.lsp.server import Server
from toolchains.errors import StudioError
from toolchains.live_remarks import BoardLimits, LiveRemark, of_c, why
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.jobs import JobContext

_WORD = re.compile(r"\w+\Z")
#: Who says what does not link.
LINKS = "links"


class CSource(LspSource):
    """clangd's answers, with names that link before names that do not."""

    def __init__(self, server: Server, prepared: Prepared, native: Callable[[Path], bool]) -> None:
        super().__init__(server, "c")
        self._known, self._native, self._libraries = prepared.known, native, prepared.libraries

    def complete(self, path: Path, at: At, then: Callable[[Sequence[Item]], object]) -> Asked:
        """The names, ranked."""
        told = self._told.get(path)
        text = told.document.text() if told is not None else ""
        lines = text.split("\n", at[0] + 1)
        line = lines[at[0]].encode()[: at[1]].decode(errors="ignore") if at[0] < len(lines) else ""
        word = _WORD.search(line)
        member = line[: word.start() if word else len(line)].rstrip().endswith((".", "->"))
        typed = word.group() if word and not member else ""
        native, libraries = self._native(path), self._libraries
        return super().complete(
            path,
            at,
            lambda items: then(
                ranked(items, self._known, typed, libraries=libraries) if native and not member else items
            ),
        )


class CHelp(ServerHelp):
    """``live``: what was last found in a text that does not link, with its fixes."""

    suffixes = (".c", ".h", ".cpp", ".hpp")

    def __init__(self, ctx: IdeContext, told: Told, changed: Callable[[], object]) -> None:
        super().__init__(ctx, "c", told, changed)
        self.live: dict[Path, list[LiveRemark]] = {}
        self._prepared: Prepared | None = None
        self._preparing = self._again = self._closed = False
        self._names: frozenset[str] = frozenset()
        self._names_of: dict[Path, tuple[int, frozenset[str]]] = {}

    def refresh(self) -> None:
        """The project, the board or the sources may be others: look again, in a thread."""
        if self._closed:
            return
        if self._preparing:
            self._again = True
            return
        self._preparing = True
        ctx = self._ctx
        texts = {path: document.text() for path, document in self.documents.items()}
        edits = {path: document.edits for path, document in self.documents.items()}
        wanted = Wanted(ctx.project.folder, ctx.project.project, ctx.board.identity, texts)

        def work(job: JobContext) -> Prepared | Missing:
            return prepare(job, ctx.engine.toolbox(), wanted)

        ctx.jobs.start(
            _("Prepare the code help"), work, on_done=partial(self._ready, edits), on_error=self._failed, quiet=True
        )

    def close(self) -> None:
        """The window goes."""
        self._closed = True
        super().close()

    def closed(self, path: Path) -> None:
        """A document is not on the screen any more."""
        super().closed(path)
        self.live.pop(path, None)

    def opened(self, path: Path, document: object) -> None:
        """A document came: its names are to be known, and its flags if no build says them."""
        super().opened(path, document)  # type: ignore[arg-type]
        self.edited(path)
        known = self._prepared.described if self._prepared is not None else ()
        if path not in known and not (known and path.suffix in HEADERS):
            self.refresh()

    def why_not(self, name: str) -> str:
        """Why a name does not link."""
        return str(why(name, self._prepared.known)) if self._prepared is not None else ""

    def edited(self, path: Path) -> None:
        """Somebody paused: new interned strings first, then the text; what links is looked at beside."""
        document, prepared = self.documents.get(path), self._prepared
        if document is None or prepared is None or self.source is None:
            return
        text = document.text()
        if self._names_in(path, text, document.edits) <= self._names:
            super().edited(path)
        else:
            self._write_names(prepared, path)
        self._look(path, text, document.edits, prepared)

    def _ready(self, edits: Mapping[Path, int], found: Prepared | Missing) -> None:
        self._preparing = False
        if self._closed:
            return
        before, self._prepared = self._prepared, found if isinstance(found, Prepared) else None
        self.missing = found if isinstance(found, Missing) else None
        if isinstance(found, Missing):
            self.end()
        else:
            self._names_of = {path: (edits[path], names) for path, names in found.shown.items()}
            self._names = found.names.union(*found.shown.values())
            if self.source is None or found.news or before is None or before.database != found.database:
                self.begin(CSource(self.server(found.launch), found, found.is_native))
            for path in self.documents:
                self._once_again(path)
                self.edited(path)
        self._changed()
        self._once_more()

    def _failed(self, error: StudioError) -> None:
        self._preparing = False
        self.missing = Missing(error.what, error.next_step or _("Look at the project, then open it again."))
        self._changed()
        self._once_more()

    def _once_more(self) -> None:
        again, self._again = self._again, False
        if again:
            self.refresh()

    def _names_in(self, path: Path, text: str, edits: int) -> frozenset[str]:
        """The interned strings of a text, looked for once after each edit."""
        kept = self._names_of.get(path)
        if kept is None or kept[0] != edits:
            self._names_of[path] = kept = edits, names_in(text)
        return kept[1]

    def _once_again(self, path: Path) -> None:
        """Have a text read again: what it includes is another."""
        if self.source is not None:
            self.source.send(path, even_so=True)

    def _write_names(self, prepared: Prepared, path: Path) -> None:
        """Make the interned strings of all texts known, then have this text read again."""
        names = prepared.names.union(*(those for _edits, those in self._names_of.values()))

        def work(_ctx: JobContext) -> bool:
            return prepared.database.write_qstrs(prepared.sdk, names)

        def done(_changed: bool) -> None:
            if self._prepared is prepared:
                self._names = names
                self._once_again(path)

        self._ctx.jobs.start(_("Prepare the code help"), work, on_done=done, on_error=self._failed, quiet=True)

    def _look(self, path: Path, text: str, edits: int, prepared: Prepared) -> None:
        """Look for what does not link, in a thread."""
        if path.suffix != ".c" or path not in prepared.described:
            return
        if not prepared.is_native(path):
            self.live.pop(path, None)
            self._told(path, LINKS, ())
            return
        identity = self._ctx.board.identity
        board = BoardLimits(identity.loader, identity.floats) if identity is not None else None

        def work(_ctx: JobContext) -> list[LiveRemark]:
            return of_c(path, text, prepared.known, board, prepared.around(path))

        def done(found: list[LiveRemark]) -> None:
            document = self.documents.get(path)
            if document is not None and document.edits == edits:
                self.live[path] = found
                self._told(path, LINKS, [remark_of(text, one) for one in found])

        self._ctx.jobs.start(_("Look for what does not link"), work, on_done=done, on_error=self._failed, quiet=True)
