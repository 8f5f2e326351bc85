"""The firmware of ``sim:rv32``: our small MicroPython port for QEMU, compiled by zig alone.

Nothing but the ziglang wheel, make and a MicroPython tree is needed: no RISC-V GCC, no C library, no host compiler
(no-hardware.md section 4). The port itself is ``resources/simulator/rv32``.
"""

from __future__ import annotations

from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from toolchains import chips
from toolchains.errors import ToolMissing
from toolchains.firmware.cache import Product, cached, furniture
from toolchains.firmware.make import Recipe, Staging, prepare, staging, variables
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

NAME = "sim:rv32"

#: One file of each part that a stripped source archive might lack.
_NEEDED = (
    "py/mkenv.mk",
    "py/mkrules.mk",
    "py/nlrrv32.c",
    "extmod/extmod.mk",
    "extmod/asyncio/manifest.py",
    "lib/libm/math.c",
    "lib/littlefs/lfs2.c",
    "shared/runtime/gchelper_rv32i.s",
    "shared/runtime/pyexec.c",
    "mpy-cross/mpy_cross/__init__.py",
    "tools/makemanifest.py",
)


def build(ctx: JobContext, sdk: SdkTree, paths: Paths, host: Host) -> Path:
    """The ELF file for ``qemu-system-riscv32 -machine virt -bios none -kernel``, from the cache or built (10 s).

    Raises SdkIncomplete, ToolMissing (make, zig), FirmwareBuildFailed, FirmwareNotHere.
    """
    zig = Zig.bundled(host)
    if zig is None:
        raise ToolMissing("zig", command="python -m pip install ziglang")
    release = _release(ctx, zig)

    def build_to(output: Path) -> None:
        sdk.require(*_NEEDED)
        prepare(ctx, NAME, host)
        runtime = zig.runtime(ctx, paths, chips.arch("rv32imc"))
        title = _("Build the simulated board, MicroPython {version}, once", version=sdk.version)
        with ctx.step(title), staging(paths) as stage:
            _recipe(host, stage, sdk, zig, runtime).run(ctx, stage, sdk, output)

    return cached(ctx, Product("rv32", sdk, "firmware.elf", compiler=release), paths, build_to)


def _release(ctx: JobContext, zig: Zig) -> str:
    """zig's version; asked of the package where possible, which is 20 ms quicker than asking zig."""
    try:
        return version("ziglang")
    except PackageNotFoundError:
        return ctx.run([zig.program, "version"]).text.strip()


def _recipe(host: Host, stage: Staging, sdk: SdkTree, zig: Zig, runtime: Path) -> Recipe:
    port = stage.link("port", furniture("rv32"))
    values = {
        **variables(host, stage),
        "TREE": str(stage.link("tree", sdk.path)),
        "ZIG": str(stage.link("zig", zig.program.parent)),
        "RT": str(stage.link("runtime", runtime.parent) / runtime.name),
    }
    return Recipe(NAME, port, values, stage.build / "firmware.elf")
