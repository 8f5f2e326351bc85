"""One open text: where it is kept, in what form, whether it is saved. The text itself is in the views that show it."""

from __future__ import annotations

import itertools
import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ide.editor.languages import Language, language_of
from ide.editor.textfile import Form, Stamp, TextFile
from ide.problems import Problem
from toolchains.text import _

if TYPE_CHECKING:
    from ide.editor.editor import CodeEditor

_numbers = itertools.count(1)


class Document(QObject):
    """A text and its file. ``path`` is None until it is saved for the first time; then ``key`` names it.

    ``dirty_changed``: it became saved or unsaved; ``renamed``: another path, form or language; ``edited``: the text
    changed; ``marked``: other problems.
    """

    dirty_changed = Signal()
    renamed = Signal()
    edited = Signal()
    marked = Signal()

    def __init__(self, path: Path | None, file: TextFile, parent: QObject | None = None, *, key: str = "") -> None:
        super().__init__(parent)
        self.path = path
        self.number = 0 if path else next(_numbers)
        self._key = key or f"untitled-{os.urandom(8).hex()}"
        self.form: Form = file.form
        self.stamp: Stamp | None = file.stamp
        self.locked = file.locked
        self.language: Language = language_of(path)
        self.views: list[CodeEditor] = []
        self.problems: tuple[Problem, ...] = ()
        #: Counts changes of the text: a save that took a while knows whether more was typed.
        self.edits = 0
        self.first_text = file.text
        #: Whether the text was edited since it was read or saved.
        self.changed = False
        #: Whether the file is not there any more.
        self.gone = False
        self._apart = False

    @property
    def key(self) -> str:
        """Names it among backups and in sessions."""
        return str(self.path) if self.path else self._key

    @property
    def name(self) -> str:
        """The file's name; a text without a file has a number."""
        return self.path.name if self.path else str(_("Untitled {number}", number=self.number))

    @property
    def dirty(self) -> bool:
        """Whether the disk does not have what the views show."""
        return self.changed or self.gone or self._apart

    def text(self) -> str:
        """The whole text."""
        return self.views[0].sci.text() if self.views else self.first_text

    def touched(self) -> None:
        """The text changed."""
        self.edits += 1
        self.edited.emit()

    def set_changed(self, changed: bool) -> None:
        """Scintilla says whether the text is the one that was saved."""
        was, self.changed = self.dirty, changed
        self._tell(was)

    def set_gone(self, gone: bool) -> None:
        """Whether the file is not there any more."""
        was, self.gone = self.dirty, gone
        self._tell(was)

    def set_apart(self, apart: bool) -> None:
        """Whether it is to be saved for another reason than edits: its form, or the file is another program's."""
        was, self._apart = self.dirty, apart
        self._tell(was)

    def _tell(self, was: bool) -> None:
        if was != self.dirty:
            self.dirty_changed.emit()

    def moved(self, path: Path) -> None:
        """It is kept somewhere else from now on."""
        self.path = path
        language = language_of(path)
        if language != self.language:
            self.language = language
            for number, view in enumerate(self.views):
                view.use_language(lex=number == 0)
        self.renamed.emit()

    def set_form(self, form: Form) -> None:
        """Write it in this form from the next save on."""
        if form == self.form:
            return
        only_eol = (form.encoding, form.bom) == (self.form.encoding, self.form.bom)
        self.form = form
        if not only_eol:
            self.set_apart(True)
            self.edited.emit()
        self.renamed.emit()

    def saved(self, stamp: Stamp, form: Form, edits: int) -> None:
        """The text as it was after so many edits is on the disk now."""
        self.stamp, self.locked = stamp, False
        self.set_gone(False)
        self.set_apart(False)
        if edits == self.edits and self.views:
            self.views[0].mark_saved()
        if form != self.form:
            self.form = form
            self.renamed.emit()

    def set_problems(self, problems: Sequence[Problem]) -> None:
        """Show these problems, and no others."""
        if tuple(problems) == self.problems:
            return
        self.problems = tuple(problems)
        if self.views:
            self.views[0].show_problems()
        self.marked.emit()
