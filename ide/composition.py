"""The composition root: every part of one window is made here, once, and given to those that need it."""

from __future__ import annotations

import sys
from functools import partial
from pathlib import Path

from PySide6.QtCore import QProcess, QTimer
from PySide6.QtWidgets import QApplication

from ide import code_commands, core_commands, lab_presets, project_commands, quick_start, session_state, stub_commands
from ide.actions import Actions
from ide.board_notice import BoardNotice
from ide.board_picker import BoardList, BoardPicker
from ide.board_session import BoardSession
from ide.collector import Collector
from ide.commands import Commands
from ide.compiler_notice import CompilerNotice
from ide.context import IdeContext
from ide.crash import CrashHandler
from ide.crash_notice import CrashNotice
from ide.docks import Docks
from ide.editor.area import EditorArea
from ide.editor.intelligence.session import IntelligenceSession
from ide.engine import Engine
from ide.first_board import FirstBoard
from ide.gallery import first_file
from ide.instance import Instance
from ide.job_queue import Jobs
from ide.notify import Notices
from ide.package_notice import PackageNotice
from ide.package_work import PackageWork
from ide.problems import Problems
from ide.project_session import ProjectSession
from ide.pump import Pump
from ide.run_follower import RunFollower
from ide.runs import BOARD_ARCH, Runs
from ide.settings import Settings
from ide.status import Status
from ide.themes import themes
from ide.toolbar import Toolbar
from ide.toolchain_session import ToolchainSession
from ide.vitals import BoardVitals
from ide.window import Window
from ide.window_dialogs import WindowDialogs
from ide.words import words
from toolchains import languages, plugins
from toolchains.errors import StudioError
from toolchains.text import _

#: Simulated boards, and the one that starts the firmware that was built last.
_SIMULATED, _OWN_FIRMWARE = "sim:", "sim:firmware"


class Ide:
    """One window, its parts, and what joins them."""

    def __init__(self, folder: Path, engine: Engine, instance: Instance) -> None:
        self.folder, self.engine, self.instance = folder, engine, instance
        self.words, self.themes = words, themes
        self.state_folder = engine.paths.state
        self.state_file = session_state.state_file(self.state_folder, folder)
        self._state = session_state.read(self.state_file)
        self.settings = Settings.load(engine.paths.config / "settings.toml")
        self.presets = lab_presets.begin(engine.paths, self.settings)
        self.words.use(self._language())
        self.themes.use_font(self.settings.text("editor.font_family"))
        self.themes.use(self.settings.text("window.theme"))
        self.notices = Notices()
        self.settings.failed = self.notices.error
        self.pump = Pump()
        self.crash = CrashHandler(self.state_folder / "crashes", self.notices, self._keep, self._show_file)
        self.crash.ring = self.pump.ring
        self.jobs = Jobs(self.pump.ring, self.notices.error, self.crash.caught)
        self.project = ProjectSession(self.jobs, folder)
        self.board = BoardSession(engine, self.pump.ring)
        self.vitals = BoardVitals(self.board, self.settings)
        self.problems = Problems()
        self.runs = Runs(engine, self.jobs, self.project, self.board, self.problems)
        self.toolchains = ToolchainSession(engine, self.jobs, self.project, self.board)
        self.commands = Commands()
        self.collector = Collector()
        self.window = Window(self.notices)
        self.dialogs = WindowDialogs(self.window, self.commands, self.settings, self.notices, engine)
        self.docks = Docks(self.window, self.commands, self.notices, self.presets)
        self.boards = BoardList(self.jobs, engine, self.pump.ring)
        self._closed = self._marking = False
        self._make_rest()
        for drain in (self.jobs.drain, self.board.drain, self.boards.drain, self.crash.drain):
            self.pump.add(drain)

    def _make_rest(self) -> None:
        core_commands.register(self)
        self.editors = EditorArea(self.window)
        self.window.set_editor(self.editors)
        self.intelligence = IntelligenceSession(self.window)
        self.ctx = IdeContext(
            settings=self.settings, commands=self.commands, jobs=self.jobs, notices=self.notices,
            problems=self.problems, themes=self.themes, words=self.words, engine=self.engine, project=self.project,
            board=self.board, vitals=self.vitals, runs=self.runs, toolchains=self.toolchains, editors=self.editors,
            intelligence=self.intelligence,
            packages=PackageWork(self.engine, self.settings, self.jobs, self.board), layout=self.docks,
            ring=self.pump.ring, add_drain=self.pump.add, state_folder=self.state_folder, window=self.window,
            open_project=self.open_project,
        )  # fmt: skip
        project_commands.register(self.ctx)
        code_commands.register(self.ctx)
        stub_commands.register(self.ctx)
        self.compiler_notice = CompilerNotice(self.ctx)
        self.board_notice = BoardNotice(self.ctx)
        self.crash_notice = CrashNotice(self.ctx)
        self.package_notice = PackageNotice(self.ctx)
        self.editors.attach(self.ctx)
        self.actions = Actions(self.window, self.commands, self.docks.toggles)
        self.picker = BoardPicker(self.board, self.boards, self.window)
        self.first_board = FirstBoard(self.jobs, self.board, self.picker)
        self.toolbar = Toolbar(self.window, self.actions, self.project, self.board, self.picker, self.runs)
        self.window.addToolBar(self.toolbar)
        self.status = Status(self.board, self.vitals, self.jobs, self.window)
        self.window.setStatusBar(self.status)
        self.follower = RunFollower(self.ctx, self.status, self.compiler_notice, self.board_notice, self.crash_notice)
        found = plugins.discover(plugins.PANELS)
        self._foreign = [one for one in found if not one.builtin]
        self.docks.add(one for one in found if one.builtin)
        self._connect()

    def _connect(self) -> None:
        self.window.on_close = self.close
        self.settings.listeners.append(self._setting_changed)
        self.project.changed.connect(self._retitle)
        self.board.changed.connect(self._board_changed)
        self.board.failed.connect(self.board_notice.tell)
        self.boards.plugged.connect(self.board.port_appeared)
        self.editors.cursor_moved.connect(self.status.set_place)
        self.editors.current_changed.connect(lambda _view: self._retitle())
        self.editors.described.connect(self.status.set_file)
        self.editors.saved.connect(self.project.saved)
        self.problems.listeners.append(self._problems_changed)

    # --- start and end --------------------------------------------------------------------------------------------

    def show(self, file: Path | None = None) -> None:
        """Show the window with ``file``, else one of the project, in it; all else comes after the first picture."""
        first = file or self.editors.remembered(self._state.get("editors", {})) or first_file(self.folder)
        if first is not None:
            self.editors.open_now(first)
        if not self.window.restore_layout(self._state.get("layout", {})):
            self.docks.raise_first()
            self.window.first_layout()
            self.project.changed.connect(self._first_seen)
        self.docks.as_set(self.settings)
        self.editors.when_painted(self._painted)
        self.window.show()

    def _first_seen(self) -> None:
        """What a project is shows which panels it needs."""
        self.project.changed.disconnect(self._first_seen)
        if self.project.project is not None:
            self.docks.suit(self.project.project)

    def _painted(self) -> None:
        """The file is on the screen."""
        quick_start.end()
        if not self._closed:
            self._retitle()
            QTimer.singleShot(0, self._after_first_picture)

    def _after_first_picture(self) -> None:
        if self._closed:
            return
        self.editors.restore(self._state.get("editors", {}))
        self.collector.begin()
        self.docks.start(self.ctx)
        self.docks.add(self._foreign)
        self.crash.watch_faults()
        self.instance.listen(self.window.come_forward)
        self.boards.watch()
        self.project.read()
        self.intelligence.start(self.ctx)
        self._remember_open()
        if self.settings.complaint is not None:
            self.notices.tell(self.settings.complaint)
        if self.presets.complaint is not None:
            self.notices.error(self.presets.complaint)
        if self.settings.on("board.connect"):
            self.first_board.connect_board(self._state.get("board") or self.presets.lab.board)

    def _remember_open(self) -> None:
        """From now on a start knows that the last one did not end well, unless :meth:`close` says that it did."""
        crashed = self._state.get("open") is True
        try:
            self._write_state(is_open=True)
            session_state.Recent(self.state_folder).add(self.folder)
        except StudioError as error:  # a full disk must not keep the board away
            self.notices.error(error)
        if crashed and self.editors.restore_backups():
            self.notices.tell(_("Natmod Studio did not end well last time. Your unsaved text is back."))

    def _write_state(self, *, is_open: bool) -> None:
        state = {
            "open": is_open,
            "editors": self.editors.state() if not is_open else self._state.get("editors", {}),
            "layout": self.window.layout_state(),
            "board": self.board.address or "",
        }
        session_state.write(self.state_file, state)

    def _keep(self) -> None:
        self.editors.keep_all()

    def close(self) -> None:
        """Keep what is open and end everything. The window is closed by whoever calls this."""
        if self._closed:
            return
        self._closed = True
        self.follower.close()
        self.editors.keep_all()
        try:
            self._write_state(is_open=False)
        except StudioError as error:
            self.crash.caught(error)
        self.window.hide()
        self.docks.close()
        self.intelligence.close()
        self.vitals.close()
        self.runs.close()
        self.jobs.close()
        self.boards.close()
        self.board.close()
        self.pump.close()
        self.editors.close_all()
        self.engine.close()
        self.instance.release()
        self.crash.remove()
        self.collector.end()

    # --- what the person does -------------------------------------------------------------------------------------

    def run(self, *, script: str | None = None, project: Path | None = None, mode: str | None = None) -> None:
        """F5. Without a board one is chosen first."""
        if self.settings.on("run.save_first") and not self.editors.save_all():
            return
        if script is None and project is None and self._runs_own_firmware() and self.commands.run("firmware.run"):
            return
        if self.board.address is None:
            self.first_board.then(partial(self.runs.run, script=script, project=project, mode=mode))
            return
        self.runs.run(script=script, project=project, mode=mode)

    def _runs_own_firmware(self) -> bool:
        """Whether the project is to run on the firmware that it makes, and another simulated board is there, or none;
        the firmware's panel builds it then."""
        project, address = self.project.project, self.board.address
        if project is None or project.board != _OWN_FIRMWARE or address == _OWN_FIRMWARE:
            return False
        if address is not None and not address.startswith(_SIMULATED):
            return False
        self.docks.show_panel("firmware")
        return True

    def run_file(self) -> None:
        """Run the Python file in the editor."""
        path = self.python_file()
        if path is not None:
            inside = path.is_relative_to(self.folder)
            script = path.relative_to(self.folder).as_posix() if inside else None
            self.run(script=script, project=None if inside else path)

    def python_file(self) -> Path | None:
        """The file in the editor, if it is Python."""
        path = self.editors.current_path()
        return path if path is not None and path.suffix == ".py" else None

    def build(self, arches: tuple[str, ...] = BOARD_ARCH, *, clean: bool = False) -> None:
        """Build without running."""
        if not self.settings.on("run.save_first") or self.editors.save_all():
            self.runs.build(arches, clean=clean)

    def clean(self) -> None:
        """Remove what builds made."""
        self.runs.clean()

    def stop(self) -> None:
        """Stop what runs."""
        self.runs.stop()

    def choose_board(self) -> None:
        """Open the list of boards."""
        self.picker.ask()

    def open_project(self, folder: Path) -> None:
        """Another project is another window, in a process of its own."""
        QProcess.startDetached(sys.executable, ["-P", "-m", "ide.app", str(folder)])

    # --- what happens ---------------------------------------------------------------------------------------------

    def _problems_changed(self) -> None:
        """Mark them in the text, once for all changes of now: hundreds of marks take a moment."""
        if not self._marking:
            self._marking = True
            QTimer.singleShot(0, self._mark_problems)

    def _mark_problems(self) -> None:
        self._marking = False
        if not self._closed:
            self.editors.set_problems(self.problems.all())

    def _board_changed(self) -> None:
        self.commands.refresh()

    def _setting_changed(self, key: str) -> None:
        if key == "window.language":
            self.words.use(self._language())
        elif key == "window.theme":
            self.themes.use(self.settings.text("window.theme"))
        elif key == "editor.font_family":
            self.themes.use_font(self.settings.text("editor.font_family"))
            self.themes.use(self.settings.text("window.theme"))
        self.commands.refresh()

    def _language(self) -> str:
        return self.settings.text("window.language") or languages.of_system(self.engine.host)

    def _retitle(self) -> None:
        path = self.editors.current_path()
        parts = [path.name] if path is not None else []
        self.window.setWindowTitle(" – ".join([*parts, self.project.name, "Natmod Studio"]))

    def _show_file(self, path: Path) -> None:
        self.editors.open(path)


def application(args: list[str]) -> QApplication:
    """The one QApplication, as every part expects it."""
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        app = QApplication([*args, "-style", "Fusion"])  # setStyle() would make Python's QStyle: 20 ms
    app.setApplicationName("Natmod Studio")
    app.setDesktopFileName("natmod-studio")
    return app
