"""``sim:firmware``: the firmware of a project on a simulated machine, which is built first when the project is run."""

from __future__ import annotations

from dataclasses import dataclass

from ide.board.boards import Boards
from ide.board.sim_makers import Made, Tools
from ide.board.simulator import PREFIX, SimulatorKind
from toolchains.errors import BoardError
from toolchains.firmware.table import OWN
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.project import Project
from toolchains.sdk import SdkTree
from toolchains.text import Text, _

NAME = "firmware"
ADDRESS = PREFIX + NAME


class NothingBuilt(BoardError):
    """No firmware for a simulated machine was built here."""

    code = "board.sim.firmware"

    def __init__(self) -> None:
        super().__init__(
            _("There is no firmware yet for a simulated machine."),
            next_step=_("Build one: natmod firmware build --port qemu --board VIRT_RV32"),
        )


@dataclass(frozen=True)
class OwnFirmware:
    """The maker of the machine."""

    def available(self, host: Host) -> bool:
        """As for other firmware that make builds."""
        return host.system != "windows"

    def machine(self, ctx: JobContext, tools: Tools, sdk: SdkTree | None) -> Made:
        """QEMU, installed if it may be, with the firmware that was built last. Raises :class:`NothingBuilt`."""
        from toolchains import system
        from toolchains.firmware import machines

        found = machines.remembered(tools.paths)
        if found is None:
            raise NothingBuilt
        program = found.machine.program
        if tools.host.which(program) is None:
            need = _("QEMU is the machine that the simulated board runs on.")
            system.ensure_programs(ctx, {program: found.machine.package}, need)
        quiet = ("-display", "none", "-nodefaults", "-no-user-config")
        argv = (program, *found.machine.argv, *found.machine.besides, *quiet, "-kernel", found.product)
        return Made("qemu", argv, found.version, found.identity)


def _lacks(host: Host) -> Text | None:
    from toolchains.firmware import machines

    return None if machines.remembered(Paths.of(host)) is not None else _("build one first")


KIND = SimulatorKind(
    NAME, _("the firmware that was built last, on a simulated machine"), OwnFirmware(), lacks=_lacks, unlisted=True
)


def build_first(ctx: JobContext, boards: Boards, proj: Project, version: str | None) -> SdkTree | None:
    """Build the firmware of a project that is to run on it, and have the machine start with it; its MicroPython.

    None for a project without ``[firmware]``: it runs on the firmware that is there. Raises what building raises.
    """
    if proj.firmware is None:
        return None
    from toolchains.firmware import build, machines

    box = boards.toolbox
    sdk = box.sdks.ensure(ctx, version)
    before = machines.remembered(box.paths)
    built = build.build(ctx, build.FirmwareRequest(proj, sdk), box.host, box.paths)
    found = machines.remember(box.paths, proj.root, proj.name, sdk.version, built)
    if found is None:
        raise NoMachine(proj.firmware.label)
    if before is None or found.identity != before.identity:
        boards.forget(ADDRESS)
    return sdk


def holds_module(proj: Project) -> bool:
    """Whether the project's native module is a part of its firmware."""
    return proj.firmware is not None and OWN in proj.firmware.modules


class NoMachine(BoardError):
    """The project's firmware is for a board that is not simulated."""

    code = "board.sim.machine"

    def __init__(self, label: str) -> None:
        from toolchains.firmware.machines import MACHINES

        super().__init__(
            _("The firmware for {name} runs on no simulated machine.", name=label),
            next_step=_("Flash it to a board, or build it for: qemu {boards}.", boards=", ".join(MACHINES)),
        )
