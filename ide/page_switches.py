"""Names of pages above a stack of them, in as many lines as they need; the one in front is pressed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TypeVar

from PySide6.QtWidgets import QButtonGroup, QStackedWidget, QToolButton, QVBoxLayout, QWidget

from ide.flow import Flow
from ide.words import bind
from toolchains.text import Text

_MARGIN = 8
_Page = TypeVar("_Page", bound=QWidget)


class PageSwitches(QWidget):
    """``titles``: of each page its name and what it is for. ``of``: the button of each page."""

    def __init__(
        self,
        parent: QWidget,
        pages: QStackedWidget,
        titles: Iterable[tuple[_Page, Text, Text]],
        show: Callable[[_Page], object],
    ) -> None:
        super().__init__(parent)
        self.of: dict[QWidget, QToolButton] = {}
        self._group = QButtonGroup(self)
        around = QVBoxLayout(self)
        around.setContentsMargins(_MARGIN, 2, _MARGIN, 2)
        head = QWidget(self)
        around.addWidget(head)
        flow = Flow(head)
        for page, title, hint in titles:
            button = QToolButton(head)
            button.setCheckable(True)
            button.setProperty("flat", True)
            bind(button, "setText", title)
            bind(button, "setToolTip", hint)
            bind(button, "setAccessibleName", hint)
            button.clicked.connect(partial(show, page))
            self._group.addButton(button)
            self.of[page] = button
            flow.addWidget(button)
            pages.addWidget(page)
