"""Two dialogs that only tell: what was said so far, and what this program is."""

from __future__ import annotations

import platform
from pathlib import Path

from PySide6 import __version__ as pyside_version
from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QDesktopServices, QGuiApplication
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPlainTextEdit,
    QPushButton,
    QTextBrowser,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from ide.engine import Engine
from ide.gallery import projects_folder
from ide.notify import KIND_WORDS, Notice, Notices
from ide.themes import themes
from ide.words import bind, words
from toolchains.text import Text, _

_DISTRIBUTION = "natmod-studio"
_PAPERS = ("LICENSE", "THIRD_PARTY.md")
_NOTICE = Qt.ItemDataRole.UserRole


class _Dialog(QDialog):
    """Stands beside the window and holds nothing up; Escape closes it."""

    def __init__(self, title: Text, parent: QWidget, width: int, height: int) -> None:
        super().__init__(parent)
        bind(self, "setWindowTitle", title)
        self.resize(width, height)
        self.column = QVBoxLayout(self)
        self.column.setSpacing(8)

    def buttons(self, *buttons: QPushButton) -> None:
        """The last line: buttons, and Close at the right."""
        close = self.button(_("Close"))
        close.clicked.connect(self.close)
        line = QHBoxLayout()
        for button in buttons:
            line.addWidget(button)
        line.addStretch(1)
        line.addWidget(close)
        self.column.addLayout(line)

    def button(self, title: Text) -> QPushButton:
        """A button that Enter does not press from elsewhere."""
        button = QPushButton(self)
        bind(button, "setText", title)
        button.setAutoDefault(False)
        return button

    def done(self, result: int) -> None:
        """Closed, in whichever way."""
        super().done(result)
        self.deleteLater()


class MessagesDialog(_Dialog):
    """Everything that was said in this window, the newest first."""

    def __init__(self, notices: Notices, parent: QWidget) -> None:
        super().__init__(_("Messages"), parent, 720, 480)
        self._notices = notices
        self.list = QTreeWidget(self)
        self.list.setColumnCount(3)
        self.list.setRootIsDecorated(False)
        self.list.setUniformRowHeights(True)
        bind(self.list, "setAccessibleName", _("Messages"))
        self.text = QPlainTextEdit(self)
        self.text.setReadOnly(True)
        self.text.setTabChangesFocus(True)
        self.text.setFont(themes.mono())
        bind(self.text, "setAccessibleName", _("The whole message"))
        self.empty = QLabel(self)
        self.empty.setProperty("role", "muted")
        bind(self.empty, "setText", _("Nothing was said yet. Messages and errors of this window are kept here."))
        for widget, stretch in ((self.empty, 0), (self.list, 1), (self.text, 1)):
            self.column.addWidget(widget, stretch)
        self.copy = self.button(_("Copy"))
        self.copy.clicked.connect(self._copy)
        self.copy_all = self.button(_("Copy all"))
        self.copy_all.clicked.connect(self._copy_all)
        self.buttons(self.copy, self.copy_all)
        self.list.currentItemChanged.connect(lambda _now, _before: self._show())
        notices.added.connect(self._render)
        words.changed.connect(self._render)
        self._render()
        self.list.setFocus()

    def _render(self, _notice: Notice | None = None) -> None:
        chosen = self._chosen()
        self.list.setHeaderLabels([str(_("When")), str(_("Kind")), str(_("Message"))])
        self.list.clear()
        for notice in reversed(self._notices.kept):
            row = QTreeWidgetItem([notice.when, str(KIND_WORDS[notice.kind]), str(notice.text).replace("\n", " ")])
            row.setData(0, _NOTICE, notice)
            self.list.addTopLevelItem(row)
            if notice is chosen:
                self.list.setCurrentItem(row)
        if self.list.currentItem() is None:
            self.list.setCurrentItem(self.list.topLevelItem(0))
        for column in (0, 1):
            self.list.resizeColumnToContents(column)
        some = bool(self._notices.kept)
        self.empty.setVisible(not some)
        self.copy.setEnabled(some)
        self.copy_all.setEnabled(some)
        self._show()

    def _chosen(self) -> Notice | None:
        item = self.list.currentItem()
        return item.data(0, _NOTICE) if item is not None else None

    def _show(self) -> None:
        chosen = self._chosen()
        self.text.setPlainText(chosen.whole() if chosen is not None else "")

    def _copy(self) -> None:
        QGuiApplication.clipboard().setText(self.text.toPlainText())

    def _copy_all(self) -> None:
        said = (f"{one.when} {KIND_WORDS[one.kind]}: {one.whole()}" for one in self._notices.kept)
        QGuiApplication.clipboard().setText("\n\n".join(said))


class AboutDialog(_Dialog):
    """Version, licences, and where everything is kept."""

    def __init__(self, engine: Engine, parent: QWidget) -> None:
        super().__init__(_("About Natmod Studio"), parent, 720, 560)
        title = QLabel("Natmod Studio", self)
        title.setProperty("role", "title")
        self.column.addWidget(title)
        about = QLabel(self)
        about.setWordWrap(True)
        about.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        bind(
            about, "setText",
            _("Version {version}, with Python {python} and Qt for Python {qt}. Free software under the MIT licence.",
              version=_version(), python=platform.python_version(), qt=pyside_version),
        )  # fmt: skip
        self.column.addWidget(about)
        self.column.addLayout(self._folders(engine))
        heading = QLabel(self)
        heading.setProperty("role", "heading")
        bind(heading, "setText", _("Licences"))
        self.column.addWidget(heading)
        self.licences = QTextBrowser(self)
        self.licences.setOpenExternalLinks(True)
        self.licences.setTabChangesFocus(True)
        bind(self.licences, "setAccessibleName", _("Licences"))
        self.licences.setMarkdown("\n\n".join(map(_paper, _PAPERS)))
        self.column.addWidget(self.licences, 1)
        self.buttons()

    def _folders(self, engine: Engine) -> QGridLayout:
        own = engine.paths
        grid = QGridLayout()
        grid.setColumnStretch(1, 1)
        for title, folder in (
            (_("Projects"), projects_folder(engine.host)),
            (_("Settings"), own.config),
            (_("MicroPython and compilers"), own.data),
            (_("Cache: may be deleted"), own.cache),
            (_("Session and unsaved text"), own.state),
        ):
            line = grid.rowCount()
            name = QLabel(self)
            bind(name, "setText", title)
            path = QLabel(str(folder), self)
            path.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
            path.setWordWrap(True)
            show = self.button(_("Open the folder"))
            bind(show, "setAccessibleName", _("Open the folder: {title}", title=title))
            show.clicked.connect(lambda _checked=False, folder=folder: show_folder(folder))
            for column, widget in enumerate((name, path, show)):
                grid.addWidget(widget, line, column)
        return grid


def show_folder(folder: Path) -> None:
    """Open a folder with the system's own program; of one that is not there yet, the nearest above it."""
    there = next((one for one in (folder, *folder.parents) if one.is_dir()), folder)
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(there)))


def _version() -> str:
    from importlib import metadata  # 60 ms that nobody else should pay

    return metadata.version(_DISTRIBUTION)


def _paper(name: str) -> str:
    """A paper of our distribution; nothing if it was left out."""
    from importlib import metadata

    return metadata.distribution(_DISTRIBUTION).read_text(f"licenses/{name}") or ""
