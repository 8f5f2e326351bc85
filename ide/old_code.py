"""Code of older MicroPython releases in the window: found when a project is opened and a file saved, told as problems.

It is looked for in a thread. A fix is worked out anew when somebody wants it, from the texts that are on the screen.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ide.problems import Problem
from toolchains.text import _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.edits import Fix
    from toolchains.jobs import JobContext
    from toolchains.mend import OldCode, Sources

#: Who found these problems.
SOURCE = "old code"


class OldCodeWatch(QObject):
    """``found`` in the project's files, and the problem of each; ``changed`` when it is something else."""

    changed = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.found: dict[Problem, OldCode] = {}
        self._looking = self._again = False
        ctx.project.changed.connect(self.look)
        ctx.project.files_changed.connect(self.look)
        ctx.editors.saved.connect(lambda _path: self.look())
        if ctx.project.project is not None or ctx.project.error is not None:
            self.look()

    def of(self, problem: Problem | None) -> OldCode | None:
        """What a problem says, if it is one of these."""
        return self.found.get(problem) if problem is not None else None

    def look(self) -> None:
        """Look at all files; once more when something happens meanwhile."""
        if self._looking:
            self._again = True
            return
        self._looking, sources = True, self._sources()

        def work(_ctx: JobContext) -> tuple[OldCode, ...]:
            from toolchains.mend import old_code

            return old_code(sources())

        self._ctx.jobs.start(
            _("Look for old code"), work, on_done=self._looked, on_error=lambda _error: self._looked(()), quiet=True
        )

    def fix(self, wanted: OldCode | None, then: Callable[[Fix], object]) -> None:
        """Work out what mends ``wanted``, or everything, and hand it over on the window's thread."""
        sources = self._sources()

        def work(_ctx: JobContext) -> Fix | None:
            from toolchains.mend import mend_all, old_code

            if wanted is None:
                return mend_all(sources())
            now = old_code(sources())
            return next((one.fix for one in now if (one.rule.id, one.path) == (wanted.rule.id, wanted.path)), None)

        def done(fix: Fix | None) -> None:
            if fix is not None:
                then(fix)
            self.look()

        self._ctx.jobs.start(_("Look for old code"), work, on_done=done, quiet=True)

    def _sources(self) -> Callable[[], Sources]:
        """The project's files, with what is on the screen now."""
        folder = self._ctx.project.folder
        texts = {one.path: one.text() for one in self._ctx.editors.documents if one.path is not None}

        def read(path: Path) -> str:
            from toolchains.edits import read_text

            return texts[path] if path in texts else read_text(path)

        def sources() -> Sources:
            from toolchains.mend import Sources

            return Sources(folder, read)

        return sources

    def _looked(self, found: tuple[OldCode, ...]) -> None:
        self._looking = False
        self.found = {_problem(one): one for one in found}
        self._ctx.problems.put(SOURCE, tuple(self.found))
        self.changed.emit()
        if self._again:
            self._again = False
            self.look()


def _problem(one: OldCode) -> Problem:
    return Problem("warning" if one.breaks else "note", str(one.title), one.path, one.line)
