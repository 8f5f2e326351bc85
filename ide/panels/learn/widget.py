"""The learn panel: seven pages, one in front."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QSize
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from ide.commands import Command
from ide.context import IdeContext
from ide.page_switches import PageSwitches
from ide.panels.learn.board_page import DiskPage, ModulesPage
from ide.panels.learn.class_page import ClassPage
from ide.panels.learn.lessons_page import LessonsPage
from ide.panels.learn.regex_page import RegexPage
from ide.panels.learn.struct_page import StructPage
from ide.panels.learn.way_page import WayPage
from toolchains.text import Text, _

_SIZE = QSize(420, 560)


class LearnPanel(QWidget):
    """Names of pages above, in as many lines as they need."""

    def __init__(self, ctx: IdeContext) -> None:
        super().__init__()
        self._ctx = ctx
        self.lessons, self.struct, self.regex = LessonsPage(ctx, self), StructPage(ctx, self), RegexPage(ctx, self)
        self.way = WayPage(ctx, self)
        self.modules, self.disk, self.results = ModulesPage(ctx, self), DiskPage(ctx, self), ClassPage(ctx, self)
        self.pages = QStackedWidget(self)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        head = self._head()
        self.switches = head.of
        column.addWidget(head)
        column.addWidget(self.pages, 1)
        self._register()
        self.show_page(self.lessons)

    def _head(self) -> PageSwitches:
        titles: tuple[tuple[QWidget, Text, Text], ...] = (
            (self.lessons, _("Lessons"), _("Lessons whose code runs on the board")),
            (self.way, _("Which way?"), _("Python, native, viper, C or firmware: what fits what you want")),
            (self.struct, Text("struct"), _("Numbers as bytes, as the board lays them out")),
            (self.regex, Text("re"), _("Regular expressions, and what of them the board can do")),
            (self.modules, _("Modules"), _("Which modules this board has, and what is in them")),
            (self.disk, Text("statvfs"), _("The numbers of the board's filesystem, explained")),
            (self.results, _("Class"), _("Who passed what")),
        )
        return PageSwitches(self, self.pages, titles, self.show_page)

    def _register(self) -> None:
        to = partial(partial, self._open)
        self._ctx.commands.register(
            Command("learn.lessons", _("Lessons"), to(self.lessons), "", "help/5",
                    hint=_("From print to a class in C, with code that runs on the board")),
            Command("learn.way", _("Which way?"), to(self.way), "", "help/6",
                    hint=_("Python, native, viper, C or firmware: what fits what you want")),
            Command("learn.struct", _("Bench: struct"), to(self.struct)),
            Command("learn.regex", _("Bench: regular expressions"), to(self.regex)),
            Command("learn.modules", _("Modules of the board"), to(self.modules)),
            Command("learn.disk", _("Numbers of the filesystem (statvfs)"), to(self.disk)),
            Command("learn.results", _("Lessons: who passed what"), to(self.results)),
        )  # fmt: skip

    def _open(self, page: QWidget) -> None:
        self.show_page(page)
        self._ctx.layout.show_panel("learn", focus=True)

    def show_page(self, page: QWidget, _checked: bool = False) -> None:
        """Turn to a page."""
        self.pages.setCurrentWidget(page)
        self.switches[page].setChecked(True)
        self.setFocusProxy(self.switches[page])

    def sizeHint(self) -> QSize:
        """Wide enough to read code."""
        return _SIZE
