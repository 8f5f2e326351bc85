"""One pane of tabs, or two side by side, and which of them was used last."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QSplitter, QWidget

from ide.editor.document import Document
from ide.editor.editor import CodeEditor
from ide.editor.pane import Page, Pane

MakeView = Callable[[Document, Pane], CodeEditor]


class Panes(QSplitter):
    """``front_changed``: another tab is in front or has the focus; ``closing(widget)``: a tab is to be closed.

    ``make`` makes a view of a document in a pane.
    """

    front_changed = Signal()
    closing = Signal(object)

    def __init__(self, make: MakeView, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setChildrenCollapsible(False)
        self._make = make
        self._active = 0
        self.all: list[Pane] = []
        self._add_pane()

    def _add_pane(self) -> Pane:
        pane = Pane(self)
        pane.closing.connect(self.closing)
        pane.chosen.connect(lambda: self.use(pane))
        pane.used.connect(lambda: self.use(pane))
        self.all.append(pane)
        self.addWidget(pane)
        return pane

    def use(self, pane: Pane) -> None:
        """This pane was used now."""
        if pane in self.all:
            self._active = self.all.index(pane)
            self.front_changed.emit()

    @property
    def active(self) -> Pane:
        """The pane that was used last."""
        return self.all[min(self._active, len(self.all) - 1)]

    def current(self) -> CodeEditor | None:
        """The text in front."""
        widget = self.active.currentWidget()
        return widget if isinstance(widget, CodeEditor) else None

    def views(self) -> list[CodeEditor]:
        """Every text in every pane."""
        return [view for pane in self.all for view in pane.editors()]

    def pane_of(self, widget: QWidget | None) -> Pane | None:
        """The pane that has this tab."""
        return next((pane for pane in self.all if widget in pane.widgets()), None)

    def view_of(self, document: Document) -> CodeEditor | None:
        """A view of a document, in the active pane if there is one."""
        views = [*self.active.editors(), *self.views()]
        return next((view for view in views if view.document is document), None)

    def bring(self, view: CodeEditor) -> None:
        """Show this tab in front."""
        pane = self.pane_of(view)
        if pane is not None:
            pane.setCurrentWidget(view)
            self.use(pane)

    def show_page(self, page: Page) -> None:
        """Show a page in the active pane, in place of the one with the same key."""
        for pane in self.all:
            for widget in pane.widgets():
                if isinstance(widget, Page) and widget.key == page.key:
                    pane.remove(widget)
        self.active.add(page)
        self.active.setCurrentWidget(page)

    def split(self) -> None:
        """Show the current text a second time beside; with two panes: make them one."""
        if len(self.all) == 2:
            self.join()
            return
        view = self.current()
        self.split_with([(view.document, dict(view.state()))] if view is not None else [], None)
        self.active.focus_current()

    def split_with(self, documents: list[tuple[Document, dict[str, Any]]], front: Path | None) -> None:
        """A second pane with these documents, each at a place."""
        pane = self._add_pane()
        for document, place in documents:
            self._make(document, pane).restore(place)
        for view in pane.editors():
            if front is not None and view.document.path == front:
                pane.setCurrentWidget(view)
        half = self.width() // 2
        self.setSizes([half, half])
        self.use(pane)

    def join(self) -> None:
        """One pane again, with the tabs of both."""
        kept, gone = self.all[0], self.all[1]
        shown = gone.currentWidget()
        for widget in gone.widgets():
            if isinstance(widget, CodeEditor) and widget.document not in [one.document for one in kept.editors()]:
                self._make(widget.document, kept).restore(dict(widget.state()))
            gone.remove(widget)
        if isinstance(shown, CodeEditor):
            same = next(view for view in kept.editors() if view.document is shown.document)
            kept.setCurrentWidget(same)
        self._remove(gone)

    def drop(self, widget: QWidget) -> None:
        """Take a tab away; a second pane without tabs goes."""
        pane = self.pane_of(widget)
        assert pane is not None
        pane.remove(widget)
        if pane.count() == 0 and len(self.all) == 2:
            self._remove(pane)
        self.front_changed.emit()

    def _remove(self, pane: Pane) -> None:
        self.all.remove(pane)
        pane.hide()
        pane.deleteLater()
        self._active = 0
        self.front_changed.emit()
        self.active.focus_current()
