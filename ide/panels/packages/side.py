"""The chosen package: what is known of it, and what can be done."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QWidget

from ide import controls
from ide.flow import Flow
from ide.page_parts import Page, sentence
from ide.panels.packages.rows import Row, facts_of
from ide.value_rows import rows_widget
from ide.words import bind
from toolchains.text import _


class Side(Page):
    """``install(word, python)``, ``remove(name)`` and ``build(name)`` are what its buttons do."""

    def __init__(
        self, parent: QWidget, install: Callable[[str, bool, bool], object], remove: Callable[[str], object],
        build: Callable[[str], object],
    ) -> None:  # fmt: skip
        super().__init__(_("The chosen package"), parent)
        self.row: Row | None = None
        self._install, self._remove, self._build = install, remove, build
        self.title = sentence(self.inner, role="title")
        self.empty = sentence(self.inner, _("Choose a package to see more of it."), "muted")
        self._facts = QWidget(self.inner)
        bar = QWidget(self.inner)
        line = Flow(bar)
        self.versions = QComboBox(bar)
        bind(self.versions, "setAccessibleName", _("Version"))
        self.put = controls.button(bar, _("Install"), self.install)
        self.take = controls.button(bar, _("Remove"), self.remove)
        self.source = QCheckBox(bar)
        bind(self.source, "setText", _("As Python source"))
        bind(self.source, "setToolTip", _("Take .py files even where the board loads .mpy files"))
        self.compiled = QCheckBox(bar)
        bind(self.compiled, "setText", _("Compile to .mpy"))
        bind(self.compiled, "setToolTip", _("What is published as .py only is compiled here, for this board"))
        for one, other in ((self.source, self.compiled), (self.compiled, self.source)):
            one.toggled.connect(lambda on, other=other: other.setChecked(other.isChecked() and not on))
        for one in (self.versions, self.put, self.take, self.source, self.compiled):
            one.setMinimumHeight(self.put.sizeHint().height())
            line.addWidget(one)
        self.bar = bar
        for widget in (self.title, self.empty, bar, self._facts):
            self.column.addWidget(widget)
        self.column.addStretch(1)
        self.show_row(None, free=False)

    def show_row(self, row: Row | None, needs: Sequence[str] = (), *, free: bool) -> None:
        """Show a package and what it needs; ``free``: something can be done with the board now."""
        self.row = row
        self.empty.setVisible(row is None)
        for widget in (self.title, self.bar):
            widget.setVisible(row is not None)
        fresh = rows_widget(facts_of(row, needs) if row is not None else [], self.inner)
        self.column.replaceWidget(self._facts, fresh)
        self._facts.deleteLater()
        self._facts = fresh
        if row is None:
            return
        self.title.setText(row.name)
        self._show_versions(row)
        for form in (self.source, self.compiled):
            form.setVisible(row.native is None)
        self.take.setVisible(row.installed is not None)
        self.take.setEnabled(free)
        self.put.setEnabled(free and (row.listed is not None or row.native is not None))
        self._name_put(row)

    def _show_versions(self, row: Row) -> None:
        before = self.versions.currentText() if self.versions.property("of") == row.key else ""
        versions = row.listed.all_versions if row.listed is not None else ()
        self.versions.setProperty("of", row.key)
        self.versions.clear()
        self.versions.addItems([row.listed.version] if row.listed is not None and not versions else list(versions))
        newest = row.listed.version if row.listed is not None else ""
        self.versions.setCurrentText(before or newest)
        self.versions.setVisible(row.native is None and self.versions.count() > 1)

    def _name_put(self, row: Row) -> None:
        if row.native is not None:
            text = _("Build and install")
        elif row.newer:
            text = _("Install {version}", version=row.newer)
        else:
            text = _("Install again") if row.installed is not None else _("Install")
        bind(self.put, "setText", text)

    def install(self) -> None:
        """The chosen version of the chosen package, or the chosen module."""
        if self.row is None:
            return
        if self.row.native is not None:
            self._build(self.row.native.name)
            return
        version = self.versions.currentText()
        newest = self.row.listed is None or version in ("", self.row.listed.version)
        self._install(self.row.name if newest else f"{self.row.name}@{version}", *self.form)

    @property
    def form(self) -> tuple[bool, bool]:
        """Whether .py files are wanted, and whether what is .py is to be compiled."""
        return self.source.isChecked(), self.compiled.isChecked()

    def remove(self) -> None:
        """The chosen package."""
        if self.row is not None and self.row.installed is not None:
            self._remove(self.row.name)
