"""All that a panel ever gets. Panels know this, and nothing of one another or of the window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from ide.board_session import BoardSession
    from ide.commands import Commands
    from ide.editor.area import EditorArea
    from ide.editor.intelligence.session import IntelligenceSession
    from ide.engine import Engine
    from ide.job_queue import Jobs
    from ide.notify import Notices
    from ide.package_work import PackageWork
    from ide.problems import Problems
    from ide.project_session import ProjectSession
    from ide.runs import Runs
    from ide.settings import Settings
    from ide.themes import Themes
    from ide.toolchain_session import ToolchainSession
    from ide.vitals import BoardVitals
    from ide.words import Words


class Layout(Protocol):
    """Where panels are on the screen."""

    def show_panel(self, panel_id: str, *, focus: bool = False) -> None:
        """Bring a panel to the front, shown if it was hidden."""
        ...

    def set_badge(self, panel_id: str, count: int) -> None:
        """A number in a panel's tab (``Problems 3``); 0 for none."""
        ...


@dataclass(frozen=True)
class IdeContext:
    """The services of one window.

    ``call_later(run)``: on the window's thread, once it is idle. ``ask(...)`` dialogs are Qt's own, of the widget.
    """

    settings: Settings
    commands: Commands
    jobs: Jobs
    notices: Notices
    problems: Problems
    themes: Themes
    words: Words
    engine: Engine
    project: ProjectSession
    board: BoardSession
    vitals: BoardVitals
    runs: Runs
    toolchains: ToolchainSession
    packages: PackageWork
    editors: EditorArea
    intelligence: IntelligenceSession
    layout: Layout
    ring: Callable[[], None]
    add_drain: Callable[[Callable[[], bool]], Callable[[], None]]
    state_folder: Path
    window: Any
    #: Show a project in a window of its own.
    open_project: Callable[[Path], None]
