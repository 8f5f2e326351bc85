"""At 1280 x 720 no word is cut off, in any language and on any panel."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest
from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtGui import QFontDatabase
from PySide6.QtWidgets import (
    QAbstractButton,
    QComboBox,
    QDialog,
    QDockWidget,
    QHeaderView,
    QLabel,
    QScrollArea,
    QTabBar,
    QWidget,
)

from ide.composition import Ide
from tests.ide.window.conftest import Windows

LANGUAGES = ("en", "fr", "zh_TW", "zh_CN")
DIALOGS = ("file.settings", "help.log", "help.about")
#: A dynamic property of widgets that shorten their words on purpose, with the whole of them in the tooltip.
ELIDES = "elides"

#: What no line break can be put into; between Chinese letters there can always be one.
_UNBROKEN = re.compile(r"[^\s\u2e80-\uffff]+")


def cut_off(root: QWidget) -> Iterator[str]:
    """Each word that is cut, as ``widget: words (has/needs)``."""
    for widget in root.findChildren(QWidget):
        if not widget.isVisible() or _behind(widget) or widget.property(ELIDES):
            continue
        for words, has, needs in _measures(widget):
            if has < needs:
                yield f"{type(widget).__name__} {widget.objectName()}: {words!r} has {has}, needs {needs}"


def _behind(widget: QWidget | None) -> bool:
    """Whether it is on a panel behind another one, which has no size yet."""
    while widget is not None and not isinstance(widget, QDockWidget):
        widget = widget.parentWidget()
    return widget is not None and widget.visibleRegion().isEmpty()


def _measures(widget: QWidget) -> Iterator[tuple[str, int, int]]:
    if isinstance(widget, QLabel) and widget.text():
        if widget.wordWrap():
            yield widget.text(), widget.height(), widget.heightForWidth(widget.width())
            longest = max(_UNBROKEN.findall(widget.text()), key=len, default="")
            yield longest, widget.width(), widget.fontMetrics().horizontalAdvance(longest)
        else:
            yield widget.text(), widget.width(), widget.minimumSizeHint().width()
    elif isinstance(widget, QAbstractButton) and widget.text():
        yield widget.text(), widget.width(), widget.sizeHint().width()
    elif isinstance(widget, QScrollArea) and widget.widget() is not None:
        if widget.horizontalScrollBarPolicy() == Qt.ScrollBarPolicy.ScrollBarAlwaysOff:
            yield "the page", widget.viewport().width(), widget.widget().width()
    elif isinstance(widget, QComboBox):
        yield widget.currentText(), widget.width(), widget.minimumSizeHint().width()
    elif isinstance(widget, QTabBar):
        yield from _tabs(widget)
    elif isinstance(widget, QHeaderView):
        for at in range(widget.count()):
            if not widget.isSectionHidden(at):
                yield f"column {at}", widget.sectionSize(at), widget.sectionSizeHint(at)


def _tabs(bar: QTabBar) -> Iterator[tuple[str, int, int]]:
    for at in range(bar.count()):
        needs = bar.fontMetrics().horizontalAdvance(bar.tabText(at))
        yield bar.tabText(at), bar.tabRect(at).width(), needs
    if bar.count():
        last = bar.tabRect(bar.count() - 1)
        yield "all tabs of the bar", bar.width(), last.right() + 1


def settled(widget: QWidget) -> None:
    """Layouts are made in events; two rounds, as labels that wrap take two."""
    for _round in range(3):
        QCoreApplication.processEvents()
    for area in widget.findChildren(QScrollArea):
        area.ensureVisible(0, 0)


@pytest.fixture(params=LANGUAGES)
def ide(request: pytest.FixtureRequest, windows: Windows) -> Ide:
    if request.param.startswith("zh") and not any("CJK" in family for family in QFontDatabase.families()):
        pytest.skip("no font with Chinese letters: apt-get install fonts-noto-cjk")
    made = windows.open(windows.example("factorial"))
    made.window.resize(1280, 720)
    made.commands.run(f"view.language_{request.param}")
    settled(made.window)
    return made


def test_the_window_and_each_of_its_panels(ide: Ide) -> None:
    assert (ide.window.width(), ide.window.height()) == (1280, 720)
    found = set(cut_off(ide.window))
    for panel_id in ide.docks.docks:
        ide.docks.show_panel(panel_id)
        settled(ide.window)
        found |= {f"{panel_id}: {words}" for words in cut_off(ide.docks.docks[panel_id])}
    assert (ide.window.width(), ide.window.height()) == (1280, 720), "a panel made the window grow"
    assert not found, "\n".join(sorted(found))


@pytest.mark.parametrize("command", DIALOGS)
def test_the_dialogs(ide: Ide, command: str) -> None:
    ide.commands.run(command)
    dialog = ide.window.findChild(QDialog)
    assert dialog is not None
    settled(dialog)
    found = list(cut_off(dialog))
    dialog.close()
    assert not found, "\n".join(found)
    assert dialog.height() <= 720


def test_a_notice(ide: Ide) -> None:
    from ide.board.errors import BoardBusy

    for port in ("COM7", "COM8"):
        ide.notices.error(BoardBusy(port))
    settled(ide.window)
    assert not list(cut_off(ide.window.notice_bar))
    assert (ide.window.width(), ide.window.height()) == (1280, 720)
