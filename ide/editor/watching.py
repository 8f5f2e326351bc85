"""Hears when another program changes, removes or makes a file that is open here."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from PySide6.QtCore import QFileSystemWatcher, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QGuiApplication

#: Programs write a file in several steps; looked at it is when they pause, after so many milliseconds.
_PAUSE_MS = 120


class Watcher(QObject):
    """``look`` comes, with the paths to look at, some time after something happened to them.

    Folders are watched, too: a file that is replaced is another file for the system. Where the system does not tell
    (some network disks), coming back to the window asks.
    """

    look = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._paths: set[Path] = set()
        self._heard: set[Path] = set()
        self._system = QFileSystemWatcher(self)
        self._system.fileChanged.connect(lambda name: self._hear([Path(name)]))
        self._system.directoryChanged.connect(lambda name: self._hear(self._in_folder(Path(name))))
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(_PAUSE_MS)
        self._timer.timeout.connect(self._say)
        app = QGuiApplication.instance()
        assert isinstance(app, QGuiApplication)
        app.applicationStateChanged.connect(self._state_changed)

    def follow(self, paths: Iterable[Path]) -> None:
        """Watch these files, and no others."""
        self._paths = set(paths)
        wanted = {str(path) for path in self._paths} | {str(path.parent) for path in self._paths}
        known = {*self._system.files(), *self._system.directories()}
        if known - wanted:
            self._system.removePaths(list(known - wanted))
        if wanted - known:
            self._system.addPaths(list(wanted - known))

    def again(self) -> None:
        """Watch files that were replaced again."""
        self.follow(self._paths)

    def _in_folder(self, folder: Path) -> list[Path]:
        return [path for path in self._paths if path.parent == folder]

    def _state_changed(self, state: Qt.ApplicationState) -> None:
        if state == Qt.ApplicationState.ApplicationActive:
            self._hear(self._paths)

    def _hear(self, paths: Iterable[Path]) -> None:
        self._heard.update(paths)
        if self._heard and not self._timer.isActive():
            self._timer.start()

    def _say(self) -> None:
        heard, self._heard = self._heard, set()
        self.look.emit(heard & self._paths)

    def close(self) -> None:
        """Hear no more."""
        self._timer.stop()
        self.follow(())
