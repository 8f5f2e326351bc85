"""A Python file to an .mpy: bytecode, native or viper, without a project and without a compiler."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QComboBox,
    QFileDialog,
    QHBoxLayout,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from ide import problem_sources
from ide.context import IdeContext
from ide.elided import Elided
from ide.panels.builds.output import Output
from ide.panels.builds.rows import Rows
from ide.words import bind, words
from ide.work_bar import Work
from toolchains import mpy_words
from toolchains.chips import arches
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.mpy_cross import VERSIONS, version_text
from toolchains.mpyfile import MpyFile
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.inspect import Identity

_EMITTERS: tuple[tuple[str, Text], ...] = (
    ("", _("as each function is marked")),
    ("bytecode", _("bytecode, for every board")),
    ("native", _("native machine code")),
    ("viper", _("viper machine code")),
)


class Wish(NamedTuple):
    """What to compile, and how."""

    source: Path
    emit: str | None
    arch: str | None
    mpy: tuple[int, int]

    @property
    def output(self) -> Path:
        """The .mpy lies beside the file."""
        return self.source.with_suffix(".mpy")


def compile_file(ctx: JobContext, wish: Wish) -> MpyFile:
    """Compile, and read what came out. Raises PythonFailed, UsageError, DiskError."""
    from toolchains import bytecode, mpyfile

    bytecode.compile_py(
        ctx, wish.source, wish.output, embedded_name=wish.source.name, arch=wish.arch, emit=wish.emit,
        mpy=wish.mpy, shown_as=str(wish.source),
    )  # fmt: skip
    return mpyfile.read_file(wish.output)


class PythonFile(QWidget):
    """Which file, how, and what came out."""

    def __init__(self, ctx: IdeContext, output: Output, parent: QWidget) -> None:
        super().__init__(parent)
        self._ctx = ctx
        self._chosen: Path | None = None
        self._made: MpyFile | None = None
        self._identity: Identity | None = None
        self.source = Elided(self)
        self.emit = self._combo(_("What functions become"))
        self.arch = self._combo(_("Architecture"))
        self.version = self._combo(_("Version of the .mpy file"))
        self.choose = self._button(self._choose)
        bind(self.choose, "setText", _("Choose a file"))
        self.compile = self._button(self._compile)
        bind(self.compile, "setText", _("Compile"))
        self.work = Work(ctx, output, self)
        self.result = Elided(self)
        self.rows = Rows(_("What is in the .mpy file"), self)
        self._fill()
        self._lay_out()
        ctx.editors.current_changed.connect(lambda _view: self.render())
        ctx.board.changed.connect(self._board_changed)
        words.changed.connect(self.render)
        self._board_changed()
        self.render()

    def _combo(self, name: Text) -> QComboBox:
        combo = QComboBox(self)
        bind(combo, "setAccessibleName", name)
        bind(combo, "setToolTip", name)
        return combo

    def _button(self, run: object) -> QToolButton:
        button = QToolButton(self)
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.clicked.connect(lambda: run())  # type: ignore[operator]
        return button

    def _fill(self) -> None:
        for emitter, title in _EMITTERS:
            self.emit.addItem(str(title), emitter)
        for name in arches():
            self.arch.addItem(name, name)
        for version in VERSIONS:
            self.version.addItem(str(_(".mpy {version}", version=version_text(version))), version)

    def _lay_out(self) -> None:
        """Low and wide, as the panel is: three rows left, what came out right."""
        first = QHBoxLayout()
        first.setSpacing(8)
        first.addWidget(self.source, 1)
        first.addWidget(self.choose)
        second = QHBoxLayout()
        second.setSpacing(8)
        second.addWidget(self.emit, 1)
        for widget in (self.arch, self.version, self.compile):
            second.addWidget(widget)
        left = QVBoxLayout()
        left.setSpacing(4)
        left.addLayout(first)
        left.addLayout(second)
        left.addWidget(self.work)
        left.addWidget(self.result)
        left.addStretch(1)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(8, 4, 8, 4)
        outer.setSpacing(16)
        outer.addLayout(left, 1)
        outer.addWidget(self.rows, 1)

    # --- what happens ---------------------------------------------------------------------------------------------

    def file(self) -> Path | None:
        """The file that was chosen, else the Python file in the editor."""
        if self._chosen is not None:
            return self._chosen
        path = self._ctx.editors.current_path()
        return path if path is not None and path.suffix == ".py" else None

    def take(self, path: Path) -> None:
        """Use this file from now on."""
        self._chosen = path
        self.render()

    def render(self) -> None:
        """Say everything anew."""
        path = self.file()
        nothing = _("Open a Python file, or choose one.")
        bind(self.source, "setText", Text("{path}", {"path": path}) if path is not None else nothing)
        self.compile.setEnabled(path is not None and not self.work.busy)
        for at, (_emitter, title) in enumerate(_EMITTERS):
            self.emit.setItemText(at, str(title))
        self.rows.show_rows(mpy_words.rows(self._made) if self._made is not None else [])

    def _board_changed(self) -> None:
        """Another board: what it is, is chosen in both lists."""
        identity = self._ctx.board.identity
        if identity is None or identity is self._identity:
            return
        self._identity = identity
        if identity.arch is not None:
            self.arch.setCurrentIndex(self.arch.findData(identity.arch.name))
        if identity.mpy_version in VERSIONS:
            self.version.setCurrentIndex(VERSIONS.index(identity.mpy_version))

    def _choose(self) -> None:
        dialog = QFileDialog(self, str(_("Choose a file")), str(self._ctx.project.folder), "Python (*.py)")
        dialog.setFileMode(QFileDialog.FileMode.ExistingFile)
        dialog.fileSelected.connect(lambda name: self.take(Path(name)))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()

    def _compile(self) -> None:
        path = self.file()
        if path is None or (self._ctx.settings.on("run.save_first") and not self._ctx.editors.save_all()):
            return
        emit = self.emit.currentData() or None
        arch = None if emit == "bytecode" else self.arch.currentData()
        wish = Wish(path, emit, arch, VERSIONS[self.version.currentIndex()])
        self._ctx.problems.put("python", [])
        title = _("Compile {file}", file=path.name)
        self.work.start(title, lambda ctx: compile_file(ctx, wish), lambda mpy: self._done(wish, mpy), self._failed)
        self.render()

    def _done(self, wish: Wish, mpy: MpyFile) -> None:
        self._made = mpy
        bind(self.result, "setText", _("The file is {path}", path=wish.output))
        self.render()

    def _failed(self, error: StudioError) -> None:
        self._made = None
        bind(self.result, "setText", Text("{error}", {"error": error}))
        if error.code != "cancelled":
            self._ctx.problems.put("python", problem_sources.of_error(error, self._ctx.project.folder))
        self.render()
