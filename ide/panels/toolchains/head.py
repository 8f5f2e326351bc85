"""The line on top: whether this project lacks a compiler, and one button that gets it."""

from __future__ import annotations

from PySide6.QtWidgets import QComboBox, QHBoxLayout, QLabel, QToolButton, QWidget

from ide import controls
from ide.context import IdeContext
from ide.elided import Elided
from ide.toolchain_facts import Facts, chip_names, cost, name_of
from ide.words import bind, words
from toolchains.providers import Offer
from toolchains.text import Text, _
from toolchains.toolchain_records import Need
from toolchains.units import size_text

#: So much of the name of a choice is seen while its list is closed.
_LETTERS = 32


class Head(QWidget):
    """``get`` gets what is lacking: of each architecture the best offer, of a single one the offer that is chosen."""

    def __init__(self, ctx: IdeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._offers: tuple[Offer, ...] = ()
        self.sentence = Elided(self)
        self.choices = QComboBox(self)
        self.choices.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.choices.setMinimumContentsLength(_LETTERS)
        bind(self.choices, "setAccessibleName", _("Which one"))
        bind(self.choices, "setToolTip", _("Which one"))
        self.choices.currentIndexChanged.connect(lambda _at: self._title())
        self.button: QToolButton = controls.button(self, _("Get what this project needs"), self.get)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(8)
        row.addWidget(self.sentence, 1)
        row.addWidget(self.choices)
        row.addWidget(self.button)
        ctx.toolchains.changed.connect(self.render)
        ctx.toolchains.tasks_changed.connect(self.render)
        words.changed.connect(self.render)
        self.render()

    @property
    def wanted(self) -> list[Offer]:
        """What a click gets; nothing where nothing is lacking or can be had by us."""
        facts = self._ctx.toolchains.facts
        lacking = facts.lacking if facts is not None else ()
        if len(lacking) == 1 and self._offers:
            return [self._offers[max(0, self.choices.currentIndex())]]
        best = [need.best for need in lacking]
        return list(dict.fromkeys(offer for offer in best if offer is not None))

    def get(self) -> None:
        """Get it."""
        wanted = self.wanted
        if wanted and self.button.isEnabled():
            self._ctx.toolchains.get(wanted, or_another=True)

    def render(self) -> None:
        """The facts, the work or the language changed."""
        session = self._ctx.toolchains
        facts = session.facts
        lacking = facts.lacking if facts is not None else ()
        offers = tuple(one for one in lacking[0].offers if one.by_us) if len(lacking) == 1 else ()
        self._fill(offers)
        text, role = self._sentence(facts)
        self.sentence.setText(str(text))
        _set_role(self.sentence, role)
        self.button.setVisible(bool(self.wanted))
        self.button.setEnabled(not any(session.getting(offer) for offer in self.wanted))
        self.choices.setEnabled(self.button.isEnabled())
        self._title()

    def _fill(self, offers: tuple[Offer, ...]) -> None:
        entries = [f"{name_of(offer)} · {cost(offer)}" if cost(offer) else name_of(offer) for offer in offers]
        if entries != [self.choices.itemText(at) for at in range(self.choices.count())]:
            self._offers = offers
            self.choices.clear()
            self.choices.addItems(entries)
            self.choices.view().setMinimumWidth(self.choices.view().sizeHintForColumn(0) + 24)
        self.choices.setVisible(len(entries) > 1)

    def _title(self) -> None:
        sizes = [offer.size for offer in self.wanted if offer.size is not None]
        total = sum(sizes)
        title = _("Get what this project needs ({size})", size=size_text(total))
        bind(self.button, "setText", title if total else _("Get what this project needs"))
        hints = [f"{name_of(offer)}: {cost(offer)}" if cost(offer) else name_of(offer) for offer in self.wanted]
        self.button.setToolTip("\n".join(hints))

    def _sentence(self, facts: Facts | None) -> tuple[Text | str, str]:
        session = self._ctx.toolchains
        if session.error is not None:
            return str(session.error), "bad"
        if facts is None:
            return _("Looking at the toolchains of this computer…"), "muted"
        if facts.lacking:
            return _lacking(self._ctx.project.name, facts.lacking), "look"
        if not facts.needs:
            return _("Nothing is lacking: this project has no C in it."), "good"
        return _here(facts), "good"


def _lacking(project: str, needs: tuple[Need, ...]) -> Text:
    names = ", ".join(chip_names(need.arch) for need in needs)
    if any(need.best is None for need in needs):
        return _("● {project} needs a compiler for {arches}. Choose its line below: it says what to do.",
                 project=project, arches=names)  # fmt: skip
    return _("● {project} needs a compiler for {arches}.", project=project, arches=names)


def _here(facts: Facts) -> Text:
    found = [(need.arch, need.choice.compiler) for need in facts.needs if need.choice is not None]
    served = ", ".join(f"{arch}: {compiler.kind} {compiler.version}" for arch, compiler in found)
    return _("✓ Nothing is lacking ({served}).", served=served)


def _set_role(label: QLabel, role: str) -> None:
    if label.property("role") != role:
        label.setProperty("role", role)
        label.style().unpolish(label)
        label.style().polish(label)
