"""Questions before something is lost, and what there is to know of one file. They hold nothing up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QMessageBox, QVBoxLayout, QWidget

from ide.value_rows import rows_widget
from ide.words import bind
from toolchains.text import Text, _
from toolchains.units import size_text

if TYPE_CHECKING:
    from ide.board.files.records import Properties

#: So many names are told; of more, how many there are.
_NAMES = 12


def ask(
    window: QWidget, title: Text, question: Text, names: Sequence[str], act: Text, run: Callable[[], object],
    *, more: Text | None = None, harmless: bool = False,
) -> QMessageBox:  # fmt: skip
    """Ask whether ``act`` is to be done to ``names``. ``harmless``: Enter does it; else Enter leaves all as it is."""
    box = QMessageBox(window)
    box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    box.setIcon(QMessageBox.Icon.Question if harmless else QMessageBox.Icon.Warning)
    box.setTextFormat(Qt.TextFormat.PlainText)
    box.setWindowTitle(str(title))
    lines = [str(question), "", *names[:_NAMES]]
    if len(names) > _NAMES:
        lines.append(str(_("and {n} more", n=len(names) - _NAMES)))
    box.setText("\n".join(lines))
    if more is not None:
        box.setInformativeText(str(more))
    role = QMessageBox.ButtonRole.AcceptRole if harmless else QMessageBox.ButtonRole.DestructiveRole
    do = box.addButton(str(act), role)
    keep = box.addButton(str(_("Leave as it is")), QMessageBox.ButtonRole.RejectRole)
    box.setDefaultButton(do if harmless else keep)
    box.setEscapeButton(keep)
    do.clicked.connect(lambda: run())
    box.open()
    return box


class PropertiesDialog(QDialog):
    """All about one file or folder of the board; every value can be selected."""

    def __init__(self, found: Properties, n_files: int | None, window: QWidget) -> None:
        super().__init__(window)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        bind(self, "setWindowTitle", _("Properties: {name}", name=found.entry.name))
        self.resize(520, 240)
        column = QVBoxLayout(self)
        self.rows = rows_of(found, n_files)
        column.addWidget(rows_widget(self.rows, self), 1)
        buttons = QDialogButtonBox(self)
        bind(buttons.addButton("", QDialogButtonBox.ButtonRole.RejectRole), "setText", _("Close"))
        buttons.rejected.connect(self.reject)
        column.addWidget(buttons)


def rows_of(found: Properties, n_files: int | None) -> list[tuple[object, object]]:
    """Names and values. ``n_files``: how many files are in a folder."""
    entry = found.entry
    rows: list[tuple[object, object]] = [
        (_("Path"), entry.path),
        (_("Kind"), _("folder") if entry.is_folder else _("file")),
    ]
    if entry.size is not None:
        rows.append((_("Size"), _("{size} ({n} bytes)", size=size_text(entry.size), n=entry.size)))
    if n_files is not None:
        rows.append((_("Files in it"), n_files))
    if entry.modified:
        rows.append((_("Changed"), _time(entry.modified)))
    if found.sha256 is not None:
        rows.append(("sha256", found.sha256))
    space = found.filesystem
    if space is not None:
        rows += [
            (_("Filesystem"), space.mount),
            (_("Free"), _("{free} of {total}", free=size_text(space.free), total=size_text(space.total))),
            (_("Block"), size_text(space.block)),
        ]
        if space.read_only:
            rows.append((_("Writing"), _("not possible: this filesystem is read-only")))
    return rows


def _time(seconds: int) -> str:
    """By the board's clock, which may never have been set."""
    from datetime import UTC, datetime

    return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S}"
