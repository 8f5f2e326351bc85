"""A window's services without a window: the real engine, board, runs and problems; the editor and the docks only note
what they are asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QApplication

from ide.board_session import BoardSession
from ide.commands import Command, Commands
from ide.context import IdeContext
from ide.editor.intelligence.session import IntelligenceSession
from ide.engine import Engine
from ide.job_queue import Jobs
from ide.notify import Notices
from ide.package_work import PackageWork
from ide.problems import Problems
from ide.project_session import ProjectSession
from ide.pump import Pump
from ide.runs import Runs
from ide.settings import Settings
from ide.themes import themes
from ide.toolchain_session import ToolchainSession
from ide.vitals import BoardVitals
from ide.words import words
from toolchains.text import _


class Editors(QObject):
    """Notes what was opened: (path, line, column, focus)."""

    current_changed = Signal(object)
    saved = Signal(Path)

    def __init__(self) -> None:
        super().__init__()
        self.opened: list[tuple[Path, int | None, int | None, bool]] = []
        self.current: Path | None = None
        self.documents: list[object] = []

    def text_of(self, path: Path) -> None:
        """Nothing is open."""

    def open(self, path: Path, line: int | None = None, column: int | None = None, focus: bool = True) -> None:
        self.opened.append((path, line, column, focus))

    def current_path(self) -> Path | None:
        return self.current

    def save_all(self) -> bool:
        return True

    def save_all_then(self, then: Callable[[bool], object]) -> None:
        then(True)


@dataclass
class Layout:
    """Notes what is shown."""

    shown: list[str] = field(default_factory=list)
    badges: dict[str, int] = field(default_factory=dict)

    def show_panel(self, panel_id: str, *, focus: bool = False) -> None:
        self.shown.append(panel_id)

    def set_badge(self, panel_id: str, count: int) -> None:
        self.badges[panel_id] = count


@dataclass
class Studio:
    """What a test asks about. ``printed``: what the console got."""

    ctx: IdeContext
    editors: Editors
    layout: Layout
    crashes: list[BaseException]
    printed: bytearray = field(default_factory=bytearray)

    @property
    def text(self) -> str:
        return self.printed.decode("utf-8", "backslashreplace")


@contextmanager
def studio(folder: Path) -> Iterator[Studio]:
    """The services for the project in ``folder``; everything ends with the block."""
    engine, pump, notices, editors, layout = Engine(), Pump(), Notices(), Editors(), Layout()
    crashes: list[BaseException] = []
    jobs = Jobs(pump.ring, notices.error, crashes.append)
    project, board = ProjectSession(jobs, folder), BoardSession(engine, pump.ring)
    problems, commands = Problems(), Commands()
    runs = Runs(engine, jobs, project, board, problems)
    toolchains = ToolchainSession(engine, jobs, project, board)
    settings = Settings.load(engine.paths.config / "settings.toml")
    vitals, packages = BoardVitals(board, settings), PackageWork(engine, settings, jobs, board)
    ctx = _context(locals(), themes=themes, words=words, settings=settings)
    found = Studio(ctx, editors, layout, crashes)
    board.printed.connect(found.printed.extend)
    commands.register(
        Command("project.run", _("Run"), runs.run), Command("project.stop", _("Stop"), runs.stop),
        Command("project.build", _("Build"), runs.build), Command("project.clean", _("Clean"), runs.clean),
        Command("project.rebuild", _("Build everything anew"), lambda: runs.build(clean=True)),
    )  # fmt: skip
    undo: list[Callable[[], None]] = [pump.add(jobs.drain), pump.add(board.drain)]
    try:
        yield found
    finally:
        runs.stop()
        jobs.close()
        board.close()
        pump.close()
        engine.close()
        for one in undo:
            one()
        for widget in QApplication.topLevelWidgets():
            widget.close()


def _context(parts: dict, **more: object) -> IdeContext:
    """An IdeContext of local variables; what a panel needs no window for is not there."""
    pump, folder = parts["pump"], parts["folder"]
    names = ("commands", "jobs", "notices", "problems", "engine", "project", "board", "runs", "editors", "layout",
             "toolchains", "packages", "vitals")  # fmt: skip
    return IdeContext(
        **{name: parts[name] for name in names}, **more, ring=pump.ring, add_drain=pump.add, state_folder=folder,
        window=None, open_project=lambda path: None, intelligence=IntelligenceSession(),
    )  # type: ignore[arg-type]  # fmt: skip
