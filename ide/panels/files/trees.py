"""The two trees: the board's on top, the project's below."""

from __future__ import annotations

from pathlib import Path, PurePosixPath
from typing import cast

from PySide6.QtCore import QMimeData, Qt, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QWidget

from ide.file_tree import FileTree
from ide.folder_model import FolderModel
from ide.panels.files.model import ROOT, BoardModel, ComputerModel, board_files
from toolchains.text import Text, _

#: How long a drag rests upon a folder until that opens, in ms; the least height, in pixels: two rows.
_HOVER_MS, _LEAST = 700, 44


class Tree(FileTree):
    """``paste_wanted(mime data, folder)``: Ctrl+V."""

    paste_wanted = Signal(object, object)

    def __init__(self, model: FolderModel, name: Text, parent: QWidget) -> None:
        super().__init__(model, name, parent)
        self.setDragDropMode(QAbstractItemView.DragDropMode.DragDrop)
        self.setDefaultDropAction(Qt.DropAction.CopyAction)
        self.setAutoExpandDelay(_HOVER_MS)
        self.setMinimumHeight(_LEAST)  # what is said above it needs the room more
        self.keys |= {"Ctrl+C": self.copy, "Ctrl+V": self.paste}

    def content(self) -> QMimeData | None:
        """What is selected, for the clipboard."""
        raise NotImplementedError

    def copy(self) -> None:
        """Ctrl+C."""
        content = self.content()
        if content is not None:
            QGuiApplication.clipboard().setMimeData(content)

    def paste(self) -> None:
        """Ctrl+V: in the current folder."""
        self.paste_wanted.emit(QGuiApplication.clipboard().mimeData(), self.folder())


class BoardTree(Tree):
    """The board's. A name, and a file's size."""

    def __init__(self, model: BoardModel, parent: QWidget) -> None:
        super().__init__(model, _("Files on the board"), parent)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def paths(self) -> list[PurePosixPath]:
        """What is selected, without what lies in a folder that is selected, too."""
        chosen = cast(list[PurePosixPath], self.selected())
        return [path for path in chosen if not set(chosen) & set(path.parents)]

    def folder_here(self) -> PurePosixPath:
        """Where something new goes."""
        return cast(PurePosixPath, self.folder()) if self.currentIndex().isValid() else ROOT

    def content(self) -> QMimeData | None:
        """Paths on the board."""
        return board_files(self.paths()) if self.paths() else None


class ComputerTree(Tree):
    """The project's."""

    def __init__(self, model: ComputerModel, parent: QWidget) -> None:
        super().__init__(model, _("Files of the project, to put on the board"), parent)

    def paths(self) -> list[Path]:
        """What is selected, without what lies in a folder that is selected, too."""
        chosen = cast(list[Path], self.selected())
        return [path for path in chosen if not set(chosen) & set(path.parents)]

    def content(self) -> QMimeData | None:
        """Addresses of files, as file managers have them."""
        return self.model().mimeData(self.selectionModel().selectedRows()) if self.paths() else None
