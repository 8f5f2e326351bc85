"""Keeps what is not saved: at most a second after a change, a worker writes the text to the state folder."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

from ide.editor.background import Background
from ide.editor.backups import Backup, Backups
from ide.editor.document import Document
from toolchains.errors import StudioError

#: Milliseconds from a change to the moment when it is written.
DELAY_MS = 1000


class Keeper(QObject):
    """The timer runs only while something that was typed is not written yet."""

    def __init__(
        self, backups: Backups, background: Background, failed: Callable[[StudioError], object], parent: QObject
    ) -> None:
        super().__init__(parent)
        self._backups = backups
        self._background = background
        self._tell = failed
        self._told = False
        self._waiting: dict[str, Document] = {}
        self._kept: set[str] = set()
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(DELAY_MS)
        self._timer.timeout.connect(self.keep_now)

    def follow(self, document: Document) -> None:
        """Keep this document's text from now on."""
        document.edited.connect(lambda: self._touched(document))
        document.dirty_changed.connect(lambda: self._touched(document))

    def _touched(self, document: Document) -> None:
        self._waiting[document.key] = document
        if not self._timer.isActive():
            self._timer.start()

    def keep_now(self) -> None:
        """Hand everything that waits to the worker."""
        self._timer.stop()
        waiting, self._waiting = self._waiting, {}
        for key, document in waiting.items():
            if document.dirty and document.views:
                self._keep(key, document)
            else:
                self.forget(key)

    def _keep(self, key: str, document: Document) -> None:
        sci = document.views[0].sci
        data, caret = sci.get_text_range(0, sci.length()), sci.caret()
        path, form, stamp = document.path, document.form, document.stamp

        def work() -> None:
            # Not decoded: that would hold up the window, which waits for the interpreter meanwhile.
            self._backups.keep(Backup(key, path, "", form, caret, stamp), bytes(data.data()))

        self._kept.add(key)
        self._background.do(work, self._worked, self._failed)

    def forget(self, key: str) -> None:
        """The text of this key is saved, or not wanted."""
        self._waiting.pop(key, None)
        if key in self._kept:
            self._kept.discard(key)
            self._background.do(lambda: self._backups.forget(key))

    def adopt(self, key: str) -> None:
        """This key was kept by a run before this one."""
        self._kept.add(key)

    def close(self) -> None:
        """Write nothing more."""
        self._timer.stop()
        self._waiting.clear()

    def _worked(self, _nothing: object) -> None:
        self._told = False

    def _failed(self, error: StudioError) -> None:
        """Said once, not each second."""
        if not self._told:
            self._told = True
            self._tell(error)
