"""The strip below the problems: what the selected one means, and the button that cures it."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QSizePolicy, QVBoxLayout, QWidget

from ide import controls
from ide.context import IdeContext
from ide.doctor import Doctor
from ide.problems import Problem
from ide.words import bind, words
from toolchains.doctor.records import Finding
from toolchains.text import _, _n, sentences


class Care(QFrame):
    """Explanation, [Fix], [Fix all], [Undo]. Hidden while there is nothing to say."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self.doctor = Doctor(ctx, self)
        self._problem: Problem | None = None
        self.finding: Finding | None = None
        self.text = QLabel(self)
        self.text.setWordWrap(True)
        self.text.setTextFormat(Qt.TextFormat.PlainText)
        self.text.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.text.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.fix = controls.button(self, _("Fix"), self._fix)
        self.fix_all = controls.button(self, _("Fix all"), self._fix_all)
        self.back = controls.button(self, _("Undo the fix"), self.doctor.undo)
        self._lay_out()
        self.doctor.changed.connect(self._update)
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
        doctor = self.doctor
        self.finding = doctor.of(self._problem)
        fixes = doctor.fixes if len(doctor.findings) > 1 else []
        self.setVisible(self.finding is not None or bool(doctor.done))
        self.text.setText(self._said())
        fix = self.finding.fix if self.finding is not None else None
        self.fix.setVisible(fix is not None)
        if fix is not None:
            bind(self.fix, "setText", _("Fix: {what}", what=fix.title))
        self.fix_all.setVisible(len(fixes) > 1)
        bind(self.fix_all, "setText", _n("Apply {n} fix", "Apply {n} fixes", len(fixes)))
        self.back.setVisible(bool(doctor.done))

    def _said(self) -> str:
        if self.finding is None:
            title = self.doctor.done[-1].title if self.doctor.done else ""
            return str(_("Done: {what}. Build again to see whether that was all.", what=title))
        last = _("Type: {command}", command=self.finding.command) if self.finding.command else ""
        parts = [part for part in (self.finding.title, self.finding.explanation, last) if part]
        return sentences(*parts)

    def _fix(self) -> None:
        if self.finding is not None and self.finding.fix is not None:
            self.doctor.apply([self.finding.fix])

    def _fix_all(self) -> None:
        self.doctor.apply(self.doctor.fixes)
