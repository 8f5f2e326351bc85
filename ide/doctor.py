"""The link doctor in the window: what the last failure means, its fixes, and the way back.

It works in a thread. A fix changes texts that are open on the screen, where they can be looked at, and other files on
the disk, in a thread too: these first, because only they can fail for reasons that are not known before.
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
from toolchains.undo import on_failure

if TYPE_CHECKING:
    from ide.context import IdeContext
    from toolchains.doctor.records import Finding
    from toolchains.edits import Fix, TextEdit, Undo
    from toolchains.host import Host
    from toolchains.jobs import JobContext


@dataclass(frozen=True)
class Done:
    """A fix that was made: of open texts what they were and became, of other files what takes it back."""

    title: Text
    texts: tuple[tuple[Path, str, str], ...]
    undo: Undo | None


class Doctor(QObject):
    """``findings`` of the last build or run; ``changed`` when they are others, or when a fix was made or taken back;
    ``treated``: only that."""

    changed = Signal()
    treated = Signal()

    def __init__(self, ctx: IdeContext, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.findings: tuple[Finding, ...] = ()
        self.done: list[Done] = []
        #: Counts the failures, so that an answer that comes late is not taken for one about the next.
        self._visit = 0
        #: Whether files are being changed.
        self._busy = False
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

    def apply(self, fixes: Sequence[Fix]) -> None:
        """Make these changes, all or none: of closed files in a thread, then of open texts on the screen.

        What stands in their way is told as a notice. Does nothing while another fix is being made or taken back.
        """
        from toolchains.edits import Fix, by_file, edited

        if self._busy:
            return
        edits = tuple(dict.fromkeys(edit for fix in fixes for edit in fix.edits))
        open_, closed = self._sorted(by_file(edits))
        try:
            texts = tuple((path, before, edited(before, those)) for path, before, those in open_)
        except StudioError as error:
            self._ctx.notices.error(error)
            return
        there = Fix(fixes[0].title, tuple(edit for those in closed.values() for edit in those))
        visit = self._visit

        def then(undo: Undo | None) -> None:
            for path, _before, those in open_:
                self._make(path, those)
            self.done.append(Done(there.title, texts, undo))
            if visit == self._visit:  # what was found meanwhile is for other texts
                self._rebase(fixes, edits, _ends(texts, undo))
            self._tell()

        before = {path: text for path, text, _those in open_}
        self._on_disk(there.title, there.apply if there.edits else None, before, then)

    def undo(self) -> None:
        """Take the last fix back, to the byte, as it was made; a text that was changed since is not touched."""
        if self._busy or not self.done:
            return
        last = self.done[-1]
        after = {path: text for path, _before, text in last.texts}
        try:
            self._check(after)
        except StudioError as error:
            self._ctx.notices.error(error)
            return

        def then(_redo: Undo | None) -> None:
            from toolchains.edits import difference

            for path, before, now in last.texts:
                back = difference(path, now, before)
                if back is not None:
                    self._make(path, (back,))
            if last in self.done:
                self.done.remove(last)
            self.findings = ()  # they were for what is gone again; the next build says
            self._tell()

        self._on_disk(last.title, last.undo.undo if last.undo is not None else None, after, then)

    # --- what happens ---------------------------------------------------------------------------------------------

    def _on_disk(
        self,
        title: Text,
        change: Callable[[Host], Undo] | None,
        shown: dict[Path, str],
        then: Callable[[Undo | None], None],
    ) -> None:
        """Change closed files in a thread, then go on if the open texts are still what is ``shown``; if they are not,
        the files are put back and that is told."""
        if change is None:
            then(None)
            return
        self._busy, host = True, self._ctx.engine.host

        def work(ctx: JobContext) -> Undo:
            made = change(host)
            with on_failure(lambda: made.undo(host)):
                ctx.check()  # the window closes: nobody would change the open texts
            return made

        def done(made: Undo) -> None:
            try:
                self._check(shown)
            except StudioError as error:
                self._put_back(made, error)
                return
            self._busy = False
            then(made)

        self._ctx.jobs.start(title, work, on_done=done, on_error=self._failed, quiet=True)

    def _put_back(self, made: Undo, why: StudioError) -> None:
        host = self._ctx.engine.host

        def work(_ctx: JobContext) -> Undo:
            return made.undo(host)

        self._ctx.jobs.start(
            made.title, work, on_done=lambda _back: self._failed(why), on_error=self._failed, quiet=True
        )

    def _failed(self, error: StudioError) -> None:
        self._busy = False
        self._ctx.notices.error(error)

    def _check(self, texts: dict[Path, str]) -> None:
        """Raises ``EditRefused`` when an open text is not this one."""
        from toolchains.edits import EditRefused

        for path, text in texts.items():
            if self._ctx.editors.text_of(path) != text:
                raise EditRefused(path, _("It was changed since, and your work would be lost."))

    def _tell(self) -> None:
        self.changed.emit()
        self.treated.emit()

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


def _ends(texts: tuple[tuple[Path, str, str], ...], undo: Undo | None) -> dict[Path, str]:
    """The line end of each file that was changed, as it was before."""
    from toolchains.edits import line_end

    ends = {path: line_end(before) for path, before, _after in texts}
    for one in undo.changes if undo is not None else ():
        if one.before is not None:
            ends[one.path] = line_end(one.before.decode("utf-8", "surrogateescape"))
    return ends
