"""How each kind of simulated board is prepared: what its keeper starts, and what has to be built for it first."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Protocol

from toolchains.errors import UsageError
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk import SdkStore, SdkTree
from toolchains.text import _

#: The first MicroPython whose sources our simulated boards are made from.
_OLDEST = (1, 25)


class Tools(Protocol):
    """What of a :class:`~toolchains.toolbox.Toolbox` a simulated board needs."""

    @property
    def host(self) -> Host:
        """The machine we run on."""
        ...

    @property
    def paths(self) -> Paths:
        """Where things are."""
        ...

    @property
    def sdks(self) -> SdkStore:
        """MicroPython trees."""
        ...


@dataclass(frozen=True)
class Made:
    """A machine that is ready to be started: see :class:`~ide.board.machines.MachineSpec`. ``key``: none means argv."""

    driver: str
    argv: tuple[str, ...]
    version: str
    key: str = ""
    reflashed_key: str = ""
    options: dict[str, Any] = field(default_factory=dict)


class Maker(Protocol):
    """What a kind of simulated board has to know: on which computers it runs, and how its machine is prepared."""

    def available(self, host: Host) -> bool:
        """Whether this computer can run it, if need be with something that is got first."""
        ...

    def machine(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> Made:
        """Build and install what it needs, for the MicroPython of ``sdk`` if one is wanted."""
        ...


def _tree(ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> SdkTree:
    """The sources that a simulated board is made from."""
    tree = sdk or tools.sdks.ensure(ctx)
    if tree.key[:2] < _OLDEST:
        raise UsageError(
            _("The simulated boards run MicroPython 1.25 and newer, not {version}.", version=tree.version),
            next_step=_("Choose another one with --sdk; modules for older boards are built with: natmod build --sdk"),
        )
    return tree


#: An instruction takes 2**3 ns of the machine's clock, whatever else this computer does: what is measured there comes
#: out the same each time (11 laps of a loop: within 0.02 %; without it the longest took twice as long as the shortest).
_COUNTED = ("-icount", "shift=3")


@dataclass(frozen=True)
class Qemu:
    """Our firmware on a machine that QEMU has by itself. ``port`` is its name in :mod:`toolchains.firmware.sim_ports`,
    ``board`` the machine's in :mod:`toolchains.firmware.machines`."""

    port: str
    board: str

    def available(self, host: Host) -> bool:
        """Where its firmware can be built: MicroPython's rules need make and a Unix shell."""
        return host.system != "windows"

    def machine(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> Made:
        """The firmware, built if need be, and QEMU, installed if it may be."""
        from toolchains import system
        from toolchains.firmware.machines import MACHINES
        from toolchains.firmware.sim_ports import PORTS

        tree, machine = _tree(ctx, tools, sdk), MACHINES[self.board]
        if tools.host.which(machine.program) is None:
            system.ensure_programs(
                ctx, {machine.program: machine.package}, _("QEMU is the machine that the simulated board runs on.")
            )
        firmware = PORTS[self.port].build(ctx, tree, tools.paths, tools.host)
        quiet = ("-display", "none", "-nodefaults", "-no-user-config")
        counted = _COUNTED if self.port == "rv32" else ()
        argv = (machine.program, *machine.argv, *counted, *quiet, "-kernel", str(firmware))
        return Made("qemu", argv, tree.version)


class Unix:
    """MicroPython's unix port on a terminal."""

    def available(self, host: Host) -> bool:
        """Where its native modules (x64) and its terminal are at home."""
        return host.system == "linux" and host.machine == "x86_64"

    def machine(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> Made:
        """The program, built if need be."""
        from toolchains.firmware import unix

        tree = _tree(ctx, tools, sdk)
        program = unix.build(ctx, tree, tools.paths, tools.host)
        argv = (str(program), "-X", "heapsize=1M", "-c", "import simulator; simulator.run()")
        return Made("terminal", argv, tree.version)
