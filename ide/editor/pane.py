"""One group of tabs. The editor area has one, or two side by side."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QGuiApplication, QKeyEvent, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QMenu, QTabBar, QTabWidget, QToolButton, QWidget

from ide.editor.editor import CodeEditor
from ide.themes import themes
from ide.words import bind, words
from toolchains.text import Text, _

_AWAY = (QEvent.Type.WindowDeactivate, QEvent.Type.ApplicationDeactivate)
_DOT = "\u25cf "
_EMPTY = _("Choose a file in the project, or press Ctrl+O.")


class Page(QWidget):
    """Something in a tab that is no text file: a comparison, a first page. It has a title."""

    def __init__(self, key: str, title: Text, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.key = key
        self.title = title


class _Tabs(QTabBar):
    """``pressed_away(index)``: the middle button went up on a tab."""

    pressed_away = Signal(int)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Qt's."""
        index = self.tabAt(event.position().toPoint())
        if event.button() == Qt.MouseButton.MiddleButton and index >= 0:
            self.pressed_away.emit(index)
            return
        super().mouseReleaseEvent(event)


class Pane(QTabWidget):
    """Tabs of views and pages.

    ``closing(widget)``: somebody wants this tab gone; ``chosen``: another tab is in front; ``used``: it has the focus.
    """

    closing = Signal(object)
    chosen = Signal()
    used = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        bar = _Tabs(self)
        self.setTabBar(bar)
        self.setDocumentMode(True)
        self.setMovable(True)
        self.setElideMode(Qt.TextElideMode.ElideMiddle)
        self.setUsesScrollButtons(True)
        #: Widgets, the one used last first.
        self.recent: list[QWidget] = []
        self._turning: list[QWidget] = []
        bind(bar, "setAccessibleName", _("Open files"))
        bar.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        bar.customContextMenuRequested.connect(self._menu)
        bar.pressed_away.connect(lambda index: self.closing.emit(self.widget(index)))
        self.currentChanged.connect(self._changed)
        words.changed.connect(self.rename)
        words.changed.connect(self.update)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Without a tab, how one comes."""
        super().paintEvent(event)
        if self.count() == 0:
            painter = QPainter(self)
            painter.setPen(themes.color("muted"))
            painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap), str(_EMPTY))
            painter.end()

    # --- tabs --------------------------------------------------------------------------------------------------------

    def widgets(self) -> list[QWidget]:
        """What the tabs hold, from the left."""
        return [self.widget(index) for index in range(self.count())]

    def editors(self) -> list[CodeEditor]:
        """The tabs that are text files."""
        return [widget for widget in self.widgets() if isinstance(widget, CodeEditor)]

    def add(self, widget: CodeEditor | Page) -> None:
        """A new tab beside the one in front."""
        if isinstance(widget, CodeEditor):
            widget.document.dirty_changed.connect(self.rename)
            widget.document.renamed.connect(self.rename)
            widget.focused.connect(self.used)
        self.recent.append(widget)
        index = self.insertTab(self.currentIndex() + 1, widget, "")
        self.tabBar().setTabButton(index, QTabBar.ButtonPosition.RightSide, self._close_button(widget))
        self.rename()

    def _close_button(self, widget: QWidget) -> QToolButton:
        """With the mouse; the keyboard has a command."""
        button = QToolButton(self)
        button.setText("\u00d7")
        button.setProperty("flat", True)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bind(button, "setToolTip", _("Close the tab"))
        bind(button, "setAccessibleName", _("Close the tab"))
        button.clicked.connect(lambda: self.closing.emit(widget))
        return button

    def remove(self, widget: QWidget) -> None:
        """Take a tab out; the one used before comes to the front."""
        self.recent.remove(widget)
        was_front = self.currentWidget() is widget
        if isinstance(widget, CodeEditor):
            widget.document.dirty_changed.disconnect(self.rename)
            widget.document.renamed.disconnect(self.rename)
            widget.detach()
        if was_front and self.recent:
            self.setCurrentWidget(self.recent[0])
        self.removeTab(self.indexOf(widget))
        widget.deleteLater()

    def rename(self) -> None:
        """Titles: the file's name, with its folder where two are called alike, and a dot while it is not saved."""
        names = [widget.document.name for widget in self.editors()]
        for index, widget in enumerate(self.widgets()):
            if isinstance(widget, CodeEditor):
                document = widget.document
                title = document.name
                if document.path and names.count(title) > 1:
                    title = f"{title} \u2014 {document.path.parent.name}"
                self.setTabText(index, (_DOT if document.dirty else "") + title.replace("&", "&&"))
                self.setTabToolTip(index, str(document.path or document.name))
            elif isinstance(widget, Page):
                self.setTabText(index, str(widget.title))

    def _changed(self, _index: int) -> None:
        widget = self.currentWidget()
        if widget in self.recent and not self._turning:
            self.recent.remove(widget)
            self.recent.insert(0, widget)
        self.chosen.emit()

    # --- Ctrl+Tab ----------------------------------------------------------------------------------------------------

    def turn(self, step: int) -> None:
        """The tab used before this one; with the key held down, the one before that."""
        if len(self.recent) < 2:
            return
        if not self._turning:
            self._turning = list(self.recent)
            QGuiApplication.instance().installEventFilter(self)
        at = self._turning.index(self.currentWidget())
        self.setCurrentWidget(self._turning[(at + step) % len(self._turning)])
        self.focus_current()
        if not QApplication.queryKeyboardModifiers() & Qt.KeyboardModifier.ControlModifier:
            self._turned()

    def _turned(self) -> None:
        self._turning = []
        QGuiApplication.instance().removeEventFilter(self)
        self._changed(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: Ctrl goes up."""
        up = isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyRelease
        if self._turning and ((up and event.key() == Qt.Key.Key_Control) or event.type() in _AWAY):
            self._turned()
        return False

    def focus_current(self) -> None:
        """Give the keyboard to what is in front."""
        widget = self.currentWidget()
        if isinstance(widget, CodeEditor):
            widget.sci.take_focus()
        elif widget is not None:
            widget.setFocus()

    # --- menu --------------------------------------------------------------------------------------------------------

    def _menu(self, at: QPoint) -> None:
        index = self.tabBar().tabAt(at)
        if index >= 0:
            menu = self.menu_of(self.widget(index))
            menu.aboutToHide.connect(menu.deleteLater)
            menu.popup(self.tabBar().mapToGlobal(at))

    def menu_of(self, widget: QWidget) -> QMenu:
        """What can be done with a tab."""
        menu = QMenu(self)
        others = [other for other in self.widgets() if other is not widget]
        entries: list[tuple[Text, Callable[[], object]]] = [
            (_("Close"), lambda: self.closing.emit(widget)),
            (_("Close the others"), lambda: [self.closing.emit(other) for other in others]),
        ]
        if isinstance(widget, CodeEditor) and widget.document.path:
            path = str(widget.document.path)
            entries.append((_("Copy the path"), lambda: QGuiApplication.clipboard().setText(path)))
        for title, run in entries:
            menu.addAction(str(title)).triggered.connect(lambda _checked=False, run=run: run())
        return menu
