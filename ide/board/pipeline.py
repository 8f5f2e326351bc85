"""Build, put on the board, run: the one click. The window and the CLI call :func:`build_put_run`.

The eight steps of design.md section 3. Nothing here knows whether a board is simulated.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from ide.board import deploy
from ide.board.boards import Boards, choose_address
from ide.board.deploy import RunOutcome, Served
from ide.board.errors import BoardCannotLoad, NoExecRoom
from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains import mpyfile, natmod, project
from toolchains.chips import Arch
from toolchains.compilers import Choice
from toolchains.errors import UsageError, disk_errors
from toolchains.jobs import JobContext
from toolchains.mpyfile import MpyFile
from toolchains.natmod import BuildRequest, BuildResult
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.sdk import SdkTree
from toolchains.text import _
from toolchains.toolbox import Toolbox

SCHEMA = 1


@dataclass(frozen=True)
class RunRequest:
    """What to run where. Empty fields are filled from the project, then from the board.

    ``mode``: ``try`` imports straight from RAM, ``install`` writes to ``/lib`` first. ``sdk``: a MicroPython version.
    ``compiler``: a compiler's name, as in ``[pin]``. ``run`` false stops after the module is on the board. ``wishes``
    hold for this build alone.
    """

    project: Path
    board: str | None = None
    mode: str | None = None
    script: str | None = None
    sdk: str | None = None
    compiler: str | None = None
    out: Path | None = None
    run: bool = True
    wishes: Wishes = NO_WISHES


@dataclass(frozen=True)
class RunReport:
    """What a run did and what it cost: the board, the build, the outcome, the time of each step in seconds."""

    address: str
    board: Identity
    choice: Choice
    build: BuildResult
    mode: str
    outcome: RunOutcome | None
    steps: tuple[tuple[str, float], ...]

    @property
    def ok(self) -> bool:
        """Whether the script, if one ran, ended without an exception."""
        return self.outcome is None or self.outcome.traceback is None

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": SCHEMA,
            "kind": "run",
            "ok": self.ok,
            "address": self.address,
            "board": self.board.to_json(),
            "build": self.build.to_json(),
            "mode": self.mode,
            "run": self.outcome.to_json() if self.outcome else None,
            "steps": [{"step": title, "seconds": round(seconds, 4)} for title, seconds in self.steps],
        }


def build_put_run(
    ctx: JobContext,
    boards: Boards,
    request: RunRequest,
    *,
    on_output: Callable[[bytes], None],
    on_board: Callable[[Board], None] = lambda board: None,
) -> RunReport:
    """One click: build the project for the board, put it there, run its script.

    ``on_output`` gets the script's output as it comes; ``on_board`` gets the open board before the script runs, so that
    the caller can pass typed text to it. Raises the errors of the rooms it calls; the board is left usable.
    """
    first_step = len(ctx.timings)
    proj = project.load(request.project)
    mode = request.mode or proj.mode
    _check_script(proj, request.script)
    address, board, identity = _board(ctx, boards, proj, request)
    sdk = _sdk(ctx, boards, proj, request, identity)
    boards.toolbox.linkers.start(sdk)
    arch = board_arch(identity)
    choice, built = build_module(
        ctx, boards.toolbox, proj, arch, sdk, compiler=request.compiler, out=request.out, wishes=request.wishes
    )
    with disk_errors(built.path):
        module = built.path.read_bytes()
    identity = check_room(ctx, board, mpyfile.read(module), identity)
    on_board(board)
    outcome = _put_and_run(ctx, board, proj, built.name, module, mode, request, on_output)
    steps = tuple((str(title), seconds) for title, seconds in ctx.timings[first_step:])
    return RunReport(address, identity, choice, built, mode, outcome, steps)


def _check_script(proj: Project, script: str | None) -> None:
    """A script that was asked for must be there before the board is touched; project.load checks the project's own."""
    if script is not None and not (proj.root / script).is_file():
        raise UsageError(
            _("There is no script {script} in {project}.", script=script, project=proj.root),
            next_step=_("Name a file of the project, as it is called from the project's folder."),
            script=script,
        )


def build_module(
    ctx: JobContext,
    toolbox: Toolbox,
    proj: Project,
    arch: Arch,
    sdk: SdkTree,
    *,
    compiler: str | None = None,
    out: Path | None = None,
    wishes: Wishes = NO_WISHES,
) -> tuple[Choice, BuildResult]:
    """Build the project for one architecture with the compiler that is named, else pinned, else first in line."""
    choice = toolbox.compilers.choose(ctx, arch, compiler or proj.pin_compilers.get(arch.name))
    with ctx.step(_("Build {name} for {arch}", name=proj.name, arch=arch.name)):
        return choice, natmod.build(ctx, BuildRequest(proj, arch, sdk, choice.compiler, out, wishes), toolbox.linkers)


def board_arch(identity: Identity) -> Arch:
    """The native architecture of a board, or an error saying that its firmware loads no native modules."""
    if identity.arch is None:
        raise BoardCannotLoad(identity.version, identity.machine)
    return identity.arch


def check_fits(module: MpyFile, identity: Identity) -> None:
    """Raise the sentence for a module that the board would refuse: format, architecture, or no room for its code."""
    mpyfile.check_loads(module, identity.mpy)
    if identity.exec_free is not None and module.text > identity.exec_free:
        raise NoExecRoom(module.text, identity.exec_free)


def check_room(ctx: JobContext, board: Board, module: MpyFile, identity: Identity) -> Identity:
    """As :func:`check_fits`, but room that an earlier program fills does not count: a soft reset frees it.

    Returns what the board says of itself now.
    """
    try:
        check_fits(module, identity)
    except NoExecRoom:
        board.soft_reset(ctx)
        identity = board.identity(ctx, fresh=True)
        check_fits(module, identity)
    return identity


def _board(ctx: JobContext, boards: Boards, proj: Project, request: RunRequest) -> tuple[str, Board, Identity]:
    address = request.board or proj.board or choose_address()
    wanted = request.sdk or proj.pin_micropython
    with ctx.step(_("Connect to {address}", address=address)):
        sdk = boards.toolbox.sdks.ensure(ctx, wanted) if wanted else None
        board = boards.open(ctx, address, sdk)
        return address, board, board.identity(ctx)


def _sdk(ctx: JobContext, boards: Boards, proj: Project, request: RunRequest, identity: Identity) -> SdkTree:
    sdks = boards.toolbox.sdks
    wanted = request.sdk or proj.pin_micropython
    if wanted:
        return sdks.ensure(ctx, wanted)
    found = sdks.best_for(identity.version, identity.mpy_version)
    if found is not None:
        return found
    return sdks.ensure(ctx, identity.version)


def _put_and_run(
    ctx: JobContext,
    board: Board,
    proj: Project,
    name: str,
    module: bytes,
    mode: str,
    request: RunRequest,
    on_output: Callable[[bytes], None],
) -> RunOutcome | None:
    file_name = f"{name}.mpy"
    overlay, installed = {file_name: module}, tuple[str, ...]()
    if mode == "install":
        with ctx.step(_("Install {name} in /lib", name=file_name)):
            deploy.install(ctx, board, {file_name: module}, target="/lib")
        overlay, installed = {}, (file_name,)
    script = request.script or proj.script
    if not request.run or script is None:
        return None
    with ctx.step(_("Run {script}", script=script)):
        return deploy.try_run(ctx, board, Served(proj.root, overlay, installed), script, on_output=on_output)
