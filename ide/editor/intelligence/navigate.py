"""From a name to where it is: definition, uses, another name for it everywhere; the text in its usual style."""

from __future__ import annotations

import keyword
import re
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QLabel, QWidget

from ide.commands import Command
from ide.editor.edits import one_step
from ide.editor.goto import Places, Row
from ide.editor.intelligence.marking import fix_of, place_of
from ide.editor.intelligence.spot import at_of, source_of
from ide.editor.intelligence.visited import Visited
from ide.editor.over_text import OverText
from ide.editor.scintilla import M, Sci
from ide.words import bind
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.document import Document
    from ide.editor.editor import CodeEditor
    from ide.editor.intelligence.source import Edits, Source
    from ide.editor.lsp.records import Edit, Location
    from toolchains.edits import Fix
    from toolchains.jobs import JobContext

_NAME = re.compile(r"[A-Za-z_]\w*\Z")
_C_WORDS = frozenset({
    "auto", "break", "case", "char", "const", "continue", "default", "do", "double", "else", "enum", "extern", "float",
    "for", "goto", "if", "inline", "int", "long", "register", "return", "short", "signed", "sizeof", "static", "struct",
    "switch", "typedef", "union", "unsigned", "void", "volatile", "while",
})  # fmt: skip


class Navigator:
    """What the commands do. ``apply`` makes a fix, on the screen (``code.actions`` does it so)."""

    def __init__(self, ctx: IdeContext, apply: Callable[[Fix], object]) -> None:
        self._ctx, self._apply = ctx, apply
        self.visited = Visited()

    def register(self) -> Callable[[], None]:
        """Add the commands; returns the undo."""
        answered, formats = self._answered, self._can_format
        return self._ctx.commands.register(
            Command(
                "code.definition", _("Go to the definition"), self.definition, "F12", "code/30", enabled=answered
            ),
            Command("code.references", _("Where is this used?"), self.references, "Shift+F12", "code/31",
                    enabled=answered),
            Command("code.rename", _("Rename everywhere"), self.rename, "F2", "code/40", enabled=answered),
            Command(
                "code.back", _("Back to where I was"), partial(self._travel, -1), "Alt+Left", "code/32",
                enabled=lambda: self.visited.can(-1),
            ),
            Command(
                "code.forward", _("Forward again"), partial(self._travel, 1), "Alt+Right", "code/33",
                enabled=lambda: self.visited.can(1),
            ),
            Command("code.format", _("Format the file"), self.format, "Shift+Alt+F", "code/41", enabled=formats),
        )  # fmt: skip

    # --- where -------------------------------------------------------------------------------------------------------

    def definition(self) -> None:
        """To where the word at the caret is defined."""
        asked = self._asked()
        if asked is not None:
            view, source, path = asked
            source.definition(path, _caret(view), partial(self._found, view, _("No definition is known of this word.")))

    def references(self) -> None:
        """All uses of the word at the caret, to choose from."""
        asked = self._asked()
        if asked is not None:
            view, source, path = asked
            source.references(path, _caret(view), partial(self._found, view, _("No use of this word is known.")))

    def _found(self, view: CodeEditor, nothing: Text, places: Sequence[Location]) -> None:
        places = list(dict.fromkeys(places))
        if not places:
            self._ctx.notices.tell(nothing)
        elif len(places) == 1:
            self._go(places[0].path, *places[0].at)
        elif self._ctx.editors.current() is view:
            texts = {one.path: one for one in self._ctx.editors.documents}
            Places(view, self._ctx.editors, [self._row(one, texts) for one in places], self._go).show_rows()

    def _row(self, place: Location, shown: dict[Path | None, Document]) -> Row:
        document, root = shown.get(place.path), self._ctx.project.folder
        name = place.path.relative_to(root).as_posix() if place.path.is_relative_to(root) else str(place.path)
        line = document.views[0].sci.line_text(place.at[0]).strip() if document is not None and document.views else ""
        return f"{name}:{place.at[0] + 1}  {line}".strip(), (place.path, *place.at)

    def _go(self, path: Path, line: int, byte: int) -> None:
        """Show a place of a server, and remember where we were."""
        self._remember()
        if self._ctx.editors.document_of(path) is None:
            self._ctx.editors.files.load(path, lambda _view: self._arrive(path, line, byte))
        else:
            self._arrive(path, line, byte)
        self.visited.arrived((path, line + 1))
        self._ctx.commands.refresh()

    def _arrive(self, path: Path, line: int, byte: int) -> None:
        document = self._ctx.editors.document_of(path)
        if document is not None and document.views:
            self._ctx.editors.open(path, *place_of(document.views[0].sci, (line, byte)))

    def _remember(self) -> None:
        view = self._ctx.editors.current()
        if view is not None and view.document.path is not None:
            self.visited.leave((view.document.path, view.sci.place()[0]))

    def _travel(self, step: int) -> None:
        place = self.visited.step(step)
        if place is not None:
            self._ctx.editors.open(*place)
        self._ctx.commands.refresh()

    # --- another name ------------------------------------------------------------------------------------------------

    def rename(self) -> None:
        """Ask for another name of the word at the caret."""
        asked = self._asked()
        if asked is None:
            return
        view = asked[0]
        word = _word(view.sci)
        if not word:
            self._ctx.notices.tell(_("There is no name at this place."))
            return
        RenameField(view, self._ctx.editors, word, self._rename).show_over()

    def _rename(self, view: CodeEditor, name: str) -> Text | None:
        """Begin it; what is wrong with the name, if something is."""
        problem = name_problem(name, python=view.document.language.id == "python")
        found = source_of(view, self._ctx)
        if problem is not None or found is None:
            return problem
        source, path = found
        source.rename(path, _caret(view), name, partial(self._renamed, name))
        return None

    def _renamed(self, name: str, edits: Edits) -> None:
        outside = [path for path in edits if not path.is_relative_to(self._ctx.project.folder)]
        if not edits or outside:
            self._ctx.notices.tell(
                _("{file} is not of this project: the name stays as it is.", file=outside[0].name)
                if outside
                else _("This name cannot be changed here.")
            )
            return
        shown = {one.path: one.text() for one in self._ctx.editors.documents if one.path is not None}

        def work(_job: JobContext) -> Fix | None:
            from toolchains.edits import read_text

            texts = {path: shown[path] if path in shown else read_text(path) for path in edits}
            return fix_of(str(_("Rename to {name}", name=name)), dict(edits), texts)

        self._ctx.jobs.start(
            _("Rename everywhere"), work, on_done=lambda fix: fix is not None and self._apply(fix), quiet=True
        )

    # --- style -------------------------------------------------------------------------------------------------------

    def format(self) -> None:
        """The text in its usual style, as one step of undo; the caret stays where it was."""
        view = self._ctx.editors.current()
        if view is None or view.document.path is None:
            return
        path, document, edits = view.document.path, view.document, view.document.edits
        if document.language.id == "python":
            found = source_of(view, self._ctx)
            if found is not None:
                found[0].format(path, partial(self._restyled, view, edits))
            return
        text = document.text()

        def work(job: JobContext) -> str:
            from toolchains.c_style import formatted

            return formatted(job, path, text)

        def done(made: str) -> None:
            if document.edits == edits and made != text and document.views:
                _replace_changed(document.views[0].sci, text, made)

        self._ctx.jobs.start(_("Format the file"), work, on_done=done, quiet=True)

    def _restyled(self, view: CodeEditor, edits: int, changes: Sequence[Edit]) -> None:
        if view.document.edits != edits or not view.document.views:
            return
        sci = view.document.views[0].sci
        with one_step(sci):
            for one in reversed(changes):
                start = sci.line_start(one.start[0]) + one.start[1]
                stop = sci.send(M.GetLength) if one.end[0] >= sci.send(M.GetLineCount) else (
                    sci.line_start(one.end[0]) + one.end[1]
                )  # fmt: skip
                sci.replace(start, stop, one.new)

    # --- what is there -----------------------------------------------------------------------------------------------

    def _asked(self) -> tuple[CodeEditor, Source, Path] | None:
        view = self._ctx.editors.current()
        found = source_of(view, self._ctx) if view is not None else None
        return (view, *found) if view is not None and found is not None else None

    def _answered(self) -> bool:
        return self._asked() is not None

    def _can_format(self) -> bool:
        view = self._ctx.editors.current()
        language = view.document.language.id if view is not None and view.document.path is not None else ""
        return language == "c" or (language == "python" and self._answered())


class RenameField(OverText):
    """One line over the text for a name. ``rename(view, name)`` gives what is wrong with it."""

    def __init__(
        self, view: CodeEditor, parent: QWidget, word: str, rename: Callable[[CodeEditor, str], Text | None]
    ) -> None:
        super().__init__(view, parent)
        self._rename = rename
        self.label = QLabel(self)
        self.problem = QLabel(self)
        self.problem.setWordWrap(True)
        self.problem.hide()
        bind(self.label, "setText", _("The new name of {name}, in the whole project:", name=word))
        bind(self.field, "setAccessibleName", _("The new name of {name}, in the whole project:", name=word))
        self.label.setBuddy(self.field)
        for widget in (self.label, self.field, self.problem):
            self.column.addWidget(widget)
        self.field.setText(word)
        self.field.selectAll()

    def take(self) -> bool:
        """Enter."""
        problem = self._rename(self._view, self.field.text().strip())
        if problem is not None:
            bind(self.problem, "setText", problem)
            self.problem.show()
            self.resize(self.width(), self.sizeHint().height())
        return problem is None


def name_problem(name: str, *, python: bool) -> Text | None:
    """Why this is no name; None when it is one."""
    if not _NAME.match(name):
        return _("A name has letters, digits and underscores, and begins with no digit.")
    if keyword.iskeyword(name) if python else name in _C_WORDS:
        return _("{name} is a word of the language.", name=name)
    return None


def _caret(view: CodeEditor) -> tuple[int, int]:
    return at_of(view.sci, view.sci.caret())


def _word(sci: Sci) -> str:
    caret = sci.caret()
    return sci.slice(sci.send(M.WordStartPosition, caret, 1), sci.send(M.WordEndPosition, caret, 1))


def _replace_changed(sci: Sci, before: str, after: str) -> None:
    """Put a text in the place of another; lines that stay are not touched, so that caret and marks stay with them."""
    from difflib import SequenceMatcher

    old, new = before.splitlines(keepends=True), after.splitlines(keepends=True)
    with one_step(sci):
        for kind, i, j, k, l in reversed(SequenceMatcher(None, old, new, autojunk=False).get_opcodes()):  # noqa: E741
            if kind != "equal":
                end = sci.line_start(j) if j < len(old) else sci.send(M.GetLength)
                sci.replace(sci.line_start(i), end, "".join(new[k:l]))
