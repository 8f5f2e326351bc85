"""Backup, restore and rescue: what is saved, from which file it comes back, and a board that cannot be reached."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from ide import controls
from ide import page_parts as parts
from ide.board.flash.rescue import RescueStep
from ide.words import bind, words
from toolchains.text import Text, _
from toolchains.units import time_text

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
_SIGNS = {"": "○", "begun": "▸", "waiting": "▸", "helped": "✓", "failed": "✗"}
_ROLES = {"begun": "heading", "waiting": "heading", "helped": "good", "failed": "look"}


MANIFEST = "manifest.json"


@dataclass(frozen=True)
class Kept:
    """A backup that there is, and the parts of a line that says what it is."""

    place: Path
    parts: tuple[Text | str, ...]

    @property
    def title(self) -> str:
        """In the person's language."""
        return " · ".join(said for said in map(str, self.parts) if said)


@dataclass(frozen=True)
class Acts:
    """What the panel does for this page. ``restore``: which backup, and whether what it replaces is saved first."""

    backup: Callable[[str], object]
    restore: Callable[[Path, bool], object]
    rescue: Callable[[bool], object]
    folder: Callable[[], object]


class BackupPage(parts.Page):
    """Three boxes."""

    def __init__(self, acts: Acts, parent: QWidget) -> None:
        super().__init__(_("Backup and rescue"), parent)
        self._acts = acts
        self._partitions: list[str] = []
        self._steps: list[RescueStep | None] = [None] * len(RESCUE)
        self.busy = False
        self.port = ""
        self._backups: list[Kept] = []
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
        self.which = QComboBox(box)
        self.which.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.which.setMinimumContentsLength(16)
        bind(self.which, "setAccessibleName", _("Which backup"))
        self.which.activated.connect(lambda _at: self.render())
        self.pick = controls.button(box, _("Other…"), self._ask)
        self.first = QCheckBox(box)
        bind(self.first, "setText", _("Save what is there first"))
        bind(self.first, "setToolTip", _("What the backup replaces becomes a backup itself before anything is written"))
        self.first.setChecked(True)
        self.put = controls.button(box, _("Restore"), self._put)
        column.addWidget(self.which)
        column.addWidget(self.first)
        column.addLayout(_row(self.put, self.pick))
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
        self.show_backups(self._backups)

    @property
    def chosen(self) -> str:
        """``files``, ``flash`` or ``partition:NAME``."""
        return self.what.currentData() or WHAT[0][0]

    def show_backups(self, backups: Sequence[Kept], chosen: Path | None = None) -> None:
        """What there is to put back, the newest first."""
        before = chosen or self.file
        self._backups = list(backups)
        self.which.clear()
        for one in self._backups:
            self.which.addItem(one.title, one.place)
        at = next((at for at, one in enumerate(self._backups) if one.place == before), 0)
        self.which.setCurrentIndex(at if self._backups else -1)
        self.which.view().setMinimumWidth(max(0, self.which.view().sizeHintForColumn(0)) + 24)
        self.render()

    @property
    def file(self) -> Path | None:
        """The backup to put back."""
        at = self.which.currentIndex()
        return self._backups[at].place if 0 <= at < len(self._backups) else None

    def use_file(self, path: Path) -> None:
        """One from elsewhere; of a folder its manifest may be named."""
        place = path.parent if path.name == MANIFEST else path
        self.show_backups([Kept(place, (place.name,)), *(one for one in self._backups if one.place != place)], place)

    def step(self, step: RescueStep) -> None:
        """The rescue is at this step, or it is over."""
        self._steps[step.number - 1] = step
        self._show_step(step.number - 1)

    def begin_rescue(self) -> None:
        """No step was done yet."""
        self._steps = [None] * len(RESCUE)
        self.render()

    def _show_step(self, number: int) -> None:
        label, step, (title, about) = self.steps[number], self._steps[number], RESCUE[number]
        state = step.state if step is not None else ""
        said = f"{title}: {about if step is None else step.text}"
        left = step.left if step is not None and state in ("begun", "waiting") else None
        if left is not None:
            said = f"{said} {_('{time} left', time=time_text(round(left)))}"
        label.setText(f"{_SIGNS[state]} {number + 1}. {said}")
        parts.set_role(label, _ROLES.get(state, ""))

    def render(self) -> None:
        """A choice, the work or the language changed."""
        can = bool(self.port) and not self.busy
        for widget in (self.save, self.help):
            widget.setEnabled(can)
        self.which.setPlaceholderText(str(_("No backup yet")))
        self.which.setEnabled(bool(self._backups) and not self.busy)
        for other in (self.what, self.pick, self.first, self.allow):
            other.setEnabled(not self.busy)
        self.put.setEnabled(can and self.file is not None)
        self.which.setToolTip(self.which.currentText())
        for number in range(len(RESCUE)):
            self._show_step(number)

    def _ask(self) -> None:
        parts.ask_open(
            self, _("Restore"), (_("Backups (*.zip manifest.json)"),), lambda name: self.use_file(Path(name))
        )

    def _put(self) -> None:
        if self.file is not None:
            self._acts.restore(self.file, self.first.isChecked())


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    row.addStretch(1)
    return row
