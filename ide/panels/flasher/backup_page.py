"""Backup, restore and rescue: what is saved, from which file it comes back, and a board that cannot be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from ide import controls
from ide.panels.flasher import parts
from ide.words import bind, words
from toolchains.text import Text, _

#: What can be saved; partitions of the board come after these.
WHAT: tuple[tuple[str, Text], ...] = (
    ("files", _("The files on the board")), ("flash", _("The whole flash")),
)  # fmt: skip
#: The steps of a rescue and what each changes, in their order.
RESCUE: tuple[tuple[Text, Text], ...] = (
    (_("Reset and interrupt"), _("Resets the board and presses Ctrl-C, again and again. Nothing is changed.")),
    (_("Rename main.py"), _("main.py becomes main.py.off on the board, nothing else. No file is lost.")),
    (_("Erase the files"), _("All files are saved on this computer, then erased on the board. Only if you allow it.")),
)  # fmt: skip
_SIGNS = {"": "○", "now": "▸", "good": "✓", "bad": "✗"}
_ROLES = {"now": "heading", "good": "good", "bad": "look"}


@dataclass(frozen=True)
class Acts:
    """What the panel does for this page."""

    backup: Callable[[str], object]
    restore: Callable[[Path], object]
    rescue: Callable[[bool], object]
    folder: Callable[[], object]


class BackupPage(parts.Page):
    """Three boxes."""

    def __init__(self, acts: Acts, parent: QWidget) -> None:
        super().__init__(_("Backup and rescue"), parent)
        self._acts = acts
        self._partitions: list[str] = []
        self._states = [""] * len(RESCUE)
        self.busy = False
        self.port = ""
        self.file: Path | None = None
        grid = QGridLayout()
        grid.setSpacing(8)
        grid.addWidget(self._backup(), 0, 0)
        grid.addWidget(self._restore(), 0, 1)
        grid.addWidget(self._rescue(), 1, 0, 1, 2)
        for column in range(2):
            grid.setColumnStretch(column, 1)
        self.column.addLayout(grid)
        self.column.addStretch(1)
        self.setFocusProxy(self.what)
        words.changed.connect(self._name)
        self._name()

    def _box(self, title: Text, about: Text) -> tuple[QFrame, QVBoxLayout]:
        box = QFrame(self.inner)
        box.setObjectName("card")
        column = QVBoxLayout(box)
        column.setContentsMargins(8, 6, 8, 6)
        column.setSpacing(4)
        column.addWidget(parts.sentence(box, title, "heading"))
        column.addWidget(parts.sentence(box, about, "muted"))
        return box, column

    def _backup(self) -> QWidget:
        box, column = self._box(
            _("Backup"),
            _("Saved with date, chip and partition table, so that it can be put back. The board stays as it is."),
        )
        self.what = QComboBox(box)
        self.what.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.what.setMinimumContentsLength(16)
        bind(self.what, "setAccessibleName", _("What is saved"))
        self.save = controls.button(box, _("Save"), lambda: self._acts.backup(self.chosen))
        self.folder = controls.button(box, _("Show the folder"), self._acts.folder)
        column.addWidget(self.what)
        column.addLayout(_row(self.save, self.folder))
        column.addStretch(1)
        return box

    def _restore(self) -> QWidget:
        box, column = self._box(
            _("Restore"),
            _("What was in the flash there is replaced by the backup. It must be of the same chip and fit."),
        )
        self.name = QLabel(box)
        self.name.setTextFormat(Qt.TextFormat.PlainText)
        self.name.setWordWrap(True)
        self.pick = controls.button(box, _("Backup file…"), self._ask)
        self.put = controls.button(box, _("Restore"), self._put)
        column.addWidget(self.name)
        column.addLayout(_row(self.pick, self.put))
        column.addStretch(1)
        return box

    def _rescue(self) -> QWidget:
        box, column = self._box(
            _("Rescue"),
            _("For a board that loops, sleeps or crashes before you can reach it. It goes only as far as it must."),
        )
        self.steps = [parts.sentence(box) for _step in RESCUE]
        for label in self.steps:
            column.addWidget(label)
        self.allow = QCheckBox(box)
        bind(self.allow, "setText", _("Step 3 is allowed"))
        self.help = controls.button(box, _("Rescue the board"), lambda: self._acts.rescue(self.allow.isChecked()))
        column.addLayout(_row(self.help, self.allow))
        column.addStretch(1)
        return box

    # --- what is shown --------------------------------------------------------------------------------------------

    def show_partitions(self, names: Sequence[str]) -> None:
        """Of the board that was looked at."""
        if list(names) != self._partitions:
            self._partitions = list(names)
            self._name()

    def _name(self) -> None:
        at = max(0, self.what.currentIndex())
        self.what.clear()
        for key, title in WHAT:
            self.what.addItem(str(title), key)
        for name in self._partitions:
            self.what.addItem(str(_("Partition {name}", name=name)), f"partition:{name}")
        self.what.setCurrentIndex(at if at < self.what.count() else 0)
        self.render()

    @property
    def chosen(self) -> str:
        """``files``, ``flash`` or ``partition:NAME``."""
        return self.what.currentData() or WHAT[0][0]

    def use_file(self, path: Path) -> None:
        """The backup to put back."""
        self.file = path
        self.render()

    def step(self, number: int, state: str) -> None:
        """The rescue is at this step (from 0): ``now``, ``good``, ``bad`` or not yet (empty)."""
        self._states[number] = state
        self.render()

    def begin_rescue(self) -> None:
        """No step was done yet."""
        self._states = [""] * len(RESCUE)
        self.render()

    def render(self) -> None:
        """A choice, the work or the language changed."""
        can = bool(self.port) and not self.busy
        for widget in (self.save, self.help):
            widget.setEnabled(can)
        for other in (self.what, self.pick, self.allow):
            other.setEnabled(not self.busy)
        self.put.setEnabled(can and self.file is not None)
        self.name.setText(self.file.name if self.file is not None else str(_("No backup is chosen.")))
        self.name.setToolTip(str(self.file or ""))
        for number, (label, (title, about)) in enumerate(zip(self.steps, RESCUE, strict=True)):
            state = self._states[number]
            label.setText(f"{_SIGNS[state]} {number + 1}. {title}: {about}")
            parts.set_role(label, _ROLES.get(state, ""))

    def _ask(self) -> None:
        parts.ask_open(
            self, _("Backup file…"), (_("Backups (*.json *.bin *.zip)"),), lambda name: self.use_file(Path(name))
        )

    def _put(self) -> None:
        if self.file is not None:
            self._acts.restore(self.file)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
