"""What can be done with the code at the caret, as commands: a menu of it, and a new C function from its signature.

Every change is made on the screen, as one step of undo; a file that is not open is opened for it.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QLabel, QMenu, QWidget

from ide.commands import Command
from ide.editor.over_text import OverText
from ide.editor.text_edits import make_edits
from ide.words import bind
from toolchains.errors import StudioError
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from ide.editor.editor import CodeEditor
    from toolchains.edits import Fix
    from toolchains.jobs import JobContext
    from toolchains.project import Project

#: Reading a longer text would be felt.
_LONGEST = 300_000


def register(ctx: IdeContext) -> CodeCommands:
    """Add them."""
    doing = CodeCommands(ctx)
    ctx.commands.register(
        Command(
            "code.actions", _("Change the code here"), doing.show_menu, "Alt+Return", "code/10", enabled=doing.has_code,
            hint=_("Let Python see a C name, make a viper or C version of a function, keep a constant in the code"),
        ),
        Command(
            "code.add_function", _("Add a C function"), doing.add_function, "", "code/11", enabled=doing.has_c,
            hint=_("From a line of Python: def add(a: int, b: int) -> int"),
        ),
        Command(
            "code.race", _("Race this function"), doing.race, "", "code/12", enabled=doing.has_python,
            hint=_("Python, native, viper and C against one another, on the board"),
        ),
    )  # fmt: skip
    return doing


class CodeCommands:
    """What those commands do."""

    def __init__(self, ctx: IdeContext) -> None:
        self._ctx = ctx

    def has_code(self) -> bool:
        """Whether C or Python is in front."""
        return self._suffix() in (".c", ".py")

    def has_c(self) -> bool:
        """Whether C is in front."""
        return self._suffix() == ".c"

    def has_python(self) -> bool:
        """Whether Python is in front."""
        return self._suffix() == ".py"

    def race(self) -> None:
        """The function at the caret, in the panel that knows how."""
        self._ctx.layout.show_panel("race", focus=True)
        self._ctx.commands.run("race.here")

    def _suffix(self) -> str:
        path = self._ctx.editors.current_path()
        return path.suffix if path is not None else ""

    def show_menu(self) -> None:
        """All that can be done at the caret, to choose from; a sentence when it is nothing."""
        view = self._ctx.editors.current()
        if view is not None:
            self.find(view, partial(self._pop_up, view))

    def _pop_up(self, view: CodeEditor, fixes: Sequence[Fix]) -> None:
        if not fixes:
            self._ctx.notices.tell(_("There is nothing to change at this place."))
            return
        menu = QMenu(view)
        for fix in fixes:
            menu.addAction(str(fix.title)).triggered.connect(lambda _checked=False, fix=fix: self.apply(fix))
        menu.setActiveAction(menu.actions()[0])
        menu.aboutToHide.connect(menu.deleteLater)
        line = view.sci.place()[0]
        menu.popup(view.mapToGlobal(QPoint(view.width() // 4, min(view.height() - 40, 24 + line % 20 * 16))))

    def find(self, view: CodeEditor, then: Callable[[Sequence[Fix]], object]) -> None:
        """What can be done at the caret of a text, worked out in a thread; the project's other files are read for it.

        ``then`` is not called when another text is in front, this one was changed or the caret was moved meanwhile.
        """
        document, caret = view.document, view.sci.caret()
        path, text, edits = document.path, document.text(), document.edits
        if path is None or len(text) > _LONGEST:
            then(())
            return
        place = len(text.encode()[:caret].decode(errors="ignore"))
        line, editors = view.sci.place()[0], self._ctx.editors
        shown = {one.path: one.text() for one in editors.documents if one.path is not None}
        around = _Around(self._ctx.project.folder, self._ctx.project.project, shown)

        def work(_ctx: JobContext) -> tuple[Fix, ...]:
            return tuple(_actions(path, text, place, line, around))

        at = view.sci.line_of(caret), caret - view.sci.line_start(view.sci.line_of(caret))

        def done(fixes: tuple[Fix, ...]) -> None:
            if editors.current() is view and (document.path, document.edits, view.sci.caret()) == (path, edits, caret):
                then([*self._ctx.intelligence.fixes_at(document, at), *fixes])

        self._ctx.jobs.start(_("Change the code here"), work, on_done=done, quiet=True)

    def add_function(self) -> None:
        """Ask for the signature, over the text."""
        view = self._ctx.editors.current()
        if view is not None:
            SignatureField(view, self._ctx.editors, partial(self._add, view)).show_over()

    def _add(self, view: CodeEditor, signature: str) -> bool:
        from toolchains.code_actions import add_function

        path = view.document.path
        if path is None:
            return False
        try:
            self.apply(add_function(path, view.document.text(), self._module(path), signature))
        except StudioError as error:
            self._ctx.notices.error(error)
            return False
        return True

    def apply(self, fix: Fix) -> None:
        """Make the change on the screen, and show where."""
        from toolchains.edits import by_file

        editors = self._ctx.editors
        changes = by_file(fix.edits)
        closed = next((path for path in changes if editors.document_of(path) is None), None)
        if closed is not None:
            editors.files.load(closed, lambda _view: self.apply(fix))
            return
        try:
            for path, edits in changes.items():
                document = editors.document_of(path)
                if document is not None:
                    line = document.text().count("\n", 0, edits[0].start) + 1
                    make_edits(document, edits)
                    editors.open(path, line)
        except StudioError as error:
            self._ctx.notices.error(error)

    def _module(self, path: Path) -> str:
        project = self._ctx.project.project
        return project.name if project is not None else path.stem


@dataclass(frozen=True)
class _Around:
    """What is around a text: the project and the texts that are open. Used in a thread."""

    folder: Path
    project: Project | None
    shown: dict[Path, str]

    def text(self, path: Path) -> str:
        """A file's text, as it is on the screen where it is open; empty when it cannot be read."""
        from toolchains.edits import read_text

        try:
            return self.shown[path] if path in self.shown else read_text(path)
        except StudioError:
            return ""

    def others(self, path: Path) -> list[str]:
        """The texts of the other Python files."""
        found = sorted(self.folder.glob("*.py"))[:100]
        return [self.text(one) for one in found if one != path]

    def in_c(self, path: Path, text: str, place: int) -> Fix | None:
        """The function in the project's C file, where there is one that takes it."""
        from toolchains.code_actions import CodeActionError, to_c

        if self.project is None:
            return None
        for name in self.project.sources:
            c_path = self.folder / name
            c_text = self.text(c_path)
            if "MP_DYNRUNTIME_INIT_EXIT" in c_text:
                try:
                    return to_c(path, text, place, c_path, c_text, self.project.name)
                except CodeActionError:
                    return None
        return None


def _actions(path: Path, text: str, place: int, line: int, around: _Around) -> Iterator[Fix]:
    from toolchains.code_actions import c_actions_at, hints_of, python_actions_at

    if path.suffix == ".c":
        yield from c_actions_at(path, text, place)
        return
    yield from (hint.fix for hint in hints_of(path, text, around.others(path)) if hint.line == line)
    yield from python_actions_at(path, text, place)
    found = around.in_c(path, text, place)
    if found is not None:
        yield found


class SignatureField(OverText):
    """One line over the text for a function's signature."""

    def __init__(self, view: CodeEditor, parent: QWidget, add: Callable[[str], bool]) -> None:
        super().__init__(view, parent)
        self._add = add
        self.label = QLabel(self)
        bind(self.label, "setText", _("The function as Python sees it:"))
        bind(self.field, "setAccessibleName", _("The function as Python sees it:"))
        self.field.setPlaceholderText("def add(a: int, b: int) -> int")
        self.label.setBuddy(self.field)
        self.column.addWidget(self.label)
        self.column.addWidget(self.field)

    def take(self) -> bool:
        """Enter."""
        return self._add(self.field.text())
