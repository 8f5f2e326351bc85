"""A program that starts by itself: put on the board with all that it needs, started, and taken back.

The window and the CLI call :func:`put_and_start` and :func:`undo`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from ide.board import start_plans
from ide.board.board_modules import missing_modules
from ide.board.boards import Boards, choose_address
from ide.board.file_session import Plan, Session
from ide.board.inspect import Identity
from ide.board.library import loads_of
from ide.board.link import Board
from ide.board.pipeline import Made, RunRequest, prepare
from ide.board.restart import Restart
from ide.board.start_plans import Changes
from ide.board.start_record import Shelf
from toolchains import lab, scripts
from toolchains.errors import BoardError, Cancelled, UsageError
from toolchains.imports import Import
from toolchains.jobs import JobContext, Note
from toolchains.project import NoProject, Project
from toolchains.scripts import Target
from toolchains.start_program import StartProgram, start_program
from toolchains.text import Text, _, _n

SCHEMA = 1

#: How long what starts is listened to: seconds of silence, and in all.
QUIET_S = 2.0
LIMIT_S = 10.0


class NothingStarts(UsageError):
    """The project has no script that could be main.py."""

    def __init__(self, proj: Project) -> None:
        super().__init__(
            _("{project} has no main.py: there is nothing that could start by itself.", project=proj.root),
            next_step=_("Write one, or name the script with --script."),
            path=str(proj.root),
        )


@dataclass(frozen=True)
class StartReport:
    """What was put on the board (``made`` tells about the build), or taken back, and how its program began."""

    address: str
    board: Identity
    changes: Changes
    start: Restart | None
    missing: tuple[Import, ...] = ()
    made: Made | None = None

    @property
    def ok(self) -> bool:
        """Whether the program, if one started, did not end with an exception while we listened."""
        return self.start is None or self.start.traceback is None

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        build = self.made.build if self.made else None
        changes = self.changes
        return {
            "schema": SCHEMA,
            "ok": self.ok,
            "address": self.address,
            "board": self.board.to_json(),
            "build": build.to_json() if build else None,
            "files": [{"path": f.path, "bytes": f.n_bytes, "skipped": f.skipped} for f in changes.files],
            "replaced": changes.replaced,
            "restored": changes.restored,
            "removed": changes.removed,
            "changed_by_others": changes.theirs,
            "kept_in": changes.kept_in,
            "missing": [found.name for found in self.missing],
            "start": self.start.to_json() if self.start else None,
        }


def put_and_start(
    ctx: JobContext,
    boards: Boards,
    request: RunRequest,
    *,
    on_output: Callable[[bytes], None],
    quiet: float = QUIET_S,
    limit: float = LIMIT_S,
) -> StartReport:
    """Build, put the program and all that it imports on the board, restart the board, show what it says at first.

    Only what differs is written; what is replaced is kept on this computer for :func:`undo`. ``request.mode``, ``run``
    have no meaning here. Raises the errors of the rooms that it calls, :class:`NothingStarts`,
    :class:`~toolchains.start_program.EndsItself`. After a failure the next call completes it, or undo takes it back.
    """
    target = scripts.target_at(request.project, request.script)
    if target.script is None:
        raise NothingStarts(target.project)
    made = prepare(ctx, boards, target.project, request)
    program = start_program(ctx, target, made.modules, loads_of(made.identity))
    missing = _missing(ctx, made.board, program.outside)
    for note in (*program.notes, *map(_not_there, missing)):
        ctx.note(note)
    changes = _put(ctx, boards, made, target, program)
    with ctx.step(_("Start {name} on the board", name=target.project.name)):
        start = made.board.restart(ctx, on_output=on_output, quiet=quiet, limit=limit)
    return StartReport(made.address, made.identity, changes, start, missing, made)


def undo(
    ctx: JobContext,
    boards: Boards,
    request: RunRequest,
    *,
    on_output: Callable[[bytes], None],
    quiet: float = QUIET_S,
    limit: float = LIMIT_S,
) -> StartReport:
    """Have the board as it was before a program was put there, and restart it.

    The project of the request only tells which board is meant. Raises
    :class:`~ide.board.start_plans.KeptElsewhere` before anything is changed.
    """
    proj = _project_of(request)
    box = boards.toolbox
    address = request.board or (proj and proj.board) or choose_address(box.host, lab.if_good(box.paths).board)
    wanted = request.sdk or (proj and proj.pin_micropython)  # a simulated board that runs another one has other files
    with ctx.step(_("Connect to {address}", address=address)):
        board = boards.open(ctx, address, boards.toolbox.sdks.ensure(ctx, wanted) if wanted else None)
        identity = board.identity(ctx)
    changes = Changes()
    with ctx.step(_("Take back what was put on {address}", address=address)):
        _carry_out(ctx, board, lambda session: start_plans.take_back(session, _shelf(boards), changes), changes)
    if changes.name is None:
        return StartReport(address, identity, changes, None)
    with ctx.step(_("Start the board anew")):
        start = board.restart(ctx, on_output=on_output, quiet=quiet, limit=limit)
    return StartReport(address, identity, changes, start)


def _project_of(request: RunRequest) -> Project | None:
    """The project, if there is one: none is needed to take something back."""
    try:
        return scripts.target_at(request.project, to_run=False).project
    except NoProject:
        return None


def _put(ctx: JobContext, boards: Boards, made: Made, target: Target, program: StartProgram) -> Changes:
    changes = Changes()
    shelf, name = _shelf(boards), target.project.name
    with ctx.step(_n("Put {n} file on the board", "Put {n} files on the board", len(program.files))):
        _carry_out(
            ctx, made.board, lambda session: start_plans.put(session, shelf, name, program.files, changes), changes
        )
    return changes


def _carry_out(ctx: JobContext, board: Board, plan: Callable[[Session], Plan], changes: Changes) -> None:
    with _told_the_way(ctx, changes):
        board.soft_reset(ctx)
        session = Session(ctx)
        session.run(board, plan(session))


@contextmanager
def _told_the_way(ctx: JobContext, changes: Changes) -> Iterator[None]:
    """When the work breaks off in the middle, say so, and that nothing is lost."""
    try:
        yield
    except (BoardError, Cancelled):
        if changes.begun:  # past the context, which refuses to say more when it was cancelled
            ctx.sink(
                Note(
                    _(
                        "The board has part of it now. Do the same again to complete it, or take it back with: "
                        "natmod deploy --undo"
                    )
                )
            )
        raise


def _missing(ctx: JobContext, board: Board, outside: Iterable[Import]) -> tuple[Import, ...]:
    """What the program imports and nobody has; what it can do without does not count."""
    needed = [found for found in outside if not found.optional]
    names = {found.name for found in needed if "." not in found.name}
    absent = {*missing_modules(ctx, board, names)} | {found.name for found in needed if "." in found.name}
    return tuple(found for found in needed if found.name in absent)


def _not_there(wanted: Import) -> Text:
    return _(
        "{path} line {line} imports {name}, which is neither in the project nor on the board.",
        path=wanted.path,
        line=wanted.line,
        name=wanted.name,
    )


def _shelf(boards: Boards) -> Shelf:
    return Shelf.of(boards.toolbox.paths, boards.toolbox.host)
