"""Changes of the project's natmod.toml from the window: worked out in a worker, each taken back by one click.

A text that is open is changed on the screen and saved; else the file is. The project is read again afterwards.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from toolchains.errors import StudioError
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.edits import TextEdit, Undo
    from toolchains.jobs import JobContext
    from toolchains.project import Project
    from toolchains.project_edits import Reader

    #: From a project, and a reader that knows open texts, to the edit; None where there is nothing to do.
    Compute = Callable[[Project, Reader], TextEdit | None]

FILE = "natmod.toml"


@dataclass(frozen=True)
class Step:
    """A change that was made. Of an open text what it was and became, of a file what takes it back."""

    title: Text
    before: str | None = None
    after: str | None = None
    undo: Undo | None = None


@dataclass(frozen=True)
class _Computed:
    edit: TextEdit | None
    undo: Undo | None


class ProjectEdits(QObject):
    """``changed``: a change was made, refused or taken back. ``problem`` is why the last one was refused."""

    changed = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.steps: list[Step] = []
        self.problem: StudioError | None = None
        #: From the beginning of a change until the project was read again.
        self.busy = False
        self._reading = False
        self._waiting: list[tuple[Text, Compute]] = []
        ctx.project.changed.connect(self._read)

    @property
    def path(self) -> Path:
        """The file that is changed."""
        return self._ctx.project.folder / FILE

    def make(self, title: Text, compute: Compute) -> None:
        """Change it, after what is being changed now. Does nothing where the project cannot be read."""
        project = self._ctx.project.project
        if self.busy:
            self._waiting.append((title, compute))
            return
        if project is None:
            return
        self.busy, self.problem = True, None
        path, host, shown = self.path, self._ctx.engine.host, self._ctx.editors.text_of(self.path)

        def work(_ctx: JobContext) -> _Computed:
            from toolchains.edits import Fix, read_text

            edit = compute(project, lambda one: shown if one == path and shown is not None else read_text(one))
            if edit is None or shown is not None:
                return _Computed(edit, None)
            return _Computed(edit, Fix(title, (edit,)).apply(host))

        self._ctx.jobs.start(
            title, work, on_done=lambda made: self._made(title, made, shown), on_error=self._refused, quiet=True
        )

    def _made(self, title: Text, made: _Computed, shown: str | None) -> None:
        if made.edit is None:
            self._over()
        elif shown is None:
            self.steps.append(Step(title, undo=made.undo))
            self._read_again()
        else:
            self._on_screen(title, shown, made.edit)

    def _on_screen(self, title: Text, shown: str, edit: TextEdit) -> None:
        """Change the open text, and save it: what is built is what the disk has."""
        from toolchains.edits import EditRefused, edited

        document = self._ctx.editors.document_of(edit.path)
        if document is None or document.text() != shown:
            self._refused(EditRefused(edit.path, _("It was changed since the change was worked out.")))
            return
        self._replace(edit)
        self.steps.append(Step(title, shown, edited(shown, (edit,))))

    def _replace(self, edit: TextEdit) -> None:
        from ide.editor.text_edits import make_edits

        document = self._ctx.editors.document_of(edit.path)
        assert document is not None
        make_edits(document, (edit,))
        self._ctx.editors.files.save(document, lambda _good: self._read_again())

    def undo(self) -> None:
        """Take the last change back, to the byte; a file that was changed since is not touched."""
        if self.busy or not self.steps:
            return
        step = self.steps[-1]
        self.busy, self.problem = True, None
        if step.undo is None:
            self._undo_on_screen(step)
            return
        undo, host, shown = step.undo, self._ctx.engine.host, self._ctx.editors.text_of(self.path)
        if shown is not None and self.path in self._ctx.editors.modified_paths():
            self._changed_since()
            return
        self._ctx.jobs.start(
            step.title, lambda _ctx: undo.undo(host), on_done=lambda _back: self._undone(step), on_error=self._refused,
            quiet=True,
        )  # fmt: skip

    def _undo_on_screen(self, step: Step) -> None:
        from toolchains.edits import difference

        assert step.after is not None
        assert step.before is not None
        if self._ctx.editors.text_of(self.path) != step.after:
            self._changed_since()
            return
        back = difference(self.path, step.after, step.before)
        self.steps.remove(step)
        if back is not None:
            self._replace(back)

    def _undone(self, step: Step) -> None:
        self.steps.remove(step)
        self._read_again()

    def _changed_since(self) -> None:
        from toolchains.edits import EditRefused

        self._refused(EditRefused(self.path, _("It was changed since, and your work would be lost.")))

    def _read_again(self) -> None:
        self._reading = True
        self._ctx.project.read()

    def _read(self) -> None:
        """The project was read; the next change counts from there."""
        if self._reading:
            self._reading = False
            self._over()

    def _refused(self, error: StudioError) -> None:
        self.problem = error
        self._over()

    def _over(self) -> None:
        self.busy = False
        self.changed.emit()
        if self._waiting:
            self.make(*self._waiting.pop(0))
