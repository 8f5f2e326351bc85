"""The toolbar: one obvious button, and beside it what it acts on."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QLabel, QMainWindow, QSizePolicy, QToolBar, QToolButton, QWidget

from ide.actions import Actions
from ide.board_picker import BoardPicker
from ide.board_session import BoardSession
from ide.project_session import ProjectSession
from ide.runs import Ended, Runs
from ide.words import bind, words
from toolchains.text import _

#: Command id, object name, in the order of the bar.
_BUTTONS = (("project.run", "run"), ("project.stop", "stop"), ("project.build", "build"))


class Toolbar(QToolBar):
    """Run, Stop, Build; the project; the board; what it is built with; the palette."""

    def __init__(
        self,
        window: QMainWindow,
        actions: Actions,
        project: ProjectSession,
        board: BoardSession,
        picker: BoardPicker,
        runs: Runs,
    ) -> None:
        super().__init__(window)
        self._project, self._board, self._runs = project, board, runs
        self.setObjectName("toolbar")
        bind(self, "setWindowTitle", _("Toolbar"))
        bind(self, "setAccessibleName", _("Toolbar"))
        self.setMovable(False)
        self.setIconSize(QSize(16, 16))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
        for command_id, name in _BUTTONS:
            self.addWidget(self._button(actions, command_id, name))
        self.project = QLabel(self)
        self.project.setProperty("role", "heading")
        self.project.setTextFormat(Qt.TextFormat.PlainText)
        bind(self.project, "setAccessibleName", _("Project"))
        self.addWidget(self.project)
        self.addWidget(picker)
        self.tools = QLabel(self)
        self.tools.setProperty("role", "muted")
        bind(self.tools, "setAccessibleName", _("Architecture and compiler"))
        self.addWidget(self.tools)
        space = QWidget(self)
        space.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.addWidget(space)
        self.addWidget(self._button(actions, "view.palette", "palette"))
        project.changed.connect(self.render)
        board.changed.connect(self.render)
        runs.ended.connect(self._ended)
        words.changed.connect(self.render)
        self.render()

    def _button(self, actions: Actions, command_id: str, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setDefaultAction(actions.of(command_id))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextOnly)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def render(self) -> None:
        """Project, architecture and compiler anew."""
        self.project.setText(self._project.name)
        self.project.setToolTip(str(self._project.folder))
        identity, last = self._board.identity, self._runs.last
        parts = [identity.arch.name] if identity is not None and identity.arch is not None else []
        build = last.report.build if last is not None and last.report is not None else None
        if build is not None:
            parts = [build.arch, f"{build.compiler.kind} {build.compiler.version}"]
        self.tools.setText(" · ".join(parts))

    def _ended(self, _ended: Ended) -> None:
        self.render()
