"""Small parts that the pages of panels are made of: sentences that wrap, pages that scroll, dialogs for files."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QFileDialog,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLayout,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from ide.words import bind
from toolchains.text import Text, _


def set_role(widget: QWidget, role: str) -> None:
    """Say in colour what the words say."""
    if widget.property("role") != role:
        widget.setProperty("role", role)
        widget.style().unpolish(widget)
        widget.style().polish(widget)


def sentence(parent: QWidget, text: Text | None = None, role: str = "") -> QLabel:
    """A sentence that wraps, and can be copied."""
    label = QLabel(parent)
    label.setWordWrap(True)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setProperty("role", role)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    if text is not None:
        bind(label, "setText", text)
    return label


def say(label: QLabel, text: Text | str | None, role: str = "") -> None:
    """Show a sentence, or none."""
    set_role(label, role)
    if text is not None:
        bind(label, "setText", text if isinstance(text, Text) else Text("{said}", {"said": text}))
    label.setVisible(text is not None)


def big(parent: QWidget, title: Text, run: Callable[[], object]) -> QPushButton:
    """The one obvious button of a page."""
    button = QPushButton(parent)
    button.setProperty("act", True)
    bind(button, "setText", title)
    button.clicked.connect(lambda _checked=False: run())
    return button


class Page(QScrollArea):
    """A page of the panel: what is in it scrolls when the panel is low. Widgets are children of ``inner``."""

    def __init__(self, name: Text, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        bind(self, "setAccessibleName", name)
        self.inner = QWidget(self)
        self.column = QVBoxLayout(self.inner)
        self.column.setContentsMargins(8, 4, 8, 4)
        self.column.setSpacing(4)
        self.setWidget(self.inner)


def foot(said: QLabel, *acts: QWidget) -> QHBoxLayout:
    """The line below a page: a sentence, then what can be done."""
    row = QHBoxLayout()
    row.setContentsMargins(8, 2, 8, 4)
    row.setSpacing(12)
    row.addWidget(said, 1)
    row.addStretch(0)
    for act in acts:
        row.addWidget(act)
    return row


def stacked(parent: QWidget, *of: QWidget | QLayout) -> None:
    """Lay these out in ``parent`` one below the other, without margins; the first has what room is left."""
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    for at, thing in enumerate(of):
        if isinstance(thing, QWidget):
            column.addWidget(thing, 0 if at else 1)
        else:
            column.addLayout(thing)


def ask_open(parent: QWidget, title: Text, filters: tuple[Text, ...], chosen: Callable[[str], object]) -> None:
    """Let the person choose a file that there is."""
    dialog = QFileDialog(parent, str(title))
    dialog.setNameFilters([str(one) for one in (*filters, _("All files (*)"))])
    dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
    _open(dialog, chosen)


def ask_folder(parent: QWidget, title: Text, chosen: Callable[[str], object]) -> None:
    """Let the person choose a folder."""
    dialog = QFileDialog(parent, str(title))
    dialog.setFileMode(QFileDialog.FileMode.Directory)
    _open(dialog, chosen)


def ask_save(parent: QWidget, title: Text, name: str, suffix: str, chosen: Callable[[str], object]) -> None:
    """Let the person choose where a file shall be."""
    dialog = QFileDialog(parent, str(title))
    dialog.setAcceptMode(QFileDialog.AcceptMode.AcceptSave)
    dialog.setDefaultSuffix(suffix)
    dialog.selectFile(name)
    _open(dialog, chosen)


def _open(dialog: QFileDialog, chosen: Callable[[str], object]) -> None:
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.fileSelected.connect(chosen)
    dialog.open()
