"""The strip below the problems: what the selected one means, and the button that cures it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ide import controls
from ide.context import IdeContext
from ide.doctor import Doctor
from ide.old_code import OldCodeWatch
from ide.problems import Problem
from ide.words import bind, words
from toolchains.doctor.records import Finding, Place
from toolchains.mend.records import OldCode
from toolchains.text import Text, _, _n, sentences


class Care(QFrame):
    """Explanation, [Fix], [Fix all], [Undo]. Hidden while there is nothing to say."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.doctor = Doctor(ctx, self)
        self.old = OldCodeWatch(ctx, self)
        self._problem: Problem | None = None
        self.finding: Finding | None = None
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.fix = controls.button(self, _("Fix"), self.apply)
        self.fix_all = controls.button(self, _("Fix all"), self._fix_all)
        self.back = controls.button(self, _("Undo the fix"), self.doctor.undo)
        self._lay_out()
        self.doctor.changed.connect(self._update)
        self.doctor.treated.connect(self.old.look)
        self.old.changed.connect(self._update)
        words.changed.connect(self._update)
        self._update()

    def _lay_out(self) -> None:
        bind(self.text, "setAccessibleName", _("What the problem means"))
        buttons = QVBoxLayout()
        buttons.setSpacing(4)
        for button in (self.fix, self.fix_all, self.back):
            button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Fixed)
            buttons.addWidget(button)
        buttons.addStretch(1)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 6, 8, 6)
        row.setSpacing(12)
        row.addWidget(self.text, 1)
        row.addLayout(buttons)

    def show_for(self, problem: Problem | None) -> None:
        """Another row is selected."""
        self._problem = problem
        self._update()

    def _update(self) -> None:
        doctor, old = self.doctor, self.old.of(self._problem)
        self.finding = _finding(old) if old is not None else self._live() or doctor.of(self._problem)
        fixes = doctor.fixes if old is None and len(doctor.findings) > 1 else []
        self.setVisible(self.finding is not None or bool(doctor.done))
        self.text.setText(self._said())
        fix = self.finding.fix if self.finding is not None else None
        self.fix.setVisible(fix is not None)
        if fix is not None:
            bind(self.fix, "setText", _("Fix: {what}", what=fix.title))
        every = len(self.old.found) if old is not None else len(fixes)
        self.fix_all.setVisible(every > 1)
        bind(self.fix_all, "setText", _n("Apply {n} fix", "Apply {n} fixes", every))
        self.back.setVisible(bool(doctor.done))
        self._ctx.commands.refresh()

    def _live(self) -> Finding | None:
        """What mends a problem that was found while somebody types."""
        problem = self._problem
        fixes = self._ctx.intelligence.fixes_of(problem) if problem is not None and problem.live else []
        if problem is None or not fixes:
            return None
        return Finding("compile", Text("{said}", {"said": problem.message}), Text("{why}", {"why": ""}), fixes[0])

    def _said(self) -> str:
        if self.finding is None:
            title = self.doctor.done[-1].title if self.doctor.done else ""
            return str(_("Done: {what}. Build again to see whether that was all.", what=title))
        last = _("Type: {command}", command=self.finding.command) if self.finding.command else ""
        return sentences(*filter(None, map(str, (self.finding.title, self.finding.explanation, last))))

    @property
    def can_fix(self) -> bool:
        """Whether there is a fix for what is shown."""
        return self.finding is not None and self.finding.fix is not None

    def apply(self) -> None:
        """Make the fix of what is shown."""
        old = self.old.of(self._problem)
        if self._problem is not None and self._problem.live:
            self._update()  # the text may be another by now
        if old is not None:
            self.old.fix(old, lambda fix: self.doctor.apply([fix]))
        elif self.finding is not None and self.finding.fix is not None:
            self.doctor.apply([self.finding.fix])

    def _fix_all(self) -> None:
        if self.old.of(self._problem) is not None:
            self.old.fix(None, lambda fix: self.doctor.apply([fix]))
        else:
            self.doctor.apply(self.doctor.fixes)


def _finding(old: OldCode) -> Finding:
    return Finding("old-macro", old.title, old.explanation, old.fix, Place(old.path, old.line))
