"""The status bar: what happened last, the board with its memory, and where the cursor is."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QProgressBar, QSizePolicy, QStatusBar, QToolButton, QWidget

from ide.board_picker import state_words
from ide.board_session import BoardSession
from ide.elided import Elided
from ide.job_queue import Jobs
from ide.vitals import BoardVitals
from ide.words import bind, words
from toolchains.jobs import Progress
from toolchains.text import Text, _
from toolchains.units import percent_text, size_text

_BAR, _PADDING = 160, 8
#: What happened last keeps so many pixels, however long the words about the board are.
_SAID = 100


class Status(QStatusBar):
    """One line at the bottom of the window."""

    def __init__(self, board: BoardSession, vitals: BoardVitals, jobs: Jobs, parent: QWidget) -> None:
        super().__init__(parent)
        self._board, self._vitals, self._jobs = board, vitals, jobs
        self._say: Callable[[], Text | str] = str
        self._line, self._column = 0, 0
        self._file_words = ""
        self.setSizeGripEnabled(False)
        self.said = Elided(self)  # a long sentence must not make the window wider than the screen
        self.said.setMinimumWidth(_SAID)
        bind(self.said, "setAccessibleName", _("What happened last"))
        self.addWidget(self.said, 1)
        self.job = QProgressBar(self)
        self.job.setFixedWidth(_BAR)
        self.job.setRange(0, 0)
        bind(self.job, "setAccessibleName", _("Work in progress"))
        self.addWidget(self.job)
        self.cancel = QToolButton(self)
        self.cancel.setProperty("flat", True)
        bind(self.cancel, "setText", _("Cancel"))
        self.cancel.clicked.connect(self._cancel)
        self.addWidget(self.cancel)
        self.board = Elided(self)  # as wide as its words, while there is room for them
        self.board.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self._permanent(self.board, _("Board"))
        self.memory = self._label(_("Memory of the board"))
        self.place = self._label(_("Line and column"))
        self.file = self._label(_("Encoding and kind of the file"))
        board.changed.connect(self.render)
        vitals.changed.connect(self._say_memory)
        words.changed.connect(self.render)
        jobs.listeners.append(self._jobs_changed)
        self._jobs_changed()
        self.render()

    def _label(self, name: Text) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        self._permanent(label, name)
        return label

    def _permanent(self, label: QLabel, name: Text) -> None:
        bind(label, "setAccessibleName", name)
        self.addPermanentWidget(label)

    def tell(self, say: Callable[[], Text | str]) -> None:
        """What happened last, in one short line: asked again when the language changes."""
        self._say = say
        self.render()

    def set_place(self, line: int, column: int) -> None:
        """Where the cursor is, counted from 1."""
        self._line, self._column = line, column
        self.place.setText(str(_("Ln {line}, Col {column}", line=line, column=column)) if line else "")

    def set_file(self, words_of_file: str) -> None:
        """``UTF-8 · LF · C``."""
        self._file_words = words_of_file
        self.file.setText(words_of_file)

    def render(self) -> None:
        """Say everything anew: the board changed, or the language did."""
        self.said.setText(str(self._say()))
        self.set_place(self._line, self._column)
        identity, board = self._board.identity, self._board
        state = str(state_words(board))
        if identity is None:
            self.board.brief = ""
            self.board.setText(state if board.address is None else f"{board.address} · {state}")
            self.memory.setText("")
            return
        chip = identity.chip.upper() if identity.chip else (identity.arch.name if identity.arch else identity.platform)
        self.board.brief = f"{board.address} · {state}"
        self.board.setText(f"{board.address} · {chip} · MicroPython {identity.version} · {state}")
        self._say_memory()

    def _say_memory(self) -> None:
        """As of the newest answer; before there is one, as the board was met."""
        identity, latest = self._board.identity, self._vitals.latest
        if identity is None:
            return
        heap = (identity.heap_used, identity.heap_free)
        if latest is not None and latest.heap_used is not None and latest.heap_free is not None:
            heap = (latest.heap_used, latest.heap_free)
        free, used = size_text(heap[1]), percent_text(heap[0], sum(heap))
        self.memory.setText(str(_("memory {used} used · {free} free", used=used, free=free)))

    def _jobs_changed(self) -> None:
        running = [job for job in self._jobs.running if not job.quiet]
        self.job.setVisible(bool(running))
        self.cancel.setVisible(bool(running))
        if running:
            title, room = str(running[-1].title), _BAR - _PADDING
            self.job.setFormat(self.job.fontMetrics().elidedText(title, Qt.TextElideMode.ElideRight, room))
            self.job.setToolTip(title)
        self.job.setRange(0, 0)

    def progress(self, event: Progress) -> None:
        """How far the current work is."""
        if event.total:
            self.job.setRange(0, 100)
            self.job.setValue(min(100, 100 * event.done // event.total))
        else:
            self.job.setRange(0, 0)

    def _cancel(self) -> None:
        for job in list(self._jobs.running):
            if not job.quiet:
                job.cancel()
