"""The firmware of ``sim:rv32``, which others than the simulator build too: what is proved on it holds for boards."""

from __future__ import annotations

from pathlib import Path

from toolchains.firmware.sim_ports import PORTS
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree


def build(ctx: JobContext, sdk: SdkTree, paths: Paths, host: Host) -> Path:
    """The ELF file for ``qemu-system-riscv32 -machine virt -bios none -kernel``: :meth:`SimPort.build`."""
    return PORTS["rv32"].build(ctx, sdk, paths, host)
