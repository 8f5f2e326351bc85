"""Code help of one window: which documents are open, who answers for them, what is said of them.

Begun after the first picture; before that, and when it is off, there is no help and nothing of it is loaded.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from ide.commands import Command
from ide.editor.intelligence.stub_offer import StubOffer
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.document import Document
    from ide.editor.editor import CodeEditor
    from ide.editor.intelligence.c_help import CHelp
    from ide.editor.intelligence.python_help import PythonHelp
    from ide.editor.intelligence.source import Source
    from ide.editor.lsp.records import At, Remark
    from ide.problems import Problem
    from toolchains.edits import Fix

SETTING = "editor.intelligence"
#: A pause in typing after which the servers are told.
_PAUSE_MS = 120


class IntelligenceSession(QObject):
    """``ready_changed``: somebody answers now, or does not any more; ``remarked(path)``: other remarks for a file."""

    ready_changed = Signal()
    remarked = Signal(object)

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ctx: IdeContext | None = None
        self._c: CHelp | None = None
        self._python: PythonHelp | None = None
        self._documents: dict[Document, Path | None] = {}
        self._remarks: dict[Path, dict[str, tuple[Remark, ...]]] = {}
        self._edited: set[Path] = set()
        self._said: set[str] = set()
        self._stubs = StubOffer()
        self._pause = QTimer(self)
        self._pause.setSingleShot(True)
        self._pause.setInterval(_PAUSE_MS)
        self._pause.timeout.connect(self._tell)
        self._closed = False

    # --- on and off --------------------------------------------------------------------------------------------------

    def start(self, ctx: IdeContext) -> None:
        """The first picture is there: begin, unless somebody switched it off."""
        from ide.code_commands import CodeCommands
        from ide.editor.intelligence import assist
        from ide.editor.intelligence.navigate import Navigator

        self._ctx = ctx
        assist.attach(ctx)
        Navigator(ctx, CodeCommands(ctx).apply).register()
        ctx.settings.listeners.append(self._setting_changed)
        ctx.commands.register(
            Command(
                "code.intelligence", _("Code help while typing"), self._toggle, "", "code/60",
                checked=lambda: ctx.settings.on(SETTING),
                hint=_("Names, mistakes and meanings while you type; off saves memory"),
            )
        )  # fmt: skip
        ctx.editors.view_made.connect(self._view_made)
        ctx.editors.document_closed.connect(self._document_closed)
        for document in ctx.editors.documents:
            self._follow(document)
        ctx.add_drain(self._drain)
        ctx.editors.saved.connect(self._saved)
        for signal in (ctx.project.changed, ctx.board.changed, ctx.runs.ended, ctx.toolchains.changed):
            signal.connect(self._refresh)
        if ctx.settings.on(SETTING):
            self._begin()

    def close(self) -> None:
        """The window goes: end every server."""
        self._closed = True
        self._pause.stop()
        for help_ in self._helps():
            help_.end_soon()  # all at once, then waited for
        for help_ in self._helps():
            help_.close()

    @property
    def on(self) -> bool:
        """Whether there is to be help."""
        return self._c is not None

    def _begin(self) -> None:
        assert self._ctx is not None
        from ide.editor.intelligence.c_help import CHelp
        from ide.editor.intelligence.python_help import PythonHelp

        self._c = CHelp(self._ctx, self._remarks_came, self._changed)
        self._python = PythonHelp(self._ctx, self._remarks_came, self._changed)
        for document, path in self._documents.items():
            self._opened(document, path)

    def _end(self) -> None:
        for help_ in self._helps():
            help_.end()
            help_.close()
        self._c = self._python = None
        self._remarks.clear()
        self._show_problems()
        self.ready_changed.emit()

    def _helps(self) -> Sequence[CHelp | PythonHelp]:
        return [one for one in (self._c, self._python) if one is not None]

    def _toggle(self) -> None:
        assert self._ctx is not None
        self._ctx.settings.set(SETTING, not self._ctx.settings.on(SETTING))

    def _setting_changed(self, key: str) -> None:
        if key == SETTING and self._ctx is not None and self._ctx.settings.on(SETTING) != self.on:
            self._begin() if not self.on else self._end()

    # --- what others ask ---------------------------------------------------------------------------------------------

    def source_for(self, document: Document) -> Source | None:
        """Who answers questions about a document; None while nobody does."""
        help_ = self._help_of(document.path)
        return help_.answers if help_ is not None and help_.ready else None

    def why_not(self, document: Document, name: str) -> str:
        """Why a name that is offered as one that does not link does not; empty when nobody knows."""
        return self._c.why_not(name) if self._c is not None and self._help_of(document.path) is self._c else ""

    def explain(self, document: Document) -> None:
        """Somebody asked in vain: say why nobody answers, if that is known."""
        if self._ctx is None or document.path is None:
            return
        help_ = self._help_of(document.path)
        if self.source_for(document) is not None:
            if help_ is self._python and self._python is not None and self._python.without_stubs:
                self._ctx.notices.tell(_("Connect a board, and code help can get what it knows of its modules."))
            return
        if not self.on:
            self._ctx.notices.tell(_("Code help is off. The menu Code switches it on."))
        elif help_ is not None and help_.missing is not None:
            self._ctx.notices.tell(Text(f"{help_.missing.what} {help_.missing.step}"))

    def remarks_at(self, document: Document, at: At) -> tuple[Remark, ...]:
        """What is said of the place (line, byte) of a document."""
        return tuple(one for one in self._said_of(document.path) if one.start <= at <= max(one.end, one.start))

    def _said_of(self, path: Path | None) -> list[Remark]:
        from ide.editor.intelligence.marking import told_once

        said = self._remarks.get(path, {}) if path is not None else {}
        return told_once([one for remarks in said.values() for one in remarks])

    def fixes_at(self, document: Document, at: At) -> list[Fix]:
        """What mends what is said of a place."""
        from ide.editor.intelligence.marking import character_of, fix_of, lines_of, title_of

        path = document.path
        if path is None:
            return []
        text = document.text()
        found = []
        for remark in self.remarks_at(document, at):
            made = (fix_of(title_of(title, edits), edits, {path: text}) for title, edits in remark.fixes)
            found += [fix for fix in made if fix is not None]
        place = character_of(lines_of(text), at)
        for one in self._c.live.get(path, []) if self._c is not None else ():
            if one.fix is not None and one.start <= place <= one.end:
                found.append(one.fix)
        return found

    def fixes_of(self, problem: Problem) -> list[Fix]:
        """What mends a problem that was found while somebody types."""
        document = next((one for one, path in self._documents.items() if path == problem.path), None)
        if document is None or not problem.live or problem.line is None or problem.column is None:
            return []
        from ide.editor.intelligence.marking import lines_of

        lines = lines_of(document.text())
        line = lines[problem.line - 1] if problem.line <= len(lines) else ""
        return self.fixes_at(document, (problem.line - 1, len(line[: problem.column - 1].encode())))

    # --- documents ---------------------------------------------------------------------------------------------------

    def _view_made(self, view: CodeEditor) -> None:
        self._follow(view.document)

    def _follow(self, document: Document) -> None:
        if document in self._documents:
            return
        self._documents[document] = document.path
        document.edited.connect(lambda: self._typed(document))
        document.renamed.connect(lambda: self._renamed(document))
        self._opened(document, document.path)

    def _opened(self, document: Document, path: Path | None) -> None:
        help_ = self._help_of(path)
        if help_ is not None and path is not None:
            help_.opened(path, document)

    def _document_closed(self, document: Document) -> None:
        path = self._documents.pop(document, None)
        self._forget(path)

    def _renamed(self, document: Document) -> None:
        before = self._documents.get(document)
        if document in self._documents and before != document.path:
            self._forget(before)
            self._documents[document] = document.path
            self._opened(document, document.path)

    def _forget(self, path: Path | None) -> None:
        help_ = self._help_of(path)
        if help_ is not None and path is not None:
            help_.closed(path)
        if path is not None and self._remarks.pop(path, None) is not None:
            self._show_problems()

    def _typed(self, document: Document) -> None:
        if self.on and document.path is not None and self._help_of(document.path) is not None:
            self._edited.add(document.path)
            self._pause.start()

    def _tell(self) -> None:
        edited, self._edited = self._edited, set()
        for path in edited:
            help_ = self._help_of(path)
            if help_ is not None:
                help_.edited(path)

    def _help_of(self, path: Path | None) -> CHelp | PythonHelp | None:
        return next((one for one in self._helps() if path is not None and path.suffix in one.suffixes), None)

    # --- what servers tell -------------------------------------------------------------------------------------------

    def _drain(self) -> bool:
        busy = False
        for one in self._helps():
            busy = one.drain() or busy
        return busy

    def _refresh(self, *_said: object) -> None:
        if self._c is not None and self._c.documents:
            self._c.refresh()
        if self._python is not None and self._python.documents:
            self._python.refresh()

    def _saved(self, path: Path) -> None:
        """What C offers to Python may be another: the signatures of the own module are written anew."""
        if path.suffix == ".c" and self._python is not None and self._python.documents:
            self._python.refresh()

    def _changed(self) -> None:
        if self._closed:
            return
        for help_ in self._helps():
            if help_.missing is not None and not help_.missing.quiet:
                self._say_once(help_.missing.what, help_.missing.step)
            elif help_.given_up:
                self._say_once(
                    help_.gave_up, _("Everything else goes on. Switch it off and on again to try once more.")
                )
        if self._ctx is not None and self._python is not None and not self._python.preparing:
            self._stubs.offer(self._ctx, self._python)
        self.ready_changed.emit()

    def _say_once(self, what: Text, step: Text) -> None:
        """Nobody is told twice, and nobody is stopped."""
        if str(what) not in self._said and self._ctx is not None:
            self._said.add(str(what))
            self._ctx.notices.tell(Text(f"{what} {step}"))

    def _remarks_came(self, path: Path, who: str, remarks: Sequence[Remark]) -> None:
        kept = self._remarks.setdefault(path, {})
        if kept.get(who, ()) != tuple(remarks):
            kept[who] = tuple(remarks)
            self._show_problems()
            self.remarked.emit(path)

    def _show_problems(self) -> None:
        if self._ctx is None or self._closed:
            return
        from ide.editor.intelligence.marking import SOURCE, problems_of

        found = []
        for document, path in self._documents.items():
            found += problems_of(document, self._said_of(path))
        self._ctx.problems.put(SOURCE, found)
