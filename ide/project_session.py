"""The project of this window: one folder for as long as the process lives (another project is another process)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from ide.job_queue import Jobs
from toolchains.errors import StudioError
from toolchains.jobs import JobContext
from toolchains.text import _

if TYPE_CHECKING:
    from toolchains.project import Project

#: Files that make a folder a project; when one of them is saved, the project is read again.
DESCRIPTIONS = frozenset({"natmod.toml", "Makefile", "makefile", "GNUmakefile"})


class ProjectSession(QObject):
    """``folder`` is there from the first moment; ``project`` (or ``error``) once it was read.

    ``changed``: it was read, again or for the first time. ``files_changed``: files came, went, or were renamed by us.
    """

    changed = Signal()
    files_changed = Signal()

    def __init__(self, jobs: Jobs, folder: Path) -> None:
        super().__init__()
        self._jobs = jobs
        self.folder = folder
        self.project: Project | None = None
        self.error: StudioError | None = None

    @property
    def name(self) -> str:
        """The module's name, or the folder's."""
        return self.project.name if self.project is not None else self.folder.name

    def read(self) -> None:
        """Read the folder's description, in a worker."""

        def work(_ctx: JobContext) -> Project:
            from toolchains import project  # here, because the window opens before it

            return project.load(self.folder)

        self._jobs.start(_("Read the project"), work, on_done=self._done, on_error=self._failed)

    def saved(self, path: Path) -> None:
        """A file was saved: one that describes the project makes it be read again."""
        if path.parent == self.folder and path.name in DESCRIPTIONS:
            self.read()

    def _done(self, project: Project) -> None:
        self.project, self.error = project, None
        self.changed.emit()

    def _failed(self, error: StudioError) -> None:
        self.project, self.error = None, error
        self.changed.emit()
