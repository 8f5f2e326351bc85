"""Panels in the window: docks made from plugins. Knows no panel by name; a broken one becomes a notice."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDockWidget, QMainWindow, QVBoxLayout, QWidget

from ide.commands import Command, Commands
from ide.context import IdeContext
from ide.lab_presets import Presets
from ide.notify import Notices
from ide.panel import API, PanelInfo
from ide.settings import Settings
from ide.words import bind, words
from toolchains import plugins
from toolchains.errors import StudioError
from toolchains.plugins import Found, Loaded
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.project import Project

_AREAS = {
    "left": Qt.DockWidgetArea.LeftDockWidgetArea,
    "right": Qt.DockWidgetArea.RightDockWidgetArea,
    "bottom": Qt.DockWidgetArea.BottomDockWidgetArea,
}
#: A panel may be made as small as this, in pixels: one with much in it must not make the console tall.
_SMALLEST = (160, 80)


class PanelDock(QDockWidget):
    """A dock whose panel is made when it is first seen, or when the window has time."""

    def __init__(self, found: Found, info: PanelInfo, window: QMainWindow) -> None:
        super().__init__(window)
        self.found, self.info = found, info
        self.made = False
        self._count = 0
        self.setObjectName(f"panel.{info.id}")
        bind(self, "setAccessibleName", info.title)
        holder = QWidget(self)
        holder.setMinimumSize(*_SMALLEST)
        QVBoxLayout(holder).setContentsMargins(0, 0, 0, 0)
        self.setWidget(holder)
        self.rename()
        words.changed.connect(self.rename)

    def rename(self) -> None:
        """Title and number."""
        self.setWindowTitle(f"{self.info.title}  {self._count}" if self._count else str(self.info.title))

    def set_count(self, count: int) -> None:
        """The number beside the title; 0 for none."""
        if count != self._count:
            self._count = count
            self.rename()

    def fill(self, ctx: IdeContext) -> None:
        """Make the panel. Raises PluginError when its code fails."""
        if self.made:
            return
        self.made = True
        with plugins.blamed_on(self.found):
            content = self.info.create(ctx)
            if not isinstance(content, QWidget):
                raise TypeError(f"create() of the panel {self.info.id} returned a {type(content).__name__}")
        holder = self.widget()
        layout = holder.layout()
        assert layout is not None
        layout.addWidget(content)
        holder.setFocusProxy(content)


class Docks(QObject):
    """All panels of a window (:class:`ide.context.Layout`)."""

    def __init__(self, window: QMainWindow, commands: Commands, notices: Notices, presets: Presets) -> None:
        super().__init__(window)
        self._window, self._commands, self._notices, self._presets = window, commands, notices, presets
        self._ctx: IdeContext | None = None
        self.docks: dict[str, PanelDock] = {}
        window.setDockNestingEnabled(True)
        for corner, area in (
            (Qt.Corner.BottomLeftCorner, _AREAS["bottom"]),
            (Qt.Corner.BottomRightCorner, _AREAS["bottom"]),
        ):
            window.setCorner(corner, area)

    def add(self, founds: Iterable[Found]) -> None:
        """Load panels and give each a dock, in their order; what is broken is said."""
        loaded: list[Loaded[PanelInfo]] = []
        for found in founds:
            result = plugins.open_plugin(found, PanelInfo, API)
            if isinstance(result, Loaded):
                loaded.append(result)
            else:
                self._notices.error(result.error)
        for one in sorted(loaded, key=lambda one: one.plugin.order):
            self._add(one.found, one.plugin)

    def _add(self, found: Found, info: PanelInfo) -> None:
        if info.id in self.docks:
            holder = self.docks[info.id].found
            self._notices.error(plugins.PluginTaken(found, info.id, holder))
            return
        dock = PanelDock(found, info, self._window)
        beside = [other for other in self.docks.values() if other.info.area == info.area]
        self._window.addDockWidget(_AREAS[info.area], dock)
        if beside:
            self._window.tabifyDockWidget(beside[-1], dock)
        dock.setVisible(info.shown and info.id not in self._presets.lab.hidden)
        self._window.restoreDockWidget(dock)  # where it was last time, if the window knows it already
        dock.visibilityChanged.connect(lambda visible, dock=dock: self._seen(dock, visible))
        self.docks[info.id] = dock
        self._commands.register(
            Command(
                f"panel.{info.id}", _("Show panel: {title}", title=info.title),
                lambda: self.show_panel(info.id, focus=True), hint=info.hint,
            )
        )  # fmt: skip

    def raise_first(self) -> None:
        """In each group of tabs, the first panel in front."""
        seen: set[str] = set()
        for dock in sorted(self.docks.values(), key=lambda dock: dock.info.order):
            if dock.info.area not in seen and dock.info.shown and not dock.isHidden():
                seen.add(dock.info.area)
                dock.raise_()

    def as_set(self, settings: Settings) -> None:
        """Panels that a setting shows or hides when the window opens."""
        for dock in self.docks.values():
            if dock.info.setting:
                if self._presets.first and dock.info.id in self._presets.lab.hidden:
                    settings.set(dock.info.setting, False)
                dock.setVisible(settings.on(dock.info.setting))
                dock.raise_()

    def suit(self, project: Project) -> None:
        """Show the panels that are for such a project, behind what is in front."""
        for dock in self.docks.values():
            if dock.info.suits is not None and dock.isHidden() and dock.info.suits(project):
                beside = [one for one in self.docks.values() if one.info.area == dock.info.area]
                front = next((one for one in beside if not one.visibleRegion().isEmpty()), None)
                dock.show()
                if front is not None:
                    front.raise_()

    def start(self, ctx: IdeContext) -> None:
        """The window is on the screen: make the panels that are seen now, then the others, one at a time."""
        self._ctx = ctx
        for dock in self.docks.values():
            if dock.isVisible() and not dock.visibleRegion().isEmpty():
                self._fill(dock)
        self._fill_rest()

    def close(self) -> None:
        """The window goes: make no more panels."""
        self._ctx = None

    def _fill_rest(self) -> None:
        if self._ctx is None:
            return
        waiting = next((dock for dock in self.docks.values() if not dock.made and not dock.isHidden()), None)
        if waiting is not None:
            self._fill(waiting)
            QTimer.singleShot(0, self, self._fill_rest)

    def _seen(self, dock: PanelDock, visible: bool) -> None:
        if visible:
            self._fill(dock)

    def _fill(self, dock: PanelDock) -> None:
        if self._ctx is None:
            return
        try:
            dock.fill(self._ctx)
        except StudioError as error:
            self._notices.error(error)

    def show_panel(self, panel_id: str, *, focus: bool = False) -> None:
        """Bring a panel to the front."""
        dock = self.docks.get(panel_id)
        if dock is None:
            return
        dock.show()
        dock.raise_()
        self._fill(dock)
        if focus:
            self._focus(dock)

    def _focus(self, dock: PanelDock) -> None:
        """To what the panel chose; where that is hidden (an empty list), to the first thing that is not."""
        dock.widget().setFocus(Qt.FocusReason.ShortcutFocusReason)
        at = self._window.focusWidget()
        if at is None or not dock.isAncestorOf(at):
            inside = (one for one in dock.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus)
            first = next((one for one in inside if one.isVisibleTo(dock) and one.isEnabled()), dock)
            first.setFocus(Qt.FocusReason.ShortcutFocusReason)

    def set_badge(self, panel_id: str, count: int) -> None:
        """A number beside a panel's title."""
        if panel_id in self.docks:
            self.docks[panel_id].set_count(count)

    def toggles(self) -> list[QAction]:
        """For the menu: what shows and hides each panel, called as the panel is."""
        return [dock.toggleViewAction() for dock in self.docks.values()]
