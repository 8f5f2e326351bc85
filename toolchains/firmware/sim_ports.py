"""The firmware of the simulated boards in QEMU: our small MicroPython ports, compiled by zig alone.

Nothing but the ziglang wheel, make and a MicroPython tree is needed: no other compiler, no C library
(no-hardware.md section 4). The ports themselves are ``resources/simulator``: what is the same in ``common``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from toolchains import chips
from toolchains.errors import ToolMissing
from toolchains.firmware.cache import COMMON, Product, cached, furniture
from toolchains.firmware.make import Recipe, Staging, prepare, staging, variables
from toolchains.host import Host
from toolchains.jobs import JobContext
from toolchains.paths import Paths
from toolchains.sdk_tree import SdkTree
from toolchains.text import _
from toolchains.zig import Zig

#: One file of each part that a stripped source archive might lack.
_NEEDED = (
    "py/mkenv.mk",
    "py/mkrules.mk",
    "extmod/extmod.mk",
    "extmod/asyncio/manifest.py",
    "lib/libm/math.c",
    "lib/littlefs/lfs2.c",
    "shared/runtime/pyexec.c",
    "mpy-cross/mpy_cross/__init__.py",
    "tools/makemanifest.py",
)


@dataclass(frozen=True)
class SimPort:
    """One simulated board's firmware. ``folder`` is its port in ``resources/simulator``, ``arch`` what zig's runtime
    library is made for; ``needed`` are files, ``parts`` folders of the tree that it needs besides those of all."""

    address: str
    folder: str
    arch: str
    needed: tuple[str, ...]
    parts: tuple[str, ...] = ()
    values: Mapping[str, str] = field(default_factory=dict)

    def build(self, ctx: JobContext, sdk: SdkTree, paths: Paths, host: Host) -> Path:
        """The ELF file for QEMU's ``-kernel``, from the cache or built (10 s).

        Raises SdkIncomplete, ToolMissing (make, zig), FirmwareBuildFailed, FirmwareNotHere.
        """
        zig = Zig.bundled(host)
        if zig is None:
            raise ToolMissing("zig", command="python -m pip install ziglang")
        release = " ".join((_release(ctx, zig), *self.values.values()))

        def build_to(output: Path) -> None:
            sdk.require(*_NEEDED, *self.needed)
            prepare(ctx, self.address, host)
            runtime = zig.runtime(ctx, paths, chips.arch(self.arch))
            title = _("Build the simulated board, MicroPython {version}, once", version=sdk.version)
            with ctx.step(title), staging(paths) as stage:
                self._recipe(host, stage, sdk, zig, runtime).run(ctx, stage, sdk, output)

        product = Product(self.folder, sdk, "firmware.elf", parts=self.parts, compiler=release)
        return cached(ctx, product, paths, build_to)

    def _recipe(self, host: Host, stage: Staging, sdk: SdkTree, zig: Zig, runtime: Path) -> Recipe:
        port = stage.link("port", furniture(self.folder))
        values = {
            **variables(host, stage),
            **self.values,
            "TREE": str(stage.link("tree", sdk.path)),
            "COMMON": str(stage.link("common", furniture(COMMON))),
            "ZIG": str(stage.link("zig", zig.program.parent)),
            "RT": str(stage.link("runtime", runtime.parent) / runtime.name),
        }
        return Recipe(self.address, port, values, stage.build / "firmware.elf")


def _release(ctx: JobContext, zig: Zig) -> str:
    """zig's version; asked of the package where possible, which is 20 ms quicker than asking zig."""
    try:
        return version("ziglang")
    except PackageNotFoundError:
        return ctx.run([zig.program, "version"]).text.strip()


_THUMB = ("py/nlrthumb.c", "py/asmthumb.c", "shared/runtime/gchelper_thumb2.s")

#: By the simulated board's name.
PORTS = {
    "rv32": SimPort("sim:rv32", "rv32", "rv32imc", ("py/nlrrv32.c", "shared/runtime/gchelper_rv32i.s")),
    "arm": SimPort("sim:arm", "arm", "armv7m", _THUMB, values={"CORE": "m3"}),
    "arm-m7": SimPort(
        "sim:arm-m7", "arm", "armv7emdp", (*_THUMB, "lib/libm_dbl/sqrt.c"), ("lib/libm_dbl",), {"CORE": "m7"}
    ),
}
