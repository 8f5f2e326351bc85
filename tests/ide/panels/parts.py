"""The services of a window without the window: what a panel is given, for tests of one panel."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

from ide.board_session import BoardSession
from ide.commands import Commands
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


class FakeLayout:
    """Remembers which panels were asked for."""

    def __init__(self) -> None:
        self.shown: list[str] = []

    def show_panel(self, panel_id: str, *, focus: bool = False) -> None:
        self.shown.append(panel_id)

    def set_badge(self, panel_id: str, count: int) -> None:
        """Nobody looks."""


@contextmanager
def window_parts(folder: Path) -> Iterator[IdeContext]:
    """Real services, joined as the window joins them; everything ends with the block."""
    engine, notices, pump = Engine(), Notices(), Pump()
    faults: list[BaseException] = []
    jobs = Jobs(pump.ring, notices.error, faults.append)
    project = ProjectSession(jobs, folder)
    board = BoardSession(engine, pump.ring)
    problems = Problems()
    runs = Runs(engine, jobs, project, board, problems)
    pump.add(jobs.drain)
    pump.add(board.drain)
    themes.use("light")
    settings = Settings(folder / "settings.toml")
    ctx = IdeContext(
        settings=settings, vitals=BoardVitals(board, settings), commands=Commands(), jobs=jobs, notices=notices,
        problems=problems,
        themes=themes, words=words, engine=engine, project=project, board=board, runs=runs,
        toolchains=ToolchainSession(engine, jobs, project, board), packages=PackageWork(engine, settings, jobs, board),
        intelligence=IntelligenceSession(),
        editors=cast(Any, SimpleNamespace()), layout=FakeLayout(), ring=pump.ring, add_drain=pump.add,
        state_folder=folder / "state", window=None, open_project=lambda path: None,
    )  # fmt: skip
    try:
        yield ctx
    finally:
        runs.stop()
        jobs.close()
        board.close()
        pump.close()
        pump.deleteLater()
        engine.close()
        assert faults == []
