"""Build, put on the board, run: the one click. The window and the CLI call :func:`build_put_run`.

The eight steps of design.md section 3. Nothing here knows whether a board is simulated, but for one thing: the firmware
of a project is built before the project runs on it (:mod:`ide.board.own_firmware`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from ide.board import board_unittest, deploy, own_firmware, race_lines
from ide.board.boards import Boards, choose_address
from ide.board.crash_watch import CrashWatch
from ide.board.deploy import RunOutcome, Served
from ide.board.errors import NoExecRoom, OtherSdk
from ide.board.inspect import Identity
from ide.board.link import Board
from toolchains import lab, mpy_loads, mpyfile, scripts
from toolchains.build_records import BuildRequest
from toolchains.chips import Arch
from toolchains.compilers import Choice
from toolchains.errors import disk_errors
from toolchains.jobs import JobContext
from toolchains.matrix import Cell, Plan, build_asked, request_of
from toolchains.mpyfile import MpyFile
from toolchains.natmod import BuildResult
from toolchains.project import Project
from toolchains.recipe import NO_WISHES, Wishes
from toolchains.scripts import NothingToInstall, Target
from toolchains.sdk import SdkTree
from toolchains.text import _
from toolchains.toolbox import Toolbox

SCHEMA = 1
#: The eight steps of design.md section 3, in their order.
Stage = Literal["board", "sdk", "compiler", "build", "check", "put", "run", "report"]
#: Where MicroPython looks for installed modules, below the folder where the board starts.
_LIB = "/lib"
_HAS = """\
def _has(n):
 try:
  __import__(n)
  return True
 except ImportError:return False
"""


@dataclass(frozen=True)
class RunRequest:
    """What to run where. Empty fields are filled from the project, then from the board.

    ``project``: a project's folder, or one Python file, which is then the script (:mod:`toolchains.scripts`).
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
    """What a run did and what it cost: the board, the build, the outcome, the time of each step in seconds.

    ``choice`` (of a compiler) and ``build`` are None where there is no C. ``installed``: the files that are on the
    board to stay, in its ``folder``: "/lib", or "/flash/lib" on an STM32.
    """

    address: str
    board: Identity
    choice: Choice | None
    build: BuildResult | None
    mode: str
    outcome: RunOutcome | None
    steps: tuple[tuple[str, float], ...]
    installed: tuple[str, ...] = ()
    folder: str = _LIB

    @property
    def ok(self) -> bool:
        """Whether the script, if one ran, ended without an exception, and without ``sys.exit`` of a fault."""
        return self.outcome is None or self.outcome.good

    def to_json(self) -> dict[str, object]:
        """The record of the CLI's ``--json``."""
        return {
            "schema": SCHEMA,
            "kind": "run",
            "ok": self.ok,
            "address": self.address,
            "board": self.board.to_json(),
            "build": self.build.to_json() if self.build else None,
            "installed": list(self.installed),
            "folder": self.folder if self.installed else None,
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
    on_made: Callable[[Made], None] = lambda made: None,
    on_stage: Callable[[Stage], None] = lambda stage: None,
) -> RunReport:
    """One click: build the project for the board, put it there, run its script.

    ``on_output`` gets the script's output as it comes; ``on_board`` gets the open board before the script runs, so that
    the caller can pass typed text to it, ``on_made`` what was built for it, ``on_stage`` the name of each step as it
    begins (those that a project without C does not have are left out). Raises the errors of the rooms it calls; the
    board is left usable.
    """
    first_step = len(ctx.timings)
    target = scripts.target_at(request.project, request.script, to_run=request.run)
    proj, mode = target.project, request.mode or target.project.mode
    made = prepare(ctx, boards, proj, request, on_stage)
    on_made(made)
    on_board(made.board)
    on_stage("put")
    installed, folder = _install(ctx, made, target, request.run) if mode == "install" else ((), _LIB)
    to_run = request.run and target.script is not None
    outcome = _run(ctx, boards.toolbox, made, target, installed, on_output, on_stage) if to_run else None
    on_stage("report")
    steps = tuple((str(title), seconds) for title, seconds in ctx.timings[first_step:])
    return RunReport(made.address, made.identity, made.choice, made.build, mode, outcome, steps, installed, folder)


@dataclass(frozen=True)
class Made:
    """A board at its prompt, and what was built for it: ``modules`` by file name, empty where there is no C.

    ``asked`` is what was built, for whom it has to be looked at once more.
    """

    address: str
    board: Board
    identity: Identity
    choice: Choice | None = None
    build: BuildResult | None = None
    modules: Mapping[str, bytes] = field(default_factory=dict)
    asked: BuildRequest | None = None


def prepare(
    ctx: JobContext,
    boards: Boards,
    proj: Project,
    request: RunRequest,
    on_stage: Callable[[Stage], None] = lambda stage: None,
) -> Made:
    """Connect to the board, and build the project's native module for it, if it has one.

    A project with Python files only needs no SDK, no compiler, and no board that loads native modules.
    """
    on_stage("board")
    address, board, identity = _board(ctx, boards, proj, request)
    if not proj.native or (address == own_firmware.ADDRESS and own_firmware.holds_module(proj)):
        return Made(address, board, identity)
    on_stage("sdk")
    sdk = _sdk(ctx, boards, proj, request, identity)
    boards.toolbox.linkers.start(sdk)
    arch = board_arch(identity)
    plan, cell = Plan(proj, request.compiler, request.out, request.wishes), Cell(arch, sdk, arch.name)
    on_stage("compiler")
    choice, asked = request_of(ctx, boards.toolbox, plan, cell)
    on_stage("build")
    built = build_asked(ctx, boards.toolbox, plan, cell, asked)
    on_stage("check")
    with disk_errors(built.path):
        module = built.path.read_bytes()
    identity = check_room(ctx, board, mpyfile.read(module), identity)
    return Made(address, board, identity, choice, built, {f"{built.name}.mpy": module}, asked)


def board_arch(identity: Identity) -> Arch:
    """The native architecture of a board, or an error saying that its firmware loads no native modules."""
    if identity.arch is None:
        raise mpy_loads.no_native(identity.loader)
    return identity.arch


def check_fits(module: MpyFile, identity: Identity) -> None:
    """Raise the sentence for a module that the board would refuse: format, architecture, or no room for its code."""
    mpy_loads.check_loads(module, identity.loader)
    if identity.exec_free is not None and module.text > identity.exec_free:
        raise NoExecRoom(module.text, identity.exec_free)


def check_room(ctx: JobContext, board: Board, module: MpyFile, identity: Identity) -> Identity:
    """As :func:`check_fits`, but room that an earlier program fills does not count: a soft reset frees it.

    Returns what the board says of itself now. Raises :class:`OtherSdk` for a module of another firmware's SDK.
    """
    check_sdk(ctx, board, module)
    try:
        check_fits(module, identity)
    except NoExecRoom:
        board.soft_reset(ctx)
        identity = board.identity(ctx, fresh=True)
        check_fits(module, identity)
    for remark in mpy_loads.remarks(module, identity.loader):
        ctx.note(remark)
    return identity


def check_sdk(ctx: JobContext, board: Board, module: MpyFile) -> None:
    """Raise :class:`OtherSdk` for a module that calls functions of a firmware that the board does not have."""
    if module.sdk is not None and board.ask(ctx, f"_has({module.sdk!r})", _HAS, isolated=True) is not True:
        raise OtherSdk(module.sdk)


def address_for(box: Toolbox, proj: Project, request: RunRequest) -> str:
    """The board that is asked for: by the request, the project, the room; else what is plugged in."""
    return request.board or proj.board or choose_address(box.host, lab.if_good(box.paths).board)


def _board(ctx: JobContext, boards: Boards, proj: Project, request: RunRequest) -> tuple[str, Board, Identity]:
    box = boards.toolbox
    address = address_for(box, proj, request)
    wanted = request.sdk or proj.pin_micropython
    sdk = own_firmware.build_first(ctx, boards, proj, wanted) if address == own_firmware.ADDRESS else None
    with ctx.step(_("Connect to {address}", address=address)):
        if wanted and sdk is None:
            sdk = boards.toolbox.sdks.ensure(ctx, wanted)
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


def _install(ctx: JobContext, made: Made, target: Target, to_run: bool) -> tuple[tuple[str, ...], str]:
    """Write what others may import to the board: the native module, or the Python files; their names, their folder."""
    files, proj, replaces = made.modules, target.project, list[str]()
    if not proj.native:
        from ide.board.library import library_of  # here, because only Python alone needs it: 10 ms

        only = target.script if target.alone and not to_run else None
        files, replaces = library_of(ctx, proj, made.identity, leave_out=target.script if to_run else None, only=only)
    if not files and not to_run:
        raise NothingToInstall(proj)
    if not files:
        return (), _LIB
    with ctx.step(_("Install {name} in /lib", name=", ".join(files))):
        report = deploy.install(ctx, made.board, files, target=_LIB, replaces=replaces)
    return tuple(files), report.folder


def _run(
    ctx: JobContext,
    box: Toolbox,
    made: Made,
    target: Target,
    installed: tuple[str, ...],
    on_output: Callable[[bytes], None],
    on_stage: Callable[[Stage], None],
) -> RunOutcome:
    assert target.script is not None
    names = tuple(dict.fromkeys(path.split("/")[0] for path in installed))  # of a package, the package
    watch = CrashWatch(ctx, box, made, on_output, served=not installed)
    overlay = dict(watch.modules)
    if board_unittest.wanted(target.project.root, target.script):
        overlay[board_unittest.MODULE] = board_unittest.board_unittest()
    if race_lines.wanted(target.project.root, target.script):
        overlay[race_lines.MODULE] = race_lines.module()
    served = Served(target.project.root, overlay, names)
    with watch, ctx.step(_("Run {script}", script=target.script)):
        return deploy.try_run(
            ctx,
            made.board,
            served,
            target.script,
            on_output=watch.show,
            on_start=lambda: on_stage("run"),
            on_place=watch.on_place,
        )
