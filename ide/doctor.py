"""The link doctor in the window: what the last failure means, its fixes, and the way back.

It works in a thread. A fix changes texts that are open on the screen, where they can be looked at, and other files on
the disk.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ide.problems import Problem
from ide.runs import Ended
from toolchains.errors import Cancelled, StudioError
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.doctor.records import Finding
    from toolchains.edits import Fix, TextEdit, Undo
    from toolchains.jobs import JobContext


@dataclass(frozen=True)
class Done:
    """A fix that was made: of open texts what they were and became, of other files what takes it back."""

    title: Text
    texts: tuple[tuple[Path, str, str], ...]
    undo: Undo | None


class Doctor(QObject):
    """``findings`` of the last build or run; ``changed`` when they are others, or when a fix was made or taken back."""

    changed = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.findings: tuple[Finding, ...] = ()
        self.done: list[Done] = []
        #: Counts the failures, so that an answer that comes late is not taken for one about the next.
        self._visit = 0
        ctx.runs.started.connect(self._forget)
        ctx.runs.ended.connect(self._ended)

    def of(self, problem: Problem | None) -> Finding | None:
        """The finding for a problem: that of its line, else of its file, else one that has no place."""
        if problem is None:
            return self.findings[0] if self.findings else None
        placed = [one for one in self.findings if one.place is not None and one.place.path == problem.path]
        exact = [one for one in placed if one.place is not None and one.place.line == problem.line]
        general = [one for one in self.findings if one.place is None]
        alone = list(self.findings) if len(self.findings) == 1 and problem.severity == "error" else []
        return next(iter([*exact, *(placed if len(placed) == 1 else []), *general, *alone]), None)

    @property
    def fixes(self) -> list[Fix]:
        """All that can be applied together."""
        from toolchains.doctor.treatment import together

        return list(together(one.fix for one in self.findings if one.fix is not None and not one.choice))

    def apply(self, fixes: Sequence[Fix]) -> bool:
        """Make these changes; what stands in their way is told as a notice. Whether they were made."""
        from toolchains.edits import Fix, apply, by_file, edited, line_end, read_text

        edits = tuple(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
        fix = Fix(fixes[0].title, edits)
        try:
            open_, closed = self._sorted(by_file(edits))
            texts = tuple((path, before, edited(before, those)) for path, before, those in open_)
            ends = {path: line_end(before) for path, before, _those in open_}
            ends |= {path: line_end(read_text(path)) for path in closed if path.is_file()}
            undo = apply(fix.title, [edit for those in closed.values() for edit in those]) if closed else None
            for path, _before, those in open_:
                self._make(path, those)
        except StudioError as error:
            self._ctx.notices.error(error)
            return False
        self.done.append(Done(fix.title, texts, undo))
        self._rebase(fixes, edits, ends)
        self.changed.emit()
        return True

    def undo(self) -> bool:
        """Take the last fix back, to the byte; a text that was changed since is not touched."""
        from toolchains.edits import EditRefused, difference

        last = self.done[-1]
        try:
            for path, _before, after in last.texts:
                if self._ctx.editors.text_of(path) != after:
                    raise EditRefused(path, _("It was changed since, and your work would be lost."))
            if last.undo is not None:
                last.undo.undo()
            for path, before, after in last.texts:
                back = difference(path, after, before)
                if back is not None:
                    self._make(path, (back,))
        except StudioError as error:
            self._ctx.notices.error(error)
            return False
        self.done.pop()
        self.findings = ()  # they were for what is gone again; the next build says
        self.changed.emit()
        return True

    # --- what happens ---------------------------------------------------------------------------------------------

    def _sorted(
        self, edits: dict[Path, tuple[TextEdit, ...]]
    ) -> tuple[list[tuple[Path, str, tuple[TextEdit, ...]]], dict[Path, tuple[TextEdit, ...]]]:
        """Open texts with what they are now, and the rest."""
        open_ = [(path, self._ctx.editors.text_of(path), those) for path, those in edits.items()]
        known = [(path, text, those) for path, text, those in open_ if text is not None]
        return known, {path: those for path, text, those in open_ if text is None}

    def _make(self, path: Path, edits: tuple[TextEdit, ...]) -> None:
        from ide.editor.text_edits import make_edits

        document = self._ctx.editors.document_of(path)
        if document is not None:
            make_edits(document, edits)

    def _rebase(self, made: Sequence[Fix], edits: tuple[TextEdit, ...], ends: dict[Path, str]) -> None:
        """What was cured is gone; what was not has its place in the changed text."""
        from toolchains.edits import rebased

        left = [one for one in self.findings if one.fix not in made]
        self.findings = tuple(
            one if one.fix is None else replace(one, fix=rebased(one.fix, edits, ends)) for one in left
        )

    def _forget(self, _kind: str) -> None:
        self._visit += 1
        self.findings = ()
        self.done.clear()
        self.changed.emit()

    def _ended(self, ended: Ended) -> None:
        error = ended.error or next((one.error for one in ended.outcomes if one.status == "failed"), None)
        outcome = ended.report.outcome if ended.report is not None else None
        if error is None and outcome is not None and outcome.traceback and not outcome.interrupted:
            from ide.board.errors import BoardExecError

            error = BoardExecError(outcome.traceback)
        if error is None or isinstance(error, Cancelled):
            return
        visit = self._visit

        def done(findings: tuple[Finding, ...]) -> None:
            if visit == self._visit:
                self.findings = findings
                self.changed.emit()

        self._ctx.jobs.start(
            _("Look for the cause"), self._work(error), on_done=done, on_error=lambda _error: None, quiet=True
        )

    def _work(self, error: StudioError) -> Callable[[JobContext], tuple[Finding, ...]]:
        engine, folder, identity = self._ctx.engine, self._ctx.project.folder, self._ctx.board.identity
        editors = self._ctx.editors
        texts = {one.path: one.text() for one in editors.documents if one.path is not None}

        def work(ctx: JobContext) -> tuple[Finding, ...]:
            from ide.builds import sdk_of
            from toolchains import project as projects
            from toolchains.doctor import diagnose
            from toolchains.edits import read_text

            proj = projects.load(folder)
            return diagnose(
                error, proj, sdk_of(ctx, engine.toolbox(), proj, identity) if proj.native else None,
                identity.loader if identity is not None else None,
                floats=identity.floats if identity is not None else "",
                read=lambda path: texts[path] if path in texts else read_text(path),
            )  # fmt: skip

        return work
