"""Packages in the window: the list of what can be had, what the board has, and putting on and taking off.

What is fetched is fetched beside the window; the board is busy only while files are written. A program that runs on it
is not stopped. What is asked in passing leaves no trace.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from toolchains.errors import Cancelled, StudioError
from toolchains.jobs import Event, JobContext, Progress
from toolchains.text import Text, _

if TYPE_CHECKING:
    from ide.board.boards import Boards
    from ide.board.mip.library import Library
    from ide.board.mip.records import BoardFacts, Gathered, Installed, InstallReport, Listed, RemoveReport
    from ide.board.port_events import Task
    from ide.board_session import BoardSession
    from ide.engine import Engine
    from ide.job_queue import Jobs
    from ide.settings import Settings

#: The setting that names another index than MicroPython's.
INDEX = "board.index"


@dataclass(frozen=True)
class OnBoard:
    """What the board said: its folder for packages, what is in it, and native modules that its firmware lacks."""

    facts: BoardFacts
    installed: tuple[Installed, ...]
    lacks: tuple[str, ...]
    #: What else is in that folder; nobody noted whose it is.
    others: tuple[str, ...] = ()


@dataclass(frozen=True)
class Listing:
    """The packages of an index. ``stale``: it is an older copy, since the network gave none now."""

    packages: tuple[Listed, ...]
    stale: bool


class NoBoard(StudioError):
    """There is no board to put a package on."""

    code = "package.noboard"

    def __init__(self) -> None:
        super().__init__(
            _("There is no board to put a package on."), next_step=_("Choose one at the top of the window.")
        )


@dataclass(frozen=True)
class Asker:
    """Who wants to hear by itself how an install or a build ended: its report, or why it is not done."""

    done: Callable[[object], object]
    failed: Callable[[StudioError], object]


class PackageWork(QObject):
    """One thing at a time. ``changed``: something else is to be shown. ``ended(report)``: an install, a removal or a
    build without an :class:`Asker` is done."""

    changed = Signal()
    ended = Signal(object)

    def __init__(self, engine: Engine, settings: Settings, jobs: Jobs, board: BoardSession) -> None:
        super().__init__()
        self._engine, self._settings, self._jobs, self._board = engine, settings, jobs, board
        self.listing: Listing | None = None
        self.on_board: OnBoard | None = None
        #: What packages need, as far as somebody asked.
        self.needed: dict[str, tuple[str, ...]] = {}
        self._cancel: Callable[[], object] = lambda: None
        #: What is being done, in words; None: nothing.
        self.doing: Text | None = None
        self.progress: Progress | None = None
        self.error: StudioError | None = None
        self._address: str | None = None
        self._wanted = False
        self._asker: Asker | None = None
        board.changed.connect(self._board_changed)

    @property
    def busy(self) -> bool:
        """Whether something is being done that a person waits for."""
        return self.doing is not None

    # --- the index ------------------------------------------------------------------------------------------------

    def _library(self, job: JobContext) -> Library:
        from ide.board.mip.library import Library
        from ide.board.mip.records import INDEX as MICROPYTHON

        index = self._settings.text(INDEX).strip() or MICROPYTHON
        return Library.open(job, self._engine.paths, index)

    def know(self) -> None:
        """Show the list that is on this computer, if there is one; nobody is asked for it."""

        def work(job: JobContext) -> Listing | None:
            with self._library(job) as library:
                kept = library.kept(job)
            return Listing(tuple(kept), stale=False) if kept else None

        self._jobs.start(
            _("Read the list of packages"), work, quiet=True, on_done=self._know, on_error=lambda _error: None
        )

    def get_list(self) -> None:
        """Get the list from the index."""
        if self.busy:
            return

        def work(job: JobContext) -> Listing:
            with self._library(job) as library:
                return Listing(tuple(library.listed(job)), library.stale)

        self._begin(_("Getting the list of packages …"))
        job = self._jobs.start(_("Get the list of packages"), work, on_done=self._listed, on_error=self._failed)
        self._cancel = job.cancel

    def look_up(self, module: str, found: Callable[[str], object]) -> None:
        """Look for a module among the packages of the list that is on this computer; ``found`` gets the package."""
        parts = module.split(".")
        names = [".".join(parts[:n]) for n in range(len(parts), 0, -1)]

        def work(job: JobContext) -> str | None:
            with self._library(job) as library:
                known = {one.name for one in library.kept(job)}
            return next((name for name in names if name in known), None)

        self._jobs.start(
            _("Look for {name} among packages", name=module), work, quiet=True,
            on_done=lambda name: found(name) if name is not None else None, on_error=lambda _error: None,
        )  # fmt: skip

    def find_needs(self, name: str) -> None:
        """Find out what a package of the list needs, in passing; see :attr:`needed`."""
        if name in self.needed:
            return
        self.needed[name] = ()

        def work(job: JobContext) -> tuple[str, ...]:
            from ide.board.mip.records import BoardFacts
            from ide.board.mip.resolve import resolve
            from toolchains.mpy_loads import Loader

            with self._library(job) as library:
                found = resolve(job, library, [name], BoardFacts(Loader(0), "/lib"))
            return tuple(one.name for one in found if one.name != name)

        def done(found: tuple[str, ...]) -> None:
            self.needed[name] = found
            if found:
                self.changed.emit()

        self._jobs.start(
            _("Find what {name} needs", name=name), work, quiet=True, on_done=done,
            on_error=lambda _error: self.needed.pop(name, None),
        )  # fmt: skip

    def _know(self, found: Listing | None) -> None:
        if found is not None:
            self.listing = found
            self.needed.clear()
            self.changed.emit()

    def _listed(self, found: Listing) -> None:
        self._end()
        self._know(found)

    # --- the board ------------------------------------------------------------------------------------------------

    def look(self) -> None:
        """Ask the board in passing which packages it has, as soon as it is at its prompt."""
        board = self._board
        self._wanted = True
        if board.state != "prompt" or board.continued or self.busy:
            return
        self._wanted = False
        address = board.address or ""
        board.submit(
            _("Look at packages"), lambda job, boards: _look(job, boards, address), on_done=self._looked,
            on_error=lambda _error: None, quiet=True,
        )  # fmt: skip

    def _looked(self, found: OnBoard) -> None:
        self.on_board = found
        self._address = self._board.address
        self.changed.emit()

    def _board_changed(self) -> None:
        """What was known of another board is of no use."""
        if self.on_board is not None and self._board.address != self._address:
            self.on_board = None
        if self._wanted:
            self.look()
        self.changed.emit()

    # --- on and off -----------------------------------------------------------------------------------------------

    def install(
        self, words: Sequence[str], *, python: bool = False, compiled: bool = False, asker: Asker | None = None
    ) -> None:
        """Fetch these packages and what they need, then put them on the board.

        ``python``: sources, not .mpy; ``compiled``: what is source becomes .mpy.
        """
        address = self._free_board(asker)
        if address is None:
            return

        def facts(job: JobContext, boards: Boards) -> BoardFacts:
            from ide.board.mip import install

            return install.facts(job, boards.open(job, address), python=python, compiled=compiled)

        def fetch(where: BoardFacts) -> None:
            def work(job: JobContext) -> Gathered:
                from ide.board.mip.resolve import gather

                with self._library(job) as library:
                    return gather(job, library, words, where)

            job = self._jobs.start(
                _("Get packages"), work, on_done=lambda found: put(found, where), on_error=self._failed,
                on_event=self._event,
            )  # fmt: skip
            self._cancel = job.cancel

        def put(found: Gathered, where: BoardFacts) -> None:
            refusal = self._refusal(address)
            if refusal is not None:
                self._failed(refusal)
                return

            def work(job: JobContext, boards: Boards) -> InstallReport:
                from ide.board.mip import install

                return install.install(job, boards.open(job, address), found, where)

            self._at_board(_("Install packages"), work)

        self._begin(_("Getting {names} …", names=", ".join(words)), asker)
        task = self._board.submit(
            _("Look at the board"), facts, on_done=fetch, on_error=self._failed, quiet=True
        )  # fmt: skip
        self._follow(task)

    def remove(self, names: Sequence[str]) -> None:
        """Take these packages off the board, and what only they needed."""
        address = self._free_board()
        if address is None:
            return

        def work(job: JobContext, boards: Boards) -> RemoveReport:
            from ide.board.mip import install

            board = boards.open(job, address)
            return install.remove(job, board, names, install.facts(job, board).lib)

        self._begin(_("Removing {names} …", names=", ".join(names)))
        self._at_board(_("Remove packages"), work)

    def build(self, name: str, *, asker: Asker | None = None) -> None:
        """Build a module of MicroPython that the firmware lacks, for this board, and put it there."""
        address = self._free_board(asker)
        if address is None:
            return

        def work(job: JobContext, boards: Boards) -> InstallReport:
            from ide.board.mip.builtin import install_builtin

            return install_builtin(job, boards, name, address)

        self._begin(_("Building {name} …", name=name), asker)
        self._at_board(_("Build {name}", name=name), work)

    def _at_board(self, title: Text, work: Callable[[JobContext, Boards], object]) -> None:
        self._board.announce(title)
        task = self._board.submit(
            title, work, on_done=self._done, on_error=self._failed, on_event=self._event
        )  # fmt: skip
        self._follow(task)

    def _follow(self, task: Task[Any] | None) -> None:
        """Let it be cancelled."""
        if task is None:
            self._failed(NoBoard())
        elif self.busy:
            self._cancel = task.ctx.cancel

    def _free_board(self, asker: Asker | None = None) -> str | None:
        """The board's address, if it can be used now; else why not is said. What is being done goes on."""
        if self.busy:
            return None
        address = self._board.address
        refusal = self._refusal(address)
        if refusal is None:
            return address
        self._tell(refusal, asker)
        self.changed.emit()
        return None

    def _refusal(self, address: str | None) -> StudioError | None:
        """Why nothing can be put now on the board that is, or was, at ``address``."""
        board = self._board
        if address is None or address != board.address or not board.connected:
            return NoBoard()
        if board.state != "prompt":
            from ide.board.port_events import BoardOccupied

            return BoardOccupied()
        return None

    def cancel(self) -> None:
        """End what is being done; what was not yet written is not written."""
        self._cancel()

    # --- what happens ---------------------------------------------------------------------------------------------

    def _begin(self, doing: Text, asker: Asker | None = None) -> None:
        self.doing, self.error, self.progress, self._asker = doing, None, None, asker
        self.changed.emit()

    def _event(self, event: Event) -> None:
        if isinstance(event, Progress):
            self.progress = event
            self.changed.emit()

    def _done(self, report: object) -> None:
        tell = self._asker.done if self._asker is not None else self.ended.emit
        self._end()
        tell(report)
        self.look()

    def _failed(self, error: StudioError) -> None:
        if not isinstance(error, Cancelled):
            self._tell(error, self._asker)
        self._end()

    def _tell(self, error: StudioError, asker: Asker | None) -> None:
        if asker is None:
            self.error = error
        else:
            asker.failed(error)

    def _end(self) -> None:
        self.doing = self.progress = self._asker = None
        self._cancel = lambda: None
        self.changed.emit()


def _look(job: JobContext, boards: Boards, address: str) -> OnBoard:
    from ide.board.mip import install

    board = boards.open(job, address)
    where = install.facts(job, board)
    native = board.identity(job).arch is not None
    found = install.installed(job, board, where.lib)
    lacks = install.lacks(job, board) if native else ()
    return OnBoard(where, found, lacks, install.others(job, board, where.lib, found))


def is_local(word: str) -> bool:
    """Whether a typed word has the form of a path on this computer; whether it is there is not asked."""
    return word.startswith("~") or Path(word).is_absolute()
