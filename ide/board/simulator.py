"""Simulated boards: what kinds there are, how each is prepared, and how to get hold of one.

A kind is one record, named by an entry point (:mod:`toolchains.plugins`), and one small class that prepares its
machine; everything else (keeper, port, pausing, leases) is the same for all. Nothing outside this file may care that a
board is simulated.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from pathlib import Path
from typing import Any

from ide.board.abandon import abandonable
from ide.board.control import SCHEMA
from ide.board.lease import Lease, ask_keeper, take_lease
from ide.board.machines import MachineSpec
from ide.board.ports import SIMULATED
from ide.board.runtime import RunFolder, make_folder
from ide.board.sim_makers import Maker, Qemu, Tools, Unix
from toolchains import plugins
from toolchains.errors import BoardError, UsageError, disk_errors
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk import SdkTree
from toolchains.text import Text, _

PREFIX = SIMULATED
LINGER_VARIABLE = "NATMOD_SIM_LINGER"
_LINGER_S = 60.0

#: Two keepers may hand over to each other, a machine may need to boot: far more than either takes.
_START_S = 40.0
_PAUSE_S = 0.02

#: A keeper that ends without a word was killed while it started; more often than this it is broken.
_SILENT_STARTS = 3


class SimulatorFailed(BoardError):
    """The machine did not start. ``detail`` is what it said."""

    code = "board.sim.failed"

    def __init__(self, address: str, detail: str) -> None:
        super().__init__(
            _("The simulated board {address} did not start.", address=address),
            next_step=_(
                "Its own words are below. End what is left of it with: natmod sim stop {address}", address=address
            ),
            detail=detail,
            address=address,
        )


def _nothing(_host: Host) -> Text | None:
    return None


@dataclass(frozen=True)
class SimulatorKind:
    """A kind of simulated board. ``api`` is the plugin interface that it was written for.

    ``lacks(host)``: what has to be got before it can run, in a few words, or None; quick, nothing is run. What is
    lacking is got when a person says so, and its machine raises an error that names it until then. ``keeps_files``:
    what is written to it outlives it. ``unlisted``: while it lacks something nobody is offered it.
    """

    name: str
    title: Text
    maker: Maker
    api: int = plugins.API
    lacks: Callable[[Host], Text | None] = _nothing
    keeps_files: bool = False
    unlisted: bool = False

    @property
    def address(self) -> str:
        """How a person asks for it: ``sim:rv32``."""
        return PREFIX + self.name

    def available(self, host: Host) -> bool:
        """Whether this computer can run it."""
        return self.maker.available(host)

    def listed(self, host: Host) -> Text:
        """Its title in a list: what it is, and what it lacks here."""
        lacking = self.lacks(host)
        return self.title if lacking is None else _("{board} ({lacks})", board=self.title, lacks=lacking)


RV32 = SimulatorKind("rv32", _("simulated RISC-V board, rv32imc as on ESP32-C3 and C6"), Qemu("rv32", "VIRT_RV32"))
ARM = SimulatorKind("arm", _("simulated Arm board, Cortex-M3: armv7m"), Qemu("arm", "MPS2_AN385"))
ARM_M7 = SimulatorKind(
    "arm-m7", _("simulated Arm board, Cortex-M7: armv7emsp and armv7emdp"), Qemu("arm-m7", "MPS2_AN500")
)
UNIX = SimulatorKind("unix", _("MicroPython on this computer, x64"), Unix())


@cache
def plugged() -> tuple[list[plugins.Loaded[SimulatorKind]], list[plugins.Broken]]:
    """The kinds that can be used, ours first, and those that cannot, as they were when this process first asked."""
    return plugins.load(plugins.BOARDS, SimulatorKind)


def kinds() -> Mapping[str, SimulatorKind]:
    """The kinds that can be used, by name."""
    found: dict[str, SimulatorKind] = {}
    for one in plugged()[0]:
        found.setdefault(one.plugin.name, one.plugin)  # nobody takes the place of ours
    return found


def default_address(host: Host) -> str:
    """The simulated board that is used where nobody names one: the one that needs the least here.

    Elsewhere than on Linux that is an ESP32-C3, for which nothing has to be compiled (design.md section 9).
    """
    order = ("rv32", "esp32c3") if host.system == "linux" else ("esp32c3", "rv32")
    found = [kind for name in order if (kind := kinds().get(name)) is not None and kind.available(host)]
    return found[0].address if found else PREFIX + order[0]


@dataclass(frozen=True)
class SimulatorStatus:
    """One running simulated board. ``state`` is ``running`` or ``paused``, ``leases`` the number of its users."""

    address: str
    version: str
    port: str
    state: str
    leases: int
    pid: int
    machine_pid: int
    users: tuple[dict[str, Any], ...]

    def to_json(self) -> dict[str, Any]:
        """The record for programs."""
        return {"schema": SCHEMA, **asdict(self), "users": list(self.users)}


def kind_of(address: str) -> SimulatorKind:
    """The kind that an address names. Raises :class:`~toolchains.errors.UsageError`."""
    kind = kinds().get(address.removeprefix(PREFIX))
    if kind is None:
        known = ", ".join(kind.address for kind in kinds().values())
        raise UsageError(
            _("There is no simulated board {address}.", address=address),
            next_step=_("Use one of: {known}.", known=known),
            address=address,
        )
    return kind


def lease(ctx: JobContext, toolbox: Tools, address: str, sdk: SdkTree | None = None) -> Lease:
    """Get hold of the simulated board ``address``, started if need be, with the MicroPython of ``sdk``.

    The first time this makes or gets the firmware, and may install QEMU. Raises :class:`SimulatorFailed`,
    :class:`~ide.board.lease.SimulatorInUse`, and what preparing raises.
    """
    kind = kind_of(address)
    if not kind.available(toolbox.host):
        raise UsageError(
            _("The simulated board {address} does not run on this kind of computer.", address=kind.address),
            next_step=_("Use {other} instead.", other=default_address(toolbox.host)),
        )
    made = kind.maker.machine(ctx, toolbox, sdk)
    key = made.key or hashlib.sha256(json.dumps([made.driver, *made.argv]).encode()).hexdigest()
    spec = MachineSpec(
        kind.address,
        made.driver,
        made.argv,
        key,
        made.version,
        linger=linger(toolbox.host),
        options=made.options,
        reflashed_key=made.reflashed_key,
    )
    return lease_machine(ctx, toolbox.host, run_folder(toolbox.paths, kind.name, toolbox.host), spec)


@contextmanager
def held_port(ctx: JobContext, toolbox: Tools, address: str) -> Iterator[str]:
    """What a program of its own has to open for ``address``: a simulated board's port, which is held meanwhile.

    esptool finds a simulated ESP32 there as it finds a board with a reset circuit. Raises what :func:`lease` does.
    """
    if not address.startswith(PREFIX):
        yield address
        return
    with lease(ctx, toolbox, address) as held:
        yield held.port


@contextmanager
def download_mode(ctx: JobContext, toolbox: Tools, address: str) -> Iterator[str]:
    """The port of the simulated board ``address`` while its ROM waits there for esptool; then it starts again.

    As for :meth:`~ide.board.lease.Lease.download_mode`. Raises what :func:`lease` does.
    """
    with lease(ctx, toolbox, address) as held:
        held.download_mode()
        try:
            yield held.port
        finally:
            if held.alive:
                held.hard_reset()


def linger(host: Host) -> float:
    """How many seconds a simulated board outlives its last user: ``NATMOD_SIM_LINGER``, else a minute."""
    try:
        return max(0.0, float(host.environ.get(LINGER_VARIABLE, _LINGER_S)))
    except ValueError:
        return _LINGER_S


def run_folder(paths: Paths, kind: str, host: Host) -> RunFolder:
    """The folder of the keeper of that kind of board, for this user and state directory."""
    return RunFolder(paths.state / "sim" / kind, host)


def own_folder(paths: Paths, kind: str) -> Path:
    """Where a simulated board of that kind keeps what outlives it."""
    return paths.data / "sim" / kind


def renew(paths: Paths, address: str) -> bool:
    """Forget what is on the simulated board ``address``, which ends; whether there was something."""
    kind = kind_of(address)
    _stop(run_folder(paths, kind.name, Host.current()))
    folder = own_folder(paths, kind.name)
    there = folder.is_dir()
    with disk_errors(folder):
        if there:
            shutil.rmtree(folder)
    return there


def lease_machine(ctx: JobContext, host: Host, folder: RunFolder, spec: MachineSpec) -> Lease:
    """A lease from the keeper of ``folder``, which is started if it does not run; two at once get the same one."""
    end = time.monotonic() + _START_S
    trouble, silent = "", 0
    while time.monotonic() < end:
        ctx.check()
        held = take_lease(folder, spec.key, os.getpid(), _own_name())
        if held is not None:
            return held
        # A cancel needs no more than to go away: a keeper whom nobody comes to ends (ide/board/desk.py).
        state, trouble = abandonable(ctx, lambda: _start_keeper(host, folder, spec), lambda late: None)
        silent = silent + 1 if state == "silent" else 0
        if state == "failed" or silent >= _SILENT_STARTS:
            break
        if state == "taken":  # another one starts, or ends, just now
            time.sleep(_PAUSE_S)
    raise SimulatorFailed(spec.address, trouble)


def _own_name() -> str:
    """What a person calls the program that we are part of."""
    program = Path(sys.argv[0])
    name = program.parent.name if program.stem == "__main__" else program.name
    return "natmod" if name == "cli" else name


def _start_keeper(host: Host, folder: RunFolder, spec: MachineSpec) -> tuple[str, str]:
    """Start a keeper and wait for its word: ``ready``, ``taken`` (another one is there), ``silent`` or ``failed``."""
    argv = host.self_command("--worker", "keep", str(folder.path), spec.to_text(), host.system)
    with disk_errors(folder.path):
        make_folder(folder.path.parent)
    process = host.popen(argv, stderr=subprocess.STDOUT)
    try:
        return _first_word(process)
    finally:
        if process.stdout is not None:
            process.stdout.close()
        if hasattr(os, "fork"):
            process.wait()  # not the keeper itself, which has moved away from us (keeper.main)
        else:
            process.returncode = 0  # it lives on, and Python need not warn that we leave it


def _first_word(process: subprocess.Popen[bytes]) -> tuple[str, str]:
    """What a keeper says about itself; whatever else comes first is kept for when it fails."""
    said = []
    for line in process.stdout or ():
        try:
            word = json.loads(line)
            return str(word["state"]), str(word["detail"])
        except (ValueError, TypeError, KeyError):
            said.append(line.decode("utf-8", "backslashreplace"))
    return "silent", "".join(said)


def status(paths: Paths) -> list[SimulatorStatus]:
    """The simulated boards that run now, for this user and state directory."""
    host = Host.current()
    found = (_status(run_folder(paths, name, host)) for name in kinds())
    return [one for one in found if one is not None]


def _status(folder: RunFolder) -> SimulatorStatus | None:
    called = ask_keeper(folder, {"op": "status"})
    if called is None:
        folder.sweep()
        return None
    _card, channel, answer = called
    channel.close()
    users = tuple(answer["leases"])
    same = {name: answer[name] for name in ("address", "version", "port", "state", "pid", "machine_pid")}
    return SimulatorStatus(**same, leases=len(users), users=users)


def stop(paths: Paths, address: str | None = None) -> list[str]:
    """End the simulated board ``address`` (default: all), whoever uses it; the addresses of those that ran."""
    host = Host.current()
    wanted = [kind_of(address)] if address else list(kinds().values())
    return [kind.address for kind in wanted if _stop(run_folder(paths, kind.name, host))]


def _stop(folder: RunFolder) -> bool:
    called = ask_keeper(folder, {"op": "stop"})
    if called is None:
        folder.sweep()
        return False
    card, channel, _answer = called
    channel.close()
    _wait_for_end(folder, card.pid)
    return True


def _wait_for_end(folder: RunFolder, pid: int) -> None:
    end = time.monotonic() + _START_S
    while time.monotonic() < end:
        card = folder.read_card()
        if (card is None or card.pid != pid) and not folder.path.exists():
            return
        folder.sweep()
        time.sleep(_PAUSE_S)
