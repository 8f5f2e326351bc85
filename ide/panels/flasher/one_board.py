"""One board: what it is, which firmware it gets and why, what is kept, and the one button."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QHBoxLayout, QRadioButton, QVBoxLayout, QWidget

from ide import controls
from ide import page_parts as parts
from ide.board.flash import security
from ide.board.flash.facts_words import chip_words, firmware_name, running_words, short_name
from ide.words import bind, words
from toolchains.text import Text, _, sentences

if TYPE_CHECKING:
    from ide.board.flash.choose import Proposal
    from ide.board.flash.records import BoardFacts
    from ide.panels.flasher.doors import Choices
    from toolchains.errors import StudioError

_SEEN = 24
_LOST_ALL = _("The whole flash is erased: the firmware, and every file on the board.")
_LOST_BUT_SAVED = _("The whole flash is erased. The files on the board are saved on this computer first.")
_LOST_NONE = _("Only the firmware is replaced. The files on the board stay.")
_LOST_MAYBE = _(
    "Only the firmware is replaced. What else is in the flash stays; there may be files of a program before."
)
_LOOK_FIRST = _("Nobody has looked at this board yet.")


class OneBoard(QWidget):
    """``look``, ``write``, ``pick_file(path)`` and ``release_chosen(version)`` are done by the panel.

    ``changed`` is called when a choice was made.
    """

    def __init__(
        self,
        look: Callable[[], object],
        write: Callable[[], object],
        pick_file: Callable[[Path], object],
        release_chosen: Callable[[str], object],
        changed: Callable[[], object],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._look, self._write, self._pick_file = look, write, pick_file
        self._release_chosen, self._changed = release_chosen, changed
        self.facts: BoardFacts | None = None
        self.proposals: list[Proposal] = []
        self.busy = False
        self.port = ""
        self.missing: StudioError | None = None
        self.page = parts.Page(_("One board"), self)
        self._make()
        self._lay_out()
        words.changed.connect(self.render)
        self.render()

    # --- its parts ------------------------------------------------------------------------------------------------

    def _make(self) -> None:
        inner = self.page.inner
        self.chip, self.runs = parts.sentence(inner), parts.sentence(inner)
        self.firmware = QComboBox(inner)
        self.firmware.setMaxVisibleItems(_SEEN)
        self.firmware.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.firmware.setMinimumContentsLength(_SEEN)
        bind(self.firmware, "setAccessibleName", _("Firmware"))
        self.firmware.activated.connect(lambda _at: self._chosen())
        self.release = QComboBox(inner)
        bind(self.release, "setAccessibleName", _("Release"))
        self.release.activated.connect(lambda _at: self._release_chosen(self.release.currentData() or ""))
        self.file = controls.button(inner, _("File…"), self._ask_file)
        bind(self.file, "setToolTip", _("Firmware from a file: a .bin, or the flasher_args.json of a build"))
        self.reason = parts.sentence(inner)
        self.force = QCheckBox(inner)
        bind(self.force, "setText", _("Write it all the same; I know what I do"))
        self.force.toggled.connect(lambda _on: self._chosen(keep=True))
        self.keep, self.erase = QRadioButton(inner), QRadioButton(inner)
        bind(self.keep, "setText", _("Keep the files"))
        bind(self.erase, "setText", _("Erase all"))
        self.erase.setChecked(True)
        self.backup = QCheckBox(inner)
        bind(self.backup, "setText", _("Save the files first"))
        self.backup.setChecked(True)
        for box in (self.keep, self.erase, self.backup):
            box.toggled.connect(lambda _on: self._chosen(keep=True))
        self.lost = parts.sentence(self)
        self.act = parts.big(self, _("Look at the board"), self._acted)

    def _lay_out(self) -> None:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        choose = QHBoxLayout()
        choose.setSpacing(4)
        choose.addWidget(self.firmware, 1)
        choose.addWidget(self.release)
        choose.addWidget(self.file)
        why = QVBoxLayout()
        why.setSpacing(2)
        why.addWidget(self.reason)
        why.addWidget(self.force)
        kept = QHBoxLayout()
        kept.setSpacing(12)
        for box in (self.keep, self.erase, self.backup):
            kept.addWidget(box)
        kept.addStretch(1)
        for row, (name, thing) in enumerate(
            (
                (_("Board"), self.chip), (_("Runs"), self.runs), (_("Firmware"), choose), (_("Why"), why),
                (_("Files"), kept),
            )
        ):  # fmt: skip
            label = parts.sentence(self.page.inner, name, "muted")
            label.setWordWrap(False)
            grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop if thing in (self.chip, self.runs, why)
                           else Qt.AlignmentFlag.AlignVCenter)  # fmt: skip
            if isinstance(thing, QWidget):
                grid.addWidget(thing, row, 1)
            else:
                grid.addLayout(thing, row, 1)
        self.page.column.addLayout(grid)
        self.page.column.addStretch(1)
        parts.stacked(self, self.page, parts.foot(self.lost, self.act))
        self.setFocusProxy(self.act)

    # --- what is known --------------------------------------------------------------------------------------------

    def show_board(self, port: str, facts: BoardFacts | None, choices: Choices | None = None) -> None:
        """Another port, or somebody looked at the board."""
        before = self.facts
        self.port, self.facts = port, facts
        if before is None or facts is None or (before.running is None) != (facts.running is None):
            runs = facts is not None and facts.running is not None
            (self.keep if runs else self.erase).setChecked(True)
        self.show_choices(choices)

    def show_missing(self, why: StudioError | None) -> None:
        """Why there is no port to choose."""
        self.missing = why
        self.render()

    def show_choices(self, choices: Choices | None) -> None:
        """What the board could get."""
        self.proposals = list(choices.proposals) if choices is not None else []
        self.release.clear()
        for version in choices.releases if choices is not None else ():
            self.release.addItem(version, version)
        if choices is not None:
            shown = choices.version or (self.proposals[0].firmware.version if self.proposals else "")
            self.release.setCurrentIndex(self.release.findData(shown))
        self.force.setChecked(False)
        self._fill(0)

    def add_proposal(self, proposal: Proposal) -> None:
        """A file that the person chose: on top, and chosen."""
        self.proposals = [proposal, *(one for one in self.proposals if one.firmware.source != "file")]
        self.force.setChecked(False)
        self._fill(0)

    def _fill(self, at: int) -> None:
        self.firmware.clear()
        self.firmware.addItems([self._entry(one) for one in self.proposals])
        self.firmware.setCurrentIndex(at if self.proposals else -1)
        if self.proposals:
            view = self.firmware.view()
            view.setMinimumWidth(view.sizeHintForColumn(0) + 24)
        self.render()
        self._changed()

    def _entry(self, proposal: Proposal) -> str:
        name = firmware_name(proposal.firmware)
        return name if proposal.fits else str(_("✗ {name} (not for this board)", name=name))

    @property
    def chosen(self) -> Proposal | None:
        """What would be written."""
        at = self.firmware.currentIndex()
        return self.proposals[at] if 0 <= at < len(self.proposals) else None

    @property
    def forced(self) -> bool:
        """Whether the person insists on firmware that does not fit."""
        return self.force.isChecked() and not self.force.isHidden()

    @property
    def erases(self) -> bool:
        """Whether all of the flash is erased."""
        return self.erase.isChecked()

    @property
    def saves(self) -> bool:
        """Whether the files are saved first."""
        return self.erases and self.backup.isChecked()

    @property
    def _has_files(self) -> bool:
        return self.facts is not None and self.facts.running is not None

    @property
    def ready(self) -> bool:
        """Whether Write can be pressed."""
        chosen = self.chosen
        return bool(self.port) and chosen is not None and (self.forced or not self._unfit(chosen))

    def _unfit(self, chosen: Proposal) -> bool:
        """Whether it would not start on this board."""
        chip = self.facts.chip if self.facts is not None else None
        return not chosen.fits or (chip is not None and security.starts_nothing_else(chip.security))

    # --- what is shown --------------------------------------------------------------------------------------------

    def render(self) -> None:
        """Facts, choices or the language changed."""
        facts, chosen = self.facts, self.chosen
        parts.say(self.chip, chip_words(facts) if facts is not None else self._nothing(), "" if facts else "muted")
        runs = facts is not None and facts.running is not None
        parts.say(self.runs, running_words(facts) if facts is not None else Text("–"), "good" if runs else "muted")
        for widget in (self.firmware, self.release, self.keep, self.erase):
            widget.setEnabled(bool(self.proposals) and not self.busy)
        self.release.setVisible(self.release.count() > 1)
        self.file.setEnabled(bool(self.port) and not self.busy)
        self.force.setVisible(chosen is not None and self._unfit(chosen))
        self.backup.setVisible(self.erases)  # a board that loops or sleeps may have files, too
        self._say_why(facts, chosen)
        self._say_lost()
        self._title()

    def _nothing(self) -> Text | str:
        if not self.port and self.missing is not None:
            return sentences(self.missing.what, *([self.missing.next_step] if self.missing.next_step else []))
        if not self.port:
            return _("Plug a board in, with a cable that carries data, and choose its port above.")
        return _LOOK_FIRST

    def _say_why(self, facts: BoardFacts | None, chosen: Proposal | None) -> None:
        locked = security.locked(facts.chip.security) if facts is not None and facts.chip is not None else None
        if locked is not None:
            parts.say(self.reason, locked, "bad")
        elif chosen is None:
            said = (
                Text("–") if facts is None else _("There is no firmware for this chip in the catalogue. Choose a file.")
            )
            parts.say(self.reason, said, "muted")
        elif chosen.fits:
            parts.say(self.reason, chosen.reason)
        else:
            parts.say(self.reason, chosen.why_not or chosen.reason, "bad")

    def _say_lost(self) -> None:
        if self.chosen is None:
            parts.say(self.lost, None)
        elif not self.erases:
            parts.say(self.lost, _LOST_NONE if self._has_files else _LOST_MAYBE)
        elif self.saves:
            parts.say(self.lost, _LOST_BUT_SAVED, "look")
        else:
            parts.say(self.lost, _LOST_ALL, "look")

    def _title(self) -> None:
        chosen = self.chosen
        if chosen is None:
            bind(self.act, "setText", _("Look at the board"))
            self.act.setEnabled(bool(self.port) and not self.busy)
        else:
            bind(self.act, "setText", _("Write {firmware}", firmware=short_name(chosen.firmware)))
            self.act.setEnabled(self.ready and not self.busy)

    def _chosen(self, *, keep: bool = False) -> None:
        if not keep:
            self.force.setChecked(False)
        self.render()
        self._changed()

    def _acted(self) -> None:
        if self.chosen is None:
            self._look()
        else:
            self._write()

    def _ask_file(self) -> None:
        filters = (_("Firmware (*.bin flasher_args.json)"),)
        parts.ask_open(self, _("Firmware from a file"), filters, lambda name: self._pick_file(Path(name)))
